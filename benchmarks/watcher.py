"""A race day in a process of its own, whose clock is the server's and stands still while it works.

python -m benchmarks.watcher NOTES DESTINATION FIRST MINUTES ROUNDS SERVER

After each round it writes a line of JSON: its time at the server, and what the round has cost.
SERVER is the number of the first process of PostgreSQL, or 0 if there is none.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from benchmarks.postgres import cpu_seconds
from benchmarks.server import Server
from pipelines.plan.modes import Options
from pipelines.raceday.day import Timer, watch_day
from pipelines.settings import load_settings
from pipelines.system.memory import collect_seldom


class EndOfMeasurementError(Exception):
    """So many rounds were wanted."""


class Metered(Timer):
    """The clock of a server: to wait is to set it, and to note what the round has cost."""

    def __init__(
        self, server: Server, first: datetime, rounds: int, notes: Path, postgres: int
    ) -> None:
        self.server, self.moment, self.rounds, self.notes = server, first, rounds, notes
        self.postgres = postgres
        server.be_at(first)
        self._begin()

    def now(self) -> datetime:
        """Return the time at the server."""
        return self.moment.astimezone(UTC)

    def sleep(self, seconds: float) -> None:
        """Note the round that has ended, and let the time have passed."""
        with self.notes.open("ab") as notes:
            notes.write(orjson.dumps(self._cost()) + b"\n")
        self.rounds -= 1
        if not self.rounds:
            raise EndOfMeasurementError
        self.moment += timedelta(seconds=seconds)
        self.server.be_at(self.moment)
        self._begin()

    def _begin(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        self._server_cpu = self._of_server()

    def _of_server(self) -> float:
        return cpu_seconds(self.postgres) if self.postgres else 0.0

    def _cost(self) -> dict[str, object]:
        of_server = self._of_server() - self._server_cpu
        return {
            "at": self.moment,
            "seconds": time.perf_counter() - self._wall,
            "cpu_seconds": time.process_time() - self._cpu + of_server,
            "server_cpu_seconds": of_server,
            "megabytes": _resident_bytes() / 1e6,
        }


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Silent:
    """Shows nothing."""

    def start(self, step: str, total: int) -> None:
        """Begin a step."""

    def advance(self, step: str, detail: str) -> None:
        """One more is done."""

    def finish(self, step: str) -> None:
        """End the step."""


def main() -> None:
    """Watch so many rounds from a moment on."""
    notes, destination, first, minutes, rounds, postgres = sys.argv[1:]
    collect_seldom()
    begin, settings = datetime.fromisoformat(first), load_settings()
    settings = replace(settings, raceday_minutes=float(minutes))
    timer = Metered(Server(settings.base_url), begin, int(rounds), Path(notes), int(postgres))
    options = Options("raceday", begin.date())
    watch_day(options, settings, destination, Silent(), timer=timer)


if __name__ == "__main__":
    main()
