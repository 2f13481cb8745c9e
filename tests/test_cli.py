"""The command as a person meets it: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import __version__
from pipelines.cli.app import _main
from pipelines.cli.options import Mode
from pipelines.plan.modes import MODES
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.tables import API_TABLES, TABLES
from tests.jobs import coverage, point_to


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, scale=0.02)) as server:
        yield server


@pytest.fixture
def address(sandbox: Running, tables_there: None, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, sandbox.url)
    sandbox.clear()
    return sandbox


def line_of(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line an error takes."""
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("run", "Missing option '--mode'"),
        ("run --mode weekly", "'weekly' is not one of"),
        ("run --mode manual", "A manual run needs --table or dates"),
        ("run --mode manual --start-date 13.10.2025", "'13.10.2025' is not a date"),
        ("run --mode manual --days-back -1", "'--days-back'"),
        ("run --mode daily --table ra_mst_jockey", "No table 'ra_mst_jockey' to fetch"),
        ("run --mode daily --start-date 2025-10-13", "A daily run has fixed dates"),
        ("run --mode daily --destination oracel", "Unknown destination 'oracel'"),
        (
            "run --mode daily --destination redshift",
            "The destination redshift is not supported: use duckdb, postgres, ducklake or ",
        ),
        ("columns ra_nothing", "Unknown table 'ra_nothing'"),
        ("fly", "No such command 'fly'"),
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2_and_no_call(
    arguments: str, message: str, address: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(arguments.split()) == 2
    assert message in line_of(capsys)
    assert address.calls == []


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(["--version"]) == 0
    assert capsys.readouterr().out == f"racing-pipelines {__version__}\n"


def test_a_shell_completes_the_names_of_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_PIPELINE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "pipeline st")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit, match="0"):
        _main([])
    assert capsys.readouterr().out.split() == ["status"]


@pytest.mark.parametrize("is_option", [True, False])
def test_settings_are_those_of_the_folder_that_is_named(
    is_option: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "racing" / ".dlt").mkdir(parents=True)
    (tmp_path / "racing" / ".dlt" / "config.toml").write_text("[[[")
    monkeypatch.setenv("RACING_FOLDER", "" if is_option else "racing")
    assert _main([*(["--folder", "racing"] if is_option else []), "status"]) == 2
    assert line_of(capsys).startswith("pipeline: .dlt/config.toml cannot be read: ")


def test_folder_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(["--folder", "nowhere", "tables"]) == 2
    assert line_of(capsys) == (
        "pipeline: --folder (or RACING_FOLDER) nowhere cannot be used: No such file or directory."
    )


def test_wrong_table_lists_the_right_ones(
    address: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["run", "--mode", "daily", "--table", "ra_races,ra_nothing"]) == 2
    line = line_of(capsys)
    assert [table.name for table in API_TABLES if table.name not in line] == []


def test_without_credentials_two_variables_and_the_demo_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _main(["run", "--mode", "daily"]) == 2
    line = line_of(capsys)
    for name in ("SOURCES__RACING_API__USERNAME", "SOURCES__RACING_API__PASSWORD", "make demo"):
        assert name in line


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SOURCES__RACING_API__REQUESTS_PER_SECOND", "fast", "REQUESTS_PER_SECOND"),
        ("SOURCES__RACING_API__REQUESTS_PER_SECOND", "0", "above 0"),
        ("SOURCES__RACING_API__BASE_URL", "theracingapi", "an http(s) address"),
        ("SOURCES__RACING_API__RESULTS_PAGE_SIZE", "500", "between 1 and 100"),
        ("SOURCES__RACING_API__BACKFILL_START", "long ago", "a date such as"),
        ("SOURCES__RACING_API__REGIONS", '["GB"]', "lower-case region codes"),
        ("DESTINATION__DUCKDB__CREDENTIALS", "racing.duckdb", "must not be called racing.duckdb"),
        ("DESTINATION_TYPE", "oracel", "Unknown destination"),
    ],
)
def test_bad_settings_are_one_line_and_exit_code_2_and_no_call(
    name: str,
    value: str,
    message: str,
    address: Running,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)
    assert _main(["run", "--mode", "daily"]) == 2
    assert message in line_of(capsys)
    assert address.calls == []


def test_path_limits_can_go_only_for_a_server_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    point_to(monkeypatch, "https://racing.example")
    assert _main(["run", "--mode", "daily"]) == 2
    assert "PATH_LIMITS" in line_of(capsys)


def test_postgres_without_credentials_says_what_to_set(
    address: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["run", "--mode", "daily", "--destination", "postgres"]) == 2
    assert "DESTINATION__POSTGRES__CREDENTIALS" in line_of(capsys)


def test_database_that_is_down_costs_no_call_and_is_reported(
    address: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pipelines.database.lock.OPENING_PATIENCE", 0.1)
    nowhere = "postgresql://user:secret-word@127.0.0.1:9/racing?connect_timeout=2"
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", nowhere)
    assert _main(["run", "--mode", "daily", "--destination", "postgres"]) == 1
    captured = capsys.readouterr()
    report = next(Path("logs").glob("run_daily_*.json")).read_text()
    assert "postgres cannot be reached" in captured.out
    assert "secret-word" not in captured.out + captured.err + report
    assert address.calls == []


def test_test_run_plans_works_reports_and_ends_with_0(
    address: Running, destination: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["run", "--mode", "daily", "--test", "--destination", destination]) == 0
    printed = capsys.readouterr().out
    report = json.loads(next(Path("logs").glob("run_daily_*.json")).read_text())

    assert "daily run of" in printed
    assert "test run: at most 2 days and 5 horses" in printed
    assert printed.index("racecards: 2 to do") < printed.index("table ")
    assert report["exit_code"] == 0
    assert report["destination"] == destination
    assert report["calls"] == len(address.calls)
    assert set(report["tables"]) == {*(table.name for table in API_TABLES), "ra_issues"}
    runners = report["tables"]["ra_runners"]
    assert runners["new"] == runners["rows"] > 0
    assert "sandbox" not in json.dumps(report)


def test_only_the_tables_asked_for_are_written_and_no_day_is_called_covered(
    address: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = "run --mode manual --days-back 1 --table ra_mst_bookmakers,ra_mst_courses"
    assert _main([*arguments.split(), "--table", "ra_races"]) == 0
    report = json.loads(next(Path("logs").glob("run_manual_*.json")).read_text())
    written = {name for name, count in report["tables"].items() if count["rows"]}
    made_of = {"ra_card_races", "ra_result_races"}
    assert written == {"ra_mst_bookmakers", "ra_mst_courses", "ra_races", *made_of}
    assert coverage("duckdb") == []


def test_wrong_password_is_one_call_and_exit_code_1(
    address: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCES__RACING_API__PASSWORD", "wrong-word")
    assert _main(["run", "--mode", "daily"]) == 1
    captured = capsys.readouterr()
    assert "the credentials are wrong, the plan does not cover this path" in captured.out
    assert "wrong-word" not in captured.out + captured.err
    assert [call.status for call in address.calls] == [401]


def test_tables_lists_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(["tables"]) == 0
    printed = capsys.readouterr().out
    for table in TABLES.values():
        assert table.name in printed


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_columns_lists_every_column(
    table: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert _main(["columns", str(table)]) == 0
    printed = capsys.readouterr().out
    assert all(column.name in printed for column in TABLES[str(table)].columns)


def test_command_line_knows_every_mode_and_no_other() -> None:
    assert {mode.value for mode in Mode} == set(MODES)


@pytest.mark.slow
def test_installed_command_prints_its_help() -> None:
    command = [sys.executable, "-m", "pipelines", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in ("run", "tables", "columns", "sandbox"):
        assert name in shown
