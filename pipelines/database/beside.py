"""Tables beside the old ones, which take their place once they are complete, all at once.

Whoever reads meanwhile reads the old ones. If the process dies, they stay, and what has been made
beside them is deleted by the next run. A DuckDB file is made again in a copy of it; in Postgres,
the tables are made again in another schema, from which they are moved in one transaction.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dlt.common.pipeline import get_dlt_pipelines_dir

from pipelines.database.connection import Beside
from pipelines.database.database import Database
from pipelines.database.definitions import APPLIED, Definition, present_in
from pipelines.database.destination import duckdb_file
from pipelines.database.read_copy import copy_file
from pipelines.database.sql import sql_text
from pipelines.database.views import view_names
from pipelines.errors import DestinationError
from pipelines.settings import PIPELINE
from pipelines.tables import TABLES, Kind
from pipelines.tables.ddl import KEYS, TRIGGERS

logger = logging.getLogger(__name__)

DATASET: Final = f"{PIPELINE}_beside"
"""The schema in Postgres."""
STAGING: Final = f"{DATASET}_staging"
"""The one in which dlt stages what is loaded into it."""
OF_DLT: Final = ("_dlt_loads", "_dlt_version", "_dlt_pipeline_state")
MOST_NAMED: Final = 3


def reason_against(database: Database) -> str:
    """Say why nothing can take the place of the tables; empty if it can. Raises DestinationError.

    Whatever somebody has added to them would not be there afterwards.
    """
    if not database.kind.fills:
        return f"{database.kind.title} has no place beside its tables"
    if database.kind.is_file:
        return "" if _file_of(database) else "the database is in memory"
    ours = {*TABLES, *view_names(), *OF_DLT}
    known = {
        *KEYS,
        *TRIGGERS,
        *Definition("indexes", sql_text("indexes")).comments,
        *view_names(),
        *(f"{table}.{column.name}" for table in TABLES.values() for column in table.columns),
        *(f"{table}._dlt_load_id" for table in TABLES),
        *(f"{table}_{column.name}_fk" for table in TABLES.values() for column in table.columns),
    }
    added = sorted(
        str(name)
        for relation, name in database.rows(sql_text("added"), PIPELINE)
        if relation in ours and name not in known and name.partition(".")[0] not in view_names()
    )
    return f"somebody has added {', '.join(added[:MOST_NAMED])}" if added else ""


@contextmanager
def beside(database: Database) -> Iterator[Database]:
    """Yield a database whose tables take the place of the old ones at the end.

    It has the old rows of what is not loaded from the API. Raises DestinationError.
    """
    forget_beside(database)
    make = _file if database.kind.is_file else _schema
    try:
        work_folder().mkdir(parents=True)
        with make(database) as other:
            yield other
        database.begin_again()
    except OSError as error:
        raise DestinationError(f"{database.name} cannot be made beside itself: {error}.") from error
    finally:
        forget_beside(database)


def forget_beside(database: Database) -> None:
    """Delete what a process has left that died before its tables were complete."""
    shutil.rmtree(work_folder(), ignore_errors=True)
    if not database.kind.fills:
        return
    if database.kind.is_file:
        file = _file_of(database)
        if file:
            shutil.rmtree(_beside(file).parent, ignore_errors=True)
    else:
        database.run_all(f"DROP SCHEMA IF EXISTS {name} CASCADE" for name in (DATASET, STAGING))


def work_folder() -> Path:
    """Return the folder for dlt's files, and for rows, of tables beside the old ones."""
    return Path(get_dlt_pipelines_dir()) / f"{PIPELINE}.beside"


@contextmanager
def rows_folder() -> Iterator[Path]:
    """Yield an empty folder for rows; the next run deletes what a killed one leaves there."""
    folder = work_folder() / "rows"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _opened(database: Database, place: Beside) -> Database:
    return Database(database.name, database.lock, database.patience, place)


# DuckDB


@contextmanager
def _file(database: Database) -> Iterator[Database]:
    """Yield a copy of the file, which takes its name at the end."""
    file = _file_of(database)
    assert file
    made = _beside(file)
    database.release()  # everybody can read it
    made.parent.mkdir()
    copy_file(file, made)
    other = _opened(database, Beside(work_folder(), made))
    with other.held_open():
        yield other
    database.release()
    if made.with_name(f"{made.name}.wal").exists():
        raise DestinationError(f"DuckDB has left part of {made} in its log.")
    with made.open("rb+") as content:
        os.fsync(content.fileno())
    made.replace(file)


def _file_of(database: Database) -> Path | None:
    return duckdb_file(database.pipeline.destination)


def _beside(file: Path) -> Path:
    """Return where a file is made again: under its name, which DuckDB gives to what is in it."""
    return file.parent / f".{file.name}.beside" / file.name


# Postgres


@contextmanager
def _schema(database: Database) -> Iterator[Database]:
    """Yield the tables in another schema, and let them take the place of the old ones at the end.

    dlt begins with its state; of our own tables it needs those that no response fills.
    """
    present = present_in(database, PIPELINE)
    database.run_together(
        f"CREATE SCHEMA {DATASET}",
        *(
            statement
            for name in OF_DLT
            if name in present
            for statement in (
                f"CREATE TABLE {DATASET}.{name} (LIKE {PIPELINE}.{name} INCLUDING ALL)",
                f"INSERT INTO {DATASET}.{name} SELECT * FROM {PIPELINE}.{name}",
            )
        ),
    )
    other = _opened(database, Beside(work_folder(), dataset=DATASET))
    kept = [table for table in TABLES.values() if table.kind is Kind.BOOKKEEPING]
    names = {t: ", ".join([*(c.name for c in t.columns), "_dlt_load_id"]) for t in kept}
    database.run_together(
        *(
            f"INSERT INTO {DATASET}.{table} ({names[table]}) "
            f"SELECT {names[table]} FROM {PIPELINE}.{table}"
            for table in kept
        )
    )
    with other.held_open():
        yield other
    grants = [sql for (sql,) in database.rows(sql_text("grants"), DATASET, PIPELINE, DATASET)]
    database.run_together(*grants, *_moves(database))


def _moves(database: Database) -> Iterator[str]:
    """Yield the statements that put the tables and views of one schema in place of another's."""
    old, made = present_in(database, PIPELINE), present_in(database, DATASET)
    ours = {*TABLES, *OF_DLT, APPLIED, *view_names()}
    relations = {name: _kind_of(name) for name in made if name in ours}
    for kind in ("VIEW", "TABLE"):
        names = [f"{PIPELINE}.{name}" for name in old if relations.get(name) == kind]
        if names:
            yield f"DROP {kind} {', '.join(names)}"
    for name, kind in relations.items():
        yield f"ALTER {kind} {DATASET}.{name} SET SCHEMA {PIPELINE}"
    yield f"DROP FUNCTION IF EXISTS {PIPELINE}.set_updated_at()"
    yield f"ALTER FUNCTION {DATASET}.set_updated_at() SET SCHEMA {PIPELINE}"


def _kind_of(name: str) -> str:
    return "VIEW" if name in view_names() else "TABLE"
