"""The archive: every usable response, unmodified and compressed, saved before it is parsed.

    <endpoint>/<date or id>/<time>.json.zst           a response
    <endpoint>/<date or id>/<time>.json.zst.unused    left by a crashed run, and not usable
    <endpoint>/<date or id>/<time>.same               it was the same again at that time
    unloaded/<time>                                   a batch that is not in a database yet
    captured/<time>                                   one of a race day, for the next run to load

The time is that of the batch: responses fetched together, to be loaded together. A file of one time
belongs to one batch, so a rebuild can load what was loaded, as it was loaded.

A file begins with the digest of what follows, and says in its first line what it is about. Neither
its name nor its bytes are trusted beyond that; files of earlier versions, which have no digest, are
compared with their name by what the response says.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar

import fsspec
import orjson
from fsspec.implementations.local import LocalFileSystem

from pipelines.api.answers import ANSWERS, Answer, Page
from pipelines.api.bodies import as_utf8
from pipelines.api.endpoints import DATED, ENDPOINTS, Endpoint, RequestedBy
from pipelines.errors import ApiError, ArchiveError, DamagedError, UsageError
from pipelines.system.compression import compress, decompress, seal, unseal
from pipelines.system.configuration import variable_of
from pipelines.system.files import remove_unfinished, whole

logger = logging.getLogger(__name__)

SUFFIX: Final = ".json.zst"
UNUSED: Final = ".unused"
TIME_FORMAT: Final = "%Y%m%dT%H%M%S.%fZ"
TIME: Final = re.compile(r"\d{8}T\d{6}\.\d{6}Z")
SAME: Final = ".same"
UNLOADED: Final = "unloaded"
CAPTURED: Final = "captured"
BETWEEN_PAGES: Final = b",\n"
_BEGINNING: Final = threading.Lock()
"""Cards and results are fetched side by side: each batch has a time of its own."""
REMEDY: Final = "Restore it from a backup, or delete it."
"""What to do about a damaged file."""

Question = tuple[str, date | str]
"""What a response is about: an endpoint's name, and a day, the id of a horse or regions.

Editions count as one: either has the profile of a horse.
"""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Batch:
    """Responses fetched together, on one UK day, to be loaded together."""

    time: str
    today: date


@dataclass(frozen=True)
class Entry:
    """Where one response is stored."""

    endpoint: Endpoint
    about: date | str
    time: str

    @property
    def path(self) -> str:
        """Path inside the archive."""
        return f"{self.endpoint.name}/{self.about}/{self.time}{SUFFIX}"

    @property
    def question(self) -> Question:
        """What it is about."""
        return question_of(self.endpoint, self.about)


@dataclass(frozen=True)
class Summary:
    """What must be known about a response before it is parsed."""

    asked_at: datetime
    is_whole: bool


def question_of(endpoint: Endpoint, about: date | str) -> Question:
    """Return the question that a response answers."""
    return endpoint.best.name, about


class Archive:
    """A folder, or any other place that fsspec can write to; every method raises ArchiveError."""

    def __init__(self, location: str) -> None:
        """Open the location; nothing is created before the first response. Raises UsageError."""
        try:
            self._files, self._root = fsspec.url_to_fs(location)
        except (ImportError, ValueError, OSError) as error:
            raise UsageError(f"{variable_of('archive')} cannot be used: {error}.") from error
        self.name = self._root
        """Where it is, without what an address may say of its owner."""

    # Keeping

    def begin(self, today: date) -> Batch:
        """Begin a batch; if this run crashes, the next one can use its responses."""
        with _BEGINNING:
            moment = datetime.now(UTC)
            while self._has(f"{UNLOADED}/{moment.strftime(TIME_FORMAT)}"):
                moment += timedelta(microseconds=1)
            batch = Batch(moment.strftime(TIME_FORMAT), today)
            self._write(f"{UNLOADED}/{batch.time}", b"")
            return batch

    def end(self, batch: Batch) -> None:
        """Note that a batch is loaded."""
        self._remove(f"{UNLOADED}/{batch.time}")

    def capture(self, answers: Sequence[Answer], today: date) -> Batch:
        """Save answers of one endpoint, to be loaded in order by the next run with the database.

        Unlike a batch left by a crashed run, it is loaded even if newer data has come since.
        """
        batch = Batch(answers[0].asked_at.strftime(TIME_FORMAT), today)
        names = [f"{answer.endpoint.name}/{answer.about}" for answer in answers]
        self._write(f"{CAPTURED}/{batch.time}", "\n".join(names).encode())
        for answer in answers:
            self.keep(answer, batch)
        return batch

    def captured(self) -> Iterator[tuple[str, list[Entry], bool]]:
        """Yield what race days have left to load, the oldest first.

        Each has its time, its entries, and whether all of them are there: the others are being
        saved now, or their process was killed.
        """
        for place in sorted(self._list(CAPTURED)):
            time = PurePosixPath(place).name
            if not TIME.fullmatch(time):
                continue
            with self._own_errors(f"{CAPTURED}/{time} cannot be read"):
                names = self._files.cat_file(place).decode().splitlines()
            named = (name.split("/") for name in names if name.count("/") == 1)
            entries = (
                _entry(ENDPOINTS[endpoint], about, time)
                for endpoint, about in named
                if endpoint in ENDPOINTS
            )
            found = [one for one in entries if one and self._has(one.path)]
            yield time, found, 0 < len(names) == len(found)

    def end_captured(self, time: str) -> None:
        """Note that what a race day left is loaded."""
        self._remove(f"{CAPTURED}/{time}")

    def note_same(self, answer: Answer) -> None:
        """Record that an answer is the same as the last one saved."""
        time = answer.asked_at.strftime(TIME_FORMAT)
        self._write(f"{answer.endpoint.name}/{answer.about}/{time}{SAME}", b"")

    def last_repeat(self, answer: Answer) -> datetime | None:
        """Return when the same answer last came again, before a later one."""
        until = answer.asked_at.strftime(TIME_FORMAT)
        places = self._list(f"{answer.endpoint.name}/{answer.about}")
        names = (PurePosixPath(place).name for place in places)
        times = [name.removesuffix(SAME) for name in names if name.endswith(SAME)]
        earlier = [time for time in times if TIME.fullmatch(time) and time < until]
        return _moment(max(earlier)) if earlier else None

    def repeats(self) -> dict[Question, list[datetime]]:
        """When each answer came again unchanged, earliest first."""
        found: defaultdict[Question, list[datetime]] = defaultdict(list)
        for endpoint in DATED:
            for path in sorted(self._find(endpoint.name)):
                *_, about, name = PurePosixPath(path).parts
                entry = _entry(endpoint, about, name.removesuffix(SAME))
                if name.endswith(SAME) and entry:
                    found[entry.question].append(_moment(entry.time))
        return found

    def keep(self, answer: Answer, batch: Batch) -> None:
        """Save an answer."""
        entry = Entry(answer.endpoint, answer.about, batch.time)
        try:
            self._write(entry.path, seal(compress(_document(answer, batch.today))))
        except ArchiveError:
            with suppress(ArchiveError):
                self._remove(entry.path)  # no half of it, as a full server may leave one
            raise

    def forget(self, answer: Answer, batch: Batch) -> None:
        """Delete an answer that turned out not to be usable."""
        self._remove(Entry(answer.endpoint, answer.about, batch.time).path)

    def move(self, entry: Entry, answer: Answer, batch: Batch) -> None:
        """Move an answer from a batch that was never loaded to another."""
        self.keep(answer, batch)
        self._remove(entry.path)

    def set_aside(self, entry: Entry) -> None:
        """Rename a response so that nothing reads it any more; nothing is deleted."""
        with self._own_errors("cannot be written"):
            self._files.mv(self._inside(entry.path), self._inside(entry.path + UNUSED))

    def tidy(self) -> None:
        """Delete incomplete files of crashed runs."""
        if self._is_local:
            with self._own_errors("cannot be written"):
                remove_unfinished(Path(self._root), f"*{SUFFIX}", is_deep=True)

    # Finding

    def unloaded(self) -> frozenset[str]:
        """Times of the batches that have not been loaded yet."""
        return frozenset(PurePosixPath(path).name for path in self._list(UNLOADED))

    def batches(self) -> list[list[Entry]]:
        """Every batch, oldest first, each with its entries in a fixed order."""
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for endpoint in ENDPOINTS.values():
            for entry in self._entries(endpoint):
                found[entry.time].append(entry)
        return [found[time] for time in sorted(found)]

    def _entries(self, endpoint: Endpoint) -> Iterator[Entry]:
        for path in sorted(self._find(endpoint.name)):
            if path.endswith(SUFFIX):
                *_, about, name = PurePosixPath(path).parts
                entry = _entry(endpoint, about, name.removesuffix(SUFFIX))
                if entry and path == f"{self._root}/{entry.path}":
                    yield entry
                else:
                    logger.warning("Ignored: %s is not a file name of the archive", path)

    def about(self, endpoint: Endpoint, about: date | str) -> list[Entry]:
        """Return the loaded answers of one endpoint about one day or horse, the oldest first."""
        unloaded, paths = self.unloaded(), self._list(f"{endpoint.name}/{about}")
        names = sorted(PurePosixPath(path).name for path in paths if path.endswith(SUFFIX))
        entries = (_entry(endpoint, str(about), name.removesuffix(SUFFIX)) for name in names)
        return [entry for entry in entries if entry and entry.time not in unloaded]

    def size(self) -> tuple[int, int]:
        """Number of responses, and their total size in bytes."""
        sizes = [
            info["size"]
            for path, info in self._find("", detail=True).items()
            if path.endswith(SUFFIX)
        ]
        return len(sizes), sum(sizes)

    def read(self, entry: Entry) -> tuple[Answer, date]:
        """Return an answer, and the UK day on which the run that fetched it began."""
        return self._understood(entry, _answer)

    def summary(self, entry: Entry) -> Summary:
        """Return what must be known about a response, without parsing its pages."""
        return self._understood(entry, _summary)

    def _understood(self, entry: Entry, understand: Callable[[Entry, bytes], Result]) -> Result:
        with self._own_errors(f"{entry.path} cannot be read"):
            content = self._files.cat_file(self._inside(entry.path))
        try:
            return understand(entry, decompress(unseal(content)))
        except NOT_OURS as error:
            is_said = isinstance(error, ValueError | OSError)
            why = error if is_said else f"it does not hold {_subject_of(entry)}"
            raise DamagedError(
                f"The archive {self.name}: {entry.path} is damaged and cannot be read ({why})."
            ) from error

    # The place

    @property
    def _is_local(self) -> bool:
        return isinstance(self._files, LocalFileSystem)

    def _inside(self, path: str) -> str:
        """Return where a path of the archive lies; raises ArchiveError if it would leave it."""
        if any(part in ("", ".", "..") or "\\" in part for part in path.split("/")):
            raise ArchiveError(f"The archive {self.name}: {path!r} is not a path in it.")
        return f"{self._root}/{path}"

    def _has(self, path: str) -> bool:
        with self._own_errors("cannot be read"):
            return bool(self._files.exists(self._inside(path)))

    def _write(self, path: str, content: bytes) -> None:
        place = self._inside(path)
        with self._own_errors("cannot be written"):
            try:
                self._put(place, content)
            except FileNotFoundError:
                self._files.makedirs(str(PurePosixPath(place).parent), exist_ok=True)
                self._put(place, content)

    def _put(self, place: str, content: bytes) -> None:
        """Write a file completely or not at all, as an object store always does.

        An empty file cannot be incomplete.
        """
        if self._is_local and content:
            with whole(Path(place)) as file:
                file.write(content)
        else:
            self._files.pipe_file(place, content)

    def _remove(self, path: str) -> None:
        with self._own_errors("cannot be written"), suppress(FileNotFoundError):
            self._files.rm_file(self._inside(path))

    def _list(self, path: str) -> list[str]:
        with self._own_errors("cannot be read"), suppress(FileNotFoundError):
            self._files.invalidate_cache()
            return [str(found) for found in self._files.ls(self._inside(path), detail=False)]
        return []

    def _find(self, path: str, **how: Any) -> Any:
        with self._own_errors("cannot be read"):
            self._files.invalidate_cache()
            return self._files.find(f"{self._root}/{path}".rstrip("/"), **how)

    @contextmanager
    def _own_errors(self, what: str) -> Iterator[None]:
        """Raise ArchiveError for any error: each kind of storage has its own."""
        try:
            yield
        except ArchiveError:
            raise
        except Exception as error:
            raise ArchiveError(f"The archive {self.name}: {what}: {error}.") from error


# What is in a file

NOT_OURS: Final = (ValueError, OSError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading raises where a file holds something else; OSError is zstd's."""


def _document(answer: Answer, today: date) -> bytes:
    """Write an answer as JSON whose pages are, byte for byte, what came."""
    pages = [as_utf8(page.content) for page in answer.pages]
    about = {
        "endpoint": answer.endpoint.name,
        "about": answer.about,
        "is_whole": answer.is_whole,
        "asked_at": answer.asked_at,
        "today": today,
        "error": str(answer.error) if answer.error else None,
        "doubt": answer.doubt,
        "lengths": [len(page) for page in pages],
    }
    head = orjson.dumps(about).removesuffix(b"}")
    return b'%s,"pages":[\n%s]}\n' % (head, BETWEEN_PAGES.join(pages))


def _answer(entry: Entry, content: bytes) -> tuple[Answer, date]:
    """Parse what _document wrote; raises one of NOT_OURS if it is something else."""
    about, (_, _, rest) = _head(entry, content), content.partition(b"\n")
    answer = ANSWERS[entry.endpoint.requested_by](
        entry.endpoint,
        entry.about,
        pages=[Page(entry.endpoint, page) for page in _cut(rest, about["lengths"])],
        error=ApiError(about["error"]) if about["error"] else None,
        doubt=about["doubt"],
        asked_at=_asked_at(about),
    )
    if "about" not in about:  # only its content says what it is
        is_readable = all(page.outline for page in answer.pages)
        if not (is_readable and answer.is_of_its_question):
            raise LookupError(entry.about)
    return answer, date.fromisoformat(about["today"])


def _summary(entry: Entry, content: bytes) -> Summary:
    head = _head(entry, content)
    if "is_whole" in head:
        return Summary(_asked_at(head), head["is_whole"])
    answer, _ = _answer(entry, content)
    return Summary(answer.asked_at, answer.is_whole)


def _head(entry: Entry, content: bytes) -> dict[str, Any]:
    """Read the first line, which has everything but the pages; raises ValueError for another's."""
    head: dict[str, Any] = orjson.loads(content.partition(b"\n")[0] + b"]}")
    told = head.get("endpoint", entry.endpoint.name), head.get("about", str(entry.about))
    if told != (entry.endpoint.name, str(entry.about)):
        raise ValueError("it holds {} of {}".format(*told))
    return head


def _subject_of(entry: Entry) -> str:
    return f"{entry.endpoint.name} of {entry.about}"


def _asked_at(head: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(head["asked_at"])


def _cut(content: bytes, lengths: Iterable[int]) -> list[bytes]:
    starts = [0]
    for length in lengths:
        starts.append(starts[-1] + length + len(BETWEEN_PAGES))
    return [content[start : end - len(BETWEEN_PAGES)] for start, end in pairwise(starts)]


def _entry(endpoint: Endpoint, about: str, time: str) -> Entry | None:
    """Return the entry for a file name; None if it is not one of the archive's."""
    if not TIME.fullmatch(time):
        return None
    try:
        return Entry(endpoint, _about(endpoint, about), time)
    except ValueError:
        return None


def _moment(time: str) -> datetime:
    return datetime.strptime(time, TIME_FORMAT).replace(tzinfo=UTC)


def _about(endpoint: Endpoint, name: str) -> date | str:
    return date.fromisoformat(name) if endpoint.requested_by is RequestedBy.DAY else name
