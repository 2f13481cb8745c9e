"""The sandbox in a process of its own, with a record of every call it has ever got.

Beside the API's paths it has some of its own: GET and DELETE /benchmark/calls for the record, PUT
/benchmark/latency/SECONDS for the time it lets each answer wait, PUT /benchmark/clock/TIME for the
moment of a race day at which it stands.
"""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import orjson
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipelines.api.endpoints import RACECARDS, Endpoint
from pipelines.sandbox import Call, Clock, SandboxOptions
from pipelines.sandbox.server import Sandbox
from pipelines.settings import Settings

PROJECT: Final = Path(__file__).parent.parent
OPTIONS: Final = SandboxOptions(limits=False, history=True)
REGIONS: Final = ("gb", "ire")
"""Those that are set without a setting."""
PATIENCE: Final = 60.0
IN_ADVANCE: Final = "x-in-advance"
"""Header of a call whose answer is to be kept ready."""
KEPT: Final = {IN_ADVANCE: "yes"}


# In the process of the server


class Prepared(Sandbox):
    """A sandbox that has those answers ready, in memory, that were asked for in advance.

    The vendor makes its answers on another machine. Here that would take time from the process that
    is measured, and would let a call wait that has arrived already.
    """

    def __init__(self, options: SandboxOptions) -> None:
        super().__init__(options)
        self.calls: deque[Call] = deque()  # unbounded
        self._answers: dict[str, bytes] = {}

    def racecards(self, request: Request) -> object:
        """List a day's cards."""
        return self._prepared(request, super().racecards)

    def results(self, request: Request) -> object:
        """List the results of a range of days."""
        return self._prepared(request, super().results)

    def _prepared(self, request: Request, make: Callable[[Request], object]) -> object:
        question = f"{request.url.path} {sorted(request.query_params.multi_items())}"
        if IN_ADVANCE in request.headers:
            self._answers[question] = orjson.dumps(make(request))
        known = self._answers.get(question)
        return make(request) if known is None else orjson.Fragment(known)


def application(sandbox: Prepared) -> Starlette:
    """Wrap a sandbox: the paths of the benchmarks before its own."""

    def calls(request: Request) -> Response:
        with sandbox.lock:
            recorded = [tuple(call) for call in sandbox.calls]
        return Response(orjson.dumps(recorded), media_type="application/json")

    def forget(request: Request) -> Response:
        with sandbox.lock:
            sandbox.calls.clear()
        return Response(status_code=204)

    def wait(request: Request) -> Response:
        sandbox.options = replace(sandbox.options, latency=request.path_params["seconds"])
        return Response(status_code=204)

    def be_at(request: Request) -> Response:
        moment = datetime.fromisoformat(request.path_params["moment"])
        sandbox.options = replace(sandbox.options, clock=Clock(moment, speed=0))
        return Response(status_code=204)

    own = [
        Route("/benchmark/calls", calls, methods=["GET"]),
        Route("/benchmark/calls", forget, methods=["DELETE"]),
        Route("/benchmark/latency/{seconds:float}", wait, methods=["PUT"]),
        Route("/benchmark/clock/{moment}", be_at, methods=["PUT"]),
    ]
    return Starlette(routes=[*own, *sandbox.app().routes])


def serve(listener: socket.socket) -> None:
    """Serve until terminated."""
    gc.set_threshold(50_000, 20, 50)  # the caches are large and hold no cycles to collect
    settings = uvicorn.Config(
        application(Prepared(OPTIONS)),
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(settings).run([listener])


# In the process that measures


@dataclass(frozen=True)
class Server:
    """A sandbox that is up in another process."""

    url: str

    def calls(self) -> list[Call]:
        """List every request since they were last forgotten, in the order they arrived."""
        found = self._ask("GET", "/benchmark/calls")
        calls = [
            Call(path, tuple((name, value) for name, value in params), status, started)
            for path, params, status, started in found
        ]
        return sorted(calls, key=lambda call: call.started)

    def begin(self, latency: float = 0.0) -> None:
        """Forget the requests made so far, and answer so slowly from now on."""
        self._ask("PUT", f"/benchmark/latency/{latency}")
        self._ask("DELETE", "/benchmark/calls")

    def be_at(self, moment: datetime) -> None:
        """Let it be a moment of a race day there, until the next one."""
        self._ask("PUT", f"/benchmark/clock/{moment.isoformat()}")

    def races(self, endpoint: Endpoint, day: date) -> list[dict[str, Any]]:
        """Return a day's races as they stand now, if there are not too many for a page."""
        query = _about(endpoint, day, endpoint.page_limit or 0)
        answer = self._ask("GET", endpoint.path, query, headers={})
        races: list[dict[str, Any]] = answer[endpoint.name]
        assert len(races) == answer["total"]
        return races

    def prepare(self, endpoint: Endpoint, day: date) -> range:
        """Have a day's pages ready, and return where each begins, by the total the server tells."""
        length = RACECARDS.page_limit if endpoint is RACECARDS else Settings.results_page_size
        assert length
        query = _about(endpoint, day, length)
        total = self._ask("GET", endpoint.path, {**query, "skip": 0})["total"]
        skips = range(0, max(1, total), length)
        for skip in skips[1:]:
            self._ask("GET", endpoint.path, {**query, "skip": skip})
        return skips

    def _ask(
        self,
        method: str,
        path: str,
        query: dict[str, Any] | None = None,
        headers: Mapping[str, str] = KEPT,
    ) -> Any:
        credentials = (OPTIONS.username, OPTIONS.password)
        answer = requests.request(
            method,
            self.url + path,
            params=query,
            headers=headers,
            auth=credentials,
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None


def _about(endpoint: Endpoint, day: date, length: int) -> dict[str, Any]:
    names = ("date",) if endpoint is RACECARDS else ("start_date", "end_date")
    query: dict[str, Any] = dict.fromkeys(names, day.isoformat())
    return query | {endpoint.region_parameter: list(REGIONS), "limit": length}


@contextmanager
def serving() -> Iterator[Server]:
    """Run the server until the block ends; what is asked before it is up waits."""
    with _listen() as listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server", str(listener.fileno())],
            pass_fds=[listener.fileno()],
            cwd=PROJECT,
            start_new_session=True,
        )
        try:
            yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            process.terminate()
            process.wait()


def _listen() -> socket.socket:
    """Open a free port; only where TCP is named does asyncio send small answers without delay."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
