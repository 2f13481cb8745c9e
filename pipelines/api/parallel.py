"""Asking many questions at once, with answers in their order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, wait
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


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
