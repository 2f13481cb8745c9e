"""Opening a destination of dlt: its credentials, its time limits, and which kind it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import dlt
import duckdb
from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigurationException,
    ConfigurationValueError,
)
from dlt.common.destination import Destination
from dlt.common.destination.exceptions import UnknownDestinationModule
from dlt.destinations.impl.postgres.configuration import PostgresCredentials

from pipelines.database.duckdb import DuckDB
from pipelines.database.errors import line_of
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

KEEPS_INDEXES: Final = int(duckdb.__version__.split(".")[0]) >= 2
"""Whether this DuckDB's indexes can be trusted after a crash. Those of DuckDB 1 lose entries when
the log of a killed process is replayed: a lookup by key then finds nothing, whoever asks
(duckdb/duckdb#23788). A commit that fails leaves entries in them that no row has."""


def open_destination(name: str) -> Any:
    """Return dlt's destination with time limits on it; raises UsageError if it is not usable."""
    try:
        destination: Any = Destination.from_reference(name)
        if name == "duckdb" and not dlt.secrets.get("destination.duckdb.credentials"):
            destination = dlt.destinations.duckdb(DEFAULT_DUCKDB_FILE)
        _check_file(duckdb_file(destination))
        if is_duckdb(destination):
            # Credentials that are read once share one opening of the file.
            return DuckDB(credentials_of(destination), destination_name=name)
        if not is_postgres(destination):
            return destination
        credentials = _postgres_credentials(destination)
        options = f"{SESSION_LIMITS}\t{credentials.query.get('options', '')}".strip()
        credentials.query = {**POSTGRES_LIMITS, **credentials.query, "options": options}
        return Postgres(credentials, destination_name=name)
    except UnknownDestinationModule:
        raise UsageError(
            f"Unknown destination {name!r}: use duckdb, postgres or another dlt destination."
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


def is_postgres(destination: Any) -> bool:
    """Return whether it is Postgres."""
    return str(destination.destination_type).endswith(".postgres")


def is_duckdb(destination: Any) -> bool:
    """Return whether it is DuckDB."""
    return str(destination.destination_type).endswith(".duckdb")


def has_unique_indexes(destination: Any) -> bool:
    """Return whether the database itself refuses a second row with the same key."""
    return KEEPS_INDEXES or not is_duckdb(destination)


def duckdb_file(destination: Any) -> Path | None:
    """Return the file of a DuckDB destination; None for another destination, or in memory."""
    if not is_duckdb(destination):
        return None
    database = str(credentials_of(destination).database)
    return None if database.startswith(":") else Path(database).resolve()


def place_of(destination: Any) -> str:
    """Return which database it is: a file, or a server and database, without credentials."""
    file = duckdb_file(destination)
    if file:
        return str(file)
    credentials = credentials_of(destination)
    if is_postgres(destination):
        host = credentials.query.get("host") or credentials.host
        return f"{credentials.database} on {host}:{credentials.port}"
    return f"dataset {PIPELINE}"


def has_memory_to_bound(destination: Any) -> bool:
    """Return whether it is DuckDB without a memory limit in its settings."""
    if not is_duckdb(destination):
        return False
    return "memory_limit" not in (credentials_of(destination).global_config or {})
