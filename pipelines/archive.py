"""The archive: every usable answer as it came, compressed, before anybody has read it.

    <endpoint>/<date or id>/<time>.json.zst    an answer
    unloaded/<time>                            a batch that is not in a database yet

The time is that of the batch: answers asked for together, to be loaded together. A file of one time
belongs to one batch, so that a rebuild can load what was loaded, as it was loaded.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar

import fsspec
import orjson

from pipelines.api.answers import Answer, CoursesAnswer, DayAnswer, Page, ProfileAnswer
from pipelines.api.bodies import as_utf8, read
from pipelines.compression import compress, decompress
from pipelines.endpoints import COURSES, ENDPOINTS, RACECARDS, RESULTS, Endpoint
from pipelines.errors import ApiError, ArchiveError, UsageError
from pipelines.settings import variable_of

logger = logging.getLogger(__name__)

SUFFIX: Final = ".json.zst"
TIME_FORMAT: Final = "%Y%m%dT%H%M%S.%fZ"
UNLOADED: Final = "unloaded"
BETWEEN_PAGES: Final = b",\n"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Batch:
    """Answers asked for together, on one UK day, to be loaded together."""

    time: str
    today: date


@dataclass(frozen=True)
class Entry:
    """Where one answer is kept."""

    endpoint: Endpoint
    about: date | str
    time: str

    @property
    def path(self) -> str:
        """Path inside the archive."""
        return f"{self.endpoint.name}/{self.about}/{self.time}{SUFFIX}"


class Archive:
    """A folder, or any other place that fsspec can write to; every method raises ArchiveError."""

    def __init__(self, location: str) -> None:
        """Find the place; nothing is created before the first answer. Raises UsageError."""
        try:
            self._files, self._root = fsspec.url_to_fs(location)
        except (ImportError, ValueError, OSError) as error:
            raise UsageError(f"{variable_of('archive')} cannot be used: {error}.") from error
        self.name = self._root
        """Where it is, without what an address may say of its owner."""

    # Keeping

    def begin(self, today: date) -> Batch:
        """Begin a batch; what a dead run leaves unloaded is worth its calls to the next."""
        batch = Batch(datetime.now(UTC).strftime(TIME_FORMAT), today)
        self._write(f"{UNLOADED}/{batch.time}", b"")
        return batch

    def end(self, batch: Batch) -> None:
        """Note that a batch is loaded."""
        self._remove(f"{UNLOADED}/{batch.time}")

    def keep(self, answer: Answer, batch: Batch) -> None:
        """Keep an answer."""
        entry = Entry(answer.endpoint, answer.about, batch.time)
        try:
            self._write(entry.path, compress(_document(answer, batch.today)))
        except ArchiveError:
            with suppress(ArchiveError):
                self._remove(entry.path)  # no half of an answer, as a full disk leaves one
            raise

    def forget(self, answer: Answer, batch: Batch) -> None:
        """Remove an answer that turned out to be none."""
        self._remove(Entry(answer.endpoint, answer.about, batch.time).path)

    def move(self, entry: Entry, answer: Answer, batch: Batch) -> None:
        """Make an answer of a batch that was never loaded one of another."""
        self.keep(answer, batch)
        self._remove(entry.path)

    # Finding

    def unloaded(self) -> frozenset[str]:
        """Times of the batches that are not in a database yet."""
        return frozenset(PurePosixPath(path).name for path in self._list(UNLOADED))

    def versions(self, endpoint: Endpoint, about: date | str) -> list[Entry]:
        """What is kept of one question, the newest first."""
        return sorted(
            (
                Entry(endpoint, about, PurePosixPath(path).name.removesuffix(SUFFIX))
                for path in self._list(f"{endpoint.name}/{about}")
                if path.endswith(SUFFIX)
            ),
            key=lambda entry: entry.time,
            reverse=True,
        )

    def batches(self) -> list[list[Entry]]:
        """Every batch, the oldest first: its answers in an order of their own."""
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for endpoint in ENDPOINTS.values():
            for entry in self._entries(endpoint):
                found[entry.time].append(entry)
        return [found[time] for time in sorted(found)]

    def _entries(self, endpoint: Endpoint) -> Iterator[Entry]:
        for path in sorted(self._find(endpoint.name)):
            *_, about, name = PurePosixPath(path).parts
            if name.endswith(SUFFIX):
                time = name.removesuffix(SUFFIX)
                yield Entry(endpoint, _about(endpoint, about), time)

    def size(self) -> tuple[int, int]:
        """Number of answers and their bytes."""
        sizes = [
            info["size"]
            for path, info in self._find("", detail=True).items()
            if path.endswith(SUFFIX)
        ]
        return len(sizes), sum(sizes)

    def read(self, entry: Entry, *, is_used_now: bool = False) -> tuple[Answer, date]:
        """Return an answer, and the UK day on which the run that asked for it began.

        Where it is used now, its bodies are kept as they have been read, until then.
        """
        return self._understood(entry, partial(_answer, keeps_bodies=is_used_now))

    def asked_at(self, entry: Entry) -> datetime:
        """Return when an answer was asked for."""
        return self._understood(entry, lambda _, content: _asked_at(_head(content)))

    def _understood(self, entry: Entry, understand: Callable[[Entry, bytes], Result]) -> Result:
        with self._told(f"{entry.path} cannot be read"):
            return understand(entry, decompress(self._files.cat_file(self._inside(entry.path))))

    # The place

    def _inside(self, path: str) -> str:
        """Return where a path of the archive lies; raises ArchiveError if it would leave it."""
        if any(part in ("", ".", "..") or "\\" in part for part in path.split("/")):
            raise ArchiveError(f"The archive {self.name}: {path!r} is no path in it.")
        return f"{self._root}/{path}"

    def _write(self, path: str, content: bytes) -> None:
        whole = self._inside(path)
        with self._told("cannot be written"):
            try:
                self._files.pipe_file(whole, content)
            except FileNotFoundError:
                self._files.makedirs(str(PurePosixPath(whole).parent), exist_ok=True)
                self._files.pipe_file(whole, content)

    def _remove(self, path: str) -> None:
        with self._told("cannot be written"), suppress(FileNotFoundError):
            self._files.rm_file(self._inside(path))

    def _list(self, path: str) -> list[str]:
        with self._told("cannot be read"), suppress(FileNotFoundError):
            self._files.invalidate_cache()
            return [str(found) for found in self._files.ls(self._inside(path), detail=False)]
        return []

    def _find(self, path: str, **how: Any) -> Any:
        with self._told("cannot be read"):
            self._files.invalidate_cache()
            return self._files.find(f"{self._root}/{path}".rstrip("/"), **how)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Raise our own error for any: each kind of place has errors of its own."""
        try:
            yield
        except ArchiveError:
            raise
        except Exception as error:
            raise ArchiveError(f"The archive {self.name}: {what}: {error}.") from error


# What is in a file


def _document(answer: Answer, today: date) -> bytes:
    """Write an answer as JSON whose pages are, byte for byte, what came."""
    pages = [as_utf8(page.content) for page in answer.pages]
    about = {
        "asked_at": answer.asked_at,
        "today": today,
        "error": str(answer.error) if answer.error else None,
        "doubt": answer.doubt,
        "lengths": [len(page) for page in pages],
    }
    head = orjson.dumps(about).removesuffix(b"}")
    return b'%s,"pages":[\n%s]}\n' % (head, BETWEEN_PAGES.join(pages))


def _answer(entry: Entry, content: bytes, *, keeps_bodies: bool) -> tuple[Answer, date]:
    """Read what _document has written; raises ValueError or KeyError if it is something else."""
    about, (_, _, rest) = _head(content), content.partition(b"\n")
    answer = _kind(entry.endpoint)(
        entry.endpoint,
        entry.about,
        pages=[
            Page(entry.endpoint, page, read(page), keeps_body=keeps_bodies)
            for page in _cut(rest, about["lengths"])
        ],
        error=ApiError(about["error"]) if about["error"] else None,
        doubt=about["doubt"],
        asked_at=_asked_at(about),
    )
    return answer, date.fromisoformat(about["today"])


def _head(content: bytes) -> dict[str, Any]:
    """Read the first line, which has everything but the pages."""
    head: dict[str, Any] = orjson.loads(content[: content.index(b"\n")] + b"]}")
    return head


def _asked_at(head: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(head["asked_at"])


def _cut(content: bytes, lengths: Iterable[int]) -> list[bytes]:
    starts = [0]
    for length in lengths:
        starts.append(starts[-1] + length + len(BETWEEN_PAGES))
    return [content[start : end - len(BETWEEN_PAGES)] for start, end in pairwise(starts)]


def _kind(endpoint: Endpoint) -> type[Answer]:
    kinds = {COURSES: CoursesAnswer, RACECARDS: DayAnswer, RESULTS: DayAnswer}
    return kinds.get(endpoint, ProfileAnswer)


def _about(endpoint: Endpoint, name: str) -> date | str:
    return date.fromisoformat(name) if _kind(endpoint) is DayAnswer else name
