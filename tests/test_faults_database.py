"""A database away, locked, full, read-only or changed by hand: nothing is lost, nothing doubled."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from datetime import date
from pathlib import Path
from subprocess import PIPE
from typing import Any

import duckdb
import psycopg2
import pytest
from dlt.extract import DltSource
from dlt.load.load import Load

from pipelines.api.client import RacingApi
from pipelines.api.endpoints import Endpoint
from pipelines.database import connection as connection_module
from pipelines.database import database as database_module
from pipelines.database.database import Database
from pipelines.errors import DestinationError
from pipelines.mapping import Row, to_arrow
from pipelines.report import ExitCode, Report
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.sources import one_table
from pipelines.tables import ISSUES, TABLES
from tests.faults.postgres import Postgres, postgres_of_its_own
from tests.jobs import (
    Contents,
    begun,
    business_rows,
    contents,
    coverage,
    drop_key,
    load_days,
    point_to,
)
from tests.templates import template_file

# dlt leaves files open that it could not write.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

TODAY = date(2025, 10, 20)
DAY = date(2025, 10, 18)


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as server:
        yield server


@pytest.fixture
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, shared.url)
    shared.clear()
    return shared


def run(destination: str, only: str = "results") -> Report:
    """Two days of results, or of whatever is named, with all that belongs to a run but courses."""
    return load_days(destination, TODAY, DAY, date(2025, 10, 19), only)


def run_before(destination: str) -> None:
    """Have had such a run: the tests that begin with one share it."""

    def complete() -> None:
        assert run(destination).exit_code == ExitCode.COMPLETE

    begun(destination, __name__, complete)


def statement(credentials: str, sql: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(credentials)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


FAULT_FREE: dict[str, Contents] = {}
"""By the endpoint that is loaded alone, or nothing for both."""


@pytest.fixture
def whole(sandbox: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contents:
    return fault_free("results", sandbox, tmp_path, monkeypatch)


def fault_free(only: str, sandbox: Running, folder: Path, patch: pytest.MonkeyPatch) -> Contents:
    """What a run without faults loads: the same into any database, so that one does for all."""
    if only not in FAULT_FREE:
        with patch.context() as elsewhere:
            elsewhere.setenv("DLT_DATA_DIR", str(folder / "fault_free"))
            file = template_file().copy(folder, "fault_free").credentials
            elsewhere.setenv("DESTINATION__DUCKDB__CREDENTIALS", file)
            elsewhere.setenv("SOURCES__RACING_API__ARCHIVE", str(folder / "fault_free_archive"))
            assert run("duckdb", only).exit_code == ExitCode.COMPLETE
            FAULT_FREE[only] = business_rows("duckdb")
        sandbox.clear()
    return deepcopy(FAULT_FREE[only])


@pytest.fixture
def tables(destination: str) -> Database:
    """Create the tables, for somebody to change by hand."""
    return Database(destination)


def assert_complete(destination: str, whole: Contents, endpoints: int = 1) -> None:
    """Every row is there, once, and both days of each endpoint are covered."""
    assert business_rows(destination) == whole
    statuses = [status for _, _, status in coverage(destination)]
    assert statuses == ["complete"] * 2 * endpoints
    for name, rows in contents(destination, TABLES.values()).items():
        keys = [tuple(row[column] for column in TABLES[name].key) for row in rows]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("is_open", [False, True])  # then what is in memory stays in it
def test_a_load_that_needs_more_memory_than_loads_usually_take_gets_it_for_itself(
    is_open: bool, sandbox: Running, whole: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, wants_memory, needs = Database.load, Database.wants_memory, []
    times = list[int]()

    def in_little_memory(database: Database, *sources: DltSource) -> Counter[str]:
        if not is_open:
            database.release()
        monkeypatch.setattr(connection_module, "DUCKDB_MEMORY", 1)
        times.append(database._memory_times)
        loaded = load(database, *sources)
        times.append(database._memory_times)
        return loaded

    def noted(database: Database, error: Exception) -> bool:
        needs.append(wants_memory(database, error))
        return needs[-1]

    monkeypatch.setattr(Database, "load", in_little_memory)
    monkeypatch.setattr(Database, "wants_memory", noted)
    assert (run("duckdb").exit_code, any(needs)) == (ExitCode.COMPLETE, True)
    assert times[::2] == times[1::2]
    assert_complete("duckdb", whole)


def test_a_query_that_needs_more_memory_gets_it_while_the_file_is_held_open(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database("duckdb")
    with database.held_open():
        monkeypatch.setattr(connection_module, "DUCKDB_MEMORY", 1)
        assert database.rows("SELECT count(DISTINCT n) FROM range(1000000) numbers(n)") == [
            (1_000_000,)
        ]
        ((limit,),) = database.rows("SELECT current_setting('memory_limit')")
        assert limit.endswith("MiB")
        assert 1 < float(limit.split()[0]) <= 128  # twice as much until it is enough


def test_what_needs_more_than_is_enough_for_others_gets_it_for_itself(sandbox: Running) -> None:
    database, asked = Database("duckdb"), "SELECT current_setting('memory_limit')"
    counted = "SELECT len(list(n)) FROM range(5000000) numbers(n)"
    with database.held_open():
        with database.within(30):
            assert database.rows(counted) == [(5_000_000,)]
            assert database.rows(asked) == [("30.0 MiB",)]
        assert database.rows(asked) == [(f"{connection_module.DUCKDB_MEMORY}.0 MiB",)]


def test_memory_is_bounded_again_each_time_that_the_file_is_opened(sandbox: Running) -> None:
    database = Database("duckdb")
    asked = "SELECT current_setting('memory_limit')"
    for _ in range(2):
        with database.held_open():
            (own,) = database.rows(asked)
            database.run("SELECT 1")  # unbound
            assert database.rows(asked) == [own] == [(f"{connection_module.DUCKDB_MEMORY}.0 MiB",)]


def test_a_commit_for_which_duckdb_has_no_memory_leaves_no_keys(sandbox: Running) -> None:
    database = Database("duckdb")
    limits: list[Callable[[Any], None]] = [squeeze, lambda connection: None]

    def add_horses(client: Any) -> None:
        client.execute_sql("BEGIN")
        client.execute_sql(
            "INSERT INTO ra_mst_horses (id, name, _dlt_load_id) "
            "SELECT 'hrs_' || n, md5(n::VARCHAR), '' FROM range(100000) numbers(n)"
        )
        limits.pop(0)(client.native_connection.cursor())
        client.execute_sql("COMMIT")

    with database.held_open():
        database._ask(add_horses, "horses")
    assert limits == []
    counts = "SELECT count(*), count(DISTINCT id) FROM ra_mst_horses"
    assert database.rows(counts) == [(100_000, 100_000)]


def squeeze(connection: Any) -> None:
    """Leave DuckDB no more memory than it has in use."""
    for megabytes in range(1, 1000):
        with suppress(duckdb.Error):
            connection.execute(f"SET memory_limit = '{megabytes}MB'")
            return


def once_in_a_load(
    monkeypatch: pytest.MonkeyPatch, action: Callable[[], object], load: int = 1
) -> None:
    """Do something in the middle of one load: its files are loaded, its merges are to come."""
    loads: list[str] = []
    jobs = Load.create_followup_jobs

    def followed(self: Load, load_id: str, *args: Any) -> Any:
        if load_id not in loads:
            loads.append(load_id)
            if len(loads) == load:
                action()
        return jobs(self, load_id, *args)

    monkeypatch.setattr(Load, "create_followup_jobs", followed)


# Away

ON_POSTGRES = pytest.mark.parametrize("destination", ["postgres"], indirect=True)
ON_DUCKDB = pytest.mark.parametrize("destination", ["duckdb"], indirect=True)
END_EVERY_SESSION = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def address(destination: str) -> str:
    return os.environ["DESTINATION__POSTGRES__CREDENTIALS"]


@ON_POSTGRES
def test_session_ended_in_the_middle_of_a_load_costs_a_moment_and_no_call(
    whole: Contents, address: str, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Any] = []
    once_in_a_load(monkeypatch, lambda: ended.extend(statement(address, END_EVERY_SESSION)))
    report = run("postgres")
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])
    assert len(ended) > 1
    assert len(sandbox.calls) == len({(call.path, call.params) for call in sandbox.calls})
    assert_complete("postgres", whole)


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    """Run a PostgreSQL for one test that may kill it."""
    with postgres_of_its_own() as server:
        monkeypatch.setenv(
            "DESTINATION__POSTGRES__CREDENTIALS", server.credentials("postgres", "unused")
        )
        yield server


def test_server_killed_in_the_middle_of_a_load_is_waited_for(
    whole: Contents, own_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill_and_start_again() -> None:
        own_server.kill()
        threading.Timer(1.5, own_server.start).start()

    once_in_a_load(monkeypatch, kill_and_start_again)
    report = run("postgres")
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])
    assert_complete("postgres", whole)


def test_server_killed_for_good_ends_the_run_in_time_and_the_next_one_completes_it(
    whole: Contents, own_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as fault:
        fault.setattr(database_module, "DATABASE_PATIENCE", 2.0)
        once_in_a_load(fault, own_server.kill)
        begun = time.monotonic()
        report = run("postgres")
        assert time.monotonic() - begun < 20
    assert report.exit_code == ExitCode.INCOMPLETE
    assert "postgres" in report.errors[0]
    own_server.start()
    assert run("postgres").exit_code == ExitCode.COMPLETE
    assert_complete("postgres", whole)


# Locked


class Holder:
    """Somebody else's transaction."""

    def __init__(self, address: str, *statements: str) -> None:
        self.connection = psycopg2.connect(address)
        self.cursor = self.connection.cursor()
        for sql in statements:
            self.cursor.execute(sql)

    def release(self) -> None:
        self.connection.rollback()
        self.connection.close()


LOCK = "LOCK TABLE racing.ra_runners IN ACCESS EXCLUSIVE MODE"


@ON_POSTGRES
def test_locked_table_is_waited_for(
    whole: Contents, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.database.destination.SESSION_LIMITS", "-clock_timeout=300ms")
    holders: list[Holder] = []

    def hold() -> None:
        holders.append(Holder(address, LOCK))
        threading.Timer(2.0, holders[0].release).start()

    once_in_a_load(monkeypatch, hold)
    report = run("postgres")
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])
    assert holders
    assert_complete("postgres", whole)


@ON_POSTGRES
def test_table_locked_for_good_ends_the_run_in_time_and_the_next_one_completes_it(
    whole: Contents, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders: list[Holder] = []
    with monkeypatch.context() as fault:
        fault.setattr("pipelines.database.destination.SESSION_LIMITS", "-clock_timeout=200ms")
        fault.setattr(database_module, "DATABASE_PATIENCE", 2.0)
        once_in_a_load(fault, lambda: holders.append(Holder(address, LOCK)))
        report = run("postgres")
    assert report.exit_code == ExitCode.INCOMPLETE
    assert "lock timeout" in report.errors[0]
    holders[0].release()
    assert run("postgres").exit_code == ExitCode.COMPLETE
    assert_complete("postgres", whole)


@ON_POSTGRES
def test_deadlock_with_another_writer_is_survived(
    whole: Contents, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds a table that the other wants: the database ends one of the two."""
    run_before("postgres")
    first, second = statement(address, "SELECT id FROM racing.ra_races ORDER BY id LIMIT 2")
    touch = "UPDATE racing.ra_races SET race_name = race_name || '' WHERE id = "
    statement(address, "UPDATE racing.ra_races SET race_name = 'changed by hand'")
    other = Holder(address, f"{touch}'{second[0]}'")

    def want_the_first_too() -> None:
        try:
            other.cursor.execute(f"{touch}'{first[0]}'")
        except psycopg2.Error:
            other.release()
        else:
            other.release()

    timer = threading.Timer(1.0, want_the_first_too)
    once_in_a_load(monkeypatch, timer.start)
    report = run("postgres")
    timer.join()
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])
    assert_complete("postgres", whole)


LONG_STATEMENT = """
from pipelines.database.database import Database
from pipelines.system.signals import interruptible
database = Database("postgres")
with interruptible():
    print("asked", flush=True)
    database.rows("SELECT pg_sleep(60)")
"""


def test_signal_is_heard_while_the_database_is_at_a_long_statement(postgres: str) -> None:
    command = [sys.executable, "-c", LONG_STATEMENT]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "asked\n"
        time.sleep(0.3)
        begun = time.monotonic()
        waiting.terminate()
        _, told = waiting.communicate()
    assert time.monotonic() - begun < 5
    assert "Interruption: SIGTERM" in told


# Full, read-only, without permission


def mounted(folder: Path, size: str) -> None:
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of two megabytes."""
    folder = tmp_path / "small"
    mounted(folder, "2m")
    yield folder
    gc.collect()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def enlarge(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=500m", str(folder)], check=True)


def test_duckdb_on_a_full_disk_ends_with_1_and_the_next_run_completes_it(
    whole: Contents,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(small_disk / "racing_data.duckdb"))
    (small_disk / "ballast").write_bytes(b"x" * 600_000)
    report = run("duckdb")
    assert report.exit_code == ExitCode.INCOMPLETE
    assert "No space left on device" in report.errors[0]
    assert "retrying" not in caplog.text  # nobody makes room within two minutes
    enlarge(small_disk)
    assert run("duckdb").exit_code == ExitCode.COMPLETE
    assert_complete("duckdb", whole)


@pytest.mark.parametrize("ballast", [2_040_000, 1_900_000])  # full before, or in the first package
def test_full_disk_of_the_working_folder_ends_with_1_and_the_next_run_completes_it(
    ballast: int,
    whole: Contents,
    destination: str,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DLT_DATA_DIR", str(small_disk))
    (small_disk / "ballast").write_bytes(b"x" * ballast)
    report = run(destination)
    assert report.exit_code == ExitCode.INCOMPLETE
    assert "No space left on device" in report.errors[0]
    (small_disk / "ballast").unlink()
    enlarge(small_disk)
    assert run(destination).exit_code == ExitCode.COMPLETE
    assert_complete(destination, whole)


@pytest.mark.parametrize("new_destination", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("take", "give", "words"),
    [
        pytest.param(
            "ALTER ROLE keeper SET default_transaction_read_only = on",
            "ALTER ROLE keeper RESET default_transaction_read_only",
            "read-only transaction",
            id="read-only",
        ),
        pytest.param(
            "REVOKE ALL ON ALL TABLES IN SCHEMA racing FROM keeper;"
            "ALTER TABLE racing.ra_races OWNER TO postgres",
            "GRANT ALL ON ALL TABLES IN SCHEMA racing TO keeper;"
            "ALTER TABLE racing.ra_races OWNER TO keeper",
            "permission denied",
            id="permission lost",
        ),
    ],
)
@pytest.mark.parametrize("moment", ["before the run", "in the middle of a load"])
def test_database_that_may_not_be_written(
    take: str,
    give: str,
    words: str,
    moment: str,
    whole: Contents,
    sandbox: Running,
    new_destination: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = os.environ["DESTINATION__POSTGRES__CREDENTIALS"]
    name = statement(address, "SELECT current_database()")[0][0]
    statement(
        address,
        f"DROP ROLE IF EXISTS keeper; CREATE ROLE keeper LOGIN; "
        f'ALTER DATABASE "{name}" OWNER TO keeper',
    )
    monkeypatch.setenv(
        "DESTINATION__POSTGRES__CREDENTIALS", address.replace("postgres:", "keeper:")
    )
    Database("postgres")

    def refuse() -> None:
        statement(address, take)

    with monkeypatch.context() as fault:
        if moment == "before the run":
            refuse()
        else:
            once_in_a_load(fault, refuse)
        report = run("postgres")
    assert report.exit_code == ExitCode.INCOMPLETE
    assert words in report.errors[0]
    assert (moment == "before the run") == (sandbox.calls == [])
    statement(address, give)
    assert run("postgres").exit_code == ExitCode.COMPLETE
    assert_complete("postgres", whole)
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    statement(
        address,
        f'ALTER DATABASE "{name}" OWNER TO postgres; DROP OWNED BY keeper; DROP ROLE keeper',
    )


# Changed by hand


@ON_POSTGRES
def test_columns_and_tables_dropped_by_hand_come_back_with_what_was_in_them(
    whole: Contents, address: str
) -> None:
    run_before("postgres")
    statement(
        address,
        "ALTER TABLE racing.ra_race_results DROP COLUMN draw CASCADE, "
        "DROP COLUMN horse_name CASCADE, DROP COLUMN starting_price CASCADE; "
        "DROP TABLE racing.ra_runners CASCADE; "
        "ALTER TABLE racing.ra_races DROP COLUMN updated_at",
    )
    assert run("postgres").exit_code == ExitCode.COMPLETE
    assert_complete("postgres", whole)
    assert Database("postgres").rows("SELECT count(*) > 0 FROM today_card") == [(True,)]


def test_dropped_column_is_noted_in_coverage_until_its_days_are_read_again(
    sandbox: Running, destination: str
) -> None:
    run_before(destination)
    database = Database(destination)
    drop_key(database, "ra_runners")
    database.rows("ALTER TABLE ra_runners DROP COLUMN draw CASCADE")
    Database(destination)
    assert {status for _, _, status in coverage(destination)} == {"partial"}


def test_lost_key_is_told_in_one_sentence(sandbox: Running, destination: str) -> None:
    run_before(destination)
    database = Database(destination)
    drop_key(database, "ra_races")
    database.rows("ALTER TABLE ra_races DROP COLUMN id CASCADE")
    sandbox.clear()
    report = run(destination)
    assert report.errors == [
        "ra_races has lost its key (id): drop the table, and the next run recreates it "
        "and loads its data again."
    ]
    assert sandbox.calls == []


def test_column_added_by_hand_is_left_alone(
    whole: Contents, tables: Database, destination: str
) -> None:
    database = Database(destination)
    database.rows("ALTER TABLE ra_runners ADD COLUMN my_rating integer DEFAULT 7")
    assert run(destination).exit_code == ExitCode.COMPLETE
    added = {row.pop("my_rating") for row in business_rows(destination)["ra_runners"]}
    assert added == {7}


@ON_POSTGRES
def test_staging_dropped_by_hand_is_made_again(whole: Contents, address: str) -> None:
    run_before("postgres")
    statement(address, "DROP SCHEMA racing_staging CASCADE")
    assert run("postgres").exit_code == ExitCode.COMPLETE
    assert_complete("postgres", whole)


# Values that one database refuses


A_RACE = pytest.param("results", "ra_races", "going", id="a race")
A_RUNNER = pytest.param("", "ra_runners", "form", id="a runner")
"""Of a card, and then of card and result together. `make test` takes the race: there are fewer."""


@pytest.fixture
def expected(
    only: str, sandbox: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Contents:
    return fault_free(only, sandbox, tmp_path, monkeypatch)


@ON_POSTGRES
@pytest.mark.parametrize(("only", "table", "column"), [A_RUNNER, A_RACE])
def test_value_that_a_constraint_refuses_is_set_aside_and_the_night_is_saved(
    only: str, table: str, column: str, expected: Contents, tables: Database, address: str
) -> None:
    key = TABLES[table].key
    row = next(row for row in expected[table] if row[column] and row.get("position", 1))
    others = " OR ".join(f"{name} <> '{row[name]}'" for name in key)
    statement(
        address,
        f"ALTER TABLE racing.{table} ADD CHECK "
        f"({others} OR {column} IS DISTINCT FROM '{row[column]}')",
    )
    report = run("postgres", only)
    issues = contents("postgres", [ISSUES])["ra_issues"]
    field = f"racecards[].{'runners[].' if table == 'ra_runners' else ''}{column}"
    assert [(i["table_name"], i["row_key"], i["field"], i["problem"]) for i in issues] == [
        (table, "/".join(row[name] for name in key), field, "refused by the database")
    ]
    assert json.loads(json.loads(issues[0]["raw_value"])) == row[column]
    assert (report.exit_code, sum(report.issues.values())) == (ExitCode.COMPLETE, 1)
    row[column] = None
    assert_complete("postgres", expected, 1 if only else 2)


@ON_POSTGRES
def test_row_that_the_database_refuses_whole_is_set_aside(
    whole: Contents, tables: Database, address: str
) -> None:
    jockey = whole["ra_mst_jockeys"].pop(0)["id"]
    statement(address, f"ALTER TABLE racing.ra_mst_jockeys ADD CHECK (id <> '{jockey}')")
    assert run("postgres").exit_code == ExitCode.COMPLETE
    issues = contents("postgres", [ISSUES])["ra_issues"]
    assert {(issue["table_name"], issue["field"]) for issue in issues} == {("ra_mst_jockeys", "")}
    assert_complete("postgres", whole)


@ON_POSTGRES
def test_table_that_refuses_everything_fails_and_the_rest_of_the_run_goes_on(
    sandbox: Running,
    tmp_path: Path,
    tables: Database,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = fault_free("", sandbox, tmp_path, monkeypatch)
    monkeypatch.setattr("pipelines.database.quarantine.MOST_REFUSED", 1)
    statement(address, "ALTER TABLE racing.ra_card_races ADD COLUMN mine integer NOT NULL")
    report = run("postgres", "")
    assert report.exit_code == ExitCode.INCOMPLETE
    (error,) = report.errors
    assert error.startswith("racecards: postgres refuses more than 1 values of ra_card_races")
    assert {status for name, _, status in coverage("postgres") if name == "results"} == {"complete"}
    statement(address, "ALTER TABLE racing.ra_card_races DROP COLUMN mine")
    assert run("postgres", "").exit_code == ExitCode.COMPLETE
    assert_complete("postgres", whole, endpoints=2)


NOT_ALLOWED = """
CREATE FUNCTION racing.refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'not allowed' USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON racing.ra_issues
FOR EACH ROW WHEN (NEW.row_key = 'refused') EXECUTE FUNCTION racing.refuse()
"""


@ON_POSTGRES
def test_package_that_is_refused_for_good_is_not_in_the_way_of_the_next(
    tables: Database, address: str
) -> None:
    statement(address, NOT_ALLOWED)
    with pytest.raises(DestinationError, match="not allowed"):
        tables.load(issue_of("refused"))
    tables.load(issue_of("good"))
    assert statement(address, "SELECT row_key FROM racing.ra_issues") == [("good",)]


def issue_of(key: str) -> DltSource:
    """Return a source with one row."""
    row: Row = dict.fromkeys([column.name for column in ISSUES.columns], "x")
    row |= {"row_key": key, "date": DAY}
    return one_table("reference", ISSUES, to_arrow(ISSUES, ISSUES.columns, [row]))


# The DuckDB file


HOLD = """
import sys, time, duckdb
connection = None
while connection is None:
    try:
        connection = duckdb.connect(sys.argv[1])
    except duckdb.IOException:
        time.sleep(0.01)  # a run closes it a moment after it has begun to wait
print("held", flush=True)
time.sleep(60)
"""


@ON_DUCKDB
def test_duckdb_file_open_elsewhere_is_named_with_its_holder_and_no_call_is_made(
    whole: Contents,
    tables: Database,
    sandbox: Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCES__RACING_API__FILE_WAIT_MINUTES", "0.01")
    command = [sys.executable, "-c", HOLD, str(tmp_path / "racing_data.duckdb")]
    with subprocess.Popen(command, stdout=PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        report = run("duckdb")
        holder.kill()
    assert report.exit_code == ExitCode.INCOMPLETE
    assert report.errors[0] == (
        f"{Path(sys.executable).resolve().name} (PID {holder.pid}) has "
        f"{tmp_path / 'racing_data.duckdb'} open, and has not closed it for 0.01 minutes. Close it "
        "there, and open racing_read.duckdb instead, which keeps no run out."
    )
    assert sandbox.calls == []
    assert run("duckdb").exit_code == ExitCode.COMPLETE
    assert_complete("duckdb", whole)


@ON_DUCKDB
def test_duckdb_file_opened_by_somebody_during_the_run_is_waited_for(
    whole: Contents, tables: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "racing_data.duckdb")]
    holders: list[subprocess.Popen[str]] = []
    answered = RacingApi.day

    def held(self: RacingApi, endpoint: Endpoint, *about: Any) -> Any:
        answer = answered(self, endpoint, *about)
        if holders:
            return answer
        holders.append(subprocess.Popen(command, stdout=PIPE, text=True))
        assert holders[0].stdout is not None
        assert holders[0].stdout.readline() == "held\n"
        threading.Timer(1.5, holders[0].kill).start()
        return answer

    monkeypatch.setattr(RacingApi, "day", held)
    report = run("duckdb")
    assert (report.exit_code, report.errors) == (ExitCode.COMPLETE, [])
    with holders[0]:
        assert_complete("duckdb", whole)


@ON_DUCKDB
@pytest.mark.parametrize("size", [1, 5000, 20_000])
def test_truncated_duckdb_file_is_told_and_left_alone(
    size: int, tables: Database, sandbox: Running, tmp_path: Path
) -> None:
    file = tmp_path / "racing_data.duckdb"
    rest = file.read_bytes()[:size]
    file.write_bytes(rest)
    report = run("duckdb")
    assert report.exit_code == ExitCode.INCOMPLETE
    assert "duckdb cannot be reached" in report.errors[0]
    assert (sandbox.calls, file.read_bytes()) == ([], rest)
