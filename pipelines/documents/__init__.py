"""Documents generated from the code: `make docs` writes them, `make check` compares them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from pipelines.documents.commands import command_reference
from pipelines.documents.features import feature_reference
from pipelines.documents.settings import settings_reference
from pipelines.documents.sqlfiles import check_reference, view_reference
from pipelines.documents.tables import column_mapping, diagram, statements, table_reference

ROOT: Final = Path(__file__).parent.parent.parent

DOCUMENTS: Final[Mapping[str, Callable[[], str]]] = {
    "docs/tables.md": table_reference,
    "docs/column-mapping.json": column_mapping,
    "docs/diagram.md": diagram,
    "docs/ddl.sql": statements,
    "docs/views.md": view_reference,
    "docs/features.md": feature_reference,
    "docs/checks.md": check_reference,
    "docs/cli.md": command_reference,
    "docs/settings.md": settings_reference,
}
"""Each file with the function that returns its text."""


def stale(root: Path = ROOT) -> list[str]:
    """Return the files that are out of date."""
    return [name for name, text in DOCUMENTS.items() if _read(root / name) != text()]


def write(root: Path = ROOT) -> list[str]:
    """Write the files that are out of date, and return them."""
    names = stale(root)
    for name in names:
        (root / name).write_text(DOCUMENTS[name](), encoding="utf-8")
    return names


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
