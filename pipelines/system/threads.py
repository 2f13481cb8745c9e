"""Making many requests at once and ahead of use, with responses in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, wait
from queue import Empty, Queue
from typing import Final, Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")
Item = TypeVar("Item")

SOON: Final = 0.2
"""Seconds: to close a DuckDB file and open it again takes half as long."""


class Ahead(Iterator[Item], Generic[Item]):
    """Items in order, a limited number of them made ahead, so neither side waits long.

    They are made in one daemon thread, which an interrupted program does not wait for. If the next
    one does not come soon, `before_waiting` is called.
    """

    def __init__(
        self,
        items: Iterator[Item],
        most: int,
        before_waiting: Callable[[], object] = lambda: None,
    ) -> None:
        self._items, self._before_waiting = items, before_waiting
        self._made = Queue[Future[Item | None]]()
        self._room = threading.Semaphore(most)
        self._thread: threading.Thread | None = None
        self._is_over = False

    def __next__(self) -> Item:
        if self._is_over:
            raise StopIteration
        if self._thread is None:
            self._thread = threading.Thread(target=self._make, daemon=True)
            self._thread.start()
        try:
            made = self._made.get(timeout=SOON)
        except Empty:
            self._before_waiting()
            made = self._made.get()
        item = made.result()
        self._room.release()
        if item is None:
            self._is_over = True
            raise StopIteration
        return item

    def _make(self) -> None:
        item: Item | None = None
        while True:
            self._room.acquire()
            future = Future[Item | None]()
            try:
                item = next(self._items, None)
                future.set_result(item)
            except BaseException as error:  # noqa: BLE001 - raised where the item is taken
                future.set_exception(error)
                item = None
            self._made.put(future)
            if item is None:
                return


def ask_all(
    ask: Callable[[Question], Answer],
    questions: Iterable[Question],
    is_final: Callable[[Answer], bool],
    threads: int,
    one_ahead: bool,
    when_taken: Callable[[], object] = lambda: None,
) -> Iterator[tuple[Question, Answer]]:
    """Yield question and answer in order; after a final answer or an error start no other.

    With one_ahead the first question is answered before another is asked. When the last question
    has been taken by a thread, when_taken is called there, before the question is asked. The
    threads are daemons, so one that hangs does not delay the end of the program, as a pool of
    concurrent.futures would.
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
            if not waiting:
                when_taken()
            if is_over.is_set():
                future.cancel()
                continue
            try:
                answer = ask(question)
                if is_final(answer):
                    is_over.set()
                future.set_result(answer)
            except BaseException as error:  # noqa: BLE001 - raised where the answers are read
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
