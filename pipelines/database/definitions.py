"""Indexes and views, as sql/ defines them, and comments and relations, as the tables declare them.

Each definition is applied completely or not at all, and only if the database lacks part of it or it
has changed: applying one has to wait for everybody who is reading.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Final

from pipelines.database.database import Database
from pipelines.database.errors import causes
from pipelines.database.kinds import DUCKDB, Driver, Kind
from pipelines.database.sql import sql_text, statements_of
from pipelines.database.views import view_names, view_text
from pipelines.errors import DestinationError
from pipelines.settings import COMMISSION_PERCENT, load_settings
from pipelines.tables import TABLES
from pipelines.tables.ddl import comments, relations

logger = logging.getLogger(__name__)

PRIMARY_KEYS: Final = (
    "SELECT relname, 1 FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "
    "WHERE contype = 'p' AND connamespace = CAST(%s AS regnamespace)"
)

APPLIED: Final = "_applied_definitions"
"""Table of the definitions that have been applied, and the digest of each."""

_CREATED = re.compile(r"CREATE (?:VIEW|INDEX IF NOT EXISTS) (\w+)")
_COMMENTED = re.compile(r"COMMENT ON (?:TABLE|VIEW|COLUMN) (\w+)")
_COLUMN_COMMENT = re.compile(r"COMMENT ON COLUMN .*?;\s*(?=\n|$)", re.DOTALL)
_READ = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")


@dataclass(frozen=True)
class Definition:
    """One text; a file of sql/views/ is named after its view."""

    name: str
    text: str
    is_view: bool = False

    @cached_property
    def reads(self) -> set[str]:
        """Tables and views that a view reads."""
        return set(_READ.findall(self.text))

    @cached_property
    def statements(self) -> list[str]:
        """Its statements."""
        return statements_of(self.text)

    @cached_property
    def digest(self) -> str:
        """Digest of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def comments(self) -> Mapping[str, int]:
        """What exists once it is applied, and at least how many comments each has."""
        created = dict.fromkeys(_CREATED.findall(self.text), 0)
        return created | Counter(_COMMENTED.findall(self.text))

    def is_whole(self, found: Mapping[str, int]) -> bool:
        """Return whether the database has all of it, with as many comments."""
        return all(found.get(name, -1) >= count for name, count in self.comments.items())


def present_in(database: Database, schema: str) -> dict[str, int]:
    """Return what a schema has, newest first, and how many comments each has with its columns."""
    which = "duckdb" if database.kind.driver is Driver.DUCKDB else "postgres"
    return dict(database.rows(sql_text(f"found_{which}"), schema))


def view_definitions(
    kind: Kind = DUCKDB, commission_percent: float = COMMISSION_PERCENT
) -> list[Definition]:
    """Every view as this kind of database has it, after the views it reads."""
    views = {name: _view(name, kind, commission_percent) for name in view_names()}
    reads = {name: view.reads & views.keys() for name, view in views.items()}
    return [views[name] for name in TopologicalSorter(reads).static_order()]


def _view(name: str, kind: Kind, commission_percent: float) -> Definition:
    text = view_text(name, commission_percent)
    return Definition(
        name, text if kind.comments_on_view_columns else _COLUMN_COMMENT.sub("", text), is_view=True
    )


def apply_definitions(database: Database) -> list[str]:
    """Update indexes, comments and views, and return a note for each kind that could not be.

    Users' own views are never dropped: if one is in the way, ours stay as they are.
    """
    database.patience = 0.0  # What cannot be done now, the next run does.
    notes = []
    try:
        with database.held_open():
            found = present_in(database, database.dataset)
            for kind, definitions in _outdated(database, found).items():
                try:
                    database.run_together(*_renewal(definitions, found))
                except DestinationError as error:
                    notes.append(f"{kind} are left as they were: {_explained(error)}")
    except DestinationError as error:
        notes.append(f"indexes, comments and views are left as they were: {error}")
    for note in notes:
        logger.warning("%s", note)
    return notes


def apply_to_new(database: Database) -> None:
    """Apply everything to a new database, while calls are under way.

    Its tables are empty, so nobody is waiting for them. Raises DestinationError.
    """
    if APPLIED in present_in(database, database.dataset):
        return
    patience = database.patience
    try:
        apply_definitions(database)  # what it notes, it notes again at the end of the run
    finally:
        database.patience = patience


def _outdated(database: Database, found: Mapping[str, int]) -> dict[str, list[Definition]]:
    """Return the definitions to apply, by kind; views after the views they read."""
    applied = dict(database.rows(f"SELECT name, digest FROM {APPLIED}")) if APPLIED in found else {}

    def is_outdated(definition: Definition) -> bool:
        is_same = applied.get(definition.name) == definition.digest
        return not (is_same and definition.is_whole(found))

    kind = database.kind
    views: list[Definition] = []
    for view in view_definitions(kind, load_settings(with_credentials=False).commission_percent):
        if is_outdated(view) or view.reads.intersection(other.name for other in views):
            views.append(view)
    # DuckDB reads a column fast, and an index would slow its loads: it has none but the keys.
    kinds = {"comments": [Definition("comments", comments())]}
    if kind.indexes:
        kinds["indexes"] = [Definition("indexes", sql_text("indexes"))]
    if kind.relations:
        kinds["relations"] = [Definition("relations", relations())]
    outdated = {kind: [*filter(is_outdated, definitions)] for kind, definitions in kinds.items()}
    if (
        kind.relations
        and dict(database.rows(PRIMARY_KEYS, database.dataset)).keys() < TABLES.keys()
    ):
        outdated["relations"] = kinds["relations"]  # a table was recreated
    return {kind: some for kind, some in {**outdated, "views": views}.items() if some}


def _renewal(definitions: list[Definition], found: Mapping[str, int]) -> list[str]:
    """Return the statements that apply definitions, and record it."""
    views = {definition.name for definition in definitions if definition.is_view}
    names = ", ".join(f"'{definition.name}'" for definition in definitions)
    digests = ", ".join(f"('{entry.name}', '{entry.digest}')" for entry in definitions)
    return [
        # The newest first, as found: what reads what may have changed with the files.
        *(f"DROP VIEW {name}" for name in found if name in views),
        *(statement for definition in definitions for statement in definition.statements),
        f"CREATE TABLE IF NOT EXISTS {APPLIED} (name text NOT NULL, digest text NOT NULL)",
        f"DELETE FROM {APPLIED} WHERE name IN ({names})",
        f"INSERT INTO {APPLIED} VALUES {digests}",
    ]


def _explained(error: DestinationError) -> str:
    """Return what the database said, with the detail that names what is in the way."""
    *_, first = causes(error)
    return " ".join(line.strip() for line in str(first).splitlines() if "HINT" not in line)
