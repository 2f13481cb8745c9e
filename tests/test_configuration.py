"""Files of dlt's configuration that cannot be read: one sentence, exit code 2, no secret."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import dlt  # noqa: F401 - its import starts a process
import pytest

from pipelines.cli.app import _main
from pipelines.errors import UsageError
from pipelines.system.configuration import check_files

COMMANDS = [
    "run --mode daily",
    "rebuild",
    "plan --mode daily",
    "status",
    "health",
    "coverage --destination duckdb",
    "export --to files",
    "tables",
    "columns ra_runners",
    "sandbox",
]
SECRET = "hunter-2-hunter"


@pytest.fixture(autouse=True)
def folder(sealed_environment: Path) -> Path:
    folder = sealed_environment / ".dlt"
    folder.mkdir()
    return folder


def line_of(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


@pytest.mark.parametrize("command", COMMANDS)
def test_syntax_error_is_one_sentence_for_every_command(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "secrets.toml").write_text(f"[sources.racing_api]\npassword = {SECRET}\n")
    assert _main(command.split()) == 2
    assert line_of(capsys) == (
        "pipeline: .dlt/secrets.toml cannot be read: Invalid value (at line 2, column 12)."
    )


def test_help_needs_no_settings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config.toml").write_text("[[[")
    assert _main(["run", "--help"]) == 0


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a = 1\nb = 'caf\xe9'\n", "line 2 is not UTF-8"),
        ("a = 1".encode("utf-16"), "line 1 is not UTF-8"),
        (b"\xef\xbb\xbfa = 1", "it begins with a byte order mark"),
        (b"a = 1\na = 2\n", "Cannot overwrite a value (at line 2, column 6)"),
        (b"a = 'x", "(at end of document)"),
        (b"a = " + b"[" * 5000, "nested too deep"),
        (b"a = " + b"1" * 5000, "a number is too long"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(content: bytes, fault: str, folder: Path) -> None:
    file = folder / "config.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="cannot be read") as caught:
        check_files([file])
    assert fault in str(caught.value)


def test_folder_in_place_of_a_file_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "config.toml").mkdir()
    assert _main(["status"]) == 2
    assert line_of(capsys) == "pipeline: .dlt/config.toml cannot be read: Is a directory."


def test_file_that_may_not_be_read_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read everything
    assert _main(["status"]) == 2
    assert line_of(capsys) == "pipeline: .dlt/config.toml cannot be read: Permission denied."


def test_files_are_found_where_dlt_finds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "elsewhere" / ".dlt"
    elsewhere.mkdir(parents=True)
    (elsewhere / "config.toml").write_text("=")
    monkeypatch.setenv("DLT_PROJECT_DIR", str(elsewhere.parent))
    assert _main(["status"]) == 2
    assert f"{elsewhere}/config.toml cannot be read: " in line_of(capsys)


WHOLE = f'''
[sources.racing_api]
username = "{SECRET}"
password = "{SECRET}"
[destination.postgres.credentials]
password = \'\'\'{SECRET}\'\'\'
port = 5432
'''


def test_no_fault_shows_a_secret(folder: Path) -> None:
    file = folder / "secrets.toml"
    faults = 0
    for place, letter in itertools.product(range(len(WHOLE)), ("", "=", '"', "\\", "[", "\x01")):
        file.write_text(WHOLE[:place] + letter + WHOLE[place + 1 :])
        try:
            check_files([file])
        except UsageError as error:
            faults += 1
            assert "hunter" not in str(error)
            assert len(str(error).splitlines()) == 1
    assert faults > 300


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("runtime = 5", "runtime must be a section, [runtime], not a value"),
        (f"sources = '{SECRET}'", "sources must be a section, [sources.racing_api], not a value"),
        ("[sources]\nracing_api = []", "racing_api must be a section, [sources.racing_api], "),
        ("[destination]\nduckdb = 5", ""),
    ],
)
def test_value_in_place_of_a_section_is_refused(content: str, fault: str, folder: Path) -> None:
    file = folder / "secrets.toml"
    file.write_text(content)
    if not fault:
        check_files([file])
        return
    with pytest.raises(UsageError) as caught:
        check_files([file])
    assert fault in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("[runtime]\nrequest_timeout = 'long'", "dlt's setting request_timeout cannot be read"),
        ("[sources.racing_api]\nregions = 5", "SOURCES__RACING_API__REGIONS cannot be read"),
        (f"[destination.duckdb]\ncredentials = ['{SECRET}']", "The settings of duckdb cannot be"),
    ],
)
def test_value_of_a_wrong_type_is_one_sentence(content: str, fault: str, folder: Path) -> None:
    (folder / "secrets.toml").write_text(content)
    # dlt reads its files once in a process.
    command = [sys.executable, "-m", "pipelines", "status"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert fault in line
    assert SECRET not in line
