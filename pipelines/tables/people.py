"""Bookmakers, jockeys, trainers, owners: no endpoint lists them, so cards and results name them.

Bookmakers have one writer, the racecards: a model of them would need their name beside each price,
twenty million times, to say what the id says already.
"""

from pipelines.parsing.names import (
    bookmaker_id,
    bookmaker_market,
    bookmaker_url,
    jockey_id,
    jockey_name,
)
from pipelines.parsing.values import spaced
from pipelines.tables.model import TEXT, Column, Kind, Table, updated_at

BOOKMAKERS = Table(
    name="ra_mst_bookmakers",
    kind=Kind.PERSON_OR_HORSE,
    grain="one row per bookmaker, derived from the odds arrays",
    key=("id",),
    rows_from={"racecards": "runners[].odds[]"},
    sparse=True,
    columns=(
        Column("id", TEXT, "Stable slug for the bookmaker", bookmaker_id, field="bookmaker"),
        Column("name", TEXT, "Bookmaker display name", spaced, field="bookmaker", required=True),
        Column("url", TEXT, "Home page", bookmaker_url, field="bookmaker"),
        Column("type", TEXT, "Market type", bookmaker_market, field="bookmaker"),
        updated_at(),
    ),
)

JOCKEYS = Table(
    name="ra_mst_jockeys",
    kind=Kind.PERSON_OR_HORSE,
    grain="one row per jockey, derived from racecard and result runners",
    key=("id",),
    rows_from={"racecards": "runners[]", "results": "runners[]"},
    named_as="jockey",
    columns=(
        Column("id", TEXT, "Vendor jockey identifier", jockey_id, field=("jockey_id", "jockey")),
        Column("name", TEXT, "Jockey name", jockey_name, field="jockey", required=True),
        updated_at(),
    ),
)

TRAINERS = Table(
    name="ra_mst_trainers",
    kind=Kind.PERSON_OR_HORSE,
    grain="one row per trainer, derived from racecard and result runners",
    key=("id",),
    rows_from={"racecards": "runners[]", "results": "runners[]"},
    named_as="trainer",
    columns=(
        Column("id", TEXT, "Vendor trainer identifier", field="trainer_id"),
        Column("name", TEXT, "Trainer name", spaced, field="trainer", required=True),
        Column("location", TEXT, "Training yard", racecards="trainer_location"),
        updated_at(),
    ),
)

OWNERS = Table(
    name="ra_mst_owners",
    kind=Kind.PERSON_OR_HORSE,
    grain="one row per owner, derived from racecard and result runners",
    key=("id",),
    rows_from={"racecards": "runners[]", "results": "runners[]"},
    named_as="owner",
    columns=(
        Column("id", TEXT, "Vendor owner identifier", field="owner_id"),
        Column("name", TEXT, "Owner name", spaced, field="owner", required=True),
        updated_at(),
    ),
)
