"""Opening a destination of dlt: its credentials, its time limits, and which kind it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import dlt
from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigurationException,
    ConfigurationValueError,
)
from dlt.common.destination import Destination
from dlt.common.destination.exceptions import UnknownDestinationModule
from dlt.destinations.impl.postgres.configuration import PostgresCredentials

from pipelines.database.duckdb import DuckDB
from pipelines.database.ducklake import DuckLake, catalog_address, catalog_file, check
from pipelines.database.errors import line_of
from pipelines.database.kinds import (
    DUCKDB,
    DUCKLAKE,
    KINDS,
    MOTHERDUCK,
    POSTGRES,
    Lock,
    kind_of,
)
from pipelines.database.motherduck import MotherDuck
from pipelines.database.postgres import Postgres
from pipelines.errors import UsageError
from pipelines.settings import DEFAULT_DUCKDB_FILE, PIPELINE

POSTGRES_LIMITS: Final = {
    # Nothing waits for ever: not for a connection, nor for a host that is gone.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
SESSION_LIMITS: Final = "-clock_timeout=5s\t-cstatement_timeout=15min"
"""Nor for a lock (asked for again and again, so that a stop is never far away) or a statement. A
tab parts the two because dlt writes a blank as a plus sign, which Postgres takes as it stands."""


def open_destination(name: str, file: Path | None = None) -> Any:
    """Return dlt's destination with time limits on it; raises UsageError if it is not usable.

    A DuckDB database may be in another file than the settings say.
    """
    try:
        destination: Any = Destination.from_reference(name)
        kind = kind_of(destination)
        if name == DUCKDB.name and not dlt.secrets.get("destination.duckdb.credentials"):
            destination = dlt.destinations.duckdb(DEFAULT_DUCKDB_FILE)
        _check_file(duckdb_file(destination))
        if kind is DUCKDB:
            # Credentials that are read once share one opening of the file.
            credentials = credentials_of(destination)
            credentials.database = str(file) if file else credentials.database
            return DuckDB(credentials, destination_name=name)
        if kind is DUCKLAKE:
            credentials = credentials_of(destination)
            check(credentials)
            return DuckLake(credentials, destination_name=name)
        if kind is MOTHERDUCK:
            return MotherDuck(credentials_of(destination), destination_name=name)
        credentials = _postgres_credentials(destination)
        options = f"{SESSION_LIMITS}\t{credentials.query.get('options', '')}".strip()
        credentials.query = {**POSTGRES_LIMITS, **credentials.query, "options": options}
        return Postgres(credentials, destination_name=name)
    except UnknownDestinationModule:
        *others, last = KINDS
        raise UsageError(
            f"Unknown destination {name!r}: use {', '.join(others)} or {last}."
        ) from None
    except ConfigFieldMissingException:
        raise UsageError(
            f"No credentials for {name}: set DESTINATION__{name.upper()}__CREDENTIALS "
            "or fill in .dlt/secrets.toml."
        ) from None
    except ConfigurationException as error:
        raise UsageError(f"The settings of {name} cannot be used: {line_of(error)}") from None


def _postgres_credentials(destination: Any) -> Any:
    """Return the credentials of Postgres, even if the address has no host or no password.

    dlt requires both. The address of a socket goes before a host, and libpq takes an empty password
    for none, and looks for one in PGPASSWORD and ~/.pgpass. Raises ConfigurationException.
    """
    address: Any = dlt.secrets.get("destination.postgres.credentials")
    if not isinstance(address, str) or "://" not in address:
        return credentials_of(destination)
    credentials = PostgresCredentials()
    credentials.parse_native_representation(address)
    if credentials.host is None and credentials.query.get("host"):
        credentials.host = "localhost"
    if credentials.password is None:
        credentials.password = ""
    missing = [name for name in ("username", "database", "host") if not getattr(credentials, name)]
    if missing:
        raise ConfigurationValueError(
            f"the address lacks the {' and the '.join(missing)}; write "
            "postgresql://user:password@host:5432/database"
        )
    credentials.resolve()
    return credentials


def _check_file(file: Path | None) -> None:
    if file and file.suffix == ".duckdb" and file.stem == PIPELINE:
        raise UsageError(
            f"The DuckDB file must not be called {file.name}, like the dataset in it: "
            f"call it {DEFAULT_DUCKDB_FILE}, for example."
        )


def credentials_of(destination: Any) -> Any:
    """Return the credentials of a destination as its settings say, unchecked by the server."""
    spec = destination.spec()
    if hasattr(spec, "_bind_dataset_name"):
        spec._bind_dataset_name(PIPELINE)
    return destination.configuration(spec).credentials


def duckdb_file(destination: Any) -> Path | None:
    """Return the file of a DuckDB destination; None for another destination, or in memory."""
    if not kind_of(destination).is_file:
        return None
    database = str(credentials_of(destination).database)
    return None if database.startswith(":") else Path(database).resolve()


def lock_file(destination: Any) -> Path | None:
    """Return the file beside which the lock of a run is; None if it is not a file's."""
    match kind_of(destination).lock:
        case Lock.FILE:
            return duckdb_file(destination)
        case Lock.CATALOG:
            return catalog_file(credentials_of(destination))
    return None


def lock_server(destination: Any) -> str | None:
    """Return the address of the Postgres in which a run holds its lock, if there is one."""
    match kind_of(destination).lock:
        case Lock.SERVER:
            return str(credentials_of(destination).to_native_representation())
        case Lock.CATALOG:
            return catalog_address(credentials_of(destination))
    return None


def lock_name(destination: Any) -> str:
    """Return what is locked there: two lakes, or a lake and tables, can be in one Postgres."""
    if kind_of(destination).lock is Lock.CATALOG:
        credentials = credentials_of(destination)
        return f"{PIPELINE} {credentials.metadata_schema or credentials.ducklake_name}"
    return PIPELINE


def place_of(destination: Any) -> str:
    """Return which database it is: a file, or a server and database, without credentials."""
    file = duckdb_file(destination)
    if file:
        return str(file)
    credentials = credentials_of(destination)
    if kind_of(destination) is POSTGRES:
        host = credentials.query.get("host") or credentials.host
        return f"{credentials.database} on {host}:{credentials.port}"
    if kind_of(destination) is DUCKLAKE:
        return f"{credentials.storage_url}, with its catalog in {credentials.catalog}"
    return f"dataset {PIPELINE}"


def has_memory_to_bound(destination: Any) -> bool:
    """Return whether it takes memory of ours, without a limit in its settings."""
    if not kind_of(destination).is_in_process:
        return False
    return "memory_limit" not in (credentials_of(destination).global_config or {})
