"""What a declaration is made of: Table, Column, Type and Origin.

A table is declared once. Its dlt schema, the contract, the mapping from a response to rows and the
documents are all read off that declaration.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from pipelines.api.endpoints import ENDPOINTS
from pipelines.parsing.values import Reader, identifier, text


@dataclass(frozen=True)
class Type:
    """A column type: dlt's name for it, with precision and scale where it is a decimal."""

    name: str
    precision: int | None = None
    scale: int | None = None

    def __str__(self) -> str:
        return f"{self.name}({self.precision},{self.scale})" if self.precision else self.name


TEXT, BIGINT, BOOL = Type("text"), Type("bigint"), Type("bool")
DATE, TIMESTAMP = Type("date"), Type("timestamp")


def decimal(precision: int, scale: int) -> Type:
    """Declare a decimal column."""
    return Type("decimal", precision, scale)


Fields = str | tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Where one endpoint's response holds a column's value, and how it is read.

    Fields are paths inside a record: 'race_id', 'runners[].horse_id', 'runners[].odds[].decimal'.
    A field of an outer record is repeated for each inner one; a field of an inner list reaches
    the reader as a list, one value for each entry.
    """

    fields: Fields
    read: Reader

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

    A source is the field or fields of a response that the column's own reader takes, or an Origin
    where this endpoint needs another reader.
    """

    def __init__(
        self,
        name: str,
        type: Type,
        meaning: str,
        read: Reader | None = None,
        *,
        required: bool = False,
        late: bool = False,
        default: str = "",
        set_by: str = "",
        rule: str = "",
        **sources: Fields | Origin,
    ) -> None:
        """Declare a column; set_by says who fills one that no response does.

        The default is a constant in SQL, for a column that not every source of a row has. A late
        one is blank for up to two weeks after the race. The rule is the SQL that decides the column
        of a model, where that is not what the card says or, if it is blank, the result.
        Without a reader of its own an id is read as an identifier, anything else as a text.
        """
        read = read or (identifier if name == "id" or name.endswith("_id") else text)
        self.name, self.type, self.meaning = name, type, meaning
        self.required, self.late, self.default = required, late, default
        self.set_by, self.rule = set_by, rule
        self.origins: dict[str, Origin] = {
            ENDPOINTS[endpoint].name: source if isinstance(source, Origin) else Origin(source, read)
            for endpoint, source in sources.items()
        }

    def __repr__(self) -> str:
        return f"Column({self.name!r}, {self.type})"

    def said_by(self, endpoint: str) -> Column:
        """Return the same column as one endpoint gives it."""
        column = copy(self)
        column.origins, column.rule = {endpoint: self.origins[endpoint]}, ""
        return column

    def fields(self) -> list[str]:
        """Full paths of every field this column is read from, endpoint by endpoint."""
        return [
            ENDPOINTS[endpoint].root + path
            for endpoint, origin in self.origins.items()
            for path in origin.paths
        ]


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
    PERSON_OR_HORSE = "who and what races: the newest card that names it decides"
    HISTORY = "dated facts about a horse"
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
    named_in: tuple[str, str] | None = None
    """Table and column that tell on which days' cards an id of this table was named."""
    how_often: str = "daily"
    part_of: str = ""
    """The model that has what this table says, and under whose name its issues are noted."""

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by their names."""
        return {column.name: column for column in self.columns}

    def said_by(self, endpoint: str, name: str, grain: str, without: str = "") -> Table:
        """Declare the table of what one endpoint says, with every column that it gives but one."""
        said = (column for column in self.columns_from(endpoint) if column.name != without)
        columns = (*(column.said_by(endpoint) for column in said), updated_at())
        rows_from = {endpoint: self.rows_from[endpoint]}
        return Table(name, self.kind, grain, self.key, columns, rows_from, part_of=self.name)

    def columns_from(self, endpoint: str) -> tuple[Column, ...]:
        """Columns that this endpoint's response gives."""
        return tuple(column for column in self.columns if endpoint in column.origins)
