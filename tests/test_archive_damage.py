"""What is torn or altered in the archive never reaches a table, and never stops a night."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import orjson
import pytest

from pipelines.api.answers import Answer, DayAnswer, Page, RecordAnswer
from pipelines.api.endpoints import COURSES, HORSE_PRO, RACECARDS, RESULTS, Endpoint
from pipelines.archive.store import Archive, Entry
from pipelines.errors import DamagedError
from pipelines.report import ExitCode
from pipelines.sandbox import Running, SandboxOptions, running
from pipelines.system.compression import compress, decompress, unseal
from tests.fake_api import answer_of
from tests.jobs import FEW_DAYS, point_to, run_job

DAY, OTHER, TODAY = date(2025, 10, 1), date(2025, 10, 2), date(2025, 10, 5)
FLIPS = 600
KILLS = 30
WRITER = f"""
import functools, os, random, signal, sys, time
from datetime import date
from pipelines.archive import store as archives
from pipelines.api.answers import DayAnswer
from pipelines.api.answers import Page
from pipelines.api.endpoints import RESULTS
dice = random.Random(7)
noise = dice.randbytes(2_000_000).hex().encode()
page = Page(RESULTS, b'{{"results": [], "total": 0, "noise": "' + noise + b'"}}')
answer = DayAnswer(RESULTS, date(2025, 10, 1), [page])
archive, today = archives.Archive(sys.argv[1]), date(2025, 10, 5)
document = archives._document(answer, today)
archives._document = lambda *_: document
for name in ("compress", "seal"):  # made once: what takes time from then on is to write
    setattr(archives, name, functools.cache(getattr(archives, name)))
archive.keep(answer, archive.begin(today))
for _ in range({KILLS}):
    reader, writer = os.pipe()
    process = os.fork()
    while not process:
        batch = archive.begin(today)
        os.write(writer, b".")
        archive.keep(answer, batch)
    os.read(reader, 1), os.read(reader, 1)
    time.sleep(dice.uniform(0, 0.01))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.close(reader), os.close(writer)
"""


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(str(tmp_path / "archive"))


def kept(archive: Archive, answer: Answer) -> tuple[Entry, Path]:
    """Keep an answer; return its entry and its file."""
    batch = archive.begin(TODAY)
    archive.keep(answer, batch)
    archive.end(batch)
    entry = Entry(answer.endpoint, answer.about, batch.time)
    return entry, Path(archive.name) / entry.path


def as_before_digests(file: Path) -> None:
    """Let a file be as earlier versions wrote it: without a digest, and nothing but times in it."""
    head, _, pages = decompress(unseal(file.read_bytes())).partition(b"\n")
    told = orjson.loads(head + b"]}")
    for name in ("endpoint", "about", "is_whole", "pages"):
        del told[name]
    file.write_bytes(compress(orjson.dumps(told)[:-1] + b',"pages":[\n' + pages))


def profile(horse: str) -> RecordAnswer:
    return RecordAnswer(HORSE_PRO, horse, [Page(HORSE_PRO, orjson.dumps({"id": horse}))])


def of_day(day: date) -> DayAnswer:
    return answer_of(RESULTS, day, {"results": [{"race_id": "rac_1", "date": day.isoformat()}]})


def test_no_bit_that_flips_makes_other_data(archive: Archive) -> None:
    dice = random.Random(7)
    races = [{"race_id": f"rac_{dice.getrandbits(40)}", "off": dice.random()} for _ in range(400)]
    entry, file = kept(archive, answer_of(RESULTS, DAY, {"results": races, "total": 400}))
    whole, (before, _) = file.read_bytes(), archive.read(entry)
    told = []
    for bit in dice.sample(range(len(whole) * 8), FLIPS):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        file.write_bytes(flipped)
        with pytest.raises(DamagedError, match=f"{entry.path} is damaged") as error:
            archive.read(entry)
        told.append(str(error.value))
    assert len(told) == FLIPS
    file.write_bytes(whole)
    assert [page.content for page in archive.read(entry)[0].pages] == [
        page.content for page in before.pages
    ]


@pytest.mark.slow
def test_killed_while_writing_it_leaves_whole_files_only(archive: Archive) -> None:
    folder = Path(archive.name)
    subprocess.run([sys.executable, "-c", WRITER, str(folder)], check=True)
    entries = [entry for batch in archive.batches() for entry in batch]
    assert len(entries) > KILLS
    assert all(archive.summary(entry) for entry in entries)
    archive.tidy()
    assert list(folder.rglob(".*")) == []


def test_other_tools_read_the_files(archive: Archive) -> None:
    _, file = kept(archive, of_day(DAY))
    pages = f"SELECT unnest(pages, recursive := true) FROM read_json('{file}')"
    races = f"SELECT unnest(results, recursive := true) FROM ({pages})"
    ((race, day),) = duckdb.connect().execute(races).fetchall()
    assert (race, str(day)) == ("rac_1", DAY.isoformat())
    assert orjson.loads(decompress(file.read_bytes()))["about"] == DAY.isoformat()


@pytest.mark.parametrize(
    "answer", [of_day(DAY), profile("hrs_1"), RecordAnswer(HORSE_PRO, "hrs_1")]
)
def test_files_without_a_digest_are_read(answer: Answer, archive: Archive) -> None:
    entry, file = kept(archive, answer)
    before, summary = archive.read(entry), archive.summary(entry)
    as_before_digests(file)
    found, today = archive.read(entry)
    assert [page.content for page in found.pages] == [page.content for page in before[0].pages]
    assert (found.about, found.asked_at, today) == (answer.about, answer.asked_at, TODAY)
    assert archive.summary(entry) == summary


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize(
    ("held", "endpoint", "about"),
    [
        (of_day(OTHER), RESULTS, DAY),
        (of_day(DAY), RACECARDS, DAY),
        (profile("hrs_2"), HORSE_PRO, "hrs_1"),
        (of_day(DAY), HORSE_PRO, "hrs_1"),
        (profile("hrs_1"), COURSES, "gb-ire"),
    ],
    ids=["another day", "another endpoint", "another horse", "no profile", "no courses"],
)
def test_a_file_about_something_else_than_its_name_says_is_damaged(
    held: Answer, endpoint: Endpoint, about: date | str, is_old: bool, archive: Archive
) -> None:
    entry, file = kept(archive, held)
    if is_old:
        as_before_digests(file)
    named = Entry(endpoint, about, entry.time)
    place = Path(archive.name) / named.path
    place.parent.mkdir(parents=True, exist_ok=True)
    file.rename(place)
    for look in (archive.read, archive.summary):
        with pytest.raises(DamagedError, match=r"it (holds|does not hold) \w+ of "):
            look(named)


def test_names_that_are_not_the_archives_are_left_out(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    entry, file = kept(archive, of_day(DAY))
    foreign = ("results/copy", "results/20251001", "results/2025-10-01/older")
    for folder in foreign:
        (Path(archive.name) / folder).mkdir()
        (Path(archive.name) / folder / file.name).write_bytes(file.read_bytes())
    (file.parent / f"copy{file.name}").write_bytes(file.read_bytes())
    assert archive.batches() == [[entry]]
    assert (
        len([line for line in caplog.messages if "is not a file name of the archive" in line]) == 4
    )


# Whole runs


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(SandboxOptions(limits=False, today=TODAY, scale=0.02)) as server:
        yield server


TORN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "begun": lambda whole: whole[40:44],
    "half": lambda whole: whole[: len(whole) // 2],
    "flipped": lambda whole: whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
}


@pytest.mark.usefixtures("tables_there")
def test_damaged_leftovers_are_told_once_and_stop_no_night(
    shared: Running,
    archive: Archive,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    point_to(monkeypatch, shared.url, **FEW_DAYS)
    batch, files = archive.begin(TODAY), []
    for number, damage in enumerate(TORN.values()):
        day = TODAY - timedelta(days=number)
        archive.keep(of_day(day), batch)
        file = Path(archive.name) / Entry(RESULTS, day, batch.time).path
        file.write_bytes(damage(file.read_bytes()))
        files.append(file)
    nights = []
    for _ in range(2):
        report = run_job("daily", "duckdb", TODAY, max_horses=0)
        told = [line for line in caplog.messages if "is damaged and cannot be read" in line]
        nights.append((report.exit_code, len(told)))
        caplog.clear()
    assert nights == [(ExitCode.COMPLETE, len(TORN)), (ExitCode.COMPLETE, 0)]
    assert archive.unloaded() == frozenset()
    assert all(file.with_name(f"{file.name}.unused").exists() for file in files)
