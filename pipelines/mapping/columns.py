"""Records of responses as columns, straight from their JSON: how nearly every day is read.

Arrow infers no type, and takes only a response that is exactly as declared. One with an unknown
field, a value of another kind, a repeated key or a record without its id is read object by object
instead (inspection.py), which says what is wrong. Both ways lead to the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from pipelines.api.answers import DayAnswer
from pipelines.api.endpoints import Endpoint
from pipelines.mapping.inspection import (
    FieldTree,
    Inspection,
    KnownLevel,
    Record,
    identity_in,
    known_fields,
    known_lists,
)

ENVELOPE: Final = {
    "total": pa.int64(),
    "limit": pa.int64(),
    "skip": pa.int64(),
    "query": pa.list_(pa.list_(pa.string())),
}
KINDS: Final = {str: pa.string(), bool: pa.bool_(), list: pa.list_(pa.string())}
HEAD: Final = ("date", "off_dt", "region", "course_id")
"""Fields that tell, with its identity and those of its runners, which race a record is about."""
LARGEST: Final = 20_000_000
"""Bytes of a page of which columns are made, as copies; a day's cards take two or three million."""
NOT_AS_DECLARED: Final = (pa.ArrowInvalid, UnicodeDecodeError)


@dataclass(frozen=True)
class Columns:
    """Records of a page or of a day."""

    objects: pa.StructArray
    heads: list[Record]
    """What tells which race each of them is, as Python objects."""

    def take(self, places: Sequence[int]) -> Columns:
        """Return the records at some places."""
        if [*places] == [*range(len(self.heads))]:
            return self
        objects = self.objects.take(pa.array(places, pa.int32()))
        return Columns(objects, [self.heads[place] for place in places])


def columns_of(answer: DayAnswer) -> Columns | None:
    """Return the day's records, latest first; None unless all pages are as declared.

    Also notes the outline of each page.
    """
    pages: list[Columns] = []
    for page in answer.pages:
        found = _page(answer.endpoint, page.content)
        if found is None:
            return None
        columns, envelope = found
        page.note({answer.endpoint.records: columns.heads} | envelope)
        pages.append(columns)
    if not pages:
        return None
    objects = pa.concat_arrays([page.objects for page in pages])
    own = Columns(objects, [head for page in pages for head in page.heads])
    return own.take(answer.places_newest_first(own.heads))


def are_plain(columns: Columns, level: KnownLevel, found: Inspection) -> bool:
    """Count the values of some records; False if they have to be inspected one by one."""
    return _are_plain(columns.objects, level, found, pa.nulls(len(columns.objects)))


def _page(endpoint: Endpoint, content: bytes) -> tuple[Columns, Record] | None:
    if len(content) > LARGEST:
        return None
    try:
        content.decode()  # Arrow takes any bytes for text
        table = pyarrow.json.read_json(
            pa.BufferReader(content),
            pyarrow.json.ReadOptions(use_threads=False, block_size=len(content) + 1),
            pyarrow.json.ParseOptions(
                explicit_schema=_schema(endpoint), unexpected_field_behavior="error"
            ),
        )
    except NOT_AS_DECLARED:
        return None
    if len(table) != 1 or table[endpoint.records].null_count:
        return None
    objects = table[endpoint.records].combine_chunks().flatten()
    if objects.null_count:
        return None
    envelope = table.drop_columns([endpoint.records]).to_pylist()[0]
    return Columns(objects, _heads(objects, endpoint)), envelope


@cache
def _schema(endpoint: Endpoint) -> pa.Schema:
    """Return the kinds of all known fields of a response: texts, unless declared otherwise."""
    lists, not_texts = known_lists(endpoint), dict(endpoint.not_texts)

    def kind(tree: FieldTree, name: str) -> pa.DataType:
        if not tree:
            return KINDS[not_texts.get(name, str)]
        own = pa.struct(
            [(field, kind(tree[field], f"{name}.{field}".lstrip("."))) for field in tree]
        )
        return pa.list_(own) if name in lists else own

    return pa.schema({endpoint.records: pa.list_(kind(known_fields(endpoint), ""))} | ENVELOPE)


def _heads(objects: pa.StructArray, endpoint: Endpoint) -> list[Record]:
    known = {field.name for field in objects.type}
    names = [name for name in (*endpoint.identity, *HEAD) if name in known]
    heads: list[Record] = pa.table([objects.field(name) for name in names], names=names).to_pylist()
    for lists, identity in endpoint.levels[1:]:
        inside = objects.field(lists)
        own = [inside.flatten().field(name) for name in identity]
        entries = iter(pa.table(own, names=[*identity]).to_pylist())
        for head, length in zip(heads, pc.list_value_length(inside).to_pylist(), strict=True):
            head[lists] = [next(entries) for _ in range(length or 0)]
    return heads


def _are_plain(
    objects: pa.StructArray, level: KnownLevel, found: Inspection, parents: pa.Array
) -> bool:
    """Do for objects what _Inspector does for each of them, as long as none is unusual."""
    if objects.null_count or not _are_distinct(objects, level, parents):
        return False
    if level.identity:
        found.count(level.key, len(objects))
    for name, inner in level.inside:
        value = objects.field(name)
        if inner.is_list:
            held, parents_of = value.flatten(), pc.list_parent_indices(value)
            found.count(inner.whole, len(pc.unique(parents_of)))
        else:
            held, parents_of = value.drop_null(), pa.nulls(len(value) - value.null_count)
            if _has_blank(held):  # whether it was {} cannot be told any more
                return False
            found.count(inner.whole, len(held))
        if not _are_plain(held, inner, found, parents_of):
            return False
    return True


def _are_distinct(objects: pa.StructArray, level: KnownLevel, parents: pa.Array) -> bool:
    """Return whether each object has an identity of its own among those it lies beside."""
    if not level.identity:
        return True
    fields = [objects.field(name) for name in level.identity]
    entries: list[Any] = pa.table(fields, names=[*level.identity]).to_pylist()
    own = [identity_in(entry, level.identity) for entry in entries]
    beside = zip(parents.to_pylist(), own, strict=True)
    return None not in own and len({*beside}) == len(own)


def _has_blank(objects: pa.StructArray) -> bool:
    """Return whether an object has no value at all."""
    said = [pc.is_valid(field) for field in objects.flatten()]
    is_said = said[0]
    for other in said[1:]:
        is_said = pc.or_(is_said, other)
    return pc.all(is_said).as_py() is False
