"""The files of sql/, and texts as one parameter of a statement."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parent.parent
SQL_FOLDER: Final = next(
    folder for folder in (PACKAGE / "sql", PACKAGE.parent / "sql") if folder.is_dir()
)
AMONG: Final = "= ANY(string_to_array(%s, chr(31)))"
"""Condition of a text that is one of many; they are one parameter, made by `joined`, since DuckDB
takes as long for each parameter as for many rows."""


def sql_text(name: str) -> str:
    """Return a file of sql/ without its comments."""
    lines = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def statements_of(text: str) -> list[str]:
    """Split a text into statements, each of which ends at the end of a line."""
    return [part.strip() for part in re.split(r";\s*(?:\n|$)", text) if part.strip()]


def joined(texts: Iterable[str]) -> str:
    """Join texts into the parameter of AMONG; the character between them is in no id."""
    return "\x1f".join(texts)
