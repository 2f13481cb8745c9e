"""Keeping memory use low: allocators used to keep half of it."""

from __future__ import annotations

import ctypes
import gc
import os
from typing import Final

OBJECTS_BETWEEN_COLLECTIONS: Final = 50_000
M_ARENA_MAX: Final = -8
"""mallopt's number for it, in malloc.h of glibc."""


def keep_little() -> None:
    """Make allocators return freed memory; call this before Arrow is imported.

    Arrow's own pool keeps some for each thread, and glibc an arena: 300 MB in a run of four months,
    and no faster. A library without mallopt has no arenas either.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    try:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    except (OSError, TypeError):  # Windows has no library of the program itself
        mallopt = None
    if mallopt:
        mallopt(M_ARENA_MAX, 1)


def collect_seldom() -> None:
    """Collect garbage less often: a day's records are many objects without reference cycles.

    Half of the parsing time went into searching them, and everything imported, for cycles.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
