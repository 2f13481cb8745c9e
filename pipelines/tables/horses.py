"""Horses and their pedigree."""

from typing import Final

from pipelines.parsing.names import (
    PARENT_PREFIX,
    SEX_WORDS,
    country,
    horse_id_of_parent,
    sex,
    sex_code,
    sex_word,
    without_country,
)
from pipelines.parsing.values import instant, lower, upper
from pipelines.tables.model import DATE, TEXT, TIMESTAMP, Column, Kind, Origin, Table, updated_at


def sex_of(side: str) -> str:
    """Return the SQL of the word for a sex of which only the code is known."""
    words = " ".join(f"WHEN '{code}' THEN '{word}'" for code, word in SEX_WORDS.items())
    return f"CASE {side}.sex_code {words} END"


def horse_of(parent: str) -> str:
    """Return the SQL of the id that a parent has as a horse."""
    ids = ", ".join(f"{side}.{parent}_id" for side in ("card", "profile", "result"))
    return f"regexp_replace(coalesce({ids}), '{PARENT_PREFIX}', 'hrs_')"


HORSES = Table(
    name="ra_mst_horses",
    kind=Kind.PERSON_OR_HORSE,
    grain="one row per horse that has appeared as a runner",
    key=("id",),
    rows_from={
        "racecards": "runners[]",
        "results": "runners[]",
        "horse_pro": "",
        "horse_standard": "",
    },
    named_as="horse",
    asked_at="enriched_at",
    columns=(
        Column(
            "id",
            TEXT,
            "Vendor horse identifier",
            field="horse_id",
            horse_pro="id",
            horse_standard="id",
        ),
        Column(
            "name",
            TEXT,
            "Horse name without its country suffix",
            without_country,
            field="horse",
            horse_pro="name",
            horse_standard="name",
            required=True,
        ),
        Column(
            "sex",
            TEXT,
            "Sex in words",
            racecards=Origin("sex", sex),
            results=Origin("sex", sex_word),
            horse_pro=Origin("sex", sex),
            rule=f"coalesce(card.sex, profile.sex, {sex_of('result')})",
        ),
        Column(
            "sex_code",
            TEXT,
            "One-letter sex code",
            sex_code,
            racecards="sex_code",
            results="sex",
            horse_pro="sex_code",
        ),
        Column("dob", DATE, "Date of birth", racecards="dob", horse_pro="dob"),
        Column(
            "colour",
            TEXT,
            "Coat colour abbreviation",
            lower,
            racecards="colour",
            horse_pro="colour",
        ),
        Column("colour_code", TEXT, "Coat colour code", horse_pro="colour_code"),
        Column(
            "region",
            TEXT,
            "Country of birth (breeding region)",
            racecards=Origin("region", upper),
            results=Origin("horse", country),
            horse_pro=Origin("name", country),
            horse_standard=Origin("name", country),
        ),
        Column("sire_id", TEXT, "Identifier of the sire", field="sire_id"),
        Column("dam_id", TEXT, "Identifier of the dam", field="dam_id"),
        Column("damsire_id", TEXT, "Identifier of the damsire", field="damsire_id"),
        Column("breeder", TEXT, "Breeder as printed", racecards="breeder", horse_pro="breeder"),
        Column(
            "enrichment_status",
            TEXT,
            "Where the profile columns came from; drives which horses still need a profile call",
            horse_pro="profile_status",
            required=True,
            default="'pending'",
            rule="coalesce(profile.enrichment_status, CASE WHEN coalesce(CAST(card.dob AS text), "
            "card.colour, card.breeder, CAST(profile.dob AS text), profile.colour, "
            "profile.breeder) IS NULL THEN 'pending' ELSE 'racecard' END)",
        ),
        Column(
            "enriched_at",
            TIMESTAMP,
            "When a horse profile was last fetched",
            horse_pro=Origin("profile_at", instant),
        ),
        updated_at(),
    ),
)

PEDIGREE = Table(
    name="ra_horse_pedigree",
    kind=Kind.PERSON_OR_HORSE,
    grain="one row per horse",
    key=("horse_id",),
    rows_from={
        "racecards": "runners[]",
        "results": "runners[]",
        "horse_pro": "",
        "horse_standard": "",
    },
    named_as="horse",
    columns=(
        Column(
            "horse_id",
            TEXT,
            "Horse the pedigree belongs to",
            field="horse_id",
            horse_pro="id",
            horse_standard="id",
        ),
        Column("sire", TEXT, "Sire name without country suffix", without_country, field="sire"),
        Column("sire_id", TEXT, "Sire identifier", field="sire_id"),
        Column(
            "sire_region",
            TEXT,
            "Country of birth of the sire",
            racecards=Origin("sire_region", upper),
            results=Origin("sire", country),
            horse_pro=Origin("sire", country),
            horse_standard=Origin("sire", country),
        ),
        Column(
            "sire_horse_id",
            TEXT,
            "Same animal as a horse id, for joining lineage and for fetching its profile",
            horse_id_of_parent,
            field="sire_id",
            rule=horse_of("sire"),
        ),
        Column("dam", TEXT, "Dam name without country suffix", without_country, field="dam"),
        Column("dam_id", TEXT, "Dam identifier", field="dam_id"),
        Column(
            "dam_region",
            TEXT,
            "Country of birth of the dam",
            racecards=Origin("dam_region", upper),
            results=Origin("dam", country),
            horse_pro=Origin("dam", country),
            horse_standard=Origin("dam", country),
        ),
        Column(
            "dam_horse_id",
            TEXT,
            "Same animal as a horse id, for joining lineage and for fetching its profile",
            horse_id_of_parent,
            field="dam_id",
            rule=horse_of("dam"),
        ),
        Column(
            "damsire", TEXT, "Damsire name without country suffix", without_country, field="damsire"
        ),
        Column("damsire_id", TEXT, "Damsire identifier", field="damsire_id"),
        Column(
            "damsire_region",
            TEXT,
            "Country of birth of the damsire",
            racecards=Origin("damsire_region", upper),
            results=Origin("damsire", country),
            horse_pro=Origin("damsire", country),
            horse_standard=Origin("damsire", country),
        ),
        Column(
            "damsire_horse_id",
            TEXT,
            "Same animal as a horse id, for joining lineage and for fetching its profile",
            horse_id_of_parent,
            field="damsire_id",
            rule=horse_of("damsire"),
        ),
        Column("breeder", TEXT, "Breeder as printed", racecards="breeder", horse_pro="breeder"),
        Column(
            "region",
            TEXT,
            "Country of birth of the horse",
            racecards=Origin("region", upper),
            results=Origin("horse", country),
            horse_pro=Origin("name", country),
            horse_standard=Origin("name", country),
        ),
        updated_at(),
    ),
)

_FACTS: Final = (
    *("dob", "colour", "region", "breeder"),
    *(f"{parent}{fact}" for parent in ("sire", "dam", "damsire") for fact in ("", "_region")),
)


def facts_of_the_horse(endpoint: str) -> tuple[Column, ...]:
    """Columns of what a runner's entry says of the horse itself, whatever the race."""
    columns = PEDIGREE.by_name | HORSES.by_name
    return tuple(
        columns[name].given_by(endpoint) for name in _FACTS if endpoint in columns[name].origins
    )


HORSE_PROFILES = HORSES.said_by(
    "ra_horse_profiles",
    "one row per horse whose profile was requested, exactly as the horse endpoints report it",
    *("horse_pro", "horse_standard"),
    also=(column for column in PEDIGREE.columns if column.name in _FACTS[4:]),
)
for _column in HORSE_PROFILES.columns:  # where no endpoint has a profile, there is only its id
    _column.required = _column.name in (*HORSE_PROFILES.key, "updated_at")
