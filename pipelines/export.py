"""Tables and views as files: Parquet for programs, CSV for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from pipelines.errors import UsageError
from pipelines.files import remove_unfinished, whole
from pipelines.reader import Reader
from pipelines.settings import PIPELINE

ROWS_AT_ONCE: Final = 50_000
COLUMNS: Final = (
    "SELECT column_name, lower(data_type), numeric_precision, numeric_scale "
    "FROM information_schema.columns WHERE table_schema = %s AND table_name = %s "
    "ORDER BY ordinal_position"
)
TYPES: Final = {
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "double precision": pa.float64(),
    "double": pa.float64(),
    "timestamp with time zone": pa.timestamp("us", "UTC"),
    **dict.fromkeys(("smallint", "integer", "bigint", "hugeint"), pa.int64()),
}
"""Types of columns as both databases call them; any other is text, or a decimal."""
FORMULA: Final = r"\A([=+\-@\t\r\n'" + "\uff1d\uff0b\uff0d\uff20" + "])"
"""How a text begins that is a formula in a spreadsheet, or an apostrophe of ours."""
WRITERS: Final = {"parquet": parquet.ParquetWriter, "csv": csv.CSVWriter}
"""The formats: each writes a file of its own, with the ending of its name."""


@dataclass(frozen=True)
class Exported:
    """One table or view that was written."""

    name: str
    rows: int
    files: list[Path]


def export(reader: Reader, names: list[str], folder: Path) -> Iterator[Exported]:
    """Write tables and views into a folder, and yield each when its files are whole.

    What exports that were killed have left there is removed. Raises UsageError if the folder cannot
    be written, DestinationError if a table cannot be read.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in (f"{name}.{ending}" for name in reader.tables for ending in WRITERS):
            remove_unfinished(folder, file)
        for name in names:
            yield _export(reader, name, folder)
    except OSError as error:
        raise UsageError(f"--to {folder} cannot be written: {error.strerror}.") from None


def _export(reader: Reader, name: str, folder: Path) -> Exported:
    files = [folder / f"{name}.{ending}" for ending in WRITERS]
    schema, rows = _schema(reader, name), 0
    with ExitStack() as stack:
        writers = [stack.enter_context(_whole(file, schema)) for file in files]
        for batch in reader.batches(name, ROWS_AT_ONCE):
            # A column without a value has no type of its own in a batch.
            table = batch.select(schema.names).cast(schema)
            for file, writer in zip(files, writers, strict=True):
                writer.write_table(without_formulas(table) if file.suffix == ".csv" else table)
            rows += table.num_rows
    return Exported(name, rows, files)


def without_formulas(table: pa.Table) -> pa.Table:
    """Put an apostrophe before each text that a spreadsheet could take for a formula.

    The public chooses names: an owner may be called =HYPERLINK("http://..."). A text that begins
    with an apostrophe gets one too, so taking one off gives every text back as it was.
    """
    for place, field in enumerate(table.schema):
        if field.type == pa.string():
            column = pc.replace_substring_regex(table.column(place), FORMULA, r"'\1")
            table = table.set_column(place, field, column)
    return table


def _schema(reader: Reader, name: str) -> pa.Schema:
    """Return the columns of a table or view, dlt's own left out."""
    return pa.schema(
        [
            pa.field(column, _type(kind, precision, scale))
            for column, kind, precision, scale in reader.rows(COLUMNS, PIPELINE, name)
            if not column.startswith("_dlt")
        ]
    )


def _type(kind: str, precision: int | None, scale: int | None) -> pa.DataType:
    if kind.startswith(("numeric", "decimal")):
        return pa.decimal128(precision, scale) if precision else pa.float64()
    return TYPES.get(kind, pa.string())


@contextmanager
def _whole(file: Path, schema: pa.Schema) -> Iterator[Any]:
    """Open a file that appears under its name only when it is whole."""
    with whole(file) as content, WRITERS[file.suffix[1:]](content, schema) as writer:
        yield writer
