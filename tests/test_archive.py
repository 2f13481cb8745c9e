"""Every usable answer is kept as it came, and the tables can be made from what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from ftplib import FTP
from pathlib import Path

import pytest

from pipelines.api.answers import Answer, DayAnswer, Page, RecordAnswer
from pipelines.api.client import RacingApi
from pipelines.api.endpoints import HORSE_STANDARD, RACECARDS, RESULTS, Endpoint
from pipelines.archive import store
from pipelines.archive.store import Archive, Entry
from pipelines.errors import ApiError, ArchiveError
from pipelines.report import ExitCode, Report
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.system.compression import decompress
from tests.fake_api import answer_of
from tests.jobs import point_to, run_job

DAY = date(2025, 10, 1)
TODAY = date(2025, 10, 5)
FIRST = date(2025, 10, 3)
ODD = b'{ "results": [{"rpr": 1e400, "name": "caf\\u00e9 \xc3\xa9"}],\n"total":1 }'


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(str(tmp_path / "kept"))


def parts(answer: Answer) -> list[object]:
    pages = [page.content for page in answer.pages]
    return [answer.about, pages, str(answer.error), answer.doubt, answer.asked_at]


@pytest.mark.parametrize(
    "answer",
    [
        answer_of(RACECARDS, DAY, {"racecards": []}, {"racecards": [{"race_id": "rac_1"}]}),
        DayAnswer(RESULTS, DAY, [Page(RESULTS, ODD)], ApiError('no "page" \n'), "a doubt"),
        RecordAnswer(HORSE_STANDARD, "hrs_1"),
    ],
    ids=["two pages", "as it came", "no page"],
)
def test_an_answer_comes_back_as_it_was(answer: Answer, archive: Archive) -> None:
    batch = archive.begin(TODAY)
    archive.keep(answer, batch)
    entry = Entry(answer.endpoint, answer.about, batch.time)
    found, today = archive.read(entry)
    assert (type(found), parts(found), today) == (type(answer), parts(answer), TODAY)


def test_a_saved_answer_is_parsed_only_when_its_content_is_asked_for(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"results": [{"race_id": "rac_1"}], "total": 1}
    batch = archive.begin(TODAY)
    archive.keep(answer_of(RESULTS, DAY, body), batch)
    parsed: list[bytes] = []

    def read(content: bytes) -> object:
        parsed.append(content)
        return json.loads(content)

    monkeypatch.setattr("pipelines.api.answers.read", read)
    found, _ = archive.read(Entry(RESULTS, DAY, batch.time))
    assert parsed == []
    assert (found.received, found.total, found.is_whole) == (1, 1, True)
    assert parsed == [json.dumps(body).encode()]


def test_no_two_batches_have_one_time_however_coarse_the_clock(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Coarse(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Coarse:
            return cls(2025, 10, 20, 1, tzinfo=tz)

    monkeypatch.setattr(store, "datetime", Coarse)
    times = [archive.begin(DAY).time for _ in range(3)]
    assert times == [f"20251020T010000.00000{number}Z" for number in range(3)]


def test_a_file_is_one_json_document(archive: Archive, tmp_path: Path) -> None:
    batch = archive.begin(TODAY)
    archive.keep(answer_of(RESULTS, DAY, {"results": [1]}, {"results": [2]}), batch)
    (file,) = (tmp_path / "kept" / "results" / "2025-10-01").iterdir()
    document = json.loads(decompress(file.read_bytes()))
    assert file.name == f"{batch.time}.json.zst"
    assert document["pages"] == [{"results": [1]}, {"results": [2]}]


def test_answers_asked_for_together_are_a_batch_and_it_is_known_which_are_loaded(
    archive: Archive,
) -> None:
    batches = [archive.begin(TODAY) for _ in range(3)]
    for batch in batches:
        archive.keep(answer_of(RESULTS, DAY, {"results": []}), batch)
        archive.keep(answer_of(RACECARDS, DAY, {"racecards": []}), batch)
    for batch in (batches[2], batches[0]):
        archive.end(batch)
    found = [[(entry.endpoint, entry.time) for entry in entries] for entries in archive.batches()]
    assert found == [[(RACECARDS, batch.time), (RESULTS, batch.time)] for batch in batches]
    assert archive.unloaded() == {batches[1].time}


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x28\xb5\x2f\xfd"])
def test_a_torn_file_is_told(archive: Archive, tmp_path: Path, content: bytes) -> None:
    batch = archive.begin(TODAY)
    archive.keep(answer_of(RESULTS, DAY, {"results": []}), batch)
    (file,) = (tmp_path / "kept" / "results" / "2025-10-01").iterdir()
    file.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"results/2025-10-01/.* cannot be read"):
        archive.read(Entry(RESULTS, DAY, batch.time))


def test_address_with_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FTP, "connect", lambda *_: None)  # as if there were a server, at first
    monkeypatch.setattr(FTP, "login", lambda *_: None)
    archive = Archive("ftp://somebody:sesame@127.0.0.1/kept")
    with pytest.raises(ArchiveError, match="The archive /kept") as told:
        archive.batches()
    assert "sesame" not in f"{archive.name} {told.value}"


# Whole runs


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.05)) as server:
        yield server


@pytest.fixture
def sandbox(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    point_to(monkeypatch, shared.url)
    shared.sandbox.calls.clear()
    return shared


def backfill() -> Report:
    return run_job("backfill", "duckdb", TODAY, start=FIRST, end=TODAY, max_horses=0)


@pytest.mark.usefixtures("tables_there")
def test_a_crash_between_asking_and_loading_costs_no_call_twice(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = RacingApi.day
    asked = []

    def day(self: RacingApi, endpoint: Endpoint, day: date) -> DayAnswer:
        answer = ask(self, endpoint, day)
        if answer.error is None:  # not one that the end of the run has cut off
            asked.append((endpoint.name, day))
        return answer

    monkeypatch.setattr(RacingApi, "day", day)
    with monkeypatch.context() as dying:
        dying.setattr("pipelines.loading.days._load", _die)
        with pytest.raises(SystemExit):
            backfill()
    report = backfill()
    assert report.exit_code == ExitCode.COMPLETE, report.missing
    assert sorted(asked) == sorted(set(asked))


@pytest.mark.usefixtures("tables_there")
def test_an_archive_that_cannot_be_written_costs_no_row_and_is_told(
    sandbox: Running, tmp_path: Path
) -> None:
    (tmp_path / "archive").write_text("not a folder")
    report = run_job("manual", "duckdb", TODAY, start=DAY, end=DAY, max_horses=2)
    assert report.exit_code == ExitCode.INCOMPLETE
    assert report.incomplete == []
    assert report.tables["ra_runners"].rows > 0
    assert all("archive" in line for line in report.missing)


def _die(*_: object) -> None:
    raise SystemExit
