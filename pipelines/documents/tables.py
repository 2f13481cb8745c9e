"""A reference, a mapping, a diagram and SQL, generated from the declarations of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from pipelines.api.endpoints import ENDPOINTS, Endpoint
from pipelines.documents.markdown import code, page, table
from pipelines.models import expression
from pipelines.tables import MODELS, TABLES, Column, Table, ddl
from pipelines.tables.ddl import target

Json = dict[str, Any]


def table_reference() -> str:
    """Return every table with every column: source, how it is read, meaning."""
    introduction = (
        "All tables are in the dataset (schema) `racing`. A column's source is the endpoint and "
        "the field of its response; a column of a table that is made from others also shows the "
        "SQL that decides it. `column-mapping.json` has the same for machines, "
        "`pipeline columns TABLE` shows it in the terminal, and the database has it as comments."
    )
    return page("Tables", introduction, *map(_section, TABLES.values()), _left_out())


def _section(declared: Table) -> str:
    endpoints = ", ".join(code(ENDPOINTS[name].path) for name in declared.rows_from)
    key = ", ".join(map(code, declared.key))
    made_of = " and ".join(code(said.name) for said in MODELS.get(declared, {}).values())
    source = f"Made from {made_of}" if made_of else f"From {endpoints or 'the loader'}"
    facts = f"{_sentence(declared.grain)} Key: {key}. {source}."
    header = ("column", "type", "meaning", "source", "how it is read")
    rows = [_row(declared, column) for column in declared.columns]
    return f"## `{declared.name}`\n\n{facts}\n\n{table(header, rows)}"


def _row(declared: Table, column: Column) -> tuple[str, ...]:
    needed = column.required or column.name in declared.key
    sources = [
        f"{endpoint}: " + ", ".join(code(ENDPOINTS[endpoint].root + path) for path in origin.paths)
        for endpoint, origin in column.origins.items()
    ]
    readings = dict.fromkeys(origin.transformation for origin in column.origins.values())
    rule = _rule(declared, column)
    return (
        code(column.name),
        f"{column.type}{' not null' if needed else ''}",
        column.meaning,
        "; ".join(sources) or column.set_by,
        code(rule) if rule else " ".join(readings),
    )


def _rule(declared: Table, column: Column) -> str | None:
    """Return the SQL that makes a column of a model."""
    return expression(declared, column) if declared in MODELS and column.origins else None


def _left_out() -> str:
    rows = [
        (endpoint.path, code(field), reason)
        for endpoint in ENDPOINTS.values()
        for field, reason in endpoint.dropped
    ]
    text = "Every other field of a response has a column."
    listing = table(("endpoint", "field", "why"), rows)
    return f"## Fields that are left out\n\n{text}\n\n{listing}"


def column_mapping() -> str:
    """Return the same as JSON: tables, columns, sources, endpoints."""
    mapping = {
        "tables": [_mapped(declared) for declared in TABLES.values()],
        "left_out": [
            {"endpoint": endpoint.name, "path": endpoint.path, "field": field, "reason": reason}
            for endpoint in ENDPOINTS.values()
            for field, reason in endpoint.dropped
        ],
    }
    return orjson.dumps(mapping, option=orjson.OPT_INDENT_2).decode() + "\n"


def _mapped(declared: Table) -> Json:
    return {
        "table": declared.name,
        "grain": declared.grain,
        "key": declared.key,
        "columns": [
            {
                "column": column.name,
                "type": str(column.type),
                "nullable": not (column.required or column.name in declared.key),
                "meaning": column.meaning,
                "sources": list(_sources(column)),
                "set_by": column.set_by or None,
                "rule": _rule(declared, column),
            }
            for column in declared.columns
        ],
    }


def _sources(column: Column) -> Iterator[Json]:
    for name, origin in column.origins.items():
        endpoint: Endpoint = ENDPOINTS[name]
        yield {
            "endpoint": name,
            "path": endpoint.path,
            "fields": [endpoint.root + path for path in origin.paths],
            "transformation": origin.transformation,
        }


def diagram() -> str:
    """Return the tables, their keys and what they refer to, as a Mermaid diagram."""
    entities = "\n".join(map(_entity, TABLES.values()))
    relations = "\n".join(
        f"    {other} ||--o{{ {declared.name} : {column.name}"
        for declared in TABLES.values()
        for column in declared.columns
        if (other := target(declared, column))
    )
    introduction = "Primary keys (PK) and foreign keys (FK); `tables.md` has every column."
    drawing = f"```mermaid\nerDiagram\n{entities}\n{relations}\n```"
    return page("The tables and how they join", introduction, drawing)


def _entity(declared: Table) -> str:
    lines = []
    for column in declared.columns:
        marks = ["PK"] if column.name in declared.key else []
        marks += ["FK"] if target(declared, column) else []
        if marks:
            lines.append(f"        {column.type.name} {column.name} {', '.join(marks)}")
    return "\n".join([f"    {declared.name} {{", *lines, "    }"])


def statements() -> str:
    """Return the SQL that is generated from the declarations, as the database gets it."""
    introduction = (
        "-- What a database needs beside dlt's CREATE TABLE, generated from the declarations.\n"
        "-- A run applies what is missing; this file is for reading."
    )
    parts = {
        "One row per key (not on DuckDB 1)": _ended(ddl.KEYS.values()),
        "Defaults of columns that not every source of a row has": _ended(ddl.DEFAULTS.values()),
        "DuckDB, after each load: the id of a load is its time": _ended(ddl.UPDATED_AT.values()),
        "Postgres: the time is set as a row is written": _ended(
            [ddl.SET_UPDATED_AT, *ddl.TRIGGERS.values()]
        ),
        "Postgres: relations for tools that draw joins, not enforced": ddl.relations(),
        "Comments": ddl.comments().lstrip(),
    }
    sections = (f"-- {title}.\n{text}" for title, text in parts.items())
    return "\n\n".join([introduction, *sections]) + "\n"


def _ended(statements: Iterable[str]) -> str:
    return "\n".join(f"{statement};" for statement in statements)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
