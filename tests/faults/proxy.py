"""A real HTTP server before the sandbox that passes calls on and spoils some of them.

What it delivered unspoilt is recorded: that is what has to be in the tables.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import requests

from pipelines.sandbox import Running
from tests.fake_api import HTML, Asked, Reply, serving

HANGING_SECONDS = 60.0
ENDPOINTS: Final = {"/v1/racecards/pro": "racecards", "/v1/results": "results"}

Answer = dict[str, Any]
Fault = Callable[[Answer], Reply]
"""From the sound answer of the sandbox to the spoilt one."""


def _too_fast(**headers: str) -> Fault:
    return lambda _: Reply({"detail": "Too Many Requests"}, 429, headers=_named(headers))


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _slow(answer: Answer) -> Reply:
    time.sleep(0.3)
    return Reply(answer)


def _with(**values: Any) -> Fault:
    return lambda answer: Reply({**answer, **values})


def _list_of(answer: Answer) -> str:
    return next((name for name, value in answer.items() if isinstance(value, list)), "results")


def _without_list(value: Any) -> Fault:
    return lambda answer: Reply({**answer, _list_of(answer): value})


def _with_total(change: int) -> Fault:
    return lambda answer: Reply({**answer, "total": int(answer.get("total") or 0) + change})


FAULTS: Final[Mapping[str, Fault]] = {
    "server error": lambda _: Reply({"detail": "Internal Server Error"}, 500),
    "bad gateway": lambda _: Reply(HTML, 502),
    "unavailable": lambda _: Reply({"detail": "Service Unavailable"}, 503),
    "too fast": _too_fast(),
    "too fast, seconds": _too_fast(Retry_After="1"),
    "too fast, a date gone by": _too_fast(Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "too fast, nonsense": _too_fast(Retry_After="soon"),
    "reset": lambda _: Reply(reset=True),
    "truncated": lambda answer: Reply(answer, cut=100),
    "html": lambda _: Reply(HTML),
    "cut json": lambda answer: Reply(json.dumps(answer).encode()[:-20]),
    "null list": _without_list(None),
    "error text": lambda _: Reply({"detail": "Something went wrong"}),
    "empty object": lambda _: Reply({}),
    "empty list": _without_list([]),
    "empty day": lambda answer: Reply({**answer, _list_of(answer): [], "total": 0}),
    "error beside a list": _with(error="upstream request failed"),
    "detail beside an empty list": lambda answer: Reply(
        {**answer, _list_of(answer): [], "total": 0, "detail": "Something went wrong"}
    ),
    "block page": lambda _: Reply(HTML, 403),
    "block page, 401": lambda _: Reply(HTML, 401),
    "block page, 404": lambda _: Reply(HTML, 404),
    "flood of objects": lambda answer: Reply(
        {**answer, _list_of(answer): [{}] * 1000, "total": 1000}
    ),
    "repeated page": lambda answer: Reply(answer),  # see _spoilt
    "total too low": _with_total(-1),
    "total too high": _with_total(3),
    "total null": _with(total=None),
    "slow": _slow,
}
HARMLESS: Final = {"slow"}
"""Faults after which the answer still counts as delivered."""


@dataclass(frozen=True)
class Delivered:
    """A page that went out unspoilt."""

    endpoint: str
    day: str
    total: int
    races: Mapping[str, set[tuple[str, str]]]
    """For each race the race and the horse of its runners."""


@dataclass
class Rule:
    """Spoil the first so many calls whose path and parameters contain a text."""

    fault: str
    about: str = ""
    times: int = 1_000_000


@dataclass
class Proxy:
    """What goes through, what is spoilt, and what was asked."""

    upstream: str
    credentials: tuple[str, str]
    url: str = ""
    rules: list[Rule] = field(default_factory=list)
    seed: str = ""
    chance: float = 0.0
    """How likely a call is spoilt where no rule says so; the seed decides which."""
    delivered: list[Delivered] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    """How often each question was asked."""
    spoilt: Counter[str] = field(default_factory=Counter)
    """How often each fault was caused."""
    hanging: threading.Event = field(default_factory=threading.Event)
    """Set as soon as a call hangs."""
    _released: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cache: dict[str, tuple[int, Answer]] = field(default_factory=dict)

    def calm(self) -> None:
        """Spoil nothing any more, let go what hangs, and forget what was asked."""
        self._released.set()
        with self._lock:
            self.rules, self.chance = [], 0.0
            self.calls.clear()
            self.spoilt.clear()
            self.hanging, self._released = threading.Event(), threading.Event()

    def answer(self, asked: Asked) -> Reply:
        """Answer a call, spoilt or not."""
        question = f"{asked.path}?{'&'.join(map('='.join, asked.params))}"
        with self._lock:
            self.calls[question] += 1
            fault = self._choose(question)
            if fault:
                self.spoilt[fault] += 1
        if fault == "hang":
            return self._hang()
        if fault == "too fast, long":
            self.hanging.set()
            return Reply({"detail": "Too Many Requests"}, 429, headers={"Retry-After": "600"})
        status, sound = self._ask(asked, question)
        if status != 200 or not fault:
            return self._deliver(asked, status, sound)
        if fault == "repeated page":
            _, sound = self._ask(_first_page(asked), question + " first page")
        return self._deliver(asked, 200, sound) if fault in HARMLESS else FAULTS[fault](sound)

    def _choose(self, question: str) -> str | None:
        for rule in self.rules:
            if rule.about in question and rule.times > 0:
                rule.times -= 1
                return rule.fault
        dice = random.Random(f"{self.seed} {question} {self.calls[question]}")
        return dice.choice(sorted(FAULTS)) if dice.random() < self.chance else None

    def _hang(self) -> Reply:
        self.hanging.set()
        self._released.wait(HANGING_SECONDS)
        return Reply(reset=True)

    def _ask(self, asked: Asked, question: str) -> tuple[int, Answer]:
        """Ask the sandbox, whose answers never change."""
        if question not in self._cache:
            response = requests.get(
                self.upstream + asked.path,
                params=list(asked.params),
                auth=self.credentials,
                timeout=HANGING_SECONDS,
            )
            self._cache[question] = (response.status_code, response.json())
        return self._cache[question]

    def _deliver(self, asked: Asked, status: int, sound: Answer) -> Reply:
        endpoint = ENDPOINTS.get(asked.path)
        if status == 200 and endpoint:
            page = _delivered(endpoint, asked, sound)
            with self._lock:
                self.delivered.append(page)
        return Reply(sound, status)


def _delivered(endpoint: str, asked: Asked, body: Answer) -> Delivered:
    day = dict(asked.params).get("date") or asked["start_date"]
    races = {
        race["race_id"]: {(race["race_id"], runner["horse_id"]) for runner in race["runners"]}
        for race in body[endpoint]
    }
    return Delivered(endpoint, day, body["total"], races)


def _first_page(asked: Asked) -> Asked:
    params = tuple((name, "0" if name == "skip" else value) for name, value in asked.params)
    return Asked(asked.path, params, asked.arrived)


@contextmanager
def proxy_of(sandbox: Running) -> Iterator[Proxy]:
    """Stand before a sandbox until the block ends."""
    options = sandbox.sandbox.options
    proxy = Proxy(sandbox.url, (options.username, options.password))
    with serving({".*": proxy.answer}) as served:
        proxy.url = served.url
        try:
            yield proxy
        finally:
            proxy.calm()
