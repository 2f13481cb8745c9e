"""Generated documents say what the code does, and leave nothing out."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import duckdb
import pytest

from pipelines.cli.app import COMMANDS
from pipelines.database.database import Database
from pipelines.database.definitions import apply_definitions, view_definitions
from pipelines.documents import DOCUMENTS, ROOT, stale, write
from pipelines.settings import Settings
from pipelines.status.checks import all_checks
from pipelines.system.configuration import variable_of
from pipelines.tables import REFERENCES, TABLES

TEXTS = {name: text() for name, text in DOCUMENTS.items()}


def headings(document: str) -> list[str]:
    return re.findall(r"^## `(?:pipeline )?(\w+)`$", TEXTS[document], re.MULTILINE)


def test_no_document_is_stale() -> None:
    assert stale() == []


def test_stale_document_is_named_and_written_anew(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "sql").mkdir()
    assert write(tmp_path) == list(DOCUMENTS)
    assert stale(tmp_path) == []
    (tmp_path / "docs" / "cli.md").write_text("old", encoding="utf-8")
    assert stale(tmp_path) == ["docs/cli.md"]


def test_every_table_view_command_check_and_setting_is_there() -> None:
    assert headings("docs/tables.md") == list(TABLES)
    assert headings("docs/views.md") == sorted(view.name for view in view_definitions())
    assert headings("docs/cli.md") == [command.__name__ for command in COMMANDS]
    checks = re.findall(r"^\| `(\w+)` \|", TEXTS["docs/checks.md"], re.MULTILINE)
    assert checks == [check.name for check in all_checks()]
    ours = [entry.name for entry in fields(Settings) if not entry.name.startswith("__")]
    settings = re.findall(r"^\| `(SOURCES__\w+)` \|", TEXTS["docs/settings.md"], re.MULTILINE)
    assert settings == [variable_of(name) for name in ours]


def test_mapping_has_every_column_with_its_sources() -> None:
    mapping = json.loads(TEXTS["docs/column-mapping.json"])
    told = {
        (table["table"], column["column"]): [
            field for source in column["sources"] for field in source["fields"]
        ]
        for table in mapping["tables"]
        for column in table["columns"]
    }
    assert told == {
        (table.name, column.name): column.fields()
        for table in TABLES.values()
        for column in table.columns
    }
    assert all(column["sources"] or column["set_by"] for column in mapping["tables"][0]["columns"])


def test_diagram_draws_every_reference_between_tables() -> None:
    drawn = re.findall(r"^    (\w+) \|\|--o\{ (\w+) : (\w+)$", TEXTS["docs/diagram.md"], re.M)
    assert set(drawn) == {
        (REFERENCES[column.name], table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if column.name in REFERENCES
    }


@pytest.mark.slow
def test_every_column_of_the_database_has_a_comment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "racing_data.duckdb"
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(file))
    assert apply_definitions(Database("duckdb")) == []
    with duckdb.connect(str(file), read_only=True) as connection:
        silent = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'racing' "
            "AND comment IS NULL AND table_name NOT LIKE '\\_%' ESCAPE '\\' "
            "AND column_name NOT LIKE '\\_dlt%' ESCAPE '\\'"
        ).fetchall()
    assert silent == []


def test_links_between_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("*.md")]
    broken = [
        (document.name, link)
        for document in documents
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    ]
    assert broken == []
