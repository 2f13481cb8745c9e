"""Reference of views and checks, taken from the files in sql/."""

from __future__ import annotations

import re
from typing import Final

from pipelines.database.definitions import Definition, view_definitions
from pipelines.documents.markdown import code, page, table
from pipelines.status.checks import Check, all_checks

_COMMENT: Final = re.compile(r"COMMENT ON (?:VIEW|COLUMN) (?:\w+)(?:\.(\w+))? IS '((?:[^']|'')*)'")


def view_reference() -> str:
    """Return every view with its columns."""
    introduction = (
        "Each view is a file in `sql/views/`, created by the next run if it is missing or has "
        "changed, always current, and the same on DuckDB and Postgres. `runs` defines a run, a "
        "win, a place and the profit of one unit; the others build on it. Figures about the past "
        "of a runner use neither its race nor anything after it."
    )
    views = sorted(view_definitions(), key=lambda view: view.name)
    return page("Views", introduction, *map(_view, views))


def _view(view: Definition) -> str:
    told = [(column, text.replace("''", "'")) for column, text in _COMMENT.findall(view.text)]
    purpose = next(text for column, text in told if not column)
    listing = table(("column", "meaning"), ((code(name), text) for name, text in told if name))
    return f"## `{view.name}`\n\n{purpose}\n\n{listing}"


def check_reference() -> str:
    """Return every check and what it finds."""
    introduction = (
        "Each is a query in `sql/checks/` that returns rows that should not exist; you can run it "
        "by hand. `pipeline health` runs all of them: an error makes it fail, a warning only with "
        "the setting `health_warnings`."
    )
    rows = [_check(check) for check in all_checks()]
    return page("Checks", introduction, table(("check", "", "finds", "note"), rows))


def _check(check: Check) -> tuple[str, ...]:
    lines = [line.removeprefix("--").strip() for line in check.sql.splitlines() if line[:2] == "--"]
    severity = "error" if check.is_error else "warning"
    return code(check.name), severity, check.claim, " ".join(lines[1:])
