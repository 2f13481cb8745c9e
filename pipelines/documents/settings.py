"""Reference of the settings, taken from their docstrings."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any, Final

from pipelines import settings
from pipelines.documents.markdown import code, page, table
from pipelines.system.configuration import variable_of

INTRODUCTION: Final = """\
dlt's own configuration: environment variables first, then `.dlt/secrets.toml` (copy
`.dlt/example.secrets.toml`; git ignores it), then `.dlt/config.toml`, where for example
`requests_per_second` is in the section `[sources.racing_api]`."""

OF_DLT: Final = (
    ("DESTINATION_TYPE", "duckdb", "The database to use without `--destination`."),
    (
        "DESTINATION__DUCKDB__CREDENTIALS",
        "racing_data.duckdb",
        "The file; it cannot be `racing.duckdb`, which DuckDB would confuse with the dataset.",
    ),
    (
        "DESTINATION__POSTGRES__CREDENTIALS",
        "",
        "`postgresql://user:password@host:5432/database`, or through a socket "
        "`postgresql://user@/database?host=/var/run/postgresql`.",
    ),
    ("RUNTIME__REQUEST_MAX_ATTEMPTS", "5", "Attempts per call."),
    (
        "RUNTIME__REQUEST_BACKOFF_FACTOR",
        "2",
        "Seconds before the second attempt, doubled before each further one, plus up to a random "
        "second.",
    ),
    ("RUNTIME__REQUEST_MAX_RETRY_DELAY", "300", "The longest wait, whatever `Retry-After` says."),
    ("RUNTIME__REQUEST_TIMEOUT", "60", "Seconds to wait for the next byte."),
    (
        "RUNTIME__LOG_LEVEL",
        "CRITICAL",
        "Level of dlt's own log; the pipeline reports failures itself.",
    ),
    (
        "RUNTIME__SLACK_INCOMING_HOOK",
        "",
        "Address of a Slack hook that is notified when a run fails; a secret.",
    ),
    ("DLT_DATA_DIR", "", "dlt's working folder, where the pipeline keeps its state."),
    (
        "RACING_FOLDER",
        "",
        "Folder in which commands work, like `--folder`; only as an environment variable.",
    ),
)
"""Settings of dlt that matter here: variable, default, meaning."""


def settings_reference() -> str:
    """Return every setting: variable, default, meaning, allowed values."""
    ours = table(("variable", "default", "meaning", "must be"), map(_row, _fields()))
    of_dlt = table(
        ("variable", "default", "meaning"),
        ((code(name), code(default), meaning) for name, default, meaning in OF_DLT),
    )
    return page("Settings", INTRODUCTION, ours, "## Settings of dlt and its destinations", of_dlt)


def _fields() -> Iterator[Field[Any]]:
    meanings = _meanings()
    return (entry for entry in fields(settings.Settings) if entry.name in meanings)


def _row(entry: Field[Any]) -> tuple[str, ...]:
    wishes = {name: wish for name, _, wish in settings.RULES}
    variable = code(variable_of(entry.name))
    return variable, _default(entry), _meanings()[entry.name], wishes.get(entry.name, "")


def _default(entry: Field[Any]) -> str:
    """Return the default as an environment variable would give it."""
    default = entry.default if entry.default_factory is MISSING else entry.default_factory()
    if default is None:
        return ""
    return code(default if isinstance(default, str) else json.dumps(default))


def _meanings() -> dict[str, str]:
    """Return the docstring that follows each field of the settings."""
    (declared,) = ast.parse(inspect.getsource(settings.Settings)).body
    assert isinstance(declared, ast.ClassDef)
    pairs = zip(declared.body, declared.body[1:], strict=False)
    return {
        field.target.id: inspect.cleandoc(str(text.value.value))
        for field, text in pairs
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }
