"""A server that cannot be reached: a name, a port or a certificate, each with its own sentence."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import pytest

from pipelines.api.endpoints import RACECARDS
from pipelines.cli.app import _main
from tests.fake_api import client

DAY = date(2025, 10, 13)


def error_of(url: str) -> str:
    return str(client(url).day(RACECARDS, DAY).error)


@pytest.fixture(autouse=True)
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "1")


@pytest.fixture
def without_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)


@pytest.mark.usefixtures("without_names")
def test_name_that_is_not_known() -> None:
    assert error_of("https://user:hidden@api.invalid") == (
        "/v1/racecards/pro cannot be fetched: the host name api.invalid is unknown (DNS). "
        "Check BASE_URL and this machine's network."
    )


def test_connection_that_is_refused() -> None:
    assert error_of("http://127.0.0.1:9") == (
        "/v1/racecards/pro cannot be fetched: 127.0.0.1:9 refuses the connection: "
        "nothing is listening there, or a firewall blocks it."
    )


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """Return the server's side of TLS with a certificate that nobody has signed."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [*command.split(), "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@contextmanager
def serving_tls(context: ssl.SSLContext, first: Callable[[socket.socket], None]) -> Iterator[int]:
    """Do something with each connection, then offer TLS; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    first(connection)
                    with suppress(OSError), context.wrap_socket(connection, server_side=True):
                        pass

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


@pytest.mark.slow
def test_certificate_that_is_not_valid(certificate: ssl.SSLContext) -> None:
    with serving_tls(certificate, lambda connection: None) as port:
        assert error_of(f"https://127.0.0.1:{port}") == (
            f"/v1/racecards/pro cannot be fetched: the certificate of 127.0.0.1:{port} is not "
            "valid (self-signed certificate). Check this machine's clock and certificates."
        )


# Postgres


def said_of_postgres(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    monkeypatch.setattr("pipelines.database.reader.OPENING_PATIENCE", 0.1)
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    assert _main(["status", "--destination", "postgres"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.slow
def test_postgres_says_the_same_in_the_words_of_its_driver(
    certificate: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def accept_tls(connection: socket.socket) -> None:
        connection.recv(8)
        connection.sendall(b"S")

    user = "postgresql://nobody:hidden"
    with serving_tls(certificate, accept_tls) as port:
        lines = [
            said_of_postgres(f"{user}@{place}", monkeypatch, capsys)
            for place in (
                "no name/x",
                "127.0.0.1:9/x",
                f"127.0.0.1:{port}/x?sslmode=verify-full&sslrootcert=system",
            )
        ]
    for line, fault in zip(
        lines,
        ("could not translate host name", "Connection refused", "certificate verify failed"),
        strict=True,
    ):
        assert line.startswith("pipeline: postgres cannot be read: ")
        assert fault in line
        assert "hidden" not in line
