"""What a declaration is made of: Table, Column, Type and Origin.

A table is declared once. Its dlt schema, the contract, the mapping from a response to rows, the SQL
and the documents are all derived from that declaration.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from pipelines.api.endpoints import ENDPOINTS
from pipelines.parsing.values import (
    ValueReader,
    decimal_reader,
    flag,
    identifier,
    instant,
    integer,
    iso_date,
    text,
)


@dataclass(frozen=True)
class Type:
    """A column type: dlt's name for it, with precision and scale where it is a decimal."""

    name: str
    precision: int | None = None
    scale: int | None = None
    read: ValueReader = field(default=text, compare=False)
    """Reads a value where a column does not say otherwise."""

    def __str__(self) -> str:
        return f"{self.name}({self.precision},{self.scale})" if self.precision else self.name


TEXT, BIGINT, BOOL = Type("text"), Type("bigint", read=integer), Type("bool", read=flag)
DATE, TIMESTAMP = Type("date", read=iso_date), Type("timestamp", read=instant)


def decimal(precision: int, scale: int) -> Type:
    """Declare a decimal column."""
    return Type("decimal", precision, scale, decimal_reader(precision, scale))


Fields = str | tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Where one endpoint's response holds a column's value, and how it is read.

    Fields are declared relative to the list that makes the rows: 'horse_id' of a runner,
    'odds[].decimal' for a list with one value per entry. Each ^ leads one record outwards:
    '^race_id' is that of the runner's race. Once a table has its columns, they are paths inside a
    record: 'runners[].horse_id', 'race_id'.
    """

    fields: Fields
    read: ValueReader

    def within(self, rows: str) -> Origin:
        """Return it with full paths, for rows from a list of a record."""
        return Origin(tuple(_full_path(rows, path) for path in self.paths), self.read)

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields as a tuple, one or many."""
        return (self.fields,) if isinstance(self.fields, str) else self.fields

    @property
    def transformation(self) -> str:
        """Sentence for the documents, from the reader's docstring."""
        return " ".join((self.read.__doc__ or "").split())


class Column:
    """One column of one table.

    Its source is the field or fields of a response: `field` for every endpoint of the table but
    those named by keyword, which have a field of their own, or an Origin that reads it otherwise.
    Without `field`, only the endpoints named have the column.
    """

    def __init__(
        self,
        name: str,
        type: Type,
        meaning: str,
        read: ValueReader | None = None,
        *,
        field: Fields = "",
        required: bool = False,
        late: bool = False,
        default: str = "",
        set_by: str = "",
        rule: str = "",
        **sources: Fields | Origin,
    ) -> None:
        """Declare a column; `set_by` says how it is filled, if not from a response.

        `default` is a constant in SQL, for a column that not every source of a row has. A `late`
        one is blank for up to two weeks after the race. `rule` is the SQL of a model's column,
        if that is not the card's value or else the result's. Without `read`, an id is read as an
        identifier, anything else by its type.
        """
        self.name, self.type, self.meaning = name, type, meaning
        self.required, self.late, self.default = required, late, default
        self.set_by, self.rule = set_by, rule
        self._read = read or (identifier if name == "id" or name.endswith("_id") else type.read)
        self._field = field
        self._sources = {ENDPOINTS[name].name: source for name, source in sources.items()}
        self.origins: dict[str, Origin] = {}
        """Where each endpoint has it, by the endpoint's name: known once a table has the column."""

    def __repr__(self) -> str:
        return f"Column({self.name!r}, {self.type})"

    def of(self, table: Table) -> Column:
        """Return the column as one of a table, whose key is required, with the full paths."""
        if not table.part_of and (unknown := self._sources.keys() - table.rows_from.keys()):
            raise ValueError(f"{table}.{self.name}: no rows come from {', '.join(unknown)}")
        column = copy(self)
        column.required |= self.name in table.key
        column.rule = "" if table.part_of else self.rule
        column.origins = {
            endpoint: self._origin(source).within(rows)
            for endpoint, rows in table.rows_from.items()
            if (source := self._sources.get(endpoint, self._field))
        }
        return column

    def given_by(self, *endpoints: str) -> Column:
        """Return the same column as some endpoints give it, for a table of what they say."""
        column = copy(self)
        column._sources = {name: self._sources[name] for name in endpoints if name in self._sources}
        column.rule, column.set_by, column.default = "", "", ""
        return column

    def _origin(self, source: Fields | Origin) -> Origin:
        return source if isinstance(source, Origin) else Origin(source, self._read)

    def fields(self) -> list[str]:
        """Full paths of every field this column is read from, endpoint by endpoint."""
        return [
            ENDPOINTS[endpoint].root + path
            for endpoint, origin in self.origins.items()
            for path in origin.paths
        ]


def _full_path(rows: str, path: str) -> str:
    """Return the path inside a record of a field relative to one of its lists."""
    name = path.lstrip("^")
    lists = rows.split(".") if rows else []
    depth = len(lists) - (len(path) - len(name))
    if depth < 0:
        raise ValueError(f"{path} lies outside the record: the rows are from {rows!r}")
    return ".".join([*lists[:depth], name])


def updated_at() -> Column:
    """Declare the time of the load that last changed the row."""
    return Column(
        "updated_at",
        TIMESTAMP,
        "When a value of this row last changed (UTC)",
        required=True,
        default="TIMESTAMPTZ '1970-01-01 00:00:00+00'",
        set_by="time of the load that last changed the row",
    )


class Kind(StrEnum):
    """What a table holds, which decides what a newer or an older response may change in it."""

    RACE = "what one race's card or result says"
    PERSON_OR_HORSE = "who and what races"
    HISTORY = "dated facts about a horse"
    CHANGE = "what changed from one response to the next"
    BOOKKEEPING = "what this pipeline did"


@dataclass(frozen=True)
class Table:
    """One table: its key, its columns, and the list of each endpoint that makes its rows."""

    name: str
    kind: Kind
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rows_from: dict[str, str]
    """Endpoint to the list inside a record that gives one row an entry ('' is the record)."""
    sparse: bool = False
    """True where a blank key or name means that there is nothing to store, not that it is lost."""
    named_as: str = ""
    """What runners call a row of this model: `jockey` where they have jockey_id and jockey_name."""
    how_often: str = "daily"
    asked_at: str = ""
    """Column with the time of the request, for records that are requested by id."""
    part_of: str = ""
    """The model that has what this table says, and under whose name its issues are noted."""

    def __post_init__(self) -> None:
        """Make the columns the table's own."""
        object.__setattr__(self, "columns", tuple(column.of(self) for column in self.columns))

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by their names."""
        return {column.name: column for column in self.columns}

    def said_by(
        self, name: str, grain: str, *endpoints: str, without: str = "", also: Iterable[Column] = ()
    ) -> Table:
        """Declare the table of what one endpoint says, or its editions: every column that it gives.

        But for one; and with others, that the same list of a response gives.
        """
        said = (column for column in self.columns_from(endpoints[0]) if column.name != without)
        columns = (*(column.given_by(*endpoints) for column in (*said, *also)), updated_at())
        rows_from = {endpoint: self.rows_from[endpoint] for endpoint in endpoints}
        return Table(
            name,
            self.kind,
            grain,
            self.key,
            columns,
            rows_from,
            asked_at=self.asked_at,
            part_of=self.name,
        )

    @cached_property
    def loaded(self) -> tuple[Column, ...]:
        """Columns that a load gives: those read of a response, or all that the loader writes."""
        return tuple(column for column in self.columns if column.origins) or self.columns

    def columns_from(self, endpoint: str) -> tuple[Column, ...]:
        """Columns that this endpoint's response gives."""
        return tuple(column for column in self.columns if endpoint in column.origins)
