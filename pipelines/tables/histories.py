"""What cards repeat of a horse: earlier trainers and owners, medical events, quotes."""

from pipelines.parsing.races import furlongs
from pipelines.parsing.values import integer, iso_date, spaced
from pipelines.tables.model import (
    BIGINT,
    DATE,
    TEXT,
    Column,
    Kind,
    Table,
    decimal,
    updated_at,
)

PREVIOUS_TRAINERS = Table(
    name="ra_horse_prev_trainers",
    kind=Kind.HISTORY,
    grain="one earlier trainer of a horse",
    key=("horse_id", "trainer_id", "change_date"),
    rows_from={"racecards": "runners[].prev_trainers[]"},
    columns=(
        Column("horse_id", TEXT, "Horse", racecards="runners[].horse_id", required=True),
        Column(
            "trainer_id",
            TEXT,
            "Earlier trainer",
            racecards="runners[].prev_trainers[].trainer_id",
            required=True,
        ),
        Column(
            "change_date",
            DATE,
            "Date the horse left that trainer",
            iso_date,
            racecards="runners[].prev_trainers[].change_date",
            required=True,
        ),
        Column(
            "trainer_name",
            TEXT,
            "Earlier trainer's name",
            spaced,
            racecards="runners[].prev_trainers[].trainer",
        ),
        updated_at(),
    ),
)

PREVIOUS_OWNERS = Table(
    name="ra_horse_prev_owners",
    kind=Kind.HISTORY,
    grain="one earlier owner of a horse",
    key=("horse_id", "owner_id", "change_date"),
    rows_from={"racecards": "runners[].prev_owners[]"},
    columns=(
        Column("horse_id", TEXT, "Horse", racecards="runners[].horse_id", required=True),
        Column(
            "owner_id",
            TEXT,
            "Earlier owner",
            racecards="runners[].prev_owners[].owner_id",
            required=True,
        ),
        Column(
            "change_date",
            DATE,
            "Date of the change",
            iso_date,
            racecards="runners[].prev_owners[].change_date",
            required=True,
        ),
        Column(
            "owner_name",
            TEXT,
            "Earlier owner's name",
            spaced,
            racecards="runners[].prev_owners[].owner",
        ),
        updated_at(),
    ),
)

MEDICAL = Table(
    name="ra_horse_medical",
    kind=Kind.HISTORY,
    grain="one medical event of a horse",
    key=("horse_id", "date", "type"),
    rows_from={"racecards": "runners[].medical[]"},
    columns=(
        Column("horse_id", TEXT, "Horse", racecards="runners[].horse_id", required=True),
        Column(
            "date",
            DATE,
            "Date of the event",
            iso_date,
            racecards="runners[].medical[].date",
            required=True,
        ),
        Column("type", TEXT, "Kind of event", racecards="runners[].medical[].type", required=True),
        updated_at(),
    ),
)

QUOTES = Table(
    name="ra_horse_quotes",
    kind=Kind.HISTORY,
    grain="one quotation about a horse after a past race",
    key=("horse_id", "race_id"),
    rows_from={"racecards": "runners[].quotes[]"},
    columns=(
        Column("horse_id", TEXT, "Horse", racecards="runners[].quotes[].horse_id", required=True),
        Column(
            "race_id",
            TEXT,
            "Race the quote is about",
            racecards="runners[].quotes[].race_id",
            required=True,
        ),
        Column("date", DATE, "Date of that race", iso_date, racecards="runners[].quotes[].date"),
        Column(
            "race_name", TEXT, "Title of that race", spaced, racecards="runners[].quotes[].race"
        ),
        Column("course_id", TEXT, "Course of that race", racecards="runners[].quotes[].course_id"),
        Column("course_name", TEXT, "Course name", racecards="runners[].quotes[].course"),
        Column(
            "distance_f",
            decimal(5, 1),
            "Distance in furlongs",
            furlongs,
            racecards="runners[].quotes[].distance_f",
        ),
        Column(
            "distance_y",
            BIGINT,
            "Distance in yards",
            integer,
            racecards="runners[].quotes[].distance_y",
        ),
        Column(
            "quote",
            TEXT,
            "Text, usually ending with speaker and role",
            racecards="runners[].quotes[].quote",
        ),
        updated_at(),
    ),
)
