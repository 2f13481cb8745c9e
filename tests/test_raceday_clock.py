"""A race day while clocks change: by an hour twice a year, or because one is set back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pipelines.plan.modes import Options
from pipelines.raceday.day import watch_day
from pipelines.report import ExitCode
from pipelines.sandbox import Clock, SandboxOptions, running
from pipelines.sandbox.formats import LONDON
from pipelines.settings import load_settings
from tests.faults.raceday import Simulated
from tests.jobs import Silent, point_to, rows_of
from tests.test_raceday import price_faults

MINUTES = 240
"""Between two rounds of a whole day."""


class Watching(Simulated):
    """Notes how long each wait was; this machine's clock may be set back after the second one."""

    def __init__(self, clock: Clock, set_back: timedelta = timedelta()) -> None:
        super().__init__(clock)
        self.set_back, self.waits = set_back, list[float]()

    def now(self) -> datetime:
        """Return the time on this machine."""
        return super().now() - (self.set_back if len(self.waits) >= 2 else timedelta())

    def sleep(self, seconds: float) -> None:
        """Let the time pass, here and at the server."""
        self.waits.append(seconds)
        super().sleep(seconds)


def watch(
    patch: pytest.MonkeyPatch,
    start: datetime,
    minutes: int = MINUTES,
    set_back: timedelta = timedelta(),
) -> None:
    """Watch a day to its end, and check that nothing is missing or out of order."""
    clock = Clock(start, speed=0)
    with running(SandboxOptions(limits=False, clock=clock, scale=0.1)) as sandbox:
        point_to(patch, sandbox.url, raceday_minutes=minutes)
        timer = Watching(clock, set_back)
        options = Options("raceday", start.date())
        report = watch_day(options, load_settings(), "duckdb", Silent(), timer=timer)
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])
    assert timer.waits, "it was watched for longer than a round"
    assert max(timer.waits) <= minutes * 60
    assert clock.now().date() == start.date(), "it ends on its day"
    unseen = f"""
        SELECT id FROM ra_races WHERE date = DATE '{start.date()}' AND has_result AND NOT EXISTS (
            SELECT 1 FROM ra_race_changes
            WHERE race_id = ra_races.id AND what = 'result'
        )"""
    assert rows_of("duckdb", unseen) == []
    ((results,),) = rows_of("duckdb", "SELECT count(*) FROM ra_race_changes WHERE what = 'result'")
    assert results > 0
    disorder = """
        SELECT race_id FROM ra_race_changes WHERE seen_before >= seen_at
        UNION ALL SELECT race_id FROM ra_runner_changes WHERE seen_before >= seen_at"""
    assert rows_of("duckdb", disorder) == []
    assert price_faults("duckdb") == []


@pytest.mark.slow
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_day_on_which_summer_time_begins_or_ends_is_as_any_other(
    day: date, tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(monkeypatch, datetime.combine(day, datetime.min.time(), LONDON))
    seen = "SELECT count(*) FROM ra_last_responses WHERE endpoint = 'racecards'"
    assert rows_of("duckdb", seen) == [(2,)], "the cards of the day and of the next one"


@pytest.mark.slow
def test_a_clock_set_back_makes_no_gap_and_no_disorder(
    tables_there: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(monkeypatch, datetime(2026, 11, 17, 12, tzinfo=UTC), 200, timedelta(hours=1))
