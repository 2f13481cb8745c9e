"""`pipeline doctor`: each misconfiguration is named, with what to do, and no secret is shown."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from pipelines.cli.app import _main
from pipelines.database.database import Database
from pipelines.database.runs import note_run
from pipelines.plan.keycheck import of_plan
from pipelines.report import Report
from pipelines.sandbox import Running, SandboxOptions, running
from tests.fake_api import HTML, Reply, serving
from tests.jobs import point_to, rows_of

SECRET = "hunter-2-hunter"
OURS = "SOURCES__RACING_API__"


@dataclass
class Plant:
    """A place to plant a misconfiguration in."""

    patch: pytest.MonkeyPatch
    folder: Path
    url: str

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            self.patch.setenv(f"{OURS}{name.upper()}", str(value))

    @staticmethod
    def read_files_again() -> None:
        """Let dlt read its files, which it does once in a process."""
        Container()[PluggableRunContext].reload()

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, scale=0.02)) as server:
        yield server


@pytest.fixture
def plant(sandbox: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Plant]:
    point_to(monkeypatch, sandbox.url, plan="")
    planted = Plant(monkeypatch, tmp_path, sandbox.url)
    yield planted
    if (tmp_path / ".dlt").exists():
        shutil.rmtree(tmp_path / ".dlt")
        planted.read_files_again()


def examined(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[str]]:
    code = _main(["doctor", *options])
    return code, capsys.readouterr().out.splitlines()


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def broken_file(plant: Plant) -> None:
    plant.file(".dlt/secrets.toml", f"[sources.racing_api]\npassword = {SECRET}\n")


def byte_order_mark(plant: Plant) -> None:
    plant.file(".dlt/config.toml", "\ufeff[sources.racing_api]\n")


def misspelt_variable(plant: Plant) -> None:
    plant.set(request_per_second=2)


def misspelt_setting(plant: Plant) -> None:
    plant.file(".dlt/config.toml", "[sources.racing_api]\nresults_day_back = 3\n")


def value_out_of_range(plant: Plant) -> None:
    plant.set(requests_per_second=0)


def value_of_another_type(plant: Plant) -> None:
    plant.set(parallel_calls="many")


def no_credentials(plant: Plant) -> None:
    plant.patch.delenv(f"{OURS}PASSWORD")


def credentials_of_the_example(plant: Plant) -> None:
    for name in ("USERNAME", "PASSWORD"):
        plant.patch.delenv(OURS + name)
    example = Path(__file__).parent.parent / ".dlt" / "example.secrets.toml"
    plant.file(".dlt/secrets.toml", example.read_text(encoding="utf-8"))
    plant.read_files_again()


def quoted_password(plant: Plant) -> None:
    plant.set(password=f"'{SECRET}'")


def wrong_password(plant: Plant) -> None:
    plant.set(password=SECRET)


def plan_above_the_key(plant: Plant) -> None:
    plant.patch.setattr("pipelines.status.doctor.api.ask_access", lambda *_: of_plan("basic"))
    plant.set(plan="pro")


def nobody_listens(plant: Plant) -> None:
    plant.set(base_url=f"http://127.0.0.1:{closed_port()}")


def unknown_host(plant: Plant) -> None:
    plant.set(base_url="http://api.invalid", path_limits=True)


def no_address(plant: Plant) -> None:
    plant.set(base_url="api.theracingapi.com")


def unknown_destination(plant: Plant) -> None:
    plant.patch.setenv("DESTINATION_TYPE", "oracel")


def postgres_without_credentials(plant: Plant) -> None:
    plant.patch.setenv("DESTINATION_TYPE", "postgres")


def postgres_that_is_off(plant: Plant) -> None:
    plant.patch.setenv("DESTINATION_TYPE", "postgres")
    address = f"postgresql://racing:{SECRET}@127.0.0.1:{closed_port()}/racing"
    plant.patch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)


def file_named_as_the_dataset(plant: Plant) -> None:
    plant.patch.setenv("DESTINATION__DUCKDB__CREDENTIALS", "racing.duckdb")


def folder_of_the_file_missing(plant: Plant) -> None:
    plant.patch.setenv("DESTINATION__DUCKDB__CREDENTIALS", "data/racing_data.duckdb")


def no_duckdb_file(plant: Plant) -> None:
    plant.file("racing_data.duckdb", "date,course,off\n" * 500)


def archive_that_is_a_file(plant: Plant) -> None:
    plant.file("archive", "")


def reports_below_a_file(plant: Plant) -> None:
    plant.file("logs", "")


def full_disk(plant: Plant) -> None:
    usage = namedtuple("usage", ["total", "used", "free"])
    plant.patch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 3_000_000))


def no_time_zones(plant: Plant) -> None:
    def fail(_: str) -> Any:
        raise ZoneInfoNotFoundError

    plant.patch.setattr("pipelines.status.doctor.machine.ZoneInfo", fail)


def library_too_new(plant: Plant) -> None:
    plant.patch.setattr(
        "pipelines.status.doctor.machine.version",
        lambda name: "9.9.0" if name == "dlt" else metadata.version(name),
    )


CASES: list[tuple[Callable[[Plant], None], str]] = [
    (broken_file, "files: .dlt/secrets.toml cannot be read: Invalid value (at line 2, column 12)"),
    (byte_order_mark, "files: .dlt/config.toml cannot be read: it begins with a byte order mark"),
    (
        misspelt_variable,
        "environment: request_per_second is not a setting; did you mean requests_per_second?",
    ),
    (
        misspelt_setting,
        ".dlt/config.toml: results_day_back is not a setting; did you mean results_days_back?",
    ),
    (
        value_out_of_range,
        "settings: SOURCES__RACING_API__REQUESTS_PER_SECOND must be above 0 and at most 1000",
    ),
    (value_of_another_type, "settings: SOURCES__RACING_API__PARALLEL_CALLS cannot be read"),
    (
        no_credentials,
        "credentials: No credentials for The Racing API: set SOURCES__RACING_API__PASSWORD",
    ),
    (
        credentials_of_the_example,
        "still has the example's value: fill in your own",
    ),
    (
        quoted_password,
        "credentials: SOURCES__RACING_API__PASSWORD begins or ends with a blank or a quotation",
    ),
    (wrong_password, "API: /v1/courses answered 401: the credentials are wrong"),
    (plan_above_the_key, "API: SOURCES__RACING_API__PLAN says pro, but your plan is Basic"),
    (nobody_listens, "refuses the connection: nothing is listening there"),
    (unknown_host, "the host name api.invalid is unknown (DNS). Check BASE_URL"),
    (no_address, "settings: SOURCES__RACING_API__BASE_URL must be an http(s) address"),
    (unknown_destination, "database: Unknown destination 'oracel'"),
    (
        postgres_without_credentials,
        "database: No credentials for postgres: set DESTINATION__POSTGRES__CREDENTIALS",
    ),
    (postgres_that_is_off, "database: racing on 127.0.0.1:"),
    (file_named_as_the_dataset, "database: The DuckDB file must not be called racing.duckdb"),
    (folder_of_the_file_missing, "data is missing: create it, or use another file"),
    (no_duckdb_file, "racing_data.duckdb is not a DuckDB file: move it away, or use another"),
    (
        archive_that_is_a_file,
        "archive: archive cannot be written to (Not a directory): use another folder with SOURCES",
    ),
    (reports_below_a_file, "reports: logs cannot be written to (Not a directory)"),
    (full_disk, "only 3 MB are free"),
    (no_time_zones, "time zone: Europe/London is unknown here: install tzdata"),
    (library_too_new, "versions: dlt 9.9.0 is installed, but dlt"),
]


@pytest.mark.parametrize(
    ("misconfigure", "named"), CASES, ids=lambda case: getattr(case, "__name__", "")
)
def test_misconfiguration_is_named_with_what_to_do(
    misconfigure: Callable[[Plant], None],
    named: str,
    plant: Plant,
    capsys: pytest.CaptureFixture[str],
) -> None:
    misconfigure(plant)
    code, lines = examined(capsys)
    to_fix = [line for line in lines if line.startswith("FIX ")]
    assert code == 1
    assert [line for line in to_fix if named in line] == to_fix
    assert SECRET not in "\n".join(lines)


def test_nothing_is_to_be_fixed_where_all_is_well(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = examined(capsys)
    assert (code, [line for line in lines if line.startswith("FIX")]) == (0, [])
    assert [line[6:].partition(":")[0] for line in lines] == [
        "versions",
        "files",
        "settings",
        "time zone",
        "credentials",
        "API",
        "clock",
        "database",
        "schedule",
        "archive",
        "reports",
        "working folder",
    ]
    assert (
        f"{plant.url} knows the key; your plan is Pro (checked {datetime.now(UTC):%Y-%m-%d}"
        in lines[5]
    )


def test_address_is_shown_without_a_secret(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    plant.set(base_url=plant.url.replace("http://", f"http://me:{SECRET}@"))
    _, lines = examined(capsys)
    assert SECRET not in "\n".join(lines)


def test_machines_get_json_without_a_secret(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    plant.set(password=SECRET)
    code, lines = examined(capsys, "--json")
    told = json.loads("\n".join(lines))
    assert (code, told["is_good"]) == (1, False)
    assert [one["check"] for one in told["checks"] if one["level"] == "error"] == ["API"]
    assert SECRET not in "\n".join(lines)


def test_page_of_the_edge_leads_to_the_user_agent(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving({".*": lambda _: Reply(HTML, 403)}) as fake:
        plant.set(base_url=fake.url)
        _, lines = examined(capsys)
    (line,) = [line for line in lines if line.startswith("FIX")]
    assert line.startswith("FIX   API: ")
    assert line.endswith("If this continues, set SOURCES__RACING_API__USER_AGENT.")


def test_clock_that_is_wrong_is_named(plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
    plant.patch.setattr(
        "pipelines.api.session.parsedate_to_datetime",
        lambda _: datetime.now(UTC) + timedelta(minutes=90),
    )
    _, lines = examined(capsys)
    assert [line for line in lines if line.startswith("FIX")] == [
        "FIX   clock: this machine's clock is 90 minutes behind the API's: set it "
        "(timedatectl set-ntp true)"
    ]


def test_secrets_that_others_can_read_are_noted(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    plant.file(".dlt/secrets.toml", "").chmod(0o644)
    code, lines = examined(capsys)
    others = "others on this machine can read .dlt/secrets.toml: chmod 600 .dlt/secrets.toml"
    assert (code, f"NOTE  files: {others}" in lines) == (0, True)


def test_name_of_a_desktops_user_is_no_user_name(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    plant.patch.delenv(f"{OURS}USERNAME")
    plant.patch.setenv("USERNAME", "desktop")
    plant.file(".dlt/secrets.toml", '[sources.racing_api]\nusername = "sandbox"\n')
    plant.read_files_again()
    assert examined(capsys)[0] == 0


@pytest.mark.slow
@pytest.mark.usefixtures("tables_there")
def test_program_that_has_the_file_open_is_named(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "import duckdb; c = duckdb.connect('racing_data.duckdb'); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        other.stdout.readline()
        _, lines = examined(capsys)
        other.communicate("\n")
    program = f"{Path(sys.executable).resolve().name} (PID {other.pid})"
    file = plant.folder / "racing_data.duckdb"
    assert [line for line in lines if line.startswith("FIX")] == [
        f"FIX   database: {program} has {file} open, which blocks runs: close it there and "
        "open racing_read.duckdb instead"
    ]


def test_what_the_key_includes_is_stored_and_a_missing_run_is_named(
    plant: Plant, destination: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant.patch.setenv("DESTINATION_TYPE", destination)
    long_ago = datetime.now(UTC) - timedelta(hours=50)
    report = Report("daily", destination, started_at=long_ago)
    report.finish(unreadable_share=0.05)
    note_run(Database(destination), report)
    code, lines = examined(capsys)
    (line,) = [line for line in lines if line.startswith("FIX")]
    assert line.startswith(
        "FIX   schedule: the last run (daily) started 50 hours ago, and one is due"
    )
    assert code == 1
    assert rows_of(
        destination, "SELECT count(*) FROM ra_access WHERE is_included AND plan = 'Pro'"
    ) == [(3,)]
