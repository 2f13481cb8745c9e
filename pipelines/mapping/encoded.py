"""Texts as codes of the different ones among them: each is parsed once, and then distributed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.mapping.memo import Raw

LONGEST: Final = 10_000
"""Characters of a text that is copied."""


@dataclass(frozen=True)
class Encoded:
    """Values of a field, or of several fields together."""

    codes: pa.Array
    """For each value the place of its text."""
    texts: list[Raw]
    """The different texts, or None for no value; tuples of them for several fields."""

    def take(self, numbers: pa.Array) -> Encoded:
        """Return the values at some places."""
        return Encoded(self.codes.take(numbers), self.texts)


def encoded(values: list[Any]) -> Encoded | None:
    """Encode values; None unless each is None or a text, and not so long that a copy would matter.

    The type is declared: Arrow refuses whatever else a value is, and infers nothing.
    """
    try:
        if max(map(len, filter(None, values)), default=0) > LONGEST:
            return None
        found = pa.array(values, pa.string()).dictionary_encode(null_encoding="encode")
    except (TypeError, pa.ArrowInvalid, UnicodeEncodeError):
        return None
    return Encoded(found.indices, found.dictionary.to_pylist())


def together(fields: Sequence[Encoded]) -> Encoded:
    """Return the values of several fields of the same objects as tuples."""
    first, *others = fields
    codes = first.codes.cast(pa.int64())
    for other in others:
        codes = pc.add(pc.multiply(codes, len(other.texts)), other.codes.cast(pa.int64()))
    found = codes.dictionary_encode()
    texts: list[Raw] = []
    for code in found.dictionary.to_pylist():
        several = []
        for field in reversed(fields):
            code, place = divmod(code, len(field.texts))
            several.append(field.texts[place])
        texts.append(tuple(reversed(several)))
    return Encoded(found.indices, texts)
