"""A relay before a PostgreSQL: it passes bytes on, falls silent, or cuts, at a word of a client's.

Silent, it still takes connections and bytes, and acknowledges both, as a proxy does whose other end
is gone.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Final
from urllib.parse import parse_qs, urlsplit

SOCKET: Final = ".s.PGSQL.5432"


class Relay:
    """A socket like the server's, and the connections through it."""

    def __init__(self, server: Path, folder: Path) -> None:
        self.folder = folder
        self._server = server / SOCKET
        self._ends: list[socket.socket] = []
        self._silence, self._cut, self._refuses = b"", b"", False
        self._flows = threading.Event()
        self._flows.set()
        self.struck = threading.Event()
        """Set as soon as the word was heard."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def silence_at(self, word: bytes) -> None:
        """Forward nothing any more, of any connection, once a client has said a word."""
        self._silence = word

    def cut_at(self, word: bytes) -> None:
        """Close the connection of a client that says a word, once, and the one it opens next."""
        self._cut = word

    def resume(self) -> None:
        """Forward again, what has been said meanwhile included."""
        self._silence = b""
        self._flows.set()

    def close(self) -> None:
        """End all connections."""
        self._flows.set()
        for end in (self._listener, *self._ends):
            _close(end)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._refuses:
                    self._refuses = False
                    _close(client)
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                self._ends += [client, server]
                self._pass_on(client, server, is_client=True)
                self._pass_on(server, client, is_client=False)

    def _pass_on(self, source: socket.socket, target: socket.socket, *, is_client: bool) -> None:
        said: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._hear, args=(source, said, is_client), daemon=True).start()
        threading.Thread(target=self._say, args=(said, source, target), daemon=True).start()

    def _hear(self, source: socket.socket, said: SimpleQueue[bytes], is_client: bool) -> None:
        """Take what is said, which acknowledges it, until the end."""
        with suppress(OSError):
            while heard := source.recv(65536):
                if is_client and self._silence and self._silence in heard:
                    self._flows.clear()
                    self.struck.set()
                if is_client and self._cut and self._cut in heard:
                    self._cut, self._refuses = b"", True
                    self.struck.set()
                    break
                said.put(heard)
        said.put(b"")

    def _say(self, said: SimpleQueue[bytes], *ends: socket.socket) -> None:
        """Forward it; at its end, close both ends."""
        with suppress(OSError):
            while heard := said.get():
                self._flows.wait()
                ends[1].sendall(heard)
        self._flows.wait()
        for end in ends:
            _close(end)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def relay_before(address: str) -> Iterator[tuple[Relay, str]]:
    """Set a relay before the server of an address; yields it, and the address through it."""
    folder = parse_qs(urlsplit(address).query)["host"][0]
    # A socket's path has to be short.
    with tempfile.TemporaryDirectory(prefix="pgr") as place:
        relay = Relay(Path(folder), Path(place))
        try:
            yield relay, address.replace(folder, place)
        finally:
            relay.close()
