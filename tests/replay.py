"""A real HTTP server over given records: paging, echo and 404s of the API, contents of a test."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Record = dict[str, Any]

COURSE = {
    "id": "crs_1",
    "course": "Elsewhere",
    "region_code": "gb",
    "region": "Great Britain",
}
"""An empty list of courses is an error."""


@dataclass
class Replay:
    """What the server holds, and what it was asked."""

    racecards: list[Record] = field(default_factory=list)
    results: list[Record] = field(default_factory=list)
    courses: list[Record] = field(default_factory=lambda: [dict(COURSE)])
    profiles: dict[str, Record] = field(default_factory=dict)
    """Whole paths, such as /v1/horses/hrs_1/pro, to what they answer."""
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, query: list[tuple[str, str]]) -> tuple[int, Any]:
        """Return status and body for a request."""
        if path in self.profiles:
            return 200, self.profiles[path]
        if path == "/v1/courses":
            return 200, {"courses": self.courses, "total": len(self.courses)}
        single = dict(query)
        if path == "/v1/racecards/pro":
            return 200, _page("racecards", self.racecards, single["date"], query)
        if path == "/v1/results":
            return 200, _page("results", self.results, single["start_date"], query)
        return 404, {"detail": "Not Found"}


@dataclass
class Mistaken(Replay):
    """A server that has something else to say to some calls, for the first so many times."""

    instead: dict[tuple[str, date], tuple[int, int, Any]] = field(default_factory=dict)
    """By list and day: how many times, the status and the body; bytes are sent as they are."""
    calls: Counter[tuple[str, date]] = field(default_factory=Counter)

    def answer(self, path: str, query: list[tuple[str, str]]) -> tuple[int, Any]:
        """Return status and body for a request."""
        single = dict(query)
        day = single.get("date") or single.get("start_date")
        if day is None:
            return super().answer(path, query)
        question = (path.split("/")[2], date.fromisoformat(day))
        self.calls[question] += 1
        times, status, body = self.instead.get(question, (0, 0, None))
        return (status, body) if self.calls[question] <= times else super().answer(path, query)


def _page(name: str, records: list[Record], day: str, query: list[tuple[str, str]]) -> Record:
    single = dict(query)
    limit, skip = int(single.get("limit", 50)), int(single.get("skip", 0))
    found = [record for record in records if record.get("date") == day]
    echo = [list(pair) for pair in query]
    page = {"total": len(found), "limit": limit, "skip": skip, "query": echo}
    return {name: found[skip : skip + limit], **page}


@contextmanager
def replaying(replay: Replay) -> Iterator[Replay]:
    """Serve on a free port of 127.0.0.1 until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            replay.asked.append(self.path)
            status, body = replay.answer(parts.path, parse_qsl(parts.query))
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        replay.url = f"http://127.0.0.1:{server.server_port}"
        yield replay
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def recorded(folder: Path) -> Replay:
    """Return everything in the folder of recorded responses."""
    replay = Replay(courses=[])
    for path in sorted((folder / "recorded").glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        if path.name.startswith("horse_"):
            kind = "pro" if path.name.startswith("horse_pro") else "standard"
            replay.profiles[f"/v1/horses/{body['id']}/{kind}"] = body
        elif isinstance(body, dict):
            replay.racecards += body.get("racecards", [])
            replay.results += body.get("results", [])
            replay.courses += body.get("courses", [])
    return replay
