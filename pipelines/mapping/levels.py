"""Objects of nested records, level by level: races, their runners, the runners' prices."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import pyarrow as pa

from pipelines.mapping.encoded import Encoded, encoded, encoded_texts, fields_of_text
from pipelines.mapping.inspection import Record

Field = tuple[tuple[str, ...], tuple[str, ...]]
"""Lists to gather through, and keys."""


class Levels:
    """The levels of some records, built once for all tables.

    A level does not refer to those inside it: a reference cycle would keep a day's records alive.
    """

    def __init__(self, records: list[Record]) -> None:
        self._levels: dict[tuple[str, ...], Level] = {(): Level(records)}

    def at(self, lists: tuple[str, ...]) -> Level:
        """Return the objects in a list of a list: () for the records themselves."""
        if lists not in self._levels:
            self._levels[lists] = self.at(lists[:-1]).inside(lists[-1])
        return self._levels[lists]


class Level:
    """The objects at one depth of some records, in order, and the objects that contain them."""

    def __init__(
        self, entries: list[Record], outer: Level | None = None, parents: Iterable[int] = ()
    ) -> None:
        """Take the objects, and for each the number of the object of the outer level it is in."""
        self.entries, self._outer, self._parents = entries, outer, list(parents)
        self._encoded: dict[Field, Encoded | None] = {}

    def inside(self, name: str) -> Level:
        """Return the objects in a list of each of these."""
        lists = [entry.get(name) or () for entry in self.entries]
        parents = (number for number, some in enumerate(lists) for _ in some)
        return Level([entry for some in lists for entry in some], self, parents)

    @property
    def levels(self) -> list[Level]:
        """The levels down to this one, the records themselves first."""
        return [*(self._outer.levels if self._outer else []), self]

    @cached_property
    def numbers(self) -> list[pa.Array]:
        """For each of these levels, for each object of this one, the number of what it lies in."""
        own = pa.array(range(len(self.entries)), pa.int32())
        if self._outer is None:
            return [own]
        parents = pa.array(self._parents, pa.int32())
        return [*(numbers.take(parents) for numbers in self._outer.numbers), own]

    def values(self, depth: int, lists: tuple[str, ...], keys: tuple[str, ...]) -> list[Any]:
        """Return a field of the object of some depth that each of these lies in, or is."""
        level = self.levels[depth]
        if lists or len(keys) > 1:
            found = [value_in(entry, lists, keys) for entry in level.entries]
        else:
            (key,) = keys
            found = [entry.get(key) for entry in level.entries]
        return found if level is self else [found[n] for n in self.numbers[depth].to_pylist()]

    def texts(self, depth: int, lists: tuple[str, ...], keys: tuple[str, ...]) -> Encoded | None:
        """Return the same as codes of its different texts; None if it is not texts alone.

        One field fills several columns, and one of an outer object those of many inner ones.
        """
        level = self.levels[depth]
        field = (lists, keys)
        if field not in level._encoded:
            own = None if lists or len(keys) > 1 else level._own_texts.get(keys[0])
            level._encoded[field] = (
                encoded(level.values(depth, lists, keys)) if own is None else encoded_texts(own)
            )
        found = level._encoded[field]
        return found if found is None or level is self else found.take(self.numbers[depth])

    @cached_property
    def _own_texts(self) -> dict[str, pa.Array]:
        return fields_of_text(self.entries)

    def context(self, number: int) -> list[Record]:
        """Return one of these objects, after all objects that contain it."""
        numbers = (numbers[number].as_py() for numbers in self.numbers)
        return [level.entries[n] for level, n in zip(self.levels, numbers, strict=True)]


def value_in(record: Record, lists: tuple[str, ...], keys: tuple[str, ...]) -> Any:
    """Return the value under some keys; inside lists, a list of values."""
    if lists:
        return [value_in(entry, lists[1:], keys) for entry in record.get(lists[0]) or ()]
    value: Any = record
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
