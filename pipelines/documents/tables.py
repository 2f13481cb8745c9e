"""A reference, a mapping, a diagram and comments, generated from the declarations of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from pipelines.api.endpoints import ENDPOINTS, Endpoint
from pipelines.documents.markdown import code, page, table
from pipelines.models import expression
from pipelines.tables import MODELS, REFERENCES, TABLES, Column, Table

RELATIONS: Final = """\
-- Written by `make docs` from the declarations of the tables: change them there.
-- Primary and foreign keys in the catalogue of Postgres, so that tools can draw joins. The index of
-- a key becomes that of the primary key. Foreign keys are not enforced (since Postgres 18): tables
-- are loaded one after the other, and a row may refer to data that no plan includes.
DO $$ DECLARE declared text; BEGIN
FOREACH declared IN ARRAY ARRAY[
    {keys}
] LOOP
    IF NOT EXISTS (
        SELECT FROM pg_constraint WHERE conrelid = declared::regclass AND contype = 'p'
    ) THEN
        EXECUTE format('ALTER TABLE %1$I ADD CONSTRAINT %2$I PRIMARY KEY USING INDEX %2$I',
            declared, declared || '_key'); END IF; END LOOP; END $$;
DO $$ DECLARE reference record; BEGIN
IF current_setting('server_version_num')::int < 180000 THEN RETURN; END IF;  FOR reference IN
SELECT *, source || '_' || field || '_fk' AS name FROM (VALUES
    {pairs}
) AS listed (source, field, target)
LOOP
    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = reference.source::regclass AND conname = reference.name
    ) THEN
        EXECUTE format(
            'ALTER TABLE %I ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %I (id) NOT ENFORCED',
            reference.source, reference.name, reference.field, reference.target
        ); END IF; END LOOP; END $$;
"""
"""No line inside a statement may end with a semicolon."""

Mapping = dict[str, Any]


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


def _mapped(declared: Table) -> Mapping:
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


def _sources(column: Column) -> Iterator[Mapping]:
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
        f"    {target} ||--o{{ {declared.name} : {column.name}"
        for declared in TABLES.values()
        for column in declared.columns
        if (target := _target(declared, column))
    )
    introduction = "Primary keys (PK) and foreign keys (FK); `tables.md` has every column."
    drawing = f"```mermaid\nerDiagram\n{entities}\n{relations}\n```"
    return page("The tables and how they join", introduction, drawing)


def _entity(declared: Table) -> str:
    lines = []
    for column in declared.columns:
        marks = ["PK"] if column.name in declared.key else []
        marks += ["FK"] if _target(declared, column) else []
        if marks:
            lines.append(f"        {column.type.name} {column.name} {', '.join(marks)}")
    return "\n".join([f"    {declared.name} {{", *lines, "    }"])


def _target(declared: Table, column: Column) -> str | None:
    target = REFERENCES.get(column.name)
    return None if target == declared.name else target


def comments() -> str:
    """Return the statements that add comments on tables and columns."""
    lines = ["-- Written by `make docs` from the declarations of the tables: change them there."]
    for declared in TABLES.values():
        lines += ["", f"COMMENT ON TABLE {declared.name} IS {_quoted(_sentence(declared.grain))};"]
        lines += [
            f"COMMENT ON COLUMN {declared.name}.{column.name} IS {_quoted(column.meaning)};"
            for column in declared.columns
        ]
    return "\n".join(lines) + "\n"


def relations() -> str:
    """Return the statements that declare primary and foreign keys on Postgres."""
    keys = ",\n    ".join(f"'{declared.name}'" for declared in TABLES.values())
    pairs = ",\n    ".join(
        f"('{declared.name}', '{column.name}', '{target}')"
        for declared in TABLES.values()
        for column in declared.columns
        if (target := _target(declared, column))
    )
    return RELATIONS.format(keys=keys, pairs=pairs)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
