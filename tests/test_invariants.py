"""Each invariant seen red by a pipeline broken on purpose, and green by the sound one."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from dlt.extract import DltSource

from pipelines.api.answers import DayAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import ENDPOINTS
from pipelines.database.database import Database
from pipelines.database.kinds import KEEPS_INDEXES
from pipelines.mapping.chunk import Chunk
from pipelines.plan import modes
from pipelines.report import ExitCode, Report
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables import TABLES
from tests.fake_api import answer_of
from tests.faults import invariants
from tests.faults.installation import Outcome
from tests.faults.proxy import Proxy, Rule, proxy_of
from tests.faults.tables import KEYS, Contents, Tables
from tests.jobs import drop_key, point_to, run_job, without_courses
from tests.templates import template_file

pytestmark = pytest.mark.slow

TODAY, START = date(2025, 10, 2), date(2025, 10, 1)
BOTH, RESULTS_ALONE = ("racecards", "results"), ("results",)
PASSWORD = "correct-horse-7391"


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    options = SandboxOptions(limits=False, today=TODAY, scale=0.005, password=PASSWORD)
    with running(options) as sandbox, proxy_of(sandbox) as server:
        yield server


@dataclass
class Judge:
    """Runs the pipeline in this process and tells which invariants are red."""

    folder: Path
    proxy: Proxy
    expected: Contents
    tables: Tables
    endpoints: tuple[str, ...] = RESULTS_ALONE

    def red(self) -> set[str]:
        report = backfill(self.endpoints)
        report.write(self.folder / "logs")
        with self.tables.held_open():
            found = self._found(_outcome(report))
        return {name for name, violations in found.items() if violations}

    def _found(self, outcome: Outcome) -> dict[str, invariants.Violations]:
        tables, calls, delivered = self.tables, self.proxy.calls.total(), self.proxy.delivered
        window = dict.fromkeys(self.endpoints, (START, TODAY))
        return {
            "lost rows": invariants.lost_rows(tables, delivered),
            "duplicates": invariants.duplicates(tables),
            "coverage ahead": invariants.coverage_ahead(tables),
            "exit": invariants.untrue_exit(outcome, tables, window, TODAY),
            "differences": invariants.differences(tables, self.expected),
            "secrets": invariants.secrets_told(tables, self.folder, [PASSWORD]),
            "bounds": invariants.unbounded(
                outcome, calls, self.folder, most_calls=30, seconds=300, disk=100_000_000
            ),
        }


def backfill(endpoints: tuple[str, ...] = RESULTS_ALONE) -> Report:
    """Load both days of some endpoints, and no courses."""
    with pytest.MonkeyPatch.context() as patch:
        without_courses(patch)
        patch.setattr(modes, "_dated", lambda options: [ENDPOINTS[name] for name in endpoints])
        return run_job("backfill", "duckdb", TODAY, start=START, max_horses=0)


def _outcome(report: Report) -> Outcome:
    content: dict[str, Any] = orjson.loads(report.as_json())
    return Outcome(int(report.exit_code), report.seconds, str(report.errors), content)


@pytest.fixture(scope="module")
def fault_free(proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    folder = tmp_path_factory.mktemp("fault_free")
    return loaded(proxy, folder, RESULTS_ALONE)


def loaded(proxy: Proxy, folder: Path, endpoints: tuple[str, ...]) -> Contents:
    """Load the days without a fault; returns what is there."""
    with pytest.MonkeyPatch.context() as patch:
        tables = _settle(patch, proxy, folder)
        backfill(endpoints)
    return tables.contents()


def _settle(patch: pytest.MonkeyPatch, proxy: Proxy, folder: Path) -> Tables:
    tables = template_file().copy(folder, "racing_data")
    point_to(patch, proxy.url, password=PASSWORD)
    patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
    patch.setenv("DESTINATION__DUCKDB__CREDENTIALS", tables.credentials)
    return tables


@pytest.fixture
def judge(
    proxy: Proxy, fault_free: Contents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Judge:
    proxy.calm()
    proxy.delivered.clear()
    tables = _settle(monkeypatch, proxy, tmp_path)
    return Judge(tmp_path, proxy, fault_free, tables)


def test_keys_are_those_that_the_tables_declare() -> None:
    assert {name: table.key for name, table in TABLES.items()} == KEYS


def test_sound_pipeline_keeps_every_invariant(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    expected = loaded(judge.proxy, tmp_path / "again", BOTH)
    judge.proxy.calm()
    assert replace(judge, endpoints=BOTH, expected=expected).red() == set()


def test_sound_pipeline_with_a_day_that_fails_says_so(judge: Judge) -> None:
    judge.proxy.rules = [Rule("total too high", about="/v1/results")]
    assert judge.red() == {"differences"}, "nothing but what has to be read again"


def _change(patch: pytest.MonkeyPatch, owner: type, name: str, change: Callable[..., Any]) -> None:
    """Put a function around a method, which is handed to it as the first argument."""
    original = getattr(owner, name)
    patch.setattr(owner, name, lambda *given, **named: change(original, *given, **named))


def test_dropped_race_is_a_lost_row(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows_by_day(original: Any, *given: Any) -> Any:
        return {day: rows.slice(1) for day, rows in original(*given).items()}

    _change(monkeypatch, Chunk, "rows_by_day", rows_by_day)
    assert "lost rows" in judge.red()


def test_page_short_of_a_race_with_a_total_to_match_is_a_lost_row(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def day(original: Any, *given: Any) -> DayAnswer:
        answer: DayAnswer = original(*given)
        bodies = list(answer.bodies)
        for body in bodies:
            records = body[answer.endpoint.records]
            body[answer.endpoint.records] = records[:-1]
            body["total"] = len(records[:-1])
        return answer_of(answer.endpoint, answer.day, *bodies)

    _change(monkeypatch, RacingApi, "day", day)
    assert judge.red() == {"lost rows", "differences"}


def test_coverage_without_its_rows_is_ahead(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(original: Any, database: Database, *sources: DltSource) -> Counter[str]:
        loaded: Counter[str] = original(database, *(s for s in sources if s.name != "results"))
        return loaded

    _change(monkeypatch, Database, "load", load)
    assert judge.red() == {"coverage ahead", "lost rows", "differences"}


def test_cursor_moved_by_a_failed_day_is_ahead(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Chunk, "done", property(lambda chunk: chunk.days.keys()))
    judge.proxy.rules = [Rule("total too high", about="/v1/results")]
    assert judge.red() == {"coverage ahead", "differences"}


@pytest.mark.skipif(not KEEPS_INDEXES, reason="DuckDB 1 gets no unique indexes")
def test_load_without_unique_indexes_is_told(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.database.shape.KEYS", {})
    judge.tables.drop()  # its tables have theirs
    assert judge.red() == {"duplicates"}


def test_row_that_is_not_found_by_its_key_is_told(tmp_path: Path) -> None:
    file = str(tmp_path / "lost.duckdb")
    with duckdb.connect(file) as connection:
        connection.execute("CREATE SCHEMA racing")
        connection.execute("CREATE VIEW racing.ra_races AS SELECT uuid() AS id")
    found = invariants.lost_keys(Tables("duckdb", file))
    assert [line.partition("(")[2] for line in found] == [
        "read-only)",
        "for writing)",
        "read-only)",
    ]


def test_doubled_row_is_told(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_sql(original: Any, database: Database, name: str) -> None:
        original(database, name)
        if name == "after_load":
            drop_key(database, "ra_races")
            database.rows("INSERT INTO ra_races SELECT * FROM ra_races LIMIT 1")

    _change(monkeypatch, Database, "run_sql", run_sql)
    assert judge.red() == {"duplicates"}


def test_swallowed_error_with_exit_0_is_told(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Report, "exit_code", ExitCode.COMPLETE)
    monkeypatch.setattr(Report, "add_incomplete", lambda *_: None)
    judge.proxy.rules = [Rule("total too high", about="/v1/results")]
    assert judge.red() == {"exit", "differences"}


def test_password_in_a_log_is_told(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = f"sandbox:{PASSWORD}"
    disguises = {"clear": secret, "encoded": base64.b64encode(secret.encode())}

    def day(original: Any, *given: Any) -> Any:
        for name, disguised in disguises.items():
            (judge.folder / f"{name}.log").write_text(f"asking with {disguised!r}")
        return original(*given)

    _change(monkeypatch, RacingApi, "day", day)
    assert judge.red() == {"secrets"}
    assert invariants.secrets_told(judge.tables, judge.folder, [PASSWORD]) == [
        "clear.log tells a secret",
        "encoded.log tells a secret",
    ]


def test_asking_again_and_again_is_unbounded(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    def day(original: Any, *given: Any) -> DayAnswer:
        answers = [original(*given) for _ in range(20)]
        last: DayAnswer = answers[-1]
        return last

    _change(monkeypatch, RacingApi, "day", day)
    assert judge.red() == {"bounds"}
