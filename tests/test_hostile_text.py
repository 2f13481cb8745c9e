"""Ids that are paths, names with control characters, owners who are formulas."""

from __future__ import annotations

import csv
import json
import logging
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from requests import Request
from requests.exceptions import InvalidSchema

from pipelines.api.access import UNKNOWN
from pipelines.api.answers import Page, RecordAnswer
from pipelines.api.endpoints import HORSE_PRO
from pipelines.archive.store import Archive, Entry
from pipelines.cli.app import _main
from pipelines.database.database import Database
from pipelines.database.export import without_formulas
from pipelines.errors import ArchiveError, DestinationError, RefusedError
from pipelines.report import Report
from pipelines.settings import Settings
from pipelines.status.checks import Check, Finding
from pipelines.steps.horses import queue
from pipelines.tables import TABLES
from pipelines.text import plain
from tests.cases import play, read_case
from tests.fake_api import Reply, client, page_of, serving
from tests.jobs import contents, point_to

PATHS = ["../../../../escaped", "hrs_1/../../../x", "..", ".", "", "hrs_1?x=1", "hrs_1\\..", "a\nb"]
FORGED = "\x1b[2J\x9b2J\n\u2028complete\u202e\u200b\r"
SHOWN = "\\x1b[2J\\x9b2J\\n\\u2028complete\\u202e\\u200b\\r"


# Ids


@pytest.mark.parametrize("horse_id", PATHS)
def test_text_that_is_no_id_is_not_requested(horse_id: str) -> None:
    with (
        serving({".*": lambda _: Reply({"id": horse_id})}) as fake,
        pytest.raises(RefusedError, match="is not an id"),
    ):
        client(fake.url).record(HORSE_PRO, horse_id)
    assert fake.asked == []


def test_nothing_is_sent_to_an_address_that_is_no_endpoints() -> None:
    with serving({".*": lambda _: Reply({"id": "hrs_1"})}) as fake:
        api = client(fake.url)
        for path in ("/v2/else", "/v1/horses/../../else", ""):
            with pytest.raises(InvalidSchema):
                request = Request("GET", fake.url + path).prepare()
                api._client.session.send(request, endpoint=HORSE_PRO)
    assert fake.asked == []


@pytest.mark.parametrize("horse_id", [path for path in PATHS if "/" in path or "." in path[:2]])
def test_archive_writes_and_reads_nothing_outside_its_folder(tmp_path: Path, horse_id: str) -> None:
    archive = Archive(str(tmp_path / "deep" / "in" / "archive"))
    batch = archive.begin(date(2026, 11, 27))
    before = sorted(tmp_path.rglob("*"))
    answer = RecordAnswer(HORSE_PRO, horse_id, [Page(HORSE_PRO, b'{"id": "x"}')])
    for act in (
        lambda: archive.keep(answer, batch),
        lambda: archive.forget(answer, batch),
        lambda: archive.set_aside(Entry(HORSE_PRO, horse_id, batch.time)),
        lambda: archive.read(Entry(HORSE_PRO, horse_id, batch.time)),
    ):
        with pytest.raises(ArchiveError, match="is not a path in it"):
            act()
    assert sorted(tmp_path.rglob("*")) == before


def test_horse_that_an_earlier_version_stored_under_a_path_is_not_in_the_queue(
    destination: str,
) -> None:
    database = Database(destination)
    for horse_id in ("hrs_1", "hrs_/../../x"):
        database.insert(TABLES["ra_mst_horses"], {"id": horse_id, "name": "x"})
    plan = SimpleNamespace(access=UNKNOWN)
    run: Any = SimpleNamespace(database=database, settings=Settings(), plan=plan)
    assert queue(run) == ["hrs_1"]
    (check,) = (found for found in _checks() if found.name == "odd_ids")
    assert database.rows(check.sql) == [("ra_mst_horses", "hrs_/../../x")]


def _checks() -> list[Check]:
    from pipelines.status.checks import all_checks

    return all_checks()


def test_runner_whose_id_is_a_path_is_an_issue_whole(destination: str, tmp_path: Path) -> None:
    case = read_case("hostile_text")
    hostile = case.phases[0]["cards"]["2026-11-27"][0]["runners"][0]
    before = set(tmp_path.parent.iterdir())
    for api, report in play(case, destination, max_horses=5):
        asked = [asked.path for asked in api.asked if "horses" in asked.path]
        assert (asked, report.errors) == (["/v1/horses/hrs_99000008102/pro"], [])
    issues = contents(destination, [TABLES["ra_issues"]])["ra_issues"]
    assert [(row["problem"], json.loads(row["raw_value"])) for row in issues] == [
        ("no key", hostile)
    ]
    assert set(tmp_path.parent.iterdir()) == before


# Control characters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Côte d'Ivoire £5 ☘ 🐎", "Côte d'Ivoire £5 ☘ 🐎"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\x9b2J\x85", "\\x9b2J\\x85"),
        ("\u2028\u2029\u202e\u2066\u200b\ufeff", "\\u2028\\u2029\\u202e\\u2066\\u200b\\ufeff"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_cannot_be_printed_is_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_errors_findings_and_reports_are_plain() -> None:
    report = Report("daily", "duckdb", errors=[FORGED])
    report.add_incomplete("results", "failed", FORGED, date(2026, 11, 27))
    assert report.missing == [SHOWN, f"results 2026-11-27: failed, {SHOWN}"]
    assert str(DestinationError(FORGED)) == SHOWN
    finding = Finding(Check("x", True, "a claim", ""), [{"horse_name": FORGED}])
    assert str(finding) == f"a claim (1 row: horse_name {SHOWN})"


@pytest.mark.slow
def test_log_has_a_line_for_each_message_and_no_traceback_passes_for_one() -> None:
    script = (
        "import logging\nfrom pipelines.cli.logs import log_as_lines\n"
        "log_as_lines(logging.StreamHandler())\n"
        f"try: raise ValueError({FORGED!r})\n"
        f"except ValueError: logging.getLogger('x').exception('a %s', {FORGED!r})\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    first, *traceback = told.stderr.decode().split("\n")[:-1]
    assert first.endswith(f" ERROR a {SHOWN}")
    assert traceback[-1] == "    \\u2028complete\\u202e\\u200b\\r"
    assert [line for line in traceback if not line.startswith("    ")] == []


@pytest.mark.slow
def test_words_of_the_api_cannot_forge_a_line_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    refusal = Reply({"detail": [{"loc": ["query", "date"], "msg": FORGED, "type": "x"}]}, 422)
    courses = Reply({"courses": [{"id": "crs_1", "course": "A", "region_code": "gb"}], "total": 1})
    script = tmp_path / "warn.py"
    script.write_text("import sys; open('told', 'wb').write(sys.stdin.buffer.read())")
    routes = {
        "/v1/courses": lambda _: courses,
        "/v1/racecards/pro": lambda asked: Reply(
            page_of("racecards", [], asked) | {"query": [["date", FORGED]]}
        ),
        "/v1/results": lambda _: refusal,
    }
    with serving(routes) as fake:
        point_to(monkeypatch, fake.url, warning_command=f"{sys.executable} {script}")
        monkeypatch.setattr(logging.getLogger(), "handlers", [])
        code = _main(["run", "--mode", "manual", "--days-back", "0", "--max-horses", "0"])
    assert code == 1
    noted = contents("duckdb", [TABLES["ra_runs"], TABLES["ra_coverage"]])
    assert _main(["status"]) == 0
    assert _main(["health", "--details"]) == 1
    outlets = {
        "printed": "".join(capfd.readouterr()),
        "sent": Path("told").read_bytes().decode(),
        "noted": noted["ra_runs"][0]["missing"],
        "report": noted["ra_runs"][0]["report"],
        "reasons": "\n".join(row["reason"] for row in noted["ra_coverage"]),
    }
    for outlet, text in outlets.items():
        assert SHOWN.replace("\\", "\\\\" if outlet == "report" else "\\") in text, outlet
        lines = text.split("\n")
        assert [line for line in lines if not line.isprintable()] == [], outlet
        assert "complete" not in map(str.strip, lines), outlet


# Formulas


def test_csv_has_no_formula_and_gives_every_text_back() -> None:
    texts = [
        "=1+1",
        "+4",
        "-11076",
        "@x",
        "\t=1",
        "\r=1",
        "'=1",
        "＝1",
        "O'Brien",
        "542-",
        "",
        None,
    ]
    table = pa.table({"owner": pa.array(texts), "moves": pa.array([-5] * len(texts))})
    found = without_formulas(table)
    first = {text[0] for text in found["owner"].to_pylist() if text}
    assert first == {"'", "O", "5"}
    assert found["moves"].to_pylist() == [-5] * len(texts)
    back = [text and text.removeprefix("'") for text in found["owner"].to_pylist()]
    assert back == texts


def test_export_writes_csv_without_formulas_and_parquet_as_it_is(
    destination: str, tmp_path: Path
) -> None:
    import pyarrow.parquet as parquet

    formula = '=HYPERLINK("http://x.example")'
    database = Database(destination)
    database.insert(TABLES["ra_mst_owners"], {"id": "own_1", "name": formula})
    assert _main(f"export --table ra_mst_owners --to out --destination {destination}".split()) == 0
    with (tmp_path / "out" / "ra_mst_owners.csv").open(newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["'" + formula]
    (row,) = parquet.read_table(tmp_path / "out" / "ra_mst_owners.parquet").to_pylist()
    assert row["name"] == formula
