"""Work in processes of their own: in order, ahead, and ended with whoever wanted it."""

from __future__ import annotations

import math
import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from multiprocessing import active_children, get_context
from pathlib import Path

import pytest

from pipelines.errors import PipelineError
from pipelines.system.workers import sharing, working

pytestmark = pytest.mark.slow

PROGRAM = """
import time
from pipelines.system.workers import working

if __name__ == "__main__":
    with working(time.sleep, [0, 1, 1], 1) as done:
        next(done)
        print("begun", flush=True)
        time.sleep(600)
"""


@pytest.fixture(autouse=True)
def as_users_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes from nothing, where all other tests fork them."""
    monkeypatch.setattr("pipelines.system.workers.SPAWN", get_context("spawn"))


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("items", [0, 1, 2, 7])
def test_what_is_done_comes_in_order(items: int, processes: int) -> None:
    with working(math.factorial, range(items), processes) as done:
        assert list(done) == [math.factorial(number) for number in range(items)]


@pytest.mark.parametrize("processes", [1, 2])
def test_each_process_is_one_item_ahead(processes: int) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(9):
            taken.append(number)
            yield number

    with working(math.factorial, items(), processes) as done:
        assert list(islice(done, 3)) == [1, 1, 2]
        assert taken == list(range(3 + processes))


@pytest.mark.parametrize("is_alone", [True, False])
@pytest.mark.parametrize("items", [0, 1, 2, 7])
def test_what_two_processes_share_comes_in_order(items: int, is_alone: bool) -> None:
    with sharing(math.factorial, range(items), is_alone=is_alone) as done:
        assert list(done) == [math.factorial(number) for number in range(items)]
    assert active_children() == []


def test_neither_of_two_processes_waits_for_the_other() -> None:
    with sharing(process_of, range(40)) as done:
        shares = Counter(done)
    own = shares.pop(os.getpid())
    (others,) = shares.values()
    assert own + others == 40
    assert others > own


def process_of(_: int) -> int:
    """Take longer where the items come from."""
    time.sleep(0.05 if multiprocessing.parent_process() is None else 0.001)
    return os.getpid()


def test_no_process_is_left_when_its_user_has_enough() -> None:
    with working(math.factorial, range(9), 2) as done:
        next(done)
        assert len(active_children()) == 2
    assert active_children() == []


def test_an_error_is_raised_where_its_item_would_have_come() -> None:
    with working(math.sqrt, [4, -1, 9], 1) as done:
        assert next(done) == 2
        with pytest.raises(ValueError, match="math domain error"):
            next(done)


def test_a_process_that_dies_is_one_sentence() -> None:
    with working(os._exit, [0], 1) as done, pytest.raises(PipelineError, match="has crashed"):
        next(done)
    with sharing(os._exit, [0]) as done, pytest.raises(PipelineError, match="has crashed"):
        next(done)


def test_a_process_ends_with_whoever_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout
        assert user.stdout.readline() == "begun\n"
        user.kill()
        output, _ = user.communicate(timeout=20)  # nobody holds it any more
        assert output == ""
