"""Remembering parsed text: most values of the API repeat."""

from __future__ import annotations

from functools import cache
from typing import Final

from pipelines.parsing import Reading, ValueReader

Raw = str | None | tuple[str | None, ...]
"""What a reader takes: a text, or the texts of several fields."""

MOST_KEPT: Final = 4_000
LONGEST_KEPT: Final = 100
"""Longest text remembered, in characters; longer ones are comments, which do not repeat."""


class Memo(dict[Raw, Reading]):
    """Parsed values by text, for one reader.

    Only texts and None are keys: 1, 1.0 and True would be the same key.
    """

    def __init__(self, read: ValueReader) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, raw: Raw) -> Reading:
        """Parse a text that is not remembered."""
        if isinstance(raw, tuple):
            value, length = self._read(*raw), sum(len(part or "") for part in raw)
        else:
            value, length = self._read(raw), len(raw or "")
        if length <= LONGEST_KEPT:
            if len(self) >= MOST_KEPT:
                self.clear()
            self[raw] = value
        return value


@cache
def memo_of(read: ValueReader) -> Memo:
    """Return the memo of a reader, the same for every column and chunk."""
    return Memo(read)
