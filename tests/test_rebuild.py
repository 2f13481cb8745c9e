"""Tables made again from the archive: the same rows, no call, and nothing lost on the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from pipelines.api.answers import DayAnswer, Page
from pipelines.archive.store import Archive, Batch, Entry
from pipelines.cli.app import _main
from pipelines.errors import DestinationError, UsageError
from pipelines.plan.modes import Options
from pipelines.report import ExitCode, Report
from pipelines.run import make_again
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.settings import load_settings
from pipelines.tables import API_TABLES, COVERAGE, TABLES
from tests.faults.tables import Tables
from tests.jobs import (
    FEW_DAYS,
    SYSTEM_COLUMNS,
    Contents,
    Silent,
    contents,
    point_to,
    rows_of,
    run_job,
    tables_in,
    use_empty_database,
)
from tests.templates import template_file

pytestmark = pytest.mark.slow

TODAY = LATER = date(2025, 10, 2)
FIRST = date(2025, 9, 30)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.05)) as server:
        yield server


@pytest.fixture(scope="module")
def loaded(sandbox: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file that a backfill has filled, and its archive: nothing is in it twice."""
    folder = tmp_path_factory.mktemp("loaded")
    with loading_into(folder, sandbox):
        report = run_job("backfill", "duckdb", TODAY, start=FIRST, end=TODAY, max_horses=2)
    assert report.exit_code == ExitCode.COMPLETE, report.missing
    return folder


@pytest.fixture(scope="module")
def loaded_twice(loaded: Path, sandbox: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, and then a daily run, so that the archive has some responses twice."""
    folder = tmp_path_factory.mktemp("loaded_twice")
    shutil.copytree(loaded, folder, dirs_exist_ok=True)
    with loading_into(folder, sandbox):
        run_job("daily", "duckdb", TODAY, max_horses=0)
    return folder


@contextmanager
def loading_into(folder: Path, sandbox: Running) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as context:
        context.chdir(folder)
        context.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        point_to(context, sandbox.url, **FEW_DAYS | {"results_days_back": 1})
        yield


@pytest.fixture(scope="module")
def before(loaded: Path) -> Contents:
    """The rows of the file."""
    return rows_in(loaded)


@pytest.fixture
def filled(loaded: Path, tmp_path: Path, sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it in the folder of the test, where nobody can ask the API."""
    return copied(loaded, tmp_path, sandbox, monkeypatch)


@pytest.fixture
def filled_twice(
    loaded_twice: Path, tmp_path: Path, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A copy of what is loaded twice."""
    return copied(loaded_twice, tmp_path, sandbox, monkeypatch)


def copied(source: Path, to: Path, sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(source / "racing_data.duckdb", to)
    shutil.copytree(source / "archive", to / "archive")
    sandbox.clear()
    for name in ("USERNAME", "PASSWORD", "BASE_URL", "PATH_LIMITS"):
        monkeypatch.delenv(f"SOURCES__RACING_API__{name}", raising=False)
    return to


def rebuild(destination: str = "duckdb", *tables: str, start: date | None = None) -> Report:
    settings = load_settings(with_credentials=False)
    options = Options("rebuild", TODAY, frozenset(TABLES[name] for name in tables), start=start)
    return make_again(options, settings, Archive(settings.archive), destination, Silent())


def rows(destination: str = "duckdb") -> Contents:
    return contents(destination, [*API_TABLES, COVERAGE], without=SYSTEM_COLUMNS)


def rows_in(folder: Path) -> Contents:
    keys = {table.name: table.key for table in [*API_TABLES, COVERAGE]}
    file = Tables("duckdb", str(folder / "racing_data.duckdb"))
    return file.sorted_rows(keys, SYSTEM_COLUMNS)


def run_sql(*statements: str, destination: str = "duckdb") -> None:
    tables_in(destination).run(*statements)


def statuses() -> set[tuple[str, str, str]]:
    found = rows_of("duckdb", "SELECT endpoint, status, coalesce(reason, '') FROM ra_coverage")
    return {(endpoint, status, reason) for endpoint, status, reason in found}


@pytest.mark.parametrize("there", ["damaged rows", "no row"])
def test_tables_are_made_again_without_a_call_or_credentials(
    there: str, destination: str, filled_twice: Path, sandbox: Running
) -> None:
    before = rows_in(filled_twice)
    if there == "no row" and destination == "duckdb":
        template_file().copy(filled_twice, "racing_data")
    elif there == "damaged rows":
        if destination == "postgres":
            tables_in(destination).take_rows(
                Tables("duckdb", str(filled_twice / "racing_data.duckdb"))
            )
        run_sql(*DAMAGE, destination=destination)
    report = rebuild(destination)
    assert rows(destination) == before
    assert report.exit_code == len(sandbox.calls) == report.calls == 0


def odd(bodies: dict[str, Any]) -> None:
    """Let values be unreadable, rows be there twice or lack their key, and a result differ."""
    card, other = bodies["racecards/2025-09-30"]["racecards"][:2]
    card["runners"][0]["odds"][0]["decimal"] = "abc"
    card["runners"][1]["jockey_id"] = "?!"
    card["runners"].append({**card["runners"][2], "weight_lbs": "1"})
    del other["runners"][0]["horse_id"]
    result, *_ = bodies["results/2025-09-30"]["results"]
    result |= {"going": "Unheard of", "type": "Unheard of", "undeclared": 1}
    result["runners"][0]["position"] = "ZZ"
    bodies["results/2025-10-01"] |= {"results": [], "total": 0}


def with_two_days(bodies: dict[str, Any]) -> None:
    """Let a race be on the card of one day and in the results of another."""
    card, *_ = bodies["racecards/2025-10-01"]["racecards"]
    bodies["results/2025-09-30"]["results"][0]["race_id"] = card["race_id"]


def with_a_reused_id(bodies: dict[str, Any]) -> None:
    """Let two days' cards use one id for different races."""
    card, *_ = bodies["racecards/2025-10-01"]["racecards"]
    bodies["racecards/2025-09-30"]["racecards"][0]["race_id"] = card["race_id"]


@pytest.mark.parametrize("change", [odd, with_two_days, with_a_reused_id])
def test_all_at_once_is_the_same_as_one_response_after_the_other(
    change: Callable[[dict[str, Any]], None],
    destination: str,
    loaded: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(loaded / "archive", tmp_path / "archive")
    rewrite(Archive("archive"), change)
    at_once = rebuild(destination)
    made, states = tables_in(destination).contents(), tables_in(destination).states()
    use_empty_database(destination, "again", tmp_path, monkeypatch)
    monkeypatch.setattr("pipelines.rebuild.rebuild._is_at_once", lambda _: False)
    by_chunks = rebuild(destination)
    assert made == tables_in(destination).contents()
    assert states[-1]["sources"] == tables_in(destination).states()[-1]["sources"]
    assert (at_once.missing, at_once.issues) == (by_chunks.missing, by_chunks.issues)


def rewrite(archive: Archive, change: Callable[[dict[str, Any]], None]) -> None:
    """Change what the first response to each question says."""
    kept: dict[str, tuple[Entry, DayAnswer, date]] = {}
    for batch in archive.batches():
        for entry in batch:
            answer, today = archive.read(entry)
            if isinstance(answer, DayAnswer):
                kept.setdefault(f"{entry.endpoint.name}/{entry.about}", (entry, answer, today))
    bodies = {name: answer.pages[0].body for name, (_, answer, _) in kept.items()}
    change(bodies)
    for name, (entry, answer, today) in kept.items():
        answer.pages[0] = Page(entry.endpoint, orjson.dumps(bodies[name]))
        archive.keep(answer, Batch(entry.time, today))


DAMAGE = (
    "UPDATE ra_runners SET jockey_name = 'Nobody', finish_status = NULL",
    "UPDATE ra_mst_trainers SET name = 'Nobody'",
    "UPDATE ra_races SET going = 'Unheard of'",
    "DELETE FROM ra_race_results WHERE position = 1",
    "INSERT INTO ra_mst_owners (_dlt_load_id, id, name) VALUES ('1.0', 'own_0', 'Nobody')",
    "UPDATE ra_horse_pedigree SET sire = NULL",
)


@pytest.mark.parametrize(
    ("tables", "damage"),
    [
        (["ra_mst_jockeys", "ra_races"], ["UPDATE ra_mst_jockeys SET name = 'Nobody'"]),
        (
            ["ra_horse_pedigree", "ra_mst_courses"],
            ["DELETE FROM ra_horse_pedigree", "DELETE FROM ra_mst_courses"],
        ),
    ],
)
def test_chosen_tables_alone_are_made_again(
    tables: list[str], damage: list[str], filled: Path, before: Contents
) -> None:
    run_sql(*damage)
    assert rows() != before
    report = rebuild("duckdb", *tables)
    assert (report.exit_code, rows()) == (0, before)


def test_rows_that_cannot_be_filled_at_once_are_loaded_one_after_the_other(
    filled: Path,
    before: Contents,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    keys = tables_in("duckdb").unique_indexes()

    def refuse(*_: object) -> None:
        raise DestinationError("refused") from duckdb.ConstraintException("two rows")

    monkeypatch.setattr("pipelines.database.fill.add_keys", refuse)
    assert (rebuild().exit_code, rows()) == (ExitCode.COMPLETE, before)
    assert tables_in("duckdb").unique_indexes() == keys
    assert "one after the other" in caplog.text


@pytest.mark.parametrize("kind", ["TABLE", "VIEW"])
def test_what_somebody_has_added_stays(
    kind: str, destination: str, filled: Path, before: Contents
) -> None:
    if destination == "postgres":
        tables_in(destination).take_rows(Tables("duckdb", str(filled / "racing_data.duckdb")))
    run_sql(f"CREATE {kind} mine AS SELECT id FROM ra_races", destination=destination)
    if destination == "postgres":
        run_sql("GRANT SELECT ON ra_races, runs TO pg_monitor", destination=destination)
    assert rows(destination) == before
    report = rebuild(destination)
    assert rows(destination) == before
    mine = rows_of(destination, "SELECT id FROM mine ORDER BY id")
    assert mine == [(row["id"],) for row in before["ra_races"]]
    if destination == "postgres":
        asked = "has_table_privilege('pg_monitor', 'racing.{}', 'SELECT')"
        query = f"SELECT {asked.format('ra_races')}, {asked.format('runs')}"
        assert rows_of(destination, query) == [(True, True)]
        note = "made again in place, one response after the other: somebody has added mine"
        assert report.notes == ([note] if kind == "VIEW" else [])


def test_days_before_the_first_one_stay_as_they_are(filled: Path, before: Contents) -> None:
    run_sql("UPDATE ra_races SET going = 'Unheard of'")
    rebuild(start=LATER)
    after = rows()
    for race, was in zip(after["ra_races"], before["ra_races"], strict=True):
        assert race["going"] == ("Unheard of" if race["date"] < LATER else was["going"])
    for table in set(after) - {"ra_races"}:
        assert after[table] == before[table], table


@pytest.mark.parametrize(
    ("lost", "sentence"),
    [
        ("results/2025-09-30", "1 days of results (2025-09-30 to 2025-09-30)"),
        ("horse_pro", "horse profiles"),
        ("courses", "the courses"),
    ],
)
def test_nothing_is_deleted_that_the_archive_lacks(
    lost: str, sentence: str, filled: Path, before: Contents
) -> None:
    shutil.rmtree(filled / "archive" / lost)
    with pytest.raises(UsageError, match="The archive lacks data that duckdb has") as told:
        rebuild()
    assert sentence in str(told.value)
    assert rows() == before


Damage = Callable[[Path], None]


def cut(file: Path) -> None:
    """Let a file be torn."""
    file.write_bytes(file.read_bytes()[:-1])


def swap(file: Path) -> None:
    """Let a file be what is kept of the next day or horse."""
    folders = sorted(file.parent.parent.iterdir())
    other = folders[folders.index(file.parent) - 1]
    file.write_bytes(max(other.iterdir()).read_bytes())


@pytest.mark.parametrize("damage", [cut, swap])
@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("racecards/2025-10-01", "1 days of racecards (2025-10-01 to 2025-10-01)"),
        ("results/2025-10-01", "1 days of results (2025-10-01 to 2025-10-01)"),
        ("horse_pro/*", "1 horse profiles (hrs_"),
    ],
)
def test_nothing_is_deleted_that_only_a_damaged_file_has(
    kind: str, sentence: str, damage: Damage, filled: Path, before: Contents
) -> None:
    folder, *_ = sorted((filled / "archive").glob(kind))
    for file in folder.iterdir():
        damage(file)
    with pytest.raises(UsageError) as told:
        rebuild()
    assert sentence in str(told.value)
    assert f"{folder.parent.name}/{folder.name}/" in str(told.value)
    assert "is damaged and cannot be read (it" in str(told.value)
    assert rows() == before


def test_a_damaged_file_matters_only_where_no_newer_one_says_it_all(filled_twice: Path) -> None:
    before = rows()
    run_sql("DELETE FROM ra_race_results WHERE position = 1")
    oldest, *others = sorted((filled_twice / "archive" / "results" / "2025-10-01").iterdir())
    assert others
    cut(oldest)
    assert (rebuild("duckdb", "ra_race_results").exit_code, rows()) == (ExitCode.COMPLETE, before)
    cut(others[-1])
    with pytest.raises(UsageError, match=f"{others[-1].name} is damaged"):
        rebuild("duckdb", "ra_race_results")


def test_another_horse_in_a_file_is_named_and_never_loaded(filled: Path) -> None:
    template_file().copy(filled, "racing_data")
    first, second, *_ = sorted((filled / "archive" / "horse_pro").iterdir())
    (file,) = first.iterdir()
    file.write_bytes(next(second.iterdir()).read_bytes())
    report = rebuild("duckdb", "ra_horse_pedigree")
    assert report.exit_code == ExitCode.INCOMPLETE
    (told,) = report.errors
    assert f"{first.name}/{file.name} is damaged" in told
    assert f"it holds horse_pro of {second.name}" in told


def test_an_older_answer_does_not_make_up_for_a_newer_one(filled: Path) -> None:
    run_sql(
        "UPDATE ra_coverage SET loaded_at = loaded_at + INTERVAL 1 HOUR WHERE date = '2025-10-02'"
    )
    with pytest.raises(UsageError, match=r"1 days of racecards .* 1 days of results"):
        rebuild()


def test_a_rebuild_that_dies_leaves_days_that_say_so_until_it_is_done_again(
    filled: Path, before: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_sql("UPDATE ra_runners SET jockey_name = NULL, official_rating = 1")
    with monkeypatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr("pipelines.rebuild.rebuild._load", _die)
        rebuild("duckdb", "ra_runners")
    reason = "ra_runners to be rebuilt by pipeline rebuild"
    died = {(name, "partial", reason) for name in ("racecards", "results")}
    assert statuses() == died
    rebuild("duckdb", "ra_horse_pedigree")
    assert statuses() == died, "the rebuild of other tables does not hide it"
    assert (rebuild("duckdb", "ra_runners").exit_code, rows()) == (0, before)


@pytest.mark.parametrize("step", ["_load", "note_finished"])
def test_a_rebuild_of_everything_that_dies_leaves_the_tables_as_they_were(
    step: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = request.getfixturevalue("filled_twice" if step == "_load" else "filled")
    run_sql("UPDATE ra_races SET going = 'Unheard of'")
    before, covered = rows(), statuses()
    with monkeypatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr(f"pipelines.rebuild.rebuild.{step}", _die)
        rebuild()
    assert (rows(), statuses()) == (before, covered)
    assert [file.name for file in folder.glob(".*")] == []


def test_a_file_that_cannot_be_read_is_told_and_its_day_stays_missing(filled: Path) -> None:
    template_file().copy(filled, "racing_data")
    for file in (filled / "archive" / "results" / "2025-09-30").iterdir():
        file.write_bytes(b"nonsense")
    report = rebuild("duckdb", "ra_race_results")
    assert report.exit_code == ExitCode.INCOMPLETE
    assert any("results/2025-09-30" in line for line in report.missing)
    assert "2025-09-30" not in days_of("results")


def days_of(endpoint: str) -> Iterable[str]:
    sql = f"SELECT date FROM ra_coverage WHERE endpoint = '{endpoint}'"
    found = rows_of("duckdb", sql)
    return [day.isoformat() for (day,) in found]


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("nowhere", "nowhere has no responses yet"),
        ("", "SOURCES__RACING_API__ARCHIVE is empty"),
        ("moon://dust", "SOURCES__RACING_API__ARCHIVE cannot be used: Protocol not known: moon"),
    ],
)
def test_nothing_to_rebuild_from_is_one_line_and_exit_code_2(
    folder: str,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SOURCES__RACING_API__ARCHIVE", folder)
    assert _main(["rebuild"]) == 2
    captured = capsys.readouterr()
    assert (captured.out, len(captured.err.splitlines())) == ("", 1)
    assert sentence in captured.err


def _die(*_: object) -> None:
    raise SystemExit
