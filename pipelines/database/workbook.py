"""Excel workbooks: one sheet for all rows, or one per meeting; no text becomes a date."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final

import pyarrow as pa
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.errors import UsageError
from pipelines.parsing.values import LONDON

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet below its header."""
LONGEST_TEXT: Final = 32_767
LONGEST_TITLE: Final = 31
EXACT: Final = 2**53
"""Integers beyond this lose digits in a spreadsheet."""
NOT_IN_A_TITLE: Final = re.compile(r"[\[\]:*?/\\]|^'|'$")
WIDTHS: Final = {"name": 24, "course_name": 20, "comment": 40}


class Workbook:
    """A workbook that tables are written to in batches; `sheet_by` names a column."""

    def __init__(self, content: BinaryIO, schema: pa.Schema, name: str, sheet_by: str = "") -> None:
        self._book = xlsxwriter.Workbook(content, {"constant_memory": True})
        self._schema, self._name, self._sheet_by = schema, name, sheet_by
        self._sheets: dict[str, tuple[Worksheet, int]] = {}
        self._header: Format = self._book.add_format({"bold": True})
        self._date: Format = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._time: Format = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *error: object) -> None:
        if not self._sheets:
            self._begin(self._name)
        self._book.close()

    def write_table(self, table: pa.Table) -> None:
        """Add rows; raises UsageError for more than a sheet can hold."""
        for row in table.to_pylist():
            title = _title(str(row[self._sheet_by] or self._name) if self._sheet_by else self._name)
            sheet, number = self._sheets.get(title) or self._begin(title)
            if number > MOST_ROWS:
                raise UsageError(
                    f"{self._name} has more rows than a sheet can hold ({MOST_ROWS:,}): use "
                    "--since or another format."
                )
            for place, value in enumerate(row.values()):
                self._write(sheet, number, place, value)
            self._sheets[title] = sheet, number + 1

    def _begin(self, title: str) -> tuple[Worksheet, int]:
        sheet = self._book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for place, field in enumerate(self._schema):
            sheet.set_column(place, place, WIDTHS.get(field.name, max(8, len(field.name) + 1)))
            sheet.write_string(0, place, field.name, self._header)
        self._sheets[title] = sheet, 1
        return sheet, 1

    def _write(self, sheet: Worksheet, row: int, place: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif isinstance(value, datetime):
            local = value.astimezone(LONDON).replace(tzinfo=None)
            sheet.write_datetime(row, place, local, self._time)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, value, self._date)
        elif isinstance(value, int | float | Decimal) and abs(float(value)) <= EXACT:
            sheet.write_number(row, place, float(value))
        else:
            sheet.write_string(row, place, str(value)[:LONGEST_TEXT])


def _title(text: str) -> str:
    """Return a title that a sheet may have."""
    return NOT_IN_A_TITLE.sub(" ", text).strip()[:LONGEST_TITLE] or "sheet"
