"""What the tables, views and recipes are, as texts for whoever asks questions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pipelines.database.sql import SQL_FOLDER
from pipelines.database.views import view_names, view_text
from pipelines.models.features import meaning_of
from pipelines.tables import TABLES, Table
from pipelines.tables.features import GROUPS, HISTORY, TODAY

_VIEW: Final = re.compile(r"COMMENT ON VIEW (\w+) IS '((?:[^']|'')*)'")
_COLUMN: Final = re.compile(r"COMMENT ON COLUMN (\w+)\.(\w+) IS '((?:[^']|'')*)'")
FEATURE_TABLES: Final = {
    HISTORY: "horse that ran in a race with a result; key race_id, horse_id",
    TODAY: "runner of the latest card up to today; key race_id, horse_id",
}
ABOUT_FEATURES: Final = (
    "What was known of a runner before the off: figures about the past count earlier UK days only. "
    "Results are not among them: join `runs` by race_id and horse_id for who won. NULL is unknown. "
    "`pipeline features` computes both tables, which have the same columns."
)


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
    lines += ["", "After `pipeline features` (racing://features has their columns):", ""]
    lines += [f"- `{name}`: {grain}" for name, grain in FEATURE_TABLES.items()]
    return "\n".join(lines)


def features_text() -> str:
    """Return the names of all features as Markdown, group by group."""
    lines = ["# Features", "", ABOUT_FEATURES, "", "One row per:", ""]
    lines += [f"- `{name}`: {grain}" for name, grain in FEATURE_TABLES.items()]
    for name, title, features in GROUPS:
        names = ", ".join(one.name for one in features)
        lines += ["", f"## {title}: racing://features/{name}", "", names]
    return "\n".join(lines)


@cache
def feature_texts() -> dict[str, str]:
    """Return what the features of each group mean as Markdown, by its name."""
    return {
        name: "\n".join(
            [f"# {title}", "", *(f"- `{one.name}` {one.type}: {meaning_of(one)}" for one in some)]
        )
        for name, title, some in GROUPS
    }


def meanings(name: str) -> dict[str, str]:
    """Return what each column of a table or view means, as far as it is declared."""
    if name in FEATURE_TABLES:
        return {one.name: meaning_of(one) for group in GROUPS for one in group.features}
    if name in TABLES:
        return {column.name: column.meaning for column in TABLES[name].columns}
    return _view_meanings(name) if name in view_names() else {}


def _view_meanings(name: str) -> dict[str, str]:
    return {column: _unquoted(said) for _, column, said in _COLUMN.findall(view_text(name))}


@cache
def view_texts() -> dict[str, str]:
    """Return every view and its columns as Markdown, by name."""
    texts = {}
    for name in view_names():
        ((_, meaning),) = _VIEW.findall(view_text(name))
        lines = [f"# {name}", "", _unquoted(meaning), ""]
        lines += [f"- `{column}`: {said}" for column, said in _view_meanings(name).items()]
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
