"""Items made ahead of their use: in order, so many at most, and an error in its place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from pipelines.system import threads
from pipelines.system.threads import Ahead


def until(is_true: Callable[[], bool]) -> None:
    """Wait for a thread, however busy the machine is."""
    deadline = time.monotonic() + 30
    while not is_true() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert is_true()


def test_items_come_in_order_and_end_for_good() -> None:
    ahead = Ahead(iter([1, 2, 3]), most=2)
    assert [list(ahead), list(ahead)] == [[1, 2, 3], []]


def test_nothing_is_made_before_it_is_wanted() -> None:
    made: list[int] = []
    ahead = Ahead(noting(made), most=2)
    time.sleep(0.05)
    assert made == []
    assert next(ahead) == 0
    until(lambda: bool(made))


def test_so_many_at_most_are_made_before_they_are_taken() -> None:
    made: list[int] = []
    ahead = Ahead(noting(made), most=2)
    assert next(ahead) == 0
    until(lambda: made == [0, 1, 2])
    time.sleep(0.05)
    assert made == [0, 1, 2]


def test_an_error_comes_after_what_was_made_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    ahead = Ahead(items(), most=2)
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="broken"):
        next(ahead)


def test_who_waits_for_long_is_told_before_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        assert told.wait(30)
        yield 2

    ahead = Ahead(items(), most=1, before_waiting=told.set)
    monkeypatch.setattr(threads, "SOON", 30)
    assert (next(ahead), told.is_set()) == (1, False)
    monkeypatch.setattr(threads, "SOON", 0.01)
    assert (next(ahead), told.is_set()) == (2, True)


def noting(made: list[int]) -> Iterator[int]:
    for number in range(10):
        made.append(number)
        yield number
