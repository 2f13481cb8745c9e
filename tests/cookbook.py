"""The cookbook: the queries of sql/cookbook/, the world they run on, and docs/cookbook.md.

python -m tests.cookbook    # rewrite queries and answers, below the document's introduction
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from textwrap import fill
from typing import Any, Final

import pytest

from pipelines.ask.dictionary import Recipe, recipes
from pipelines.database.reader import Reader
from pipelines.report import ExitCode
from pipelines.sandbox import SandboxOptions, running
from tests.jobs import load_days, point_to, run_job

ROOT: Final = Path(__file__).parent.parent
DOCUMENT: Final = ROOT / "docs" / "cookbook.md"
MARK: Final = (
    "<!-- Everything below is written by `python -m tests.cookbook` from sql/cookbook/. -->\n"
)

TODAY: Final = date(2025, 7, 18)
"""A day with racing at Chester, where six races were run over five furlongs in the weeks before."""
YESTERDAY: Final = TODAY - timedelta(days=1)
BEYOND_PLAN: Final = date(2024, 7, 1)
SCALE: Final = 0.3


RECIPES: Final = list(recipes().values())


def answers(destination: str) -> dict[str, str]:
    """Run every query; returns a text table per recipe name."""
    with Reader(destination).held_open() as reader:
        return {recipe.file: text_table(reader.records(recipe.query)) for recipe in RECIPES}


# The world


def load_world(destination: str, environment: pytest.MonkeyPatch) -> None:
    """Load ten weeks, a day that the plan does not reach, and what today's run finds."""
    environment.setenv("DLT_DATA_DIR", f"dlt_{destination}")
    environment.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    with world_on(YESTERDAY, environment, cards=(21, 1), results=70):
        first = run_job("daily", destination, YESTERDAY, max_horses=0)
        beyond = load_days(destination, YESTERDAY, BEYOND_PLAN, BEYOND_PLAN)
    with world_on(TODAY, environment, cards=(1, 0), results=3, features=True):
        second = run_job("daily", destination, TODAY, max_horses=0)
    exit_codes = [report.exit_code for report in (first, beyond, second)]
    assert exit_codes == [ExitCode.COMPLETE] * 3


@contextmanager
def world_on(
    day: date,
    environment: pytest.MonkeyPatch,
    cards: tuple[int, int],
    results: int,
    *,
    features: bool = False,
) -> Iterator[None]:
    """Serve the world as it is on a day; a daily run reads so many days back (and ahead)."""
    with running(SandboxOptions(limits=False, today=day, scale=SCALE)) as sandbox:
        point_to(
            environment,
            sandbox.url,
            racecards_days_back=cards[0],
            racecards_days_ahead=cards[1],
            results_days_back=results,
            features=features,
        )
        yield


# The document


def document(found: dict[str, str]) -> str:
    """Return docs/cookbook.md with these answers, its introduction as it is."""
    introduction = DOCUMENT.read_text(encoding="utf-8").partition(MARK)[0]
    headings = [f"{place}. {recipe.question}" for place, recipe in enumerate(RECIPES, 1)]
    contents = [f"* [{heading}](#{_anchor(heading)})" for heading in headings]
    sections = [
        _section(heading, recipe, found[recipe.file])
        for heading, recipe in zip(headings, RECIPES, strict=True)
    ]
    return introduction + MARK + "\n".join(["", *contents, "", *sections])


def _section(heading: str, recipe: Recipe, answer: str) -> str:
    notes = fill(f"{recipe.notes} (`sql/cookbook/{recipe.file}.sql`)", 100)
    return f"## {heading}\n\n{notes}\n\n```sql\n{recipe.query}\n```\n\n```text\n{answer}\n```\n"


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading."""
    kept = "".join(letter for letter in heading.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def text_table(rows: list[dict[str, Any]]) -> str:
    """Lay rows out in aligned columns, all but text to the right; empty without rows."""
    columns = [_column(name, [row[name] for row in rows]) for name in (rows[0] if rows else ())]
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*columns, strict=True))


def _column(name: str, values: list[Any]) -> list[str]:
    """Write the name and the values of a column, all equally wide."""
    cells = [name, *map(_cell, values)]
    width = max(map(len, cells))
    is_text = any(isinstance(value, str) for value in values)
    return [cell.ljust(width) if is_text else cell.rjust(width) for cell in cells]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def main() -> None:
    """Load the world into a DuckDB file of its own, ask, and write the document."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.chdir(folder)
        environment.setenv("DESTINATION__DUCKDB__CREDENTIALS", f"{folder}/racing_data.duckdb")
        load_world("duckdb", environment)
        text = document(answers("duckdb"))
    DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
