"""Starting and stopping a sandbox."""

import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from pipelines.sandbox.options import SandboxOptions
from pipelines.sandbox.server import Call, Sandbox

SECONDS_TO_START = 10.0


@dataclass(frozen=True)
class Running:
    """A sandbox that is up."""

    url: str
    sandbox: Sandbox

    @property
    def calls(self) -> list[Call]:
        """List the latest 10,000 requests, in the order they arrived."""
        with self.sandbox.lock:
            return list(self.sandbox.calls)

    def clear(self) -> None:
        """Forget the requests made so far."""
        with self.sandbox.lock:
            self.sandbox.calls.clear()


def serve(options: SandboxOptions, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until interrupted."""
    gc.set_threshold(50_000, 20, 50)  # the caches are large and hold no cycles to collect
    _server(Sandbox(options), host, port).run()


@contextmanager
def running(options: SandboxOptions = SandboxOptions(), port: int = 0) -> Iterator[Running]:  # noqa: B008 - frozen
    """Serve in a thread, on a free port unless one is named, until the block ends."""
    sandbox = Sandbox(options)
    with _listen(port) as listener:
        server = _server(sandbox, "127.0.0.1", port)
        thread = threading.Thread(
            target=server.run, args=([listener],), daemon=True, name="sandbox"
        )
        thread.start()
        try:
            _wait(server, thread)
            yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", sandbox)
        finally:
            server.should_exit = True
            thread.join(timeout=5)


def _listen(port: int) -> socket.socket:
    """Open a port; only where TCP is named does asyncio send small answers without delay."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def _server(sandbox: Sandbox, host: str, port: int) -> uvicorn.Server:
    """Configure a server with nothing it does not need."""
    return uvicorn.Server(
        uvicorn.Config(
            sandbox.app(),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
    )


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Wait until a server takes requests."""
    deadline = time.monotonic() + SECONDS_TO_START
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the sandbox did not start")
        time.sleep(0.005)
