"""A stop is a stop, whatever error it looks like where it arrives."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Any

import dlt
import pytest

from pipelines.errors import DestinationError
from pipelines.system.signals import Interruption, interruptible, unmasked

FOR_EVER = 1_000_000
"""Seconds until a process that was told to stop is ended by force: here it is that of the tests."""


def test_a_query_that_a_signal_ended_is_a_stop() -> None:
    with pytest.raises(Interruption), unmasked():
        try:
            raise Interruption(2)
        except Interruption as stop:
            raise RuntimeError("Query interrupted") from stop


def test_a_connection_that_a_signal_ended_is_a_stop() -> None:
    with pytest.raises(Interruption), unmasked():
        try:
            raise Interruption(15)
        except Interruption:
            raise DestinationError("duckdb cannot be reached")  # noqa: B904 - as drivers do


def test_any_other_error_stays_what_it_is() -> None:
    with pytest.raises(DestinationError, match="is full"), unmasked():
        raise DestinationError("the disk is full") from ValueError()


@pytest.mark.slow
def test_a_signal_during_a_query_of_duckdb_is_a_stop_when_the_query_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.system.signals.LAST_SECONDS", FOR_EVER)
    destination = dlt.destinations.duckdb(str(tmp_path / "some.duckdb"))
    pipeline = dlt.pipeline("some", str(tmp_path), destination=destination)
    query = "SELECT count(*) FROM range(600000000) AS numbers (number) WHERE number % 2 = 0"
    counts: list[object] = []
    with pipeline.sql_client() as client, pytest.raises(Interruption), interruptible():
        threading.Timer(0.1, signal.pthread_kill, [threading.get_ident(), signal.SIGINT]).start()
        counts.append(client.execute_sql(query))
        time.sleep(10)
    assert counts == [[(300_000_000,)]]


class Finalized:
    """Is told to stop while it is thrown away."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_in_a_finalizer_is_a_stop_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.system.signals.LAST_SECONDS", FOR_EVER)
    with pytest.raises(Interruption, match="SIGTERM"), interruptible():
        Finalized()
        time.sleep(10)


def test_a_signal_while_duckdb_looks_for_a_library_is_a_stop_when_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipelines.system.signals.LAST_SECONDS", FOR_EVER)
    rows: list[int] = []
    importing: dict[str, Any] = {"raise_signal": signal.raise_signal}
    look = "def look():\n    raise_signal(2)\n    return 1"
    exec(compile(look, "<frozen importlib._bootstrap>", "exec"), importing)
    duckdb = {"__name__": "dlt.destinations.impl.duckdb.sql_client", "rows": rows, **importing}
    with pytest.raises(Interruption, match="SIGINT"), interruptible():
        exec("rows.append(look())", duckdb)
        time.sleep(10)
    assert rows == [1]
