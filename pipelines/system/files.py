"""Files that only get their name once they are complete, and removal of unfinished ones."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from pipelines.system.flock import lock

NUMBERS: Final = 10**9
"""How many names there are for the unfinished version of a file: two writers never share one."""


RENAMES_OPEN_FILES: Final = os.name == "posix"
"""On Windows a file that is open keeps its name."""


@contextmanager
def whole(file: Path) -> Iterator[BinaryIO]:
    """Write a file that gets its name once it is completely on disk, or never; raises OSError.

    Until then it is `.name.number`, hidden and locked. The lock ends with its process, so
    `remove_unfinished` can distinguish files left behind from files being written.
    """
    unfinished, content = _begin(file)
    try:
        with content:
            yield content
            content.flush()
            os.fsync(content.fileno())
            if RENAMES_OPEN_FILES:
                unfinished.replace(file)
        if not RENAMES_OPEN_FILES:
            unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def remove_unfinished(folder: Path, pattern: str, *, is_deep: bool = False) -> None:
    """Delete incomplete files that killed processes left, by pattern; in subfolders if deep.

    Files being written, and files with names that `whole` does not use, are kept.
    """
    find = folder.rglob if is_deep else folder.glob
    for left in [*find(f".{pattern}.*")]:
        if left.suffix[1:].isdecimal() and left.is_file() and not left.is_symlink():
            # An error means that it is being written, or belongs to somebody else.
            with suppress(OSError), left.open("rb+") as content:
                lock(content)
                left.unlink()


def _begin(file: Path) -> tuple[Path, BinaryIO]:
    while True:
        unfinished = file.with_name(f".{file.name}.{secrets.randbelow(NUMBERS)}")
        content = unfinished.open("xb")
        try:
            lock(content)
        except BlockingIOError:
            is_ours = False  # it was taken for one left behind, before it was locked
        except OSError:
            is_ours = True  # a file system without locks: nothing on it is ever removed
        else:
            is_ours = unfinished.exists()
        if is_ours:
            return unfinished, content
        content.close()
