"""`pipeline export`: the same files from both databases, with every value as it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from pipelines.cli.app import _main
from pipelines.database.database import Database
from pipelines.database.definitions import apply_definitions
from pipelines.database.export import _whole, for_spreadsheets
from pipelines.errors import UsageError
from pipelines.tables import ISSUES, TABLES

AWKWARD = 'a "quoted", line\nand another, é ☘ 🐎'
MOMENT = datetime(2025, 10, 13, 12, 30, tzinfo=UTC)


@pytest.fixture
def filled(destination: str) -> Database:
    """Fill a few rows; everything else is empty."""
    database = Database(destination)
    apply_definitions(database)
    issue = {"endpoint": "results", "table_name": "ra_races", "row_key": "1", "field": ""}
    database.insert(ISSUES, {**issue, "problem": AWKWARD, "raw_value": None, "date": None})
    database.insert(ISSUES, {**issue, "row_key": "2", "problem": "", "date": date(2025, 10, 13)})
    race: dict[str, Any] = dict.fromkeys(("off_time", "course_id", "course_name"), "x")
    race |= {"id": "rac_1", "date": date(2025, 10, 13), "region": "GB", "race_name": AWKWARD}
    race |= {"distance_f": Decimal("5.5"), "off_dt": MOMENT, "has_result": False}
    database.insert(TABLES["ra_races"], race | {"updated_at": MOMENT})
    return database


def test_values_survive_in_both_formats(filled: Database, tmp_path: Path) -> None:
    names = "ra_races,ra_issues,coverage_by_day"
    arguments = ["export", "--table", names, "--to", "out", "--destination", filled.name]
    assert _main(arguments) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        f"{name}.{ending}" for name in names.split(",") for ending in ("csv", "parquet")
    )
    races = parquet.read_table(tmp_path / "out" / "ra_races.parquet")
    (race,) = races.to_pylist()
    assert (race["race_name"], race["distance_f"], race["off_dt"], race["going"]) == (
        AWKWARD,
        Decimal("5.5"),
        MOMENT,
        None,
    )
    assert races.schema.field("going").type == pa.string()
    assert races.schema.field("prize_money").type == pa.int64()
    assert [name for name in races.schema.names if name.startswith("_dlt")] == []

    issues = csv.read_csv(
        tmp_path / "out" / "ra_issues.csv",
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )
    told = [(row["problem"], row["raw_value"], row["date"]) for row in issues.to_pylist()]
    assert sorted(told) == [("", None, date(2025, 10, 13)), (AWKWARD, None, None)]
    view = parquet.read_table(tmp_path / "out" / "coverage_by_day.parquet")
    assert view.schema.field("date").type == pa.date32()


def test_without_names_every_table_is_written(
    filled: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["export", "--to", "out", "--destination", filled.name]) == 0
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(TABLES)
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == list(TABLES)


def test_table_of_many_batches_is_written_whole(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.database.export.ROWS_AT_ONCE", 1)
    assert _main(f"export --table ra_issues --to out --destination {filled.name}".split()) == 0
    written = parquet.ParquetFile(tmp_path / "out" / "ra_issues.parquet")
    keys = sorted(row["row_key"] for row in written.read(["row_key"]).to_pylist())
    assert (written.num_row_groups, keys) == (2, ["1", "2"])


def texts(*values: str) -> pa.Table:
    return pa.table({"text": pa.array(values, pa.string())})


@pytest.mark.parametrize(
    "text",
    ["11-4", "7/4", "2:10", "1-2-3", "007", "1E5", "12345678901234567", "1 May", "Mar-05", "True"],
)
def test_text_that_looks_like_more_stays_text_and_looks_the_same(text: str) -> None:
    assert for_spreadsheets(texts(text))["text"].to_pylist() == [f"\u200b{text}"]


@pytest.mark.parametrize(
    "text", ["Kauto Star", "12", "4.5", "1m 2f", "rac_11-4", "May Day Kelly", "7/4 favourite", ""]
)
def test_other_texts_are_as_they_are(text: str) -> None:
    assert for_spreadsheets(texts(text)) == texts(text)


def test_csv_says_that_it_is_utf8(filled: Database, tmp_path: Path) -> None:
    arguments = f"export --table ra_races --format csv --to out --destination {filled.name}"
    assert _main(arguments.split()) == 0
    (file,) = (tmp_path / "out").iterdir()
    content = file.read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"id",')
    assert AWKWARD.split("\n")[1] in content.decode("utf-8-sig")


def test_only_what_has_changed_is_written(
    filled: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = "--table ra_races,ra_coverage --view coverage_by_day --format parquet"
    for day, races in (("2025-10-13", 1), ("2025-10-14", 0)):
        arguments = f"export {names} --since {day} --to out --destination {filled.name}"
        assert _main(arguments.split()) == 0
        told = [line.rpartition(",")[0] for line in capsys.readouterr().out.splitlines()]
        assert told == [
            f"ra_races: {races} rows",
            "ra_coverage: 0 rows",
            "coverage_by_day: 0 rows (all: changes to them are not recorded)",
        ]
        assert parquet.read_table(tmp_path / "out" / "ra_races.parquet").num_rows == races


CARD = pa.table(
    {
        "course_name": ["Ascot", "Bangor [on] Dee", "Ascot", None],
        "off_dt": pa.array([MOMENT, MOMENT, None, None], pa.timestamp("us", "UTC")),
        "race_date": [date(2025, 10, 13)] * 4,
        "number": [1, 2, 2**60, None],
        "price": pa.array([Decimal("5.50"), None, None, None], pa.decimal128(6, 2)),
        "weight": ["11-4", "7/4", "=1+1", "é"],
        "is_reserve": [True, False, None, None],
    }
)


def test_workbook_of_the_card_has_a_sheet_for_each_meeting_and_keeps_types(tmp_path: Path) -> None:
    file = tmp_path / "today_card.xlsx"
    with _whole(file, CARD.schema) as writer:
        writer.write_table(CARD)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["Ascot", "Bangor  on  Dee", "today_card"]
    header, first, second = book["Ascot"].iter_rows(values_only=True)
    assert header == tuple(CARD.schema.names)
    day = datetime(2025, 10, 13)  # noqa: DTZ001 - a spreadsheet knows no zones
    assert first == ("Ascot", day.replace(hour=13, minute=30), day, 1, 5.5, "11-4", True)
    assert second == ("Ascot", None, day, str(2**60), None, "=1+1", None)
    assert [cell.data_type for cell in book["Ascot"][3]][5] == "s"  # no formula
    assert book["Bangor  on  Dee"]["F2"].value == "7/4"


def test_workbook_of_a_table_has_one_sheet_and_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _whole(tmp_path / "ra_runs.xlsx", CARD.schema) as writer:
        writer.write_table(CARD)
    assert openpyxl.load_workbook(tmp_path / "ra_runs.xlsx").sheetnames == ["ra_runs"]
    monkeypatch.setattr("pipelines.database.workbook.MOST_ROWS", 2)
    with (
        pytest.raises(UsageError, match=r"ra_odds has more rows than a sheet can hold \(2\)"),
        _whole(tmp_path / "ra_odds.xlsx", CARD.schema) as writer,
    ):
        writer.write_table(CARD)
    assert [path.name for path in tmp_path.iterdir()] == ["ra_runs.xlsx"]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")
def test_libreoffice_takes_no_text_for_a_date(tmp_path: Path) -> None:
    with _whole(tmp_path / "ra_runs.csv", CARD.schema) as writer:
        writer.write_table(for_spreadsheets(CARD))
    # 44,34,76: comma, quotes and UTF-8, as its dialog suggests for a file that is marked as UTF-8.
    filters = ["--infilter=CSV:44,34,76", "--convert-to", "xlsx", "--outdir", str(tmp_path)]
    command = ["soffice", "--headless", *filters]
    subprocess.run([*command, str(tmp_path / "ra_runs.csv")], check=True, timeout=120)
    rows = openpyxl.load_workbook(tmp_path / "ra_runs.xlsx").worksheets[0].values
    weights = [str(row[5]).replace("\u200b", "") for row in rows]
    assert weights == ["weight", "11-4", "7/4", "'=1+1", "é"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--to out --table ra_nothing", "Unknown table or view 'ra_nothing': use one of "),
        ("--to file", "--to file cannot be written: File exists."),
    ],
)
@pytest.mark.slow
def test_what_cannot_be_written_is_one_line_and_exit_code_2(
    arguments: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    Database("duckdb")
    assert _main(["export", *arguments.split()]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"pipeline: {message}")


def test_before_the_first_run_there_is_nothing_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["export", "--to", "out"]) == 2
    assert "No racing_data.duckdb in " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_file_that_fails_half_way_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Database("duckdb")
    assert _main(["export", "--to", "out", "--table", "ra_runs"]) == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def fail(*arguments: object) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.database.reader.Reader.batches", fail)
    assert _main(["export", "--to", "out", "--table", "ra_runs"]) == 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


PROGRAM = """
import sys, time
from pipelines.database import export
class Slow(export.Reader):
    def batches(self, name, rows):
        yield from super().batches(name, rows)
        print("begun", flush=True)
        time.sleep(600)
import pipelines.database.reader
pipelines.database.reader.Reader = Slow
from pipelines.cli.app import _main
sys.exit(_main(["export", "--to", "out", "--table", "ra_runs"]))
"""


def begun() -> subprocess.Popen[str]:
    """Start an export that writes its files and never ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    return process


def hidden() -> list[str]:
    return sorted(path.name for path in Path("out").iterdir() if path.name.startswith("."))


@pytest.mark.slow
def test_what_killed_exports_leave_goes_with_the_next_but_nothing_of_one_at_work() -> None:
    Database("duckdb")
    killed, at_work = begun(), begun()
    with killed:  # its pipes are closed too
        killed.kill()
    foreign = Path("out") / ".ra_runs.csv.swp"
    foreign.touch()
    assert len(hidden()) == 5
    assert _main(["export", "--to", "out", "--table", "ra_issues"]) == 0
    assert len(hidden()) == 3
    with at_work:
        at_work.terminate()
        at_work.wait()
    assert (at_work.returncode, hidden()) == (143, [foreign.name])
