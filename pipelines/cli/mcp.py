"""`pipeline mcp`: questions of an assistant, answered from the database."""

from __future__ import annotations

from importlib.util import find_spec

from pipelines.cli.options import DestinationOption, destination_named
from pipelines.errors import UsageError


def mcp(destination: DestinationOption = "") -> None:
    """Answer an assistant's questions from the database, read-only (Model Context Protocol).

    It speaks over standard input and output: let the assistant start it. docs/python.md has the
    settings. It needs `pip install 'racing-pipelines[mcp]'`.
    """
    if not find_spec("mcp"):
        raise UsageError("The SDK of MCP is missing: pip install 'racing-pipelines[mcp]'.")
    from pipelines.ask.server import serve

    serve(destination_named(destination))
