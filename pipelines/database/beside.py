"""Tables beside the old ones, which take their place once they are complete, all at once.

Whoever reads meanwhile reads the old ones. If the process dies, they stay, and what has been made
beside them is deleted by the next run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dlt.common.pipeline import get_dlt_pipelines_dir

from pipelines.database.connection import Beside
from pipelines.database.database import Database
from pipelines.database.destination import duckdb_file
from pipelines.database.read_copy import copy_file
from pipelines.errors import DestinationError
from pipelines.settings import PIPELINE


@contextmanager
def beside(database: Database) -> Iterator[Database]:
    """Yield a copy of a database whose tables take the place of the old ones at the end.

    Of a kind that has no such place, it is the database itself. Raises DestinationError.
    """
    file = file_of(database)
    if file is None:
        yield database
        return
    database.release()  # everybody can read the old ones
    place = Beside(work_folder(), _beside(file))
    assert place.file
    forget_beside(database)
    try:
        place.file.parent.mkdir()
        place.folder.mkdir(parents=True)
        if file.exists():
            copy_file(file, place.file)
    except OSError as error:
        raise DestinationError(f"{file.name} cannot be copied: {error}.") from error
    try:
        other = Database(database.name, database.lock, database.patience, place)
        with other.held_open():
            yield other
        database.release()
        _swap(place.file, file)
        database.begin_again()
    finally:
        forget_beside(database)


def forget_beside(database: Database) -> None:
    """Delete what a process has left that died before its tables were complete."""
    shutil.rmtree(work_folder(), ignore_errors=True)
    file = file_of(database)
    if file:
        shutil.rmtree(_beside(file).parent, ignore_errors=True)


def work_folder() -> Path:
    """Return the folder for dlt's files, and for rows, of tables beside the old ones."""
    return Path(get_dlt_pipelines_dir()) / f"{PIPELINE}.beside"


@contextmanager
def rows_folder() -> Iterator[Path]:
    """Yield an empty folder for rows; the next run deletes what a killed one leaves there."""
    folder = work_folder() / "rows"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def file_of(database: Database) -> Path | None:
    """Return the DuckDB file of a database, if it has one."""
    return duckdb_file(database.lock.destination) if database.lock else None


def _beside(file: Path) -> Path:
    """Return where a file is made again: under its name, which DuckDB gives to what is in it."""
    return file.parent / f".{file.name}.beside" / file.name


def _swap(made: Path, file: Path) -> None:
    """Put a closed file in the place of another, completely or not at all."""
    if made.with_name(f"{made.name}.wal").exists():
        raise DestinationError(f"DuckDB has left part of {made.name} in its log.")
    try:
        with made.open("rb+") as content:
            os.fsync(content.fileno())
        made.replace(file)
    except OSError as error:
        raise DestinationError(f"{file.name} cannot be replaced: {error}.") from error
