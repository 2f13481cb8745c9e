"""SQL generated from the declarations of the tables."""

from __future__ import annotations

import re

from pipelines.tables import TABLES
from pipelines.tables.ddl import (
    DEFAULTS,
    KEYS,
    SET_UPDATED_AT,
    TRIGGERS,
    UPDATED_AT,
    comments,
    relations,
)

DATED = [table.name for table in TABLES.values() if "updated_at" in table.by_name]


def test_every_table_has_a_unique_index_on_its_key() -> None:
    assert KEYS.keys() == {f"{table}_key" for table in TABLES}
    assert KEYS["ra_runners_key"] == (
        "CREATE UNIQUE INDEX IF NOT EXISTS ra_runners_key ON ra_runners (race_id, horse_id)"
    )


def test_defaults_are_constants_of_the_columns_that_declare_one() -> None:
    own = {place: text for place, text in DEFAULTS.items() if place[1] != "updated_at"}
    assert own == {
        (
            "ra_races",
            "has_result",
        ): "ALTER TABLE ra_races ALTER COLUMN has_result SET DEFAULT false",
        ("ra_runners", "is_scratched"): (
            "ALTER TABLE ra_runners ALTER COLUMN is_scratched SET DEFAULT false"
        ),
        ("ra_mst_horses", "enrichment_status"): (
            "ALTER TABLE ra_mst_horses ALTER COLUMN enrichment_status SET DEFAULT 'pending'"
        ),
    }
    assert [table for table, column in DEFAULTS if column == "updated_at"] == DATED
    assert DEFAULTS["ra_mst_owners", "updated_at"] == (
        "ALTER TABLE ra_mst_owners ALTER COLUMN updated_at "
        "SET DEFAULT TIMESTAMPTZ '1970-01-01 00:00:00+00'"
    )


def test_time_of_every_dated_table_is_set_on_both_databases() -> None:
    assert [*UPDATED_AT] == DATED
    assert [*TRIGGERS] == [f"{table}_updated_at" for table in DATED]
    assert UPDATED_AT["ra_races"] == (
        "UPDATE ra_races SET updated_at = to_timestamp(CAST(_dlt_load_id AS double precision))\n"
        "WHERE updated_at <> to_timestamp(CAST(_dlt_load_id AS double precision))"
    )
    assert "NEW.updated_at = to_timestamp(CAST(NEW._dlt_load_id AS double" in SET_UPDATED_AT
    assert TRIGGERS["ra_races_updated_at"] == (
        "CREATE OR REPLACE TRIGGER ra_races_updated_at BEFORE INSERT OR UPDATE ON ra_races\n"
        "    FOR EACH ROW WHEN (NEW._dlt_load_id <> '') EXECUTE FUNCTION set_updated_at()"
    )


def test_every_table_and_column_has_a_comment() -> None:
    text = comments()
    assert re.findall(r"^COMMENT ON TABLE (\w+) IS", text, re.MULTILINE) == [*TABLES]
    assert re.findall(r"^COMMENT ON COLUMN (\w+\.\w+) IS", text, re.MULTILINE) == [
        f"{table}.{column.name}" for table in TABLES.values() for column in table.columns
    ]
    assert "COMMENT ON TABLE ra_races IS 'One row per race.';" in text
    assert "winning_time IS 'Winner''s time as m:s.cc, seconds not zero-padded';" in text


def test_relations_name_every_table_and_no_table_as_its_own_target() -> None:
    text = relations()
    keys, references = text.split("DO $$ DECLARE reference")
    assert re.findall(r"^    '(\w+)'", keys, re.MULTILINE) == [*TABLES]
    pairs = re.findall(r"^    \('(\w+)', '(\w+)', '(\w+)'\)", references, re.MULTILINE)
    assert ("ra_runners", "race_id", "ra_races") in pairs
    assert [source for source, _, target in pairs if source == target] == []
