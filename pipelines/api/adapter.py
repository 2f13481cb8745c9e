"""The connections: every attempt waits for its turn and has a deadline and a size limit."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from requests import ConnectionError as BrokenConnectionError
from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from pipelines.api.attempts import Attempt, Attempts, UnusableAnswerError, read_body
from pipelines.api.pace import Pace, UnusedTurnError
from pipelines.api.room import Room


class PacedAdapter(HTTPAdapter):
    """Lets every attempt, retries included, wait for its turn, counts it, and reads the body.

    It waits once the connection is open and the request is ready: a handshake would delay this
    start but not the next ones, and too many would fall into one second. Waiting does not count
    towards the time limit.
    """

    def __init__(
        self,
        pace: Pace,
        path: str,
        ceiling: float,
        attempts: Attempts,
        megabytes: float,
        room: Room,
        on_call: Callable[[], None],
    ) -> None:
        self._pace, self._path, self._ceiling, self._on_call = pace, path, ceiling, on_call
        self._attempts, self._megabytes, self._room = attempts, megabytes, room
        self._paced: dict[type[Any], type[Any]] = {}
        self._lock = threading.Lock()
        super().__init__(pool_maxsize=50)

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Count the request, send it and read the response; raises RequestException."""
        self._on_call()
        with self._attempts.attempt() as attempt:
            try:
                response = self._receive(attempt, request, *args, **kwargs)
            except (RequestException, HTTPError, HTTPException, OSError) as error:
                if attempt.is_cut:
                    raise self._too_slow() from error
                if isinstance(error, RequestException):
                    raise
                raise BrokenConnectionError(type(error).__name__) from error
            if attempt.is_cut:  # the end of a body without a length looks the same
                raise self._too_slow()
            return response

    def _receive(
        self, attempt: Attempt, request: PreparedRequest, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().send(request, *args, **kwargs)
        try:
            response._content = read_body(response, self._megabytes, attempt, self._room)
        except BaseException:
            response.close()  # with what is left of the body
            raise
        return response

    def _too_slow(self) -> UnusableAnswerError:
        self._pace.check()  # cut because asking was stopped
        return UnusableAnswerError(f"did not finish in {self._attempts.seconds:g} s")

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return a pool whose connections wait for their turn before they send."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        with self._lock:  # two threads at once would make one that waits for two turns
            if pool.ConnectionCls not in self._paced.values():
                pool.ConnectionCls = self._paced.setdefault(
                    pool.ConnectionCls, self._make_paced(pool.ConnectionCls)
                )
        return pool

    def _make_paced(self, kind: type[Any]) -> type[Any]:
        def new_connection(connection: Any) -> socket.socket:
            opened: socket.socket = kind._new_conn(connection)
            self._attempts.mine.watch(opened)
            return opened

        def request(connection: Any, *args: Any, **kwargs: Any) -> None:
            try:
                request_once(connection, *args, **kwargs)
            except UnusedTurnError:
                connection.close()
                request_once(connection, *args, **kwargs)

        def request_once(connection: Any, *args: Any, **kwargs: Any) -> None:
            if connection.is_closed:
                connection.connect()
            self._attempts.mine.watch(connection.sock)  # one that served before, perhaps
            connection.is_early = True
            kind.request(connection, *args, **kwargs)

        def send(connection: Any, data: Any) -> None:
            if not connection.is_early:  # what opens a way through a proxy
                kind.send(connection, data)
                return
            connection.is_early = False
            with self._attempts.mine.paused(), self._pace.turn(self._path, self._ceiling) as start:
                if not connection.is_connected:
                    raise UnusedTurnError("The connection was dropped while it waited")
                kind.send(connection, data)
            connection.start = start

        def getresponse(connection: Any) -> Any:
            response = kind.getresponse(connection)
            if response.status == HTTPStatus.OK:  # who refuses is quick
                self._pace.answered(self._path, connection.start)
            return response

        methods = {
            "_new_conn": new_connection,
            "is_early": False,
            "request": request,
            "send": send,
            "getresponse": getresponse,
        }
        return type(f"Paced{kind.__name__}", (kind,), methods)
