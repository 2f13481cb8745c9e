"""Reading a piece of a batch into files, in a process of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, cast
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.api.answers import RecordAnswer
from pipelines.api.endpoints import HORSE_PRO, RequestedBy
from pipelines.archive.store import Entry
from pipelines.mapping import Inspection, Rows, inspect
from pipelines.mapping.chunk import Chunk
from pipelines.mapping.days import DaysRead
from pipelines.mapping.undated import profile_of, read_undated
from pipelines.rebuild.read import BatchRead, BatchReader
from pipelines.tables import CARD_RACES, HORSE_PROFILES, RESULT_RACES, TABLES, Kind

PIECE: Final = 5
"""Days of a batch that are read together: what a process has in memory at once."""
RACES: Final = frozenset({CARD_RACES.name, RESULT_RACES.name})


@dataclass
class PieceRead:
    """What a piece of a batch says: rows of races in files, and all else."""

    read: BatchRead
    """The answers, and of the rows of each day one race, for the cursor."""
    files: dict[str, Path] = field(default_factory=dict)
    """By table, the rows that no other piece can have."""
    rows: dict[str, pa.Table] = field(default_factory=dict)
    """By table, the rows that others may have too."""
    found: Inspection = field(default_factory=Inspection)
    """What could not be read of profiles; that of days is with them."""
    counts: Counter[str] = field(default_factory=Counter)
    """Rows read, by table."""


@dataclass(frozen=True)
class PieceReader:
    """Reads pieces of batches, and writes their rows into a folder."""

    reader: BatchReader
    folder: Path

    def __call__(self, piece: list[Entry]) -> PieceRead:
        """Read a piece."""
        read = PieceRead(self.reader(piece))
        if read.read.days:
            self._take_days(read, read.read.days)
        elif piece[0].endpoint.best is HORSE_PRO:
            self._take_profiles(read)
        return read

    def _take_days(self, read: PieceRead, days: DaysRead) -> None:
        chunk = Chunk(days)
        first = next(iter(days.days.values()), None)
        for name in first.rows if first else ():
            rows = chunk.rows(TABLES[name])
            read.counts[name] = rows.num_rows
            if TABLES[name].kind is Kind.RACE:
                self._write(read, name, rows)
            else:
                read.rows[name] = rows
        for day, said in days.days.items():
            first_of = {name: _first(rows.unpacked(), name) for name, rows in said.rows.items()}
            days.days[day] = replace(said, rows=first_of)

    def _take_profiles(self, read: PieceRead) -> None:
        profiles = [profile_of(cast(RecordAnswer, answer)) for answer in read.read.answers]
        records = inspect(HORSE_PRO, profiles, None, read.found)
        rows = read_undated(HORSE_PROFILES, HORSE_PRO, records, read.found)
        read.counts[HORSE_PROFILES.name] = rows.num_rows
        self._write(read, HORSE_PROFILES.name, rows)

    def _write(self, read: PieceRead, name: str, rows: pa.Table) -> None:
        if rows.num_rows:
            read.files[name] = self.folder / f"{uuid4().hex}.parquet"
            pq.write_table(rows, read.files[name], compression="zstd", compression_level=1)


def pieces(batch: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Yield the parts of a batch that are read at once, the newest days first."""
    size = PIECE if batch[0].endpoint.requested_by is RequestedBy.DAY else len(batch)
    for end in range(len(batch), 0, -size):
        yield list(batch[max(0, end - size) : end])


def _first(rows: Rows, name: str) -> Rows:
    """Return the first row of a day's races, and none of another table."""
    # Not a slice: that would be sent with all that it is a slice of.
    is_kept = name in RACES and rows.table.num_rows
    wanted = pa.array([0] if is_kept else [], pa.int32())
    return Rows(rows.table.take(wanted), rows.records.take(wanted))
