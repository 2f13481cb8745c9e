"""Results, one row for each horse that ran, exactly as the results endpoint reports it."""

from pipelines.parsing.names import without_country
from pipelines.parsing.prices import (
    currency,
    favourite_mark,
    money_reader,
    starting_price,
)
from pipelines.parsing.races import clock_seconds, finish_status, position, runner_id, saddle_cloth
from pipelines.parsing.values import (
    decimal_reader,
    integer,
    iso_date,
    positive_integer,
    spaced,
    upper,
)
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

RACE_RESULTS = Table(
    name="ra_race_results",
    kind=Kind.RACE,
    grain="one row per horse that took part, exactly as the results endpoint reports it",
    key=("race_id", "horse_id"),
    rows_from={"results": "runners[]"},
    columns=(
        Column("race_id", TEXT, "Race", results="race_id", required=True),
        Column("horse_id", TEXT, "Horse", results="runners[].horse_id", required=True),
        Column(
            "runner_id",
            TEXT,
            "Runner row: joins ra_runners.id",
            runner_id,
            results=("race_id", "runners[].horse_id"),
            required=True,
        ),
        Column("race_date", DATE, "Race date", iso_date, results="date", required=True),
        Column(
            "horse_name",
            TEXT,
            "Horse name",
            without_country,
            results="runners[].horse",
            required=True,
        ),
        Column("jockey_id", TEXT, "Jockey identifier", results="runners[].jockey_id"),
        Column("jockey_name", TEXT, "Jockey name", spaced, results="runners[].jockey"),
        Column("trainer_id", TEXT, "Trainer identifier", results="runners[].trainer_id"),
        Column("trainer_name", TEXT, "Trainer name", spaced, results="runners[].trainer"),
        Column("owner_id", TEXT, "Owner identifier", results="runners[].owner_id"),
        Column("owner_name", TEXT, "Owner name", spaced, results="runners[].owner"),
        Column(
            "jockey_claim_lbs",
            BIGINT,
            "Allowance in pounds",
            integer,
            results="runners[].jockey_claim_lbs",
        ),
        Column("sire_id", TEXT, "Sire identifier", results="runners[].sire_id"),
        Column("dam_id", TEXT, "Dam identifier", results="runners[].dam_id"),
        Column("damsire_id", TEXT, "Damsire identifier", results="runners[].damsire_id"),
        Column("number", BIGINT, "Saddle-cloth number", saddle_cloth, results="runners[].number"),
        Column("draw", BIGINT, "Stall", positive_integer, results="runners[].draw"),
        Column("age", BIGINT, "Age in years", integer, results="runners[].age"),
        Column("sex_code", TEXT, "Sex code", upper, results="runners[].sex"),
        Column("weight", BIGINT, "Weight in pounds", integer, results="runners[].weight_lbs"),
        Column("weight_stones_lbs", TEXT, "Weight as stones-pounds", results="runners[].weight"),
        Column("headgear", TEXT, "Headgear letters", results="runners[].headgear"),
        Column("position", BIGINT, "Finishing position", position, results="runners[].position"),
        Column(
            "position_str",
            TEXT,
            "Position or code as sent",
            upper,
            results="runners[].position",
            required=True,
        ),
        Column(
            "finish_status",
            TEXT,
            "Outcome in words",
            finish_status,
            results="runners[].position",
            required=True,
        ),
        Column(
            "distance_beaten",
            decimal(8, 2),
            "Lengths behind the horse in front",
            decimal_reader(8, 2),
            results="runners[].btn",
        ),
        Column(
            "overall_beaten_distance",
            decimal(8, 2),
            "Lengths behind the winner",
            decimal_reader(8, 2),
            results="runners[].ovr_btn",
        ),
        Column("finishing_time", TEXT, "Time as printed", results="runners[].time"),
        Column(
            "time_seconds",
            decimal(8, 2),
            "Time in seconds",
            clock_seconds,
            results="runners[].time",
        ),
        Column(
            "starting_price",
            TEXT,
            "Starting price fraction",
            starting_price,
            results="runners[].sp",
        ),
        Column("favourite_flag", TEXT, "Favourite mark", favourite_mark, results="runners[].sp"),
        Column(
            "starting_price_decimal",
            decimal(8, 2),
            "Starting price decimal",
            decimal_reader(8, 2),
            results="runners[].sp_dec",
        ),
        Column(
            "bsp",
            decimal(10, 2),
            "Betfair starting price",
            decimal_reader(10, 2),
            results="runners[].bsp",
        ),
        Column(
            "prize_won",
            decimal(12, 2),
            "Prize money won",
            money_reader(12, 2),
            results="runners[].prize",
        ),
        Column(
            "prize_currency", TEXT, "Currency of prize_won", currency, results="runners[].prize"
        ),
        Column(
            "official_rating", BIGINT, "Official rating run off", integer, results="runners[].or"
        ),
        Column(
            "rpr",
            BIGINT,
            "Racing Post Rating achieved IN this race",
            integer,
            results="runners[].rpr",
        ),
        Column(
            "tsr", BIGINT, "Topspeed figure achieved IN this race", integer, results="runners[].tsr"
        ),
        Column("race_comment", TEXT, "In-running comment", results="runners[].comment"),
        Column("jockey_silk_url", TEXT, "Silks address", results="runners[].silk_url"),
        updated_at(),
    ),
)
