"""A race day: every change becomes a row, once, and a rebuild makes the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.archive.store import Archive
from pipelines.plan.modes import Options
from pipelines.raceday.day import Timer, watch_day
from pipelines.report import ExitCode, Report
from pipelines.run import make_again
from pipelines.sandbox import Clock, Running, SandboxOptions, running
from pipelines.sandbox.fixtures import World, to_day
from pipelines.sandbox.formats import LONDON
from pipelines.sandbox.raceday import is_priced, withdrawn_at
from pipelines.sandbox.races import races as races_of
from pipelines.settings import load_settings
from pipelines.tables import CHANGE_TABLES, LAST_RESPONSES, LAST_SEEN
from tests.jobs import Contents, Silent, contents, point_to, rows_of, use_empty_database

DAY = date(2026, 11, 17)
FIRST = 9
"""Hour at which the race day is watched from."""
WATCHED = (*CHANGE_TABLES, LAST_SEEN, LAST_RESPONSES)


def at(hour: float) -> datetime:
    return datetime.combine(DAY, datetime.min.time(), LONDON) + timedelta(hours=hour)


class Simulated(Timer):
    """The clock of a sandbox: to wait is to set it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def now(self) -> datetime:
        return self.clock.now().astimezone(UTC)

    def sleep(self, seconds: float) -> None:
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))


@contextmanager
def race_day(patch: pytest.MonkeyPatch, hour: float, **settings: object) -> Iterator[Running]:
    """Serve a small race day that stands at an hour until somebody waits."""
    clock = Clock(at(hour), speed=0)
    with running(SandboxOptions(limits=False, clock=clock, scale=0.1)) as sandbox:
        point_to(patch, sandbox.url, **{"raceday_minutes": 150, **settings})
        yield sandbox


def watch(destination: str, sandbox: Running, *, test: bool = False) -> Report:
    clock = sandbox.sandbox.options.clock
    assert clock
    options = Options("raceday", DAY, test=test)
    return watch_day(options, load_settings(), destination, Silent(), timer=Simulated(clock))


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
    use_empty_database(destination, "again", tmp_path, monkeypatch)
    again = make_again(
        Options("rebuild", DAY), load_settings(), Archive("archive"), destination, Silent()
    )
    assert again.exit_code == ExitCode.COMPLETE, again.errors
    assert changes(destination) == found


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
