"""Asking many questions at once, with answers in their order, and asking ahead of their use."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, wait
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")
Item = TypeVar("Item")


class OneAhead(Iterator[Item], Generic[Item]):
    """Items in order, the next one in the making while one is used.

    Each is made in a daemon thread, one at a time: nobody waits for it who has been interrupted.
    """

    def __init__(self, items: Iterator[Item]) -> None:
        self._items = items
        self._following: Future[Item | None] | None = None

    def begin(self) -> None:
        """Make the first one before anybody wants it."""
        self._following = self._following or _in_the_making(self._items)

    def __next__(self) -> Item:
        self.begin()
        assert self._following is not None
        item = self._following.result()
        if item is None:
            raise StopIteration
        self._following = _in_the_making(self._items)
        return item


def _in_the_making(items: Iterator[Item]) -> Future[Item | None]:
    future = Future[Item | None]()

    def make() -> None:
        try:
            future.set_result(next(items, None))
        except BaseException as error:  # noqa: BLE001 - handed over to whoever takes the item
            future.set_exception(error)

    threading.Thread(target=make, daemon=True).start()
    return future


def ask_all(
    ask: Callable[[Question], Answer],
    questions: Iterable[Question],
    is_final: Callable[[Answer], bool],
    threads: int,
    one_ahead: bool,
) -> Iterator[tuple[Question, Answer]]:
    """Yield question and answer in order; after a final answer or an error start no other.

    With one_ahead the first question is answered before another is asked. The threads are daemons,
    and nobody waits for one that hangs: a pool of concurrent.futures would hold up the program.
    """
    asked = [(question, Future[Answer]()) for question in questions]
    waiting = deque(asked)
    is_over = threading.Event()

    def work() -> None:
        while waiting:
            try:
                question, future = waiting.popleft()
            except IndexError:  # another thread was faster
                return
            if is_over.is_set():
                future.cancel()
                continue
            try:
                answer = ask(question)
                if is_final(answer):
                    is_over.set()
                future.set_result(answer)
            except BaseException as error:  # noqa: BLE001 - handed over to whoever reads the answers
                is_over.set()
                future.set_exception(error)

    try:
        for number in range(min(threads, len(asked))):
            threading.Thread(target=work, daemon=True).start()
            if one_ahead and number == 0:
                wait([asked[0][1]])
        for question, future in asked:
            try:
                answer = future.result()
            except CancelledError:
                continue
            yield question, answer
    finally:
        is_over.set()
