"""What was measured: against its target, as a table for people and as JSON for machines."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import duckdb
import orjson
from rich.table import Table as TextTable

from benchmarks.bench import Size

LATEST: Final = Path(__file__).with_name("latest.json")


@dataclass(frozen=True)
class Target:
    """What a figure has to reach, and which of several values has to reach it."""

    text: str
    holds: Callable[[float], bool]
    of: Callable[[Sequence[float]], float] = median


def at_least(limit: float) -> Target:
    """Want so much or more."""
    return Target(f">= {limit:g}", lambda value: value >= limit)


def at_most(limit: float, unit: str = "") -> Target:
    """Want so much or less."""
    return Target(f"<= {limit:g}{unit}", lambda value: value <= limit)


def below(limit: float, unit: str = "") -> Target:
    """Want less."""
    return Target(f"< {limit:g}{unit}", lambda value: value < limit)


MEMORY: Final = below(700, " MB")
"""What a run may hold at most, whatever its length and rate."""
SMALL: Final = at_most(400, " MB")
"""What all processes together may hold, to leave room in a container of 512 MB."""


def never_above(limit: float) -> Target:
    """Want so much or less in every run."""
    return Target(f"<= {limit:g}, always", lambda value: value <= limit, max)


def always(wanted: float) -> Target:
    """Want exactly this in every run."""

    def furthest(values: Sequence[float]) -> float:
        return max(values, key=lambda value: abs(value - wanted))

    return Target(f"= {wanted:g}, always", lambda value: value == wanted, furthest)


NO_TARGET: Final = Target("", lambda value: True)
"""Of what is only told."""


@dataclass(frozen=True)
class Finding:
    """One line: what was measured, how often, and what was run for it."""

    what: str
    target: Target
    values: list[float]
    ran: str
    details: list[dict[str, Any]] = field(default_factory=list)
    """What else is known of each run."""

    @property
    def measured(self) -> float:
        """The value that counts."""
        return self.target.of(self.values)

    @property
    def verdict(self) -> str:
        """Say whether the target is met, where there is one."""
        if self.target is NO_TARGET:
            return ""
        return "met" if self.target.holds(self.measured) else "missed"

    def as_data(self) -> dict[str, Any]:
        """Return everything that is known."""
        return {
            "what": self.what,
            "target": self.target.text,
            "measured": self.measured,
            "verdict": self.verdict,
            "ran": self.ran,
            "values": self.values,
            "runs": self.details,
        }


@dataclass
class Section:
    """A figure on one destination: its findings, or why there are no more of them."""

    figure: str
    destination: str = ""
    findings: list[Finding] = field(default_factory=list)
    error: str = ""

    @property
    def title(self) -> str:
        """Name it."""
        return " ".join(filter(None, (self.figure, self.destination)))

    def as_data(self) -> dict[str, Any]:
        """Return everything that is known."""
        return {
            "figure": self.figure,
            "destination": self.destination,
            "findings": [finding.as_data() for finding in self.findings],
            "error": self.error,
        }


def table_of(sections: Sequence[Section]) -> TextTable:
    """Draw the table."""
    table = TextTable("figure", "what", "target", "measured", "verdict", "ran")
    for section in sections:
        for finding in section.findings:
            measured = f"{finding.measured:,.3f}".rstrip("0").rstrip(".")
            table.add_row(
                *(section.title, finding.what, finding.target.text),
                *(measured, finding.verdict, f"{finding.ran}; {_runs(finding)}"),
            )
        if section.error:
            table.add_row(section.title, section.error, "", "", "not measured", "")
    return table


def _runs(finding: Finding) -> str:
    number = len(finding.values)
    return "1 run" if number == 1 else f"{number} runs"


def write(sections: Sequence[Section], size: Size, postgres: str) -> None:
    """Write everything as JSON."""
    content = {
        "measured_at": datetime.now(UTC),
        "machine": machine(postgres),
        "size": asdict(size),
        "sections": [section.as_data() for section in sections],
    }
    LATEST.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))


def machine(postgres: str) -> dict[str, Any]:
    """Say what was measured on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "python": platform.python_version(),
        "postgres": postgres,
        "duckdb": duckdb.__version__,
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
