"""A machine with the pipeline on it: a folder, settings, a database; every run a process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from tests.faults import killable
from tests.faults.forked import PROJECT, Process
from tests.faults.tables import Tables

LIMIT_SECONDS = 90.0


@dataclass(frozen=True)
class Outcome:
    """How a run ended; a negative code is the signal that killed it."""

    code: int
    seconds: float
    output: str
    report: dict[str, Any] | None

    @property
    def was_killed(self) -> bool:
        """Tell whether SIGKILL ended it."""
        return self.code == -signal.SIGKILL


@dataclass
class Installation:
    """Where the pipeline runs: from cron, so to speak, with no state in this process."""

    folder: Path
    tables: Tables
    url: str
    today: date
    username: str = "sandbox"
    password: str = "sandbox"
    settings: dict[str, str] = field(default_factory=dict)
    """Further environment variables."""
    limit_seconds: float = LIMIT_SECONDS

    @property
    def working_folder(self) -> Path:
        """Where dlt keeps what it knows of this pipeline."""
        return self.folder / "dlt" / "pipelines" / "racing"

    @property
    def environment(self) -> dict[str, str]:
        """Everything a run finds in its environment."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
            "HOME": str(self.folder),
            "DLT_DATA_DIR": str(self.folder / "dlt"),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__REQUEST_BACKOFF_FACTOR": "0",
            "RUNTIME__REQUEST_MAX_RETRY_DELAY": "0.2",
            "SOURCES__RACING_API__BASE_URL": self.url,
            "SOURCES__RACING_API__USERNAME": self.username,
            "SOURCES__RACING_API__PASSWORD": self.password,
            "SOURCES__RACING_API__REQUESTS_PER_SECOND": "1000",
            "SOURCES__RACING_API__PATH_LIMITS": "false",
            "SOURCES__RACING_API__PLAN": "pro",
            "SOURCES__RACING_API__READ_COPY": "false",
            "DESTINATION_TYPE": self.tables.destination,
            f"DESTINATION__{self.tables.destination.upper()}__CREDENTIALS": self.tables.credentials,
            **self.settings,
        }

    def copy(self, folder: Path, name: str) -> Installation:
        """Return the same in another folder, with a copy of the database under another name."""
        if self.folder.exists():
            shutil.copytree(self.folder, folder)
        return replace(self, folder=folder, tables=self.tables.copy(folder, name))

    def start(self, *arguments: str, killer: str = "", command: str = "run") -> Process:
        """Start a run, or another command; the killer is a point of tests.faults.killable."""
        self.folder.mkdir(parents=True, exist_ok=True)
        points = ["--at", killer] if killer else []
        day = ["--today", self.today.isoformat()]
        return Process(
            killable.main,
            [*day, *points, "--", command, *arguments],
            self.environment,
            self.folder,
            self.folder / "output.txt",
        )

    def run(self, *arguments: str, killer: str = "", command: str = "run") -> Outcome:
        """Run to the end."""
        started = time.monotonic()
        return self.outcome_of(self.start(*arguments, killer=killer, command=command), started)

    def outcome_of(self, process: Process, since: float) -> Outcome:
        """Wait for a run and say how it ended; the seconds count from a moment before."""
        try:
            code = process.wait(self.limit_seconds)
        finally:
            process.kill()
        seconds = time.monotonic() - since
        output = (self.folder / "output.txt").read_text()
        return Outcome(code, seconds, output, self._report_of(output))

    def _report_of(self, output: str) -> dict[str, Any] | None:
        """Return the report that a run says it has written."""
        named = [line for line in output.splitlines() if line.startswith("report: ")]
        if not named:
            return None
        content: dict[str, Any] = json.loads(
            (self.folder / named[-1].removeprefix("report: ")).read_text()
        )
        return content
