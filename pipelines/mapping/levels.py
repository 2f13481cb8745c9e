"""Objects of nested records, level by level: races, their runners, the runners' prices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.mapping.encoded import Encoded, encoded, encoded_texts, fields_of_text
from pipelines.mapping.inspection import Record

Field = tuple[tuple[str, ...], tuple[str, ...]]
"""Lists to gather through, and keys."""
TEXT: Final = pa.string()
NO_PARENTS: Final = pa.nulls(0, pa.int32())


class Levels:
    """The levels of some records, built once for all tables.

    A level does not refer to those inside it: a reference cycle would keep a day's records alive.
    """

    def __init__(self, records: Level) -> None:
        self._levels: dict[tuple[str, ...], Level] = {(): records}

    def at(self, lists: tuple[str, ...]) -> Level:
        """Return the objects in a list of a list: () for the records themselves."""
        if lists not in self._levels:
            self._levels[lists] = self.at(lists[:-1]).inside(lists[-1])
        return self._levels[lists]


class Level(ABC):
    """The objects at one depth of some records, in order, and the objects that contain them."""

    def __init__(self, length: int, outer: Level | None, parents: pa.Array) -> None:
        """Take the number of objects, and for each the number of the outer one it lies in."""
        self._length, self._outer, self._parents = length, outer, parents
        self._encoded: dict[Field, Encoded | None] = {}

    @abstractmethod
    def inside(self, name: str) -> Level:
        """Return the objects in a list of each of these."""

    @abstractmethod
    def context(self, number: int) -> list[Record]:
        """Return one of these objects, after all objects that contain it."""

    @abstractmethod
    def _own_values(self, lists: tuple[str, ...], keys: tuple[str, ...]) -> list[Any]:
        """Return a field of each of these objects."""

    @abstractmethod
    def _own_texts(self, lists: tuple[str, ...], keys: tuple[str, ...]) -> Encoded | None:
        """Return the same as codes of its different texts; None if it is not texts alone."""

    @property
    def levels(self) -> list[Level]:
        """The levels down to this one, the records themselves first."""
        return [*(self._outer.levels if self._outer else []), self]

    @cached_property
    def numbers(self) -> list[pa.Array]:
        """For each of these levels, for each object of this one, the number of what it lies in."""
        own = pa.array(range(self._length), pa.int32())
        if self._outer is None:
            return [own]
        return [*(numbers.take(self._parents) for numbers in self._outer.numbers), own]

    def values(self, depth: int, lists: tuple[str, ...], keys: tuple[str, ...]) -> list[Any]:
        """Return a field of the object of some depth that each of these lies in, or is."""
        level = self.levels[depth]
        found = level._own_values(lists, keys)
        return found if level is self else [found[n] for n in self.numbers[depth].to_pylist()]

    def texts(self, depth: int, lists: tuple[str, ...], keys: tuple[str, ...]) -> Encoded | None:
        """Return the same as codes of its different texts; None if it is not texts alone.

        One field fills several columns, and one of an outer object those of many inner ones.
        """
        level = self.levels[depth]
        field = (lists, keys)
        if field not in level._encoded:
            level._encoded[field] = level._own_texts(lists, keys)
        found = level._encoded[field]
        return found if found is None or level is self else found.take(self.numbers[depth])


class ObjectLevel(Level):
    """Objects of Python."""

    def __init__(
        self, entries: list[Record], outer: Level | None = None, parents: Iterable[int] = ()
    ) -> None:
        super().__init__(len(entries), outer, pa.array(parents, pa.int32()))
        self.entries = entries

    def inside(self, name: str) -> ObjectLevel:
        """Return the objects in a list of each of these."""
        lists = [entry.get(name) or () for entry in self.entries]
        parents = (number for number, some in enumerate(lists) for _ in some)
        return ObjectLevel([entry for some in lists for entry in some], self, parents)

    def context(self, number: int) -> list[Record]:
        """Return one of these objects, after all objects that contain it."""
        outer = self._outer.context(self._parents[number].as_py()) if self._outer else []
        return [*outer, self.entries[number]]

    def _own_values(self, lists: tuple[str, ...], keys: tuple[str, ...]) -> list[Any]:
        if lists or len(keys) > 1:
            return [value_in(entry, lists, keys) for entry in self.entries]
        (key,) = keys
        return [entry.get(key) for entry in self.entries]

    def _own_texts(self, lists: tuple[str, ...], keys: tuple[str, ...]) -> Encoded | None:
        own = None if lists or len(keys) > 1 else self._fields.get(keys[0])
        return encoded(self._own_values(lists, keys)) if own is None else encoded_texts(own)

    @cached_property
    def _fields(self) -> dict[str, pa.Array]:
        return fields_of_text(self.entries)


class ColumnLevel(Level):
    """Objects whose fields are columns: none of Python is made of them, but for an issue."""

    def __init__(
        self,
        objects: pa.StructArray,
        again: Callable[[], Levels],
        lists: tuple[str, ...] = (),
        outer: Level | None = None,
        parents: pa.Array = NO_PARENTS,
    ) -> None:
        """Take the objects, what reads the same ones as objects of Python, and where they lie."""
        super().__init__(len(objects), outer, parents)
        self._objects, self._again, self._lists = objects, again, lists

    def inside(self, name: str) -> ColumnLevel:
        """Return the objects in a list of each of these."""
        lists = self._objects.field(name)
        parents = pc.list_parent_indices(lists).cast(pa.int32())
        return ColumnLevel(lists.flatten(), self._again, (*self._lists, name), self, parents)

    def context(self, number: int) -> list[Record]:
        """Return one of these objects, after all objects that contain it."""
        return self._again().at(self._lists).context(number)

    def _own_values(self, lists: tuple[str, ...], keys: tuple[str, ...]) -> list[Any]:
        return _gathered(self._objects, lists, keys)

    def _own_texts(self, lists: tuple[str, ...], keys: tuple[str, ...]) -> Encoded | None:
        column = None if lists else _field(self._objects, keys)
        return encoded_texts(column) if column is not None and column.type == TEXT else None


def value_in(record: Record, lists: tuple[str, ...], keys: tuple[str, ...]) -> Any:
    """Return the value under some keys; inside lists, a list of values."""
    if lists:
        return [value_in(entry, lists[1:], keys) for entry in record.get(lists[0]) or ()]
    value: Any = record
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _field(objects: pa.StructArray, keys: Sequence[str]) -> pa.Array:
    """Return a field of objects, of which none is None; those inside them may be."""
    key, *others = keys
    return pc.struct_field(objects.field(key), others) if others else objects.field(key)


def _gathered(objects: pa.StructArray, lists: Sequence[str], keys: Sequence[str]) -> list[Any]:
    """Return the value under some keys of each object; inside lists, a list of values."""
    if not lists:
        return list(_field(objects, keys).to_pylist())
    inside = objects.field(lists[0])
    values = iter(_gathered(inside.flatten(), lists[1:], keys))
    lengths = pc.fill_null(pc.list_value_length(inside), 0).to_pylist()
    return [[*islice(values, length)] for length in lengths]
