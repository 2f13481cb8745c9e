"""Tables and views as files: Parquet for programs, CSV and workbooks for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from pipelines.database.reader import Reader
from pipelines.errors import UsageError
from pipelines.parsing.values import LONDON
from pipelines.settings import PIPELINE
from pipelines.system.files import remove_unfinished, whole

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
MONTH: Final = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
LOOKS_LIKE_MORE: Final = (
    r"(?i)\A(\d+[-/:]\d+(?:[-/:]\d+)*|0\d+|\d{16,}|\d+e[-+]?\d+"
    rf"|\d{{1,2}}[- ]{MONTH}(?:[- ]\d{{2,4}})?|{MONTH}[- ]\d{{1,4}}|true|false)\z"
)
"""Texts that a spreadsheet takes for a date, a time, a number or a truth: 11-4, 7/4, 2:10, 007."""
INVISIBLE: Final = "\u200b"
"""A space without width: what it begins stays text in Excel and LibreOffice, and looks the same."""
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for another encoding, and names lose their accents."""
FORMATS: Final = ("parquet", "csv", "xlsx")
"""Each is the ending of a file's name."""
USUAL: Final = ("parquet", "csv")
MEETINGS: Final = {"today_card": ("course_name", "course_name, off_dt, number, horse_name")}
"""Views whose workbook has a sheet for each value of a column, and the order of their rows."""
CHANGED: Final = {"ra_coverage": "loaded_at", "ra_runs": "finished_at", "ra_access": "checked_at"}
"""Columns that say when a row was written, where that is not updated_at."""


@dataclass(frozen=True)
class Exported:
    """One table or view that was written."""

    name: str
    rows: int
    files: list[Path]
    is_whole: bool = True
    """False where only what has changed was written."""


def export(
    reader: Reader,
    names: list[str],
    folder: Path,
    formats: Sequence[str] = USUAL,
    since: date | None = None,
) -> Iterator[Exported]:
    """Write tables and views into a folder, and yield each when its files are complete.

    With a day, only rows that changed since that UK day began. Incomplete files left by killed
    exports are deleted. Raises UsageError if the folder cannot be written,
    DestinationError if a table cannot be read.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in (f"{name}.{ending}" for name in reader.tables for ending in FORMATS):
            remove_unfinished(folder, file)
        for name in names:
            yield _export(reader, name, folder, formats, since)
    except OSError as error:
        raise UsageError(f"--to {folder} cannot be written: {error.strerror}.") from None


def _export(
    reader: Reader, name: str, folder: Path, formats: Sequence[str], since: date | None
) -> Exported:
    files = [folder / f"{name}.{ending}" for ending in formats]
    schema, rows = _schema(reader, name), 0
    source = name + _changed(name, schema, since)
    if name in MEETINGS:
        source += f" ORDER BY {MEETINGS[name][1]}"
    with ExitStack() as stack:
        writers = [stack.enter_context(_whole(file, schema)) for file in files]
        for batch in reader.batches(source, ROWS_AT_ONCE):
            # A column without a value has no type of its own in a batch.
            table = batch.select(schema.names).cast(schema)
            for file, writer in zip(files, writers, strict=True):
                writer.write_table(for_spreadsheets(table) if file.suffix == ".csv" else table)
            rows += table.num_rows
    return Exported(name, rows, files, is_whole=" WHERE " not in source)


def _changed(name: str, schema: pa.Schema, since: date | None) -> str:
    """Return the condition for changed rows; views have none."""
    column = CHANGED.get(name, "updated_at")
    if since is None or column not in schema.names:
        return ""
    begin = datetime(since.year, since.month, since.day, tzinfo=LONDON)
    return f" WHERE {column} >= TIMESTAMPTZ '{begin.isoformat()}'"


def for_spreadsheets(table: pa.Table) -> pa.Table:
    """Prevent a spreadsheet from taking a text for a formula or a date."""
    for place, field in enumerate(table.schema):
        if field.type == pa.string():
            column = table.column(place)
            column = pc.replace_substring_regex(column, LOOKS_LIKE_MORE, INVISIBLE + r"\1")
            table = table.set_column(place, field, column)
    return without_formulas(table)


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
    """Open a file that gets its name only once it is complete."""
    with whole(file) as content, _writer(file, content, schema) as writer:
        yield writer


def _writer(file: Path, content: BinaryIO, schema: pa.Schema) -> Any:
    if file.suffix == ".parquet":
        return parquet.ParquetWriter(content, schema)
    if file.suffix == ".csv":
        content.write(BYTE_ORDER_MARK)
        return csv.CSVWriter(content, schema)
    from pipelines.database.workbook import Workbook

    sheet_by, _ = MEETINGS.get(file.stem, ("", ""))
    return Workbook(content, schema, file.stem, sheet_by)
