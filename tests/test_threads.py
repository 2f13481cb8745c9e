"""What many threads share: nothing that one of them could spoil; and a fault costs one request."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from requests import Request
from requests_mock import Mocker

from pipelines.api import client as client_module
from pipelines.api.endpoints import RESULTS
from pipelines.api.pages import CountedPages
from pipelines.errors import UnavailableError
from pipelines.mapping.days import _Reader
from pipelines.report import ExitCode, Report
from tests.fake_api import Asked, Reply, client, lift_ceilings, page_of, serving
from tests.jobs import coverage, point_to, run_job, without_courses
from tests.replay import Replay, replaying
from tests.test_empty_days import race

DAY = date(2025, 10, 13)
TODAY = date(2025, 10, 20)
FAULTY, FINE = TODAY - timedelta(days=2), TODAY - timedelta(days=1)


def test_retries_of_many_threads_do_not_meet(
    requests_mock: Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    lift_ceilings(monkeypatch, 1_000_000)
    requests_mock.get("https://api.test/v1/results", status_code=503)
    monkeypatch.setattr("pipelines.api.breaker.FAILURES", 1_000_000)
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "20")
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        api = client("https://api.test", requests_per_second=1000, path_limits=False)
        monkeypatch.setattr(api._breaker, "sleep", lambda _: None)
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: api.day(RESULTS, DAY), range(80)))
    finally:
        sys.setswitchinterval(before)
    assert {(type(answer.error), str(answer.error)) for answer in answers} == {
        (UnavailableError, "/v1/results answered 503 on every attempt.")
    }


def test_two_threads_make_one_kind_of_connection() -> None:
    session = client("http://127.0.0.1:9")._client.session
    adapter: Any = session.get_adapter("http://127.0.0.1:9/v1/results")
    made: list[type[Any]] = []
    make = adapter._make_paced

    def slowly(kind: type[Any]) -> type[Any]:
        made.append(kind)
        time.sleep(0.05)
        paced: type[Any] = make(kind)
        return paced

    adapter._make_paced = slowly
    request = session.prepare_request(Request("GET", "http://127.0.0.1:9/v1/results"))
    with ThreadPoolExecutor(4) as threads:
        pools = list(
            threads.map(
                lambda _: adapter.get_connection_with_tls_context(request, verify=True), range(4)
            )
        )
    assert len(made) == 1
    assert {pool.ConnectionCls for pool in pools} == {*adapter._paced.values()}


def test_cookies_are_neither_kept_nor_sent() -> None:
    headers: list[object] = []

    def baked(asked: Asked) -> Reply:
        return Reply(page_of("results", [], asked), headers={"Set-Cookie": "__cf_bm=1; Path=/"})

    with serving({RESULTS.path: baked}) as server:
        api = client(server.url)
        for _ in range(2):
            api.day(RESULTS, DAY)
            headers.append(api._client.session.prepare_request(Request("GET", server.url)).headers)
    assert list(api._client.session.cookies) == []
    assert not [sent for sent in headers if "Cookie" in str(sent)]


# A fault of this software


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tables_there: None) -> Iterator[Replay]:
    races = [race(day) for day in (FAULTY, FINE)]
    horses = {name: {"id": name, "name": "Arkle"} for name in map(_horse, (FAULTY, FINE))}
    profiles = {f"/v1/horses/{name}/pro": body for name, body in horses.items()}
    with replaying(Replay(racecards=races, results=races, profiles=profiles)) as replay:
        point_to(monkeypatch, replay.url)
        without_courses(monkeypatch)
        yield replay


def _horse(day: date) -> str:
    return f"hrs_{day.toordinal()}"


def backfill(**options: Any) -> Report:
    return run_job("backfill", "duckdb", TODAY, start=FAULTY, end=FINE, **options)


FAULT = "a bug in this software (KeyError); the log has the details"


def is_logged(caplog: pytest.LogCaptureFixture) -> bool:
    return any("idle_for" in str(record.exc_text) for record in caplog.records)


def fail_with(error: Exception, patch: pytest.MonkeyPatch, where: Any, name: str) -> None:
    """Let something raise an error where it is about the faulty day, or its horse."""
    method = getattr(where, name)

    def faulty(*about: Any) -> Any:
        said = " ".join(str(getattr(one, "url", one)) for one in about)
        has_come = getattr(about[-1], "pages", True)
        names = (FAULTY.isoformat(), repr(FAULTY), _horse(FAULTY))
        if has_come and any(name in said for name in names):
            raise error
        return method(*about)

    patch.setattr(where, name, faulty)


@pytest.mark.parametrize(
    ("where", "name"),
    [(CountedPages, "update_state"), (_Reader, "_read")],
    ids=["asking", "reading"],
)
def test_a_fault_costs_one_day_and_the_next_run_completes_it(
    where: Any,
    name: str,
    server: Replay,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as broken:
        fail_with(KeyError("idle_for"), broken, where, name)
        report = backfill(max_horses=0)
    days = [f"{endpoint} {FAULTY}: failed, {FAULT}" for endpoint in ("racecards", "results")]
    assert (report.exit_code, report.missing) == (ExitCode.INCOMPLETE, days)
    assert [day for _, day, status in coverage("duckdb") if status == "complete"] == [
        FINE.isoformat()
    ] * 2
    assert is_logged(caplog)
    assert backfill(max_horses=0).missing == []


def test_a_fault_costs_one_horse_and_the_next_run_completes_it(
    server: Replay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SOURCES__RACING_API__HORSES_PER_LOAD", "1")
    with monkeypatch.context() as broken:
        fail_with(KeyError("idle_for"), broken, client_module, "failure_of")
        report = backfill()
    assert report.horses == {"pro": 1, "failed": 1, "waiting": 1}
    assert report.missing == [f"horses: 1 profiles could not be fetched, such as: {FAULT}"]
    assert is_logged(caplog)
    assert backfill().missing == []


def test_a_fault_of_the_archive_stops_no_run(
    server: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise KeyError("lengths")

    monkeypatch.setattr("pipelines.archive.store._document", broken)
    report = backfill(max_horses=0)
    assert report.missing == [f"archive: {FAULT}"]
    assert report.tables["ra_race_results"].new == 2
