"""The copy of a DuckDB file for readers while runs write: complete, and swapped in atomically."""

from __future__ import annotations

import logging
import math
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipelines.report import STOPPED, Report
from pipelines.system.files import remove_unfinished, whole

logger = logging.getLogger(__name__)

OF_DATA: Final = "_data"
AT_ONCE: Final = 64 * 1024 * 1024
"""Bytes that are copied in one go."""


def read_copy_of(file: Path) -> Path:
    """Return the name of the copy: racing_read.duckdb beside racing_data.duckdb."""
    return file.with_name(f"{file.stem.removesuffix(OF_DATA)}_read{file.suffix}")


def is_due(file: Path, report: Report) -> bool:
    """Return whether a run has changed any row, or there is no copy yet."""
    if report.ended_by in STOPPED:  # it has a few seconds left
        return False
    has_changed = report.captured or any(
        table.new or table.changed or table.removed for table in report.tables.values()
    )
    return bool(has_changed) or not read_copy_of(file).exists()


def write_read_copy(file: Path) -> None:
    """Copy a file that nobody has open for writing; raises OSError.

    Programs that have the copy open keep reading the previous one.
    """
    copy = read_copy_of(file)
    remove_unfinished(copy.parent, copy.name)
    copy_file(file, copy)


def copy_file(file: Path, copy: Path) -> None:
    """Copy a file that nobody has open for writing, completely or not at all; raises OSError."""
    if file.with_name(f"{file.name}.wal").exists():
        raise OSError(0, "DuckDB has left part of it in its log")
    with file.open("rb") as source, whole(copy) as content:
        _copy(source.fileno(), content.fileno(), file.stat().st_size)
        shutil.copymode(file, content.name)


def _copy(source: int, target: int, size: int) -> None:
    """Copy the fastest way: some file systems share the blocks and copy nothing."""
    left = size
    copy = getattr(os, "copy_file_range", None)
    while left:
        if copy:
            try:
                done = copy(source, target, min(left, AT_ONCE))
            except OSError:
                copy = None  # not between these file systems
                continue
        else:
            block = os.read(source, min(left, AT_ONCE))
            done = len(block)
            _write(target, block)
        if not done:
            raise OSError(0, "the file has become shorter meanwhile")
        left -= done


def _write(target: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(target, view) :]


@dataclass
class Renewal:
    """Renewing the copy again and again, all day, and for a small share of the time.

    A copy of several gigabytes takes many seconds and wears out a disk; one that shares its blocks
    with the file takes none.
    """

    percent: float
    """Share of the time that copying may take."""
    now: Callable[[], float] = time.monotonic
    due: float = -math.inf
    """When it may be copied again."""
    copied: int | None = None
    """What had been loaded when it was copied."""

    def renew(self, file: Path, loaded: int, *, is_last: bool = False) -> None:
        """Write the copy if more is loaded, and it is time or the last time."""
        begun = self.now()
        if loaded != self.copied and (is_last or begun >= self.due):
            renew_read_copy(file)
            self.copied = loaded
            self.due = begun + (self.now() - begun) * 100 / self.percent


def keep_read_copy(file: Path, report: Report) -> None:
    """Write the copy if it is due; a failure does not affect the run."""
    if is_due(file, report):
        renew_read_copy(file)


def renew_read_copy(file: Path) -> None:
    """Write the copy; a failure is only logged, since the file itself is as it should be."""
    try:
        write_read_copy(file)
    except OSError as error:
        logger.warning("%s is unchanged: %s", read_copy_of(file).name, error.strerror)
