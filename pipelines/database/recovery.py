"""How a run starts after a crash, or after somebody changed tables by hand.

dlt's working folder is only a cache: what is done is in the database. So a run loads what is
pending there, unless the database has moved on since, and then begins with the database's own
state. A folder that is lost, damaged, older or newer than the database is all the same.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import dlt
from dlt.common.pipeline import get_dlt_pipelines_dir

from pipelines.api.endpoints import DATED, HORSE_PRO
from pipelines.database.errors import is_for_good, line_of
from pipelines.errors import DestinationError
from pipelines.settings import PIPELINE
from pipelines.sources.schema import column_schema
from pipelines.tables import TABLES, Column, Table

if TYPE_CHECKING:
    from pipelines.database.database import Database

logger = logging.getLogger(__name__)

MOST_NAMED: Final = 5
"""Lost columns that are named in a reason."""


def attach(destination: Any) -> dlt.Pipeline:
    """Return the pipeline with its working folder, or with an empty one if that is damaged.

    Raises DestinationError if the folder cannot be written.
    """
    try:
        pipeline = _open(destination)
        for name in pipeline.schema_names:
            pipeline.schemas.load_schema(name)
    except Exception as error:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise DestinationError(f"dlt's folder {_folder()} cannot be used: {error}.") from error
        logger.warning("dlt's folder %s is damaged; starting with an empty one", _folder())
        logger.debug("What is wrong with it", exc_info=True)
        shutil.rmtree(_folder())
        return _open(destination)
    return pipeline


def _open(destination: Any) -> dlt.Pipeline:
    return dlt.pipeline(PIPELINE, destination=destination, dataset_name=PIPELINE)


def _folder() -> Path:
    return Path(get_dlt_pipelines_dir()) / PIPELINE


def take_over(database: Database) -> None:
    """Load what a run that died has left behind, and begin with the destination's state.

    Raises DestinationError or PipelineStepFailed if the database is away, or the run is stopped;
    the package then stays.
    """
    try:
        _load_leftovers(database)
    except Exception as error:
        if not is_for_good(error):
            raise
        logger.warning(
            "Data left by an earlier run cannot be loaded (%s); it is requested again",
            line_of(error),
        )
        logger.debug("Why", exc_info=True)
    database.pipeline = database.pipeline.drop()
    database.pipeline.sync_destination()


def _load_leftovers(database: Database) -> None:
    pipeline = database.pipeline
    pending = [*pipeline.list_extracted_load_packages(), *pipeline.list_normalized_load_packages()]
    if not pending:
        return
    database.declare_tables()
    newest = database.rows("SELECT max(load_id) FROM _dlt_loads WHERE status = 0")[0][0]
    if newest is not None and float(newest) > float(min(pending)):
        logger.warning("Data left by an earlier run is older than the database: ignored")
        return
    logger.warning("Loading data left by an earlier run")
    while pipeline.has_pending_data:
        database.deliver()


# What this version of the tables adds, and what somebody has changed by hand


def note_new_columns(added: Mapping[str, Any]) -> None:
    """Log the columns that dlt has added to tables which an earlier version had loaded.

    No day is fetched again for them: the archive has what they hold, and a year is 700 calls.
    """
    names = sorted(
        f"{table}.{column}"
        for table, update in added.items()
        if table in TABLES and len(update["columns"]) < len(TABLES[table].columns)
        for column in update["columns"]
    )
    if names:
        logger.warning(
            "New columns: %s. They are filled from now on; for the days loaded before, "
            "`pipeline rebuild` fills them from the archive, without API calls.",
            ", ".join(names),
        )


def restore(database: Database) -> None:
    """Create again what tables and columns somebody has dropped, to be filled by reading again.

    dlt has added by then what it did not know of: only a column that it believes to be there was
    dropped. Raises DestinationError if a key is missing.
    """
    present = set(
        database.rows(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = %s",
            PIPELINE,
        )
    )
    names = {table for table, _ in present}
    with database.pipeline.destination_client(PIPELINE) as client:
        for table in TABLES.values():
            lost = [column for column in table.columns if (table.name, column.name) not in present]
            if lost and table.name in names:
                _add_columns(client, table, lost)
            if lost and "ra_coverage" in names:
                _read_again(database, table, lost)
        if not names.issuperset(TABLES):
            client.update_stored_schema(force=True)


def _add_columns(client: Any, table: Table, columns: list[Column]) -> None:
    keys = [column.name for column in columns if column.name in table.key]
    if keys:
        raise DestinationError(
            f"{table} has lost its key ({', '.join(keys)}): drop the table, and the next run "
            "recreates it and loads its data again."
        )
    for column in columns:
        # Not NOT NULL, even where it was: the rows that are there have no value yet.
        hints = column_schema(column, is_key=False, nullable=True)
        kind = client.type_mapper.to_destination_type(hints, client.prepare_load_table(table.name))
        client.sql_client.execute_sql(
            f"ALTER TABLE {client.sql_client.make_qualified_table_name(table.name)} "
            f"ADD COLUMN {column.name} {kind}"
        )


def _read_again(database: Database, table: Table, columns: list[Column]) -> None:
    """Take back that the days, or the profiles, that fill these columns are complete."""
    if not any(column.origins for column in columns):
        return  # nothing that is read fills them
    names = ", ".join(column.name for column in columns[:MOST_NAMED])
    reason = f"{table} had lost columns ({names}): to be loaded again"
    logger.warning("%s", reason)
    for endpoint in DATED:
        if any(endpoint.name in column.origins for column in columns):
            database.rows(
                "UPDATE ra_coverage SET status = 'partial', reason = %s "
                "WHERE endpoint = %s AND status = 'complete'",
                reason,
                endpoint.name,
            )
    if any(HORSE_PRO.name in column.origins for column in columns):
        database.rows("UPDATE ra_mst_horses SET enriched_at = NULL WHERE enriched_at IS NOT NULL")
