"""The Racing API in Postgres or DuckDB: declared tables, dlt sources, three modes."""

from typing import Final

__version__: Final = "0.1.0"
"""That of pyproject.toml; a test holds the two together."""
