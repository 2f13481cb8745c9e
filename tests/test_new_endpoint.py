"""A made-up endpoint and table, added to a copy of the package by what CONTRIBUTING names.

A row of endpoints, a table, a source, a loader and a step take it from the API to the archive, the
database, a rebuild and the documents. Nothing else is changed. The database is one of before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.jobs import point_to
from tests.replay import Replay, replaying
from tests.templates import template_file
from tests.test_mapping import card, entry

ROOT: Final = Path(__file__).parent.parent
DAYS: Final = ("--start-date", "2025-06-21", "--end-date", "2025-06-21", "--max-horses", "0")
FORM: Final = "/v1/trainers/trn_1/form"

NEW_FILES: Final = {
    "tables/form.py": """
from pipelines.tables.model import BIGINT, TEXT, Column, Kind, Table, updated_at

FORM = Table(
    name="ra_trainer_form",
    kind=Kind.HISTORY,
    grain="one row per trainer whose form was requested",
    key=("trainer_id",),
    rows_from={"trainer_form": ""},
    columns=(
        Column("trainer_id", TEXT, "Trainer", field="id"),
        Column("winners", BIGINT, "Winners of the last fortnight", field="winners"),
        updated_at(),
    ),
)
""",
    "sources/trainer_form.py": """
import dlt

from pipelines.api.endpoints import TRAINER_FORM
from pipelines.mapping import inspect, unique_issues
from pipelines.sources.resources import issues, undated
from pipelines.sources.schema import FROZEN
from pipelines.tables.form import FORM


@dlt.source(schema_contract=FROZEN)
def trainer_form(records, found):
    yield undated(FORM, TRAINER_FORM, inspect(TRAINER_FORM, records, None, found), found)
    yield issues(unique_issues(found.issues))
""",
    "loading/form.py": """
from pipelines.mapping import Inspection
from pipelines.sources import chosen
from pipelines.sources.trainer_form import trainer_form


def load_form(run, answers):
    found = Inspection()
    records = [answer.record for answer in answers if answer.record]
    with run.database.held_open():
        read = run.database.load(chosen(trainer_form(records, found), run.tables))
        run.database.follow_up()
    run.report.add_found(found)
    return read
""",
    "steps/form.py": """
from pipelines.api.endpoints import TRAINER_FORM
from pipelines.loading.form import load_form
from pipelines.steps import Part, Step
from pipelines.tables import tables_from


class FormStep(Step):
    name = TRAINER_FORM.name
    tables = tables_from(TRAINER_FORM)

    def __init__(self, run):
        self.run = run

    def fetch(self):
        yield Part(self)  # begins the step, which asks for whom the cards have named

    def load(self, part):
        run = self.run
        trainers = [id for (id,) in run.database.rows("SELECT id FROM ra_mst_trainers ORDER BY id")]
        run.progress.start(self.name, len(trainers))
        batch = run.fetcher.batch()
        answers = [run.fetcher.record(TRAINER_FORM, trainer, batch) for trainer in trainers]
        read = load_form(run, answers)
        run.fetcher.loaded(batch)
        return read
""",
}
CHANGES: Final = [
    (
        "api/endpoints.py",
        "ENDPOINTS: Final = {\n    endpoint.name: endpoint\n    for endpoint in (COURSES,",
        "TRAINER_FORM: Final = Endpoint(\n"
        '    name="trainer_form",\n'
        '    path="/v1/trainers/{id}/form",\n'
        '    title="trainers\' forms",\n'
        "    requested_by=RequestedBy.ID,\n"
        '    records="",\n'
        "    ceiling=5,\n"
        ")\n"
        "ENDPOINTS: Final = {\n    endpoint.name: endpoint\n"
        "    for endpoint in (TRAINER_FORM, COURSES,",
    ),
    (
        "tables/__init__.py",
        "API_TABLES: Final = (\n",
        "from pipelines.tables.form import FORM\n\nAPI_TABLES: Final = (\n    FORM,\n",
    ),
    (
        "loading/loaders.py",
        "LOADERS: Final[dict[Endpoint, Loader]] = {\n",
        "from pipelines.api.endpoints import TRAINER_FORM\n"
        "from pipelines.loading.form import load_form\n"
        "LOADERS: Final[dict[Endpoint, Loader]] = {\n    TRAINER_FORM: load_form,\n",
    ),
    (
        "run.py",
        "[PricesStep(run)]]\n",
        "[PricesStep(run)], [FormStep(run)]]\n",
    ),
    (
        "run.py",
        "from pipelines.steps.horses import",
        "from pipelines.steps.form import FormStep\nfrom pipelines.steps.horses import",
    ),
]


STORY: Final = f"""
import os
from pathlib import Path

import duckdb
from pipelines.cli.app import _main
from pipelines.documents import write

def form(sql="SELECT trainer_id, winners, updated_at > '2020-01-01' FROM racing.ra_trainer_form"):
    with duckdb.connect("made_up.duckdb") as file:
        return file.execute(sql).fetchall()

assert _main(["run", "--mode", "manual", *{DAYS}]) == 0
assert form() == [("trn_1", 7, True)]

form("UPDATE racing.ra_trainer_form SET winners = 0")
os.environ["SOURCES__RACING_API__BASE_URL"] = "http://127.0.0.1:9"  # where nobody answers
assert _main(["rebuild"]) == 0
assert form() == [("trn_1", 7, True)]

write()
(response,) = Path("archive/trainer_form/trn_1").iterdir()
response.unlink()
assert _main(["rebuild"]) == 2
"""
"""In one process: to import it all takes more than a second."""


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run Python with a copy of the package that has the endpoint; returns what it prints."""
    for part in ("pipelines", "sql"):
        shutil.copytree(ROOT / part, tmp_path / part)  # what is compiled already, too
    (tmp_path / "docs").mkdir()
    package = tmp_path / "pipelines"
    for name, text in NEW_FILES.items():
        (package / name).write_text(text, encoding="utf-8")
    for name, old, new in CHANGES:
        text = (package / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has no place for the endpoint any more: {old}"
        (package / name).write_text(text.replace(old, new), encoding="utf-8")
    file = template_file().copy(tmp_path, "made_up")
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", file.credentials)

    def run(*arguments: str) -> str:
        ended = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    return run


@pytest.mark.slow
def test_new_endpoint_is_a_declaration_a_source_and_a_step(
    python: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = Replay(racecards=[card(entry())], profiles={FORM: {"id": "trn_1", "winners": "7"}})
    with replaying(replay):
        point_to(monkeypatch, replay.url)
        said = python("-c", STORY)
    assert replay.asked.count(FORM) == 1, "a good response is not requested again"
    assert "The archive lacks data that duckdb has: 1 trainers' forms (trn_1)." in said

    tables = (tmp_path / "docs" / "tables.md").read_text(encoding="utf-8")
    assert "## `ra_trainer_form`" in tables
    assert "From `/v1/trainers/{id}/form`." in tables
    statements = (tmp_path / "docs" / "ddl.sql").read_text(encoding="utf-8")
    assert "ra_trainer_form_key ON ra_trainer_form (trainer_id);" in statements
