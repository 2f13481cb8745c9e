"""Kinds of destinations, and what each of them supports.

Whatever depends on the kind of a destination asks this declaration, and nothing else: a kind that
is not declared here is refused before anything is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import duckdb

from pipelines.errors import UsageError
from pipelines.tables.ddl import KEYS, KEYS_OF_SERVERS

KEEPS_INDEXES: Final = int(duckdb.__version__.split(".")[0]) >= 2
"""Whether this DuckDB's indexes can be trusted after a crash. Those of DuckDB 1 lose entries when
the log of a killed process is replayed: a lookup by key then finds nothing, whoever asks
(duckdb/duckdb#23788). A commit that fails leaves entries in them that no row has."""


class Lock(StrEnum):
    """What keeps a second run out of the database."""

    FILE = "a file beside it"
    SERVER = "a session of its server"
    CATALOG = "either, depending on where the catalog is"
    NONE = "nothing: only dlt's working folder is locked"


class Driver(StrEnum):
    """What reads it: commands that only read do without dlt."""

    DUCKDB = "duckdb"
    POSTGRES = "psycopg2"


@dataclass(frozen=True)
class Kind:
    """One kind of destination."""

    name: str
    """What dlt and --destination call it."""
    title: str
    driver: Driver
    is_tested: bool = True
    """Whether anybody has run it: a run into another one says so."""
    lock: Lock = Lock.NONE
    is_file: bool = False
    """Whether it is one DuckDB file, which one process at a time opens."""
    is_in_process: bool = False
    """Whether it is in the run's process, which bounds its memory and keeps it open for a chunk."""
    keys: frozenset[str] = frozenset()
    """Unique indexes that it has; without one the merge keeps keys unique, and health checks it."""
    indexes: bool = False
    """Whether it has the indexes of sql/indexes.sql."""
    relations: bool = False
    """Whether primary and foreign keys are in its catalogue."""
    triggers: bool = False
    """Whether a trigger sets updated_at; otherwise a statement does after each load."""
    fills: bool = False
    """Whether empty tables are filled at once, beside those that everybody reads meanwhile."""
    statistics: bool = False
    """Whether it needs sql/statistics.sql to plan what follows a load."""
    hash_joins: tuple[str, ...] = ()
    """What makes it join by hash in this transaction, and what ends that: of a new day it has no
    statistics, expects one row, and compares each of thousands with all others."""
    comments_on_view_columns: bool = True
    """Tables, their columns and views have comments anyway."""
    upkeep: tuple[str, ...] = ()
    """What the end of a run does to keep it fast."""


POSTGRES: Final = Kind(
    "postgres",
    "Postgres",
    Driver.POSTGRES,
    lock=Lock.SERVER,
    keys=frozenset(KEYS),
    indexes=True,
    relations=True,
    triggers=True,
    fills=True,
    statistics=True,
    hash_joins=("SET LOCAL enable_nestloop = off", "SET LOCAL enable_nestloop TO DEFAULT"),
)
DUCKDB: Final = Kind(
    "duckdb",
    "DuckDB",
    Driver.DUCKDB,
    lock=Lock.FILE,
    is_file=True,
    is_in_process=True,
    fills=True,
    keys=frozenset(KEYS) - KEYS_OF_SERVERS if KEEPS_INDEXES else frozenset(),
)
DUCKLAKE: Final = Kind(
    "ducklake",
    "DuckLake",
    Driver.DUCKDB,
    lock=Lock.CATALOG,
    is_in_process=True,
    comments_on_view_columns=False,
    upkeep=(
        # So that Spark sees every row: small changes would else be in the catalog for a while.
        "CALL ducklake_set_option(current_database(), 'data_inlining_row_limit', 0)",
        "CALL ducklake_set_option(current_database(), 'expire_older_than', '7 days')",
        "CHECKPOINT",
    ),
)
MOTHERDUCK: Final = Kind(
    "motherduck",
    "MotherDuck",
    Driver.DUCKDB,
    is_tested=False,
    comments_on_view_columns=False,
)
KINDS: Final = {kind.name: kind for kind in (DUCKDB, POSTGRES, DUCKLAKE, MOTHERDUCK)}


def kind_of(destination: Any) -> Kind:
    """Return the kind of a destination of dlt; raises UsageError if it is not supported."""
    name = str(destination.destination_type).rpartition(".")[2]
    if name not in KINDS:
        *others, last = KINDS
        raise UsageError(
            f"The destination {name} is not supported: use {', '.join(others)} or {last}."
        )
    return KINDS[name]
