"""A horse's history, repeated on its cards: earlier trainers and owners, medical events, quotes."""

from pipelines.parsing.races import furlongs
from pipelines.parsing.values import spaced
from pipelines.tables.model import BIGINT, DATE, TEXT, Column, Kind, Table, decimal, updated_at

PREVIOUS_TRAINERS = Table(
    name="ra_horse_prev_trainers",
    kind=Kind.HISTORY,
    grain="one earlier trainer of a horse",
    key=("horse_id", "trainer_id", "change_date"),
    rows_from={"racecards": "runners[].prev_trainers[]"},
    columns=(
        Column("horse_id", TEXT, "Horse", field="^horse_id"),
        Column("trainer_id", TEXT, "Earlier trainer", field="trainer_id"),
        Column("change_date", DATE, "Date the horse left that trainer", field="change_date"),
        Column("trainer_name", TEXT, "Earlier trainer's name", spaced, field="trainer"),
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
        Column("horse_id", TEXT, "Horse", field="^horse_id"),
        Column("owner_id", TEXT, "Earlier owner", field="owner_id"),
        Column("change_date", DATE, "Date of the change", field="change_date"),
        Column("owner_name", TEXT, "Earlier owner's name", spaced, field="owner"),
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
        Column("horse_id", TEXT, "Horse", field="^horse_id"),
        Column("date", DATE, "Date of the event", field="date"),
        Column("type", TEXT, "Kind of event", field="type"),
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
        Column("horse_id", TEXT, "Horse", field="horse_id"),
        Column("race_id", TEXT, "Race the quote is about", field="race_id"),
        Column("date", DATE, "Date of that race", field="date"),
        Column("race_name", TEXT, "Title of that race", spaced, field="race"),
        Column("course_id", TEXT, "Course of that race", field="course_id"),
        Column("course_name", TEXT, "Course name", field="course"),
        Column("distance_f", decimal(5, 1), "Distance in furlongs", furlongs, field="distance_f"),
        Column("distance_y", BIGINT, "Distance in yards", field="distance_y"),
        Column("quote", TEXT, "Text, usually ending with speaker and role", field="quote"),
        updated_at(),
    ),
)
