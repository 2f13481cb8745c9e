"""Working in separate processes, item by item, ahead of the use of the results.

The threads of a process share one core for Python code; each process has its own.
"""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle, islice
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar

from pipelines.errors import PipelineError
from pipelines.system.memory import collect_seldom

Item = TypeVar("Item")
Done = TypeVar("Done")

ASKED: Final = 2
"""Items that another process has: one at work, and one that it need not wait for."""
MOST_WAITING: Final = 8
"""Results that wait for one before them."""
SPAWN: Final = multiprocessing.get_context("spawn")
"""Starts new processes: a fork would copy locks held by threads that it does not have."""


@contextmanager
def working(
    work: Callable[[Item], Done], items: Iterable[Item], processes: int
) -> Iterator[Iterator[Done]]:
    """Yield the result for each item, in order; each process is one item ahead of its use.

    The work, the items and the results are sent between processes, and must be picklable.
    Raises what the work raises, and PipelineError if a process dies.
    """
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker(work)) for _ in range(processes)]
        yield _in_turn(workers, items)


@contextmanager
def sharing(
    work: Callable[[Item], Done], items: Iterable[Item], *, is_alone: bool = False
) -> Iterator[Iterator[Done]]:
    """Yield the result for each item, in order; this process and another one share the work.

    For work whose results are quickly used: another process in its place would need the memory of
    one more. The work, the items and the results must be picklable. Alone, this process does it
    all. Raises what the work raises, and PipelineError if the other process dies.
    """
    if is_alone:
        yield map(work, items)
        return
    with _worker(work) as other:
        yield _shared(work, other, iter(items))


@contextmanager
def _worker(work: Callable[[Any], Any]) -> Iterator[Connection]:
    """Start a process, and yield the connection to it."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_serve, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()  # otherwise its death would go unnoticed
    try:
        yield ours
    finally:
        process.kill()
        process.join()
        ours.close()


def _serve(work: Callable[[Any], Any], connection: Connection) -> None:
    """Work on items until the sender is gone; only the sender handles Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    with suppress(EOFError, OSError):
        while True:
            connection.send(_outcome(work, connection.recv()))


def _outcome(work: Callable[[Any], Any], item: Any) -> tuple[Any, Exception | None]:
    """Return the result, or the error with its traceback, which would be lost otherwise."""
    try:
        return work(item), None
    except Exception as error:  # noqa: BLE001 - raised where the result is taken
        error.add_note(traceback.format_exc())
        return None, error


def _in_turn(workers: Sequence[Connection], items: Iterable[Item]) -> Iterator[Any]:
    at_work: list[Connection] = []
    for worker, item in zip(cycle(workers), items, strict=False):
        done = [_received(at_work.pop(0))] if len(at_work) == len(workers) else []
        _exchange(worker.send, item)
        at_work.append(worker)
        yield from done
    yield from map(_received, at_work)


def _shared(
    work: Callable[[Item], Done], other: Connection, items: Iterator[Item]
) -> Iterator[Done]:
    def ask(item: Item) -> Done:
        _exchange(other.send, item)
        done: Done = _received(other)
        return done

    # A thread has the other process at work, and takes what it has done, while this one works.
    thread = ThreadPoolExecutor(1)
    in_order: deque[Future[Done]] = deque()
    try:
        is_more = True
        while is_more:
            at_work = sum(not one.done() for one in in_order)
            in_order += (thread.submit(ask, item) for item in islice(items, ASKED - at_work))
            own = [_done(work(item)) for item in islice(items, 1)]
            in_order += own
            is_more = bool(own)
            while in_order and (in_order[0].done() or len(in_order) > MOST_WAITING):
                yield in_order.popleft().result()
        yield from (one.result() for one in in_order)
    finally:
        thread.shutdown(wait=False, cancel_futures=True)


def _done(result: Done) -> Future[Done]:
    future: Future[Done] = Future()
    future.set_result(result)
    return future


def _received(worker: Connection) -> Any:
    done, error = _exchange(worker.recv)
    if error:
        raise error
    return done


def _exchange(action: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return action(*arguments)
    except (EOFError, OSError):
        raise PipelineError(
            "A process that reads ahead has crashed, perhaps for lack of memory: try again."
        ) from None
