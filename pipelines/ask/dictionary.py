"""What the tables, views and recipes are, as texts for whoever asks questions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pipelines.database.sql import SQL_FOLDER
from pipelines.database.views import view_names, view_text
from pipelines.tables import TABLES, Table

_VIEW: Final = re.compile(r"COMMENT ON VIEW (\w+) IS '((?:[^']|'')*)'")
_COLUMN: Final = re.compile(r"COMMENT ON COLUMN (\w+)\.(\w+) IS '((?:[^']|'')*)'")


@dataclass(frozen=True)
class Recipe:
    """A question of the cookbook, what to know about its answer, and the query."""

    file: str
    """Its name in sql/cookbook/, with its number and without .sql."""
    question: str
    notes: str
    query: str

    @property
    def name(self) -> str:
        """Its name without the number."""
        return self.file.partition("_")[2]


def table_text(table: Table) -> str:
    """Return a table and its columns as Markdown."""
    lines = [f"# {table.name}", "", f"{table.grain}; key {', '.join(table.key)}", ""]
    lines += [f"- `{column.name}` {column.type}: {column.meaning}" for column in table.columns]
    return "\n".join(lines)


def tables_text() -> str:
    """Return every table with its grain and key as Markdown."""
    lines = ["# Tables", "", "One row per:", ""]
    lines += [
        f"- `{table}`: {table.grain}; key {', '.join(table.key)}" for table in TABLES.values()
    ]
    return "\n".join(lines)


@cache
def view_texts() -> dict[str, str]:
    """Return every view and its columns as Markdown, by name."""
    texts = {}
    for name in view_names():
        sql = view_text(name)
        ((_, meaning),) = _VIEW.findall(sql)
        lines = [f"# {name}", "", _unquoted(meaning), ""]
        lines += [f"- `{column}`: {_unquoted(said)}" for _, column, said in _COLUMN.findall(sql)]
        texts[name] = "\n".join(lines)
    return texts


def views_text() -> str:
    """Return every view with its first sentence as Markdown."""
    lines = (f"- `{name}`: {text.splitlines()[2]}" for name, text in view_texts().items())
    return "\n".join(["# Views", "", *lines])


@cache
def recipes() -> dict[str, Recipe]:
    """Return the recipes of the cookbook, by name without its number."""
    found = {}
    for file in sorted((SQL_FOLDER / "cookbook").glob("*.sql")):
        lines = file.read_text(encoding="utf-8").splitlines()
        comments = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
        query = "\n".join(lines[len(comments) :]).strip().removesuffix(";")
        recipe = Recipe(file.stem, comments[0], " ".join(comments[2:]), query)
        found[recipe.name] = recipe
    return found


def _unquoted(text: str) -> str:
    return text.replace("''", "'")
