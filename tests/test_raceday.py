"""A race day: every change becomes a row, once, and a rebuild makes the same rows."""

from __future__ import annotations

import os
import random
import re
import signal
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from pipelines.api.endpoints import RACECARDS, RESULTS, Endpoint
from pipelines.archive.store import Archive
from pipelines.ask import connect
from pipelines.cli import console
from pipelines.cli.app import _main
from pipelines.database import read_copy as readcopy
from pipelines.database.destination import open_destination
from pipelines.database.lock import RunLock
from pipelines.database.reader import Reader
from pipelines.loading.captured import lock_of_race_days
from pipelines.models.changes import Seen, statements
from pipelines.plan.modes import Options
from pipelines.raceday.feed import Cursor, changes_since, cursor_of
from pipelines.report import ExitCode
from pipelines.run import make_again
from pipelines.sandbox.fixtures import World, to_day
from pipelines.sandbox.raceday import is_priced, withdrawn_at
from pipelines.sandbox.races import races as races_of
from pipelines.settings import load_settings
from pipelines.tables import CHANGE_TABLES, LAST_RESPONSES, LAST_SEEN, MODELS, TABLES
from tests.faults import raceday
from tests.faults.forked import PROJECT, Process
from tests.faults.raceday import (
    CAPTURED,
    DAY,
    MINUTES,
    NEXT_ROUND,
    at,
    noted,
    race_day,
    watch,
)
from tests.jobs import (
    SYSTEM_COLUMNS,
    Contents,
    Silent,
    contents,
    load_days,
    rows_of,
    tables_in,
    use_empty_database,
)

FIRST = 9
"""Hour at which the race day is watched from."""
FIRST_KILLED = 12.5
RECIPES = (PROJECT / "docs" / "raceday.md").read_text(encoding="utf-8")
WATCHED = (*CHANGE_TABLES, LAST_SEEN, LAST_RESPONSES)
KILLS = int(os.environ.get("RACEDAY_KILLS", "1"))
"""How often a day is killed on each database."""
LOADING = {
    "after the commit of a merge": 20,
    "between two tables": 20,
    "after rows are deleted": 10,
}
"""Points at which a load is killed, and how often they are passed in a day at least."""


def changes(destination: str) -> Contents:
    return contents(destination, WATCHED, without={"_dlt_load_id"})


def minute_of(moment: datetime) -> float:
    return (moment - at(0)).total_seconds() / 60


def happened() -> set[tuple[str, str, int]]:
    """What horses come out when, by the rule of the sandbox."""
    races = races_of(World(scale=0.1), to_day(DAY))
    return {
        (race.id, f"hrs_{runner.horse.number}", withdrawn_at(race, runner))
        for race in races
        for runner in race.runners
        if runner.withdrawn and is_priced(race) and withdrawn_at(race, runner) > FIRST * 60
    }


def test_a_day_is_watched_and_rebuilt(
    destination: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with race_day(monkeypatch, FIRST) as sandbox:
        report = watch(destination, sandbox)
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])
    rounds = [call.path for call in sandbox.calls].count("/v1/results")
    assert report.calls - report.retries == len(sandbox.calls) == 3 * rounds
    found = changes(destination)
    out = [row for row in found["ra_runner_changes"] if row["what"] == "non-runner"]
    seen = {
        (race, horse, minute)
        for race, horse, minute in happened()
        for row in out
        if (row["race_id"], row["horse_id"]) == (race, horse)
        and minute_of(row["seen_before"]) < minute <= minute_of(row["seen_at"])
        and (row["old_value"], row["new_value"]) == ("declared", "non-runner")
    }
    assert seen == happened() != set()
    assert len(out) == len(seen)
    by_race = Counter(row["what"] for row in found["ra_race_changes"])
    ((results,),) = rows_of(destination, "SELECT count(*) FROM ra_races WHERE has_result")
    assert by_race == {"going": 8, "off time": 1, "result": results}
    assert price_faults(destination) == []
    assert feed_faults(destination, found) == []
    for recipe in re.findall("```sql\n(.*?)```", RECIPES, re.DOTALL):
        assert rows_of(destination, recipe) != [], recipe
    people_and_races = contents(destination, MODELS, without=SYSTEM_COLUMNS)
    rebuild(destination, tmp_path, monkeypatch)
    assert changes(destination) == found
    assert contents(destination, MODELS, without=SYSTEM_COLUMNS) == people_and_races


def rebuild(destination: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_empty_database(destination, "again", tmp_path, monkeypatch)
    again = make_again(
        Options("rebuild", DAY), load_settings(), Archive("archive"), destination, Silent()
    )
    assert again.exit_code == ExitCode.COMPLETE, again.errors


def feed_faults(destination: str, found: Contents) -> list[str]:
    """Changes that a follower would miss or get out of order, however it is stopped."""
    reader, cursor, seen = Reader(destination), Cursor(at(0)), []
    while some := changes_since(reader, cursor):
        stopped = some[len(some) // 2]
        again = changes_since(reader, cursor_of(str(stopped["cursor"])))
        seen += some[: len(some) // 2]
        behind = {str(row) for row in some[len(some) // 2 + 1 :]}
        if behind - {str(row) for row in again}:
            return ["a change is left out after a stop"]
        seen += some[len(some) // 2 :]
        cursor = cursor_of(str(some[-1]["cursor"]))
    stored = sum(len(found[table.name]) for table in CHANGE_TABLES)
    moments: list[Any] = [row["seen_at"] for row in seen]
    ordered = moments == sorted(moments)
    if late_changes(destination, reader, cursor) != ["late"]:
        return ["changes that were loaded late are missing, or are reported more than once"]
    return [] if ordered and len(seen) == stored else [f"{len(seen)} of {stored}, {ordered}"]


def late_changes(destination: str, reader: Reader, cursor: Cursor) -> list[str]:
    """What a follower gets who had everything, once changes of an hour before are loaded."""
    table = "ra_race_changes"
    tables_in(destination).run(
        f"INSERT INTO {table} (race_id, race_date, what, new_value, seen_before, seen_at, "
        f"_dlt_load_id) SELECT race_id, race_date, 'late', 'late', seen_before, "
        f"seen_at - INTERVAL '1 hour', CAST(CAST(_dlt_load_id AS double precision) + 1 AS text) "
        f"FROM {table} ORDER BY seen_at DESC, race_id LIMIT 1"
    )
    found: list[str] = []
    while (some := changes_since(reader, cursor)) and len(found) < 3:
        found += [str(row["what"]) for row in some]
        cursor = cursor_of(str(some[-1]["cursor"]))
    tables_in(destination).run(f"DELETE FROM {table} WHERE what = 'late'")
    return found


def price_faults(destination: str) -> list[tuple[Any, ...]]:
    """Prices that are not what their card says last, or do not follow each other."""
    return rows_of(
        destination,
        """
        SELECT 'last', odds.race_id, odds.horse_id, odds.bookmaker_id
        FROM ra_runner_odds AS odds
        LEFT JOIN ra_price_changes AS last ON last.race_id = odds.race_id
            AND last.horse_id = odds.horse_id AND last.bookmaker_id = odds.bookmaker_id
            AND last.valid_to IS NULL
        WHERE last.decimal_odds IS DISTINCT FROM odds.decimal_odds
        UNION ALL
        SELECT 'order', race_id, horse_id, bookmaker_id
        FROM (
            SELECT *, lead(valid_from) OVER prices AS next_from, lag(decimal_odds) OVER prices
                AS before, lag(price_status) OVER prices AS status_before
            FROM ra_price_changes
            WINDOW prices AS (
                PARTITION BY race_id, horse_id, bookmaker_id ORDER BY valid_from
            )
        ) AS ordered
        WHERE valid_to IS DISTINCT FROM next_from OR valid_from > seen_at
            OR (before = decimal_odds AND status_before = price_status AND ew_places IS NULL)
        """,
    )


def child(destination: str, hour: float, strike: str = "") -> int:
    """Watch the day in a process of its own; returns how it ended."""
    arguments = [destination, str(hour), strike]
    process = Process(raceday.main, arguments, os.environ, Path.cwd(), Path("output.txt"))
    return process.wait(300)


@dataclass(frozen=True)
class Undisturbed:
    """A day that nobody has killed."""

    changes: Contents
    last_round: datetime
    cpu_seconds: float


UNDISTURBED: dict[str, Undisturbed] = {}
"""By destination; a day takes as long as a kill."""


def undisturbed(destination: str) -> Undisturbed:
    """Watch the day as the killed one is, once."""
    if destination not in UNDISTURBED:
        assert child(destination, FIRST_KILLED) == ExitCode.COMPLETE
        last_round, seconds = noted(NEXT_ROUND), float(raceday.SECONDS.read_text())
        assert last_round
        UNDISTURBED[destination] = Undisturbed(
            to_the_minute(changes(destination)), last_round, seconds
        )
    return UNDISTURBED[destination]


def to_the_minute(found: Contents) -> Contents:
    """Round times: a round that was not captured comes a second later."""
    return {
        name: [
            {
                column: value.replace(second=0, microsecond=0)
                if isinstance(value, datetime)
                else value
                for column, value in row.items()
            }
            for row in rows
        ]
        for name, rows in found.items()
    }


def some_strike(seed: int, length: float) -> tuple[str, int]:
    """Return where, or after how many seconds, a process is killed, and with what signal."""
    dice = random.Random(seed)
    if seed % 2:
        return f"{dice.uniform(0.2 * length, 0.9 * length):.3f}", signal.SIGPROF
    point = dice.choice([*LOADING])
    return f"{point}:{dice.randrange(2, LOADING[point])}", signal.SIGKILL


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_day_has_the_rows_of_an_undisturbed_one(
    destination: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = undisturbed(destination)
    for place in (NEXT_ROUND, CAPTURED):
        place.unlink(missing_ok=True)
    use_empty_database(destination, "killed", tmp_path, monkeypatch)
    monkeypatch.setenv("SOURCES__RACING_API__ARCHIVE", "killed_archive")
    strike, sign = some_strike(seed, expected.cpu_seconds)
    code = child(destination, FIRST_KILLED, strike)
    if sign == signal.SIGPROF and code == ExitCode.COMPLETE:
        pytest.skip("the day took less processor time than the one before, and was over")
    assert code == -sign, strike
    assert child(destination, hour_after_kill(expected.last_round)) == ExitCode.COMPLETE
    assert price_faults(destination) == []
    found = to_the_minute(changes(destination))
    assert {name: len(rows) for name, rows in found.items()} == {
        name: len(rows) for name, rows in expected.changes.items()
    }
    assert [
        (name, one, other)
        for name, rows in found.items()
        for one, other in zip(rows, expected.changes[name], strict=True)
        if one != other
    ] == []


def hour_after_kill(last_round: datetime) -> float:
    """Return when to go on: a round that was captured is not asked again, nor one after the last.

    What was captured has to be loaded without being asked again.
    """
    killed = noted(NEXT_ROUND) or at(FIRST_KILLED)
    following = killed + timedelta(minutes=MINUTES)
    is_captured = noted(CAPTURED) == killed and following <= last_round
    begins = following if is_captured else killed + timedelta(seconds=1)
    return (begins - at(0)).total_seconds() / 3600


@pytest.mark.slow
def test_what_was_captured_while_another_run_was_at_work_is_loaded_afterwards(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with race_day(monkeypatch, 15) as sandbox:
        with RunLock(open_destination("duckdb"), "backfill").held():
            report = watch("duckdb", sandbox, test=True)
        assert report.exit_code == ExitCode.INCOMPLETE
        assert "wait to be loaded by the next run" in report.errors[0]
        races = f"SELECT count(*) FROM ra_races WHERE date >= '{DAY}'"
        assert rows_of("duckdb", races) == [(0,)]
        day = DAY - timedelta(days=1)
        (tomorrow,) = Path(f"archive/racecards/{DAY + timedelta(days=1)}").iterdir()
        tomorrow.rename("being_saved")
        with lock_of_race_days():
            load_days("duckdb", DAY, day, day, "results")
        assert rows_of("duckdb", races) == [(0,)], "the process that is saving it will load it"
        Path("being_saved").rename(tomorrow)
        load_days("duckdb", DAY, day, day, "results")
    assert [*Archive("archive").captured()] == []
    assert rows_of("duckdb", races) > [(0,)]


def test_a_log_tells_how_far_a_day_is_that_nobody_knows_the_rounds_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "LINE_EVERY_SECONDS", 0)
    lines = console.Lines(Console())
    lines.start("raceday", 0)
    for detail in ("13:20 UTC, 20 of 38 results", "13:25 UTC, 21 of 38 results"):
        lines.advance("raceday", detail)
    assert capsys.readouterr().out.splitlines() == [
        "raceday: begins",
        "raceday: 1 done, 13:20 UTC, 20 of 38 results",
        "raceday: 2 done, 13:25 UTC, 21 of 38 results",
    ]


@pytest.mark.parametrize("endpoint", [RACECARDS, RESULTS])
def test_a_day_is_compared_with_the_last_response_by_hash(endpoint: Endpoint) -> None:
    # Seen by its rounds: a new day of 12,000 prices took Postgres a minute.
    sql = statements(endpoint, [Seen(DAY, at(9), None, True)], [*TABLES.values()], ("on", "off"))
    is_on, compared = False, list[bool]()
    for statement in sql:
        is_on = statement == "on" or (is_on and statement != "off")
        if statement.startswith(("INSERT", "UPDATE", "MERGE")):
            assert is_on == (not statement.startswith("MERGE")), statement
            compared.append(is_on)
    assert sum(compared) == (4 if endpoint is RACECARDS else 1)


def test_copying_a_large_file_for_readers_takes_a_small_share_of_a_race_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, clock, copied = tmp_path / "racing_data.duckdb", [0.0], list[float]()

    def copy(_: Path) -> None:
        copied.append(clock[0])
        clock[0] += 30

    monkeypatch.setattr(readcopy, "renew_read_copy", copy)
    renewal = readcopy.Renewal(percent=5, now=lambda: clock[0])
    for number in range(10):
        clock[0] = number * 300.0
        renewal.renew(file, loaded=min(number, 7))
    renewal.renew(file, loaded=7, is_last=True)
    renewal.renew(file, loaded=8, is_last=True)
    assert copied == [0, 600, 1200, 1800, 2400, 2700]


@pytest.mark.slow
def test_one_process_watches_and_responses_that_repeat_are_noted_once(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing changes from one minute to the next.
    with race_day(monkeypatch, 3, read_copy=True) as sandbox:
        with lock_of_race_days():
            second = watch("duckdb", sandbox, test=True)
        assert second.exit_code == ExitCode.LOCKED
        assert second.calls == 0
        first = watch("duckdb", sandbox, test=True)
        assert (first.exit_code, first.saved, first.captured) == (ExitCode.COMPLETE, 3, 3)
    cards = "SELECT count(*) FROM ra_runners"
    assert connect("racing_read.duckdb").sql(cards) == connect("racing_data.duckdb").sql(cards)
    stored = sorted(path.suffixes[-1] for path in Path("archive/racecards").rglob("*.*"))
    assert stored == [".zst", ".zst"]


@pytest.mark.slow
def test_an_hour_without_the_server_is_a_gap_and_a_command_is_told_what_changed(
    tables_there: None, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    settings = {"silence_minutes": 0.001, "change_command": "tee -a told", "change_percent": 30}
    with race_day(monkeypatch, 13.4, raceday_minutes=40, **settings) as sandbox:
        admit, now = sandbox.sandbox._admit, sandbox.sandbox.options.now

        def away(request: Any, arrived: float) -> None:
            if at(13.9) < now() < at(15):
                raise OSError("the server is away")
            admit(request, arrived)

        monkeypatch.setattr(sandbox.sandbox, "_admit", away)
        report = watch("duckdb", sandbox)
    assert report.exit_code == ExitCode.INCOMPLETE
    assert report.errors == [
        "no response from 13:24 to 15:24 UTC: changes between them are known by the later one only"
    ]
    late = rows_of(
        "duckdb",
        "SELECT count(*) FROM ra_race_changes WHERE seen_at - seen_before > INTERVAL '1' HOUR",
    )
    assert late != [(0,)]
    told = [orjson.loads(line) for line in Path("told").read_bytes().splitlines()]
    results = "SELECT race_id, seen_at FROM ra_race_changes WHERE what = 'result'"
    seen = {(race, moment.timestamp()) for race, moment in rows_of("duckdb", results)}
    assert seen == {
        (row["race_id"], datetime.fromisoformat(row["seen_at"]).timestamp())
        for row in told
        if row["what"] == "result"
    }
    moves = [
        float(row["new_value"]) / float(row["old_value"]) for row in told if row["kind"] == "price"
    ]
    assert moves != []
    assert all(abs(move - 1) > 0.29 for move in moves)
    capfdbinary.readouterr()
    since = at(0).isoformat()
    assert _main(["changes", "--since", since, "--kind", "runner,race", "--json"]) == 0
    lines = [orjson.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [line["seen_at"] for line in lines] == sorted(line["seen_at"] for line in lines)
    counts = (
        "SELECT (SELECT count(*) FROM ra_race_changes) + (SELECT count(*) FROM ra_runner_changes)"
    )
    assert rows_of("duckdb", counts) == [(len(lines),)]
    assert (
        _main(["changes", "--since", lines[-1]["cursor"], "--kind", "runner,race", "--json"]) == 0
    )
    assert capfdbinary.readouterr().out == b""
