"""The command line as a process of its own, with an environment and a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.databases import Database
from benchmarks.errors import NotMeasuredError
from pipelines.sandbox import SandboxOptions

LAUNCHER: Final = Path(__file__).with_name("launcher.py")
PIPELINE: Final = str(Path(__file__).parent.parent / ".bench" / "bin" / "pipeline")
"""The command as users have it, without what the tests need."""
UNLIMITED: Final = 1000.0
"""Calls a second where the pace shall not count: the highest that can be set."""
LINES_TOLD: Final = 5


@dataclass(frozen=True)
class Outcome:
    """What was measured of a process that has ended."""

    code: int
    seconds: float
    cpu_seconds: float
    """Its own and of the processes that it has waited for."""
    peak_bytes: int
    """Of the largest process."""
    together_bytes: int
    """Of all processes at one moment; what they share is counted once. 0 if it is not known."""
    output: str

    @property
    def peak_megabytes(self) -> float:
        """Memory at its highest."""
        return self.peak_bytes / 1_000_000

    @property
    def last_lines(self) -> str:
        """What it said in the end."""
        return " | ".join(self.output.strip().splitlines()[-LINES_TOLD:])


@dataclass(frozen=True)
class Installation:
    """Where the pipeline runs: a folder, a database, a server and a pace."""

    folder: Path
    database: Database
    url: str
    rate: float = UNLIMITED
    path_limits: bool = False
    archive: str = "archive"

    @property
    def environment(self) -> dict[str, str]:
        """Everything a run finds in its environment."""
        options, destination = SandboxOptions(), self.database.destination.upper()
        return {
            **bare_environment(self.folder),
            "DLT_DATA_DIR": str(self.folder / "dlt"),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "SOURCES__RACING_API__BASE_URL": self.url,
            "SOURCES__RACING_API__USERNAME": options.username,
            "SOURCES__RACING_API__PASSWORD": options.password,
            "SOURCES__RACING_API__REQUESTS_PER_SECOND": str(self.rate),
            "SOURCES__RACING_API__PATH_LIMITS": str(self.path_limits).lower(),
            "SOURCES__RACING_API__ARCHIVE": self.archive,
            f"DESTINATION__{destination}__CREDENTIALS": self.database.credentials,
        }

    def run(self, *arguments: str) -> Outcome:
        """Run the pipeline to its end; raises NotMeasuredError unless everything is there."""
        command = [PIPELINE, *arguments, "--destination", self.database.destination]
        outcome = measured(command, self.environment, self.folder)
        if outcome.code != 0:
            told = f"{' '.join(arguments)} ended with {outcome.code}: {outcome.last_lines}"
            raise NotMeasuredError(told)
        return outcome

    def copy(
        self, name: str, *, rate: float = UNLIMITED, path_limits: bool = False
    ) -> Installation:
        """Return the same beside it, with a copy of the database and an empty archive."""
        folder = self.folder.with_name(name)
        without = shutil.ignore_patterns("archive", "logs", "*.duckdb")
        shutil.copytree(self.folder, folder, ignore=without)
        database = self.database.copy(folder)
        return replace(self, folder=folder, database=database, rate=rate, path_limits=path_limits)

    def remove(self) -> None:
        """Give back the space it takes."""
        self.database.remove()
        shutil.rmtree(self.folder)


def bare_environment(folder: Path) -> dict[str, str]:
    """Return what any process needs, without the settings of whoever measures."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder)}


def measured(command: list[str], environment: dict[str, str], folder: Path) -> Outcome:
    """Run a command to its end, or until we are stopped, and measure it."""
    output, notes = folder / "output.txt", folder / "measured.json"
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(notes)]
    notes.unlink(missing_ok=True)
    with output.open("w") as stream:
        process = subprocess.Popen(
            [*launcher, *command],
            env=environment,
            cwd=folder,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _end_of(process)
    if not notes.exists():
        raise NotMeasuredError(f"{command[0]} could not be started: {output.read_text()}")
    return Outcome(**json.loads(notes.read_text()), output=output.read_text())


def _end_of(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process; whatever stops us stops it, too, with all that it has started."""
    try:
        process.wait()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
