"""Which of several versions of a row is stored: one whole version, whatever their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pipelines.parsing.values import BLANKS

SECOND_ROW: Final = "second row with the same key"


def best_first(versions: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the places of the versions, best first, whatever order they come in.

    The latest one (by an instant, such as a price's), then the fullest, then by content.
    """
    by_content = sorted(range(len(versions)), key=lambda place: _content(versions[place]))
    return sorted(by_content, key=lambda place: _worth(versions[place]), reverse=True)


def latest_instant(version: Mapping[str, Any]) -> str:
    """Return the latest instant in a version; '' without one."""
    instants = (value.isoformat() for value in version.values() if isinstance(value, datetime))
    return max(instants, default="")


def _worth(version: Mapping[str, Any]) -> tuple[str, int]:
    return latest_instant(version), sum(not _is_blank(value) for value in version.values())


def _is_blank(value: Any) -> bool:
    return value in BLANKS if isinstance(value, str) else value is None or value in ([], {})


def _content(version: Mapping[str, Any]) -> str:
    return repr(sorted(version.items()))
