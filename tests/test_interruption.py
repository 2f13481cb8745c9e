"""A stop is a stop, whatever error it looks like where it arrives."""

from __future__ import annotations

import pytest

from pipelines.errors import DestinationError
from pipelines.interruption import Interruption, unmasked


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
