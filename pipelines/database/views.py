"""The views of sql/views/, as they are created: with shared figures and a setting filled in.

A file has `{measures}` where it wants the columns of sql/measures.sql, whose comments it then gets
as well, and `{commission}` where it wants that setting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pipelines.database.sql import SQL_FOLDER, sql_text
from pipelines.settings import COMMISSION_PERCENT

MEASURES: Final = "{measures}"
_WINS: Final = {
    "{actual}": "CAST(sum(win_share) FILTER (WHERE expected_wins IS NOT NULL) AS double precision)",
    "{expected}": "CAST(sum(expected_wins) AS double precision)",
}
_NAME: Final = re.compile(r"AS (\w+)$")
_INDENT: Final = "\n    "


@dataclass(frozen=True)
class Measure:
    """A column that every view of statistics has."""

    name: str
    meaning: str
    expression: str


@cache
def measures() -> tuple[Measure, ...]:
    """Return the columns of sql/measures.sql."""
    _, *parts = (SQL_FOLDER / "measures.sql").read_text(encoding="utf-8").strip().split("\n\n")
    return tuple(map(_measure, parts))


def _measure(part: str) -> Measure:
    comment, *lines = part.splitlines()
    expression = "\n".join(lines).removesuffix(",")
    (name,) = _NAME.findall(expression)
    for short, text in _WINS.items():
        expression = expression.replace(short, text)
    return Measure(name, comment.removeprefix("--").strip(), expression)


def with_measures(text: str) -> str:
    """Put the columns of sql/measures.sql where a text wants them."""
    columns = ",\n".join(measure.expression for measure in measures())
    return text.replace(MEASURES, columns.replace("\n", _INDENT))


def view_names() -> list[str]:
    """Return the names of all views, which are those of their files."""
    return sorted(file.stem for file in (SQL_FOLDER / "views").glob("*.sql"))


def view_text(name: str, commission_percent: float = COMMISSION_PERCENT) -> str:
    """Return the statements that create a view and its comments."""
    text = sql_text(f"views/{name}").replace("{commission}", f"{commission_percent / 100:.6f}")
    if MEASURES not in text:
        return text
    comments = [
        "COMMENT ON COLUMN {}.{} IS '{}';".format(
            name, measure.name, measure.meaning.replace("'", "''")
        )
        for measure in measures()
    ]
    return "\n".join([with_measures(text).rstrip(), *comments, ""])
