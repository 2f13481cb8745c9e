"""Addresses of Postgres, written as people write them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from pipelines.database.destination import credentials_of, open_destination
from pipelines.database.reader import Reader
from pipelines.errors import UsageError

VARIABLE = "DESTINATION__POSTGRES__CREDENTIALS"


@pytest.mark.parametrize(
    ("address", "host", "port", "password"),
    [
        ("postgresql://racing@/racing?host=/run/postgresql", "localhost", 5432, ""),
        ("postgresql://racing:@/racing?host=/run/postgresql", "localhost", 5432, ""),
        ("postgresql://racing@db.example/racing", "db.example", 5432, ""),
        ("postgresql://racing:secret@db.example:5433/racing", "db.example", 5433, "secret"),
    ],
)
def test_address_needs_no_more_than_the_server_does(
    address: str, host: str, port: int, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, address)
    found = credentials_of(open_destination("postgres"))
    assert (found.username, found.database) == ("racing", "racing")
    assert (found.host, found.port, found.password) == (host, port, password)


@pytest.mark.parametrize(
    ("address", "lacks"),
    [
        ("postgresql://racing@/racing", "host"),
        ("postgresql://db.example/racing", "username"),
        ("postgresql://racing@db.example", "database"),
        ("postgresql:///?host=/run/postgresql", "username and the database"),
    ],
)
def test_what_an_address_lacks_is_named(
    address: str, lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, address)
    with pytest.raises(UsageError) as error:
        open_destination("postgres")
    assert str(error.value) == (
        f"The settings of postgres cannot be used: the address lacks the {lacks}; write "
        "postgresql://user:password@host:5432/database"
    )


def test_socket_is_reached_without_host_and_password(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(postgres)
    monkeypatch.setenv(VARIABLE, f"postgresql://postgres@{parts.path}?{parts.query}")
    reader = Reader("postgres")
    assert reader.rows("SELECT count(*) FROM ra_runs") == [(0,)]
    assert reader.place == f"{parts.path[1:]} on {parts.query.removeprefix('host=')}:5432"
