"""The MCP server: an assistant asks questions of the user's own database, and can change nothing.

Every answer says which tables it comes from, and how current they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.mcpserver.prompts import Prompt

from pipelines import __version__
from pipelines.ask import Racing, as_date, connect, queries
from pipelines.ask.database import Answer, tables_in
from pipelines.ask.dictionary import (
    FEATURE_TABLES,
    Recipe,
    feature_texts,
    features_text,
    recipes,
    table_text,
    tables_text,
    view_texts,
    views_text,
)
from pipelines.ask.why import archive_of, explain
from pipelines.errors import PipelineError, UsageError
from pipelines.settings import load_settings
from pipelines.tables import TABLES

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
MOST_ROWS: Final = 500
SECONDS: Final = 30.0
INSTRUCTIONS: Final = (
    "UK and Irish horse racing from the user's own database of The Racing API. It is read-only. "
    "Read racing://tables and racing://views before writing SQL, and racing://features for figures "
    "known before the off: tables of the API begin with ra_, views do not. Figures for a race must "
    "use earlier days only; today_card, runner_history, features and today_features do. Never add "
    "sterling to euro. Say which tables an answer comes from and how current they are."
)
ON_A_CARD: Final = (
    "race_id, time, course_name, horse_id, number, draw, horse_name, age, sex_code, weight, form, "
    "days_off, official_rating, rating_move, rpr, ts, headgear, is_first_time_headgear, "
    "jockey_name, jockey_claim_lbs, jockey_runs_14d, jockey_wins_14d, "
    "trainer_name, trainer_runs_14d, trainer_wins_14d, runs_before, "
    "wins_before, course_runs, course_wins, distance_runs, distance_wins, going_runs, going_wins, "
    "best_price, best_bookmaker, best_exchange_price, best_exchange, is_non_runner, is_reserve"
)


def serve(database: str) -> None:
    """Answer over standard input and output until the client leaves; raises UsageError."""
    server_of(connect(database)).run()


def server_of(racing: Racing[Any]) -> MCPServer[Any]:
    """Return a server of one database with its tools, resources and prompts."""
    server: MCPServer[Any] = MCPServer(
        "racing-pipelines",
        title="Racing pipelines",
        instructions=INSTRUCTIONS,
        version=__version__,
        log_level="WARNING",
    )
    asked = Questions(racing)
    for tool in (
        asked.today_card,
        asked.race,
        asked.horse_history,
        asked.trainer_figures,
        asked.jockey_figures,
        asked.query,
        asked.why,
    ):
        server.tool()(_told(tool))
    _add_resources(server)
    for recipe in recipes().values():
        prompt = Prompt.from_function(_prompt_of(recipe), recipe.name, description=recipe.question)
        server.add_prompt(prompt)
    return server


class Questions:
    """What can be asked; the docstring of each is what the assistant is told."""

    def __init__(self, racing: Racing[Any]) -> None:
        self._racing = racing

    def today_card(self, course: str = "", day: str = "") -> dict[str, Any]:
        """Races of today, or of another UK day (2025-10-13); of a course, with every runner.

        Without a course it has one row per race. With one, each runner has its form, ratings,
        records, trainer and best price as known before the first race of the day.
        """
        card = queries.card(self._day(day))
        if course:
            sql = f"SELECT {ON_A_CARD} FROM ({card}) AS card "
            sql += "WHERE starts_with(lower(course_name), %s) ORDER BY off_dt, race_id, number"
            return self._answered(sql, course.lower(), tables=["today_card"])
        facts = "race_id, time, course_name, region, race_name, race_type, race_class, pattern"
        facts += ", distance_f, going, surface"
        sql = f"SELECT {facts}, count(*) FILTER (WHERE is_non_runner IS NOT true) AS runners"
        sql += f" FROM ({card}) AS card GROUP BY {facts} ORDER BY time, race_id"
        return self._answered(sql, tables=["today_card"])

    def race(self, race_id: str) -> dict[str, Any]:
        """One race by its id: its runners as on the card and, once it was run, the result."""
        found = self._records("SELECT * FROM ra_races WHERE id = %s", race_id)
        if not found:
            raise UsageError(f"No race {race_id!r} is loaded.")
        card = queries.card_of(found[0]["date"])
        sql = f"SELECT {ON_A_CARD} FROM ({card}) AS card WHERE race_id = %s ORDER BY number"
        runners = self._answered(sql, race_id, tables=["today_card"])
        result = self._records(
            "SELECT position, finish_status, horse_id, horse_name, starting_price, bsp, "
            "overall_beaten_distance, jockey_name, trainer_name, is_placed FROM runs "
            "WHERE race_id = %s ORDER BY position NULLS LAST, horse_name",
            race_id,
        )
        facts = {name: value for name, value in found[0].items() if value is not None}
        tables = ["ra_races", "today_card", "runs"]
        return {**runners, "tables": tables, "race": _json(facts), "result": _json(result)}

    def horse_history(self, horse: str, before: str = "") -> dict[str, Any]:
        """Runs of a horse (name or id), newest first, as of a UK day: only earlier ones.

        Columns that end in _before, and last_..., were known before each race.
        """
        until = as_date(before) if before else date.max
        horse_id = self._racing.horse_id(horse)
        return self._answered(queries.HISTORY, horse_id, until, tables=["runner_history"])

    def trainer_figures(self, trainer: str, before: str = "") -> dict[str, Any]:
        """Runs, wins, profit and A/E of a trainer (name or id) as of a UK day, by period and code.

        Profit is that of one unit at starting price; A/E divides wins by those the price expects.
        """
        return self._figures("trainer", trainer, before)

    def jockey_figures(self, jockey: str, before: str = "") -> dict[str, Any]:
        """Runs, wins, profit and A/E of a jockey (name or id) as of a UK day, by period and code.

        Profit is that of one unit at starting price; A/E divides wins by those the price expects.
        """
        return self._figures("jockey", jockey, before)

    def query(self, sql: str) -> dict[str, Any]:
        """Rows of one SELECT on the tables and views: at most 500 rows, 30 seconds, read-only.

        The dialect is that of the database, DuckDB or Postgres; read racing://views first.
        """
        return self._answered(sql, tables=tables_in(sql, self._racing.database.dialect))

    def why(self, table: str, id: str, horse_id: str = "", column: str = "") -> dict[str, Any]:
        """Where a value comes from, or why it is NULL: rule, source table, saved response, field.

        The table is one of races, runners, people or horses, such as ra_runners or ra_mst_horses
        (racing://tables); the id is that of the race, person or horse, for runners with horse_id.
        """
        key = [id, *([horse_id] if horse_id else [])]
        archive = archive_of(load_settings(with_credentials=False).archive)
        found = explain(self._racing.database, archive, table, key, column)
        tables = {table, *(source.table for one in found for source in one.sources)}
        rows = _json([asdict(explanation) for explanation in found])
        current = _json(self._records(queries.CURRENT))
        return {"rows": rows, "tables": sorted(tables), "current": current}

    def _figures(self, kind: str, person: str, before: str) -> dict[str, Any]:
        until = as_date(before) if before else self._racing.latest_day() + timedelta(days=1)
        names = f"SELECT id, name FROM ra_mst_{kind}s WHERE id = %s OR lower(name) = lower(%s)"
        found = self._records(names, person, person)
        if len(found) != 1:
            known = "; ".join(f"{row['name']} {row['id']}" for row in found)
            told = f"{len(found)} {kind}s are called {person!r}: {known}"
            raise UsageError(told if found else f"No {kind} {person!r} is loaded.")
        sql = queries.FIGURES.format(kind=kind)
        return self._answered(sql, found[0]["id"], until, until, tables=["runs"])

    def _records(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        found = self._racing.database.ask(sql, *parameters, seconds=SECONDS)
        return list(found.table.to_pylist())

    def _answered(self, sql: str, *parameters: Any, tables: list[str]) -> dict[str, Any]:
        found: Answer = self._racing.database.ask(
            sql, *parameters, most_rows=MOST_ROWS, seconds=SECONDS
        )
        return {
            "rows": _json(found.table.to_pylist()),
            "more_rows_left_out": found.is_cut,
            "tables": tables,
            "current": _json(self._records(queries.CURRENT)),
            "database": self._racing.database.place,
        }

    def _day(self, day: str) -> date:
        return as_date(day) if day else self._racing.latest_day()


def _told(tool: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let the assistant read what was wrong with its question."""

    @wraps(tool)
    def told(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        try:
            return tool(*arguments, **named)
        except PipelineError as error:
            raise ToolError(str(error)) from error

    return told


def _add_resources(server: MCPServer[Any]) -> None:
    @server.resource("racing://tables", mime_type="text/markdown")
    def tables() -> str:
        """Every table: one row per what, and its key."""
        return tables_text()

    @server.resource("racing://tables/{name}", mime_type="text/markdown")
    def table(name: str) -> str:
        """One table: every column with its type and meaning."""
        if name in FEATURE_TABLES:
            return features_text()
        if name not in TABLES:
            raise ResourceNotFoundError(f"No table {name!r}: see racing://tables")
        return table_text(TABLES[name])

    @server.resource("racing://views", mime_type="text/markdown")
    def views() -> str:
        """Every view: ready-made answers that know only what was known before a race."""
        return views_text()

    @server.resource("racing://views/{name}", mime_type="text/markdown")
    def view(name: str) -> str:
        """One view: every column with its meaning."""
        if name not in view_texts():
            raise ResourceNotFoundError(f"No view {name!r}: see racing://views")
        return view_texts()[name]

    @server.resource("racing://features", mime_type="text/markdown")
    def features() -> str:
        """The columns of features and today_features, which `pipeline features` computes."""
        return features_text()

    @server.resource("racing://features/{group}", mime_type="text/markdown")
    def feature_group(group: str) -> str:
        """The features of one group: every column with its type and meaning."""
        if group not in feature_texts():
            raise ResourceNotFoundError(f"No group {group!r}: see racing://features")
        return feature_texts()[group]

    @server.resource("racing://cookbook", mime_type="text/markdown")
    def cookbook() -> str:
        """Common questions, each with its query."""
        return "\n\n".join(
            f"# {recipe.question}\n\n{recipe.notes}\n\n```sql\n{recipe.query}\n```"
            for recipe in recipes().values()
        )


def _prompt_of(recipe: Recipe) -> Callable[[], str]:
    def prompt() -> str:
        return (
            f"{recipe.question}\n\nRun this with the tool `query`, then explain the answer in "
            f"plain words and say how current the tables are. {recipe.notes}\n\n"
            f"```sql\n{recipe.query}\n```"
        )

    return prompt


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json(inner) for name, inner in value.items() if not name.startswith("_dlt")}
    if isinstance(value, list):
        return [_json(inner) for inner in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value
