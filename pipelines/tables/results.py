"""Results, one row for each horse that ran, exactly as the results endpoint reports it."""

from pipelines.parsing.names import jockey_id, jockey_name, sex_code, without_country
from pipelines.parsing.prices import currency, favourite_mark, money_reader, starting_price
from pipelines.parsing.races import (
    clock_seconds,
    finish_status,
    is_reserve,
    position,
    runner_id,
    saddle_cloth,
)
from pipelines.parsing.values import positive_integer, spaced, upper
from pipelines.tables.horses import facts_of_the_horse
from pipelines.tables.model import (
    BIGINT,
    BOOL,
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
        Column("race_id", TEXT, "Race", field="^race_id"),
        Column("horse_id", TEXT, "Horse", field="horse_id"),
        Column(
            "runner_id",
            TEXT,
            "Runner row: joins ra_runners.id",
            runner_id,
            field=("^race_id", "horse_id"),
            required=True,
        ),
        Column("race_date", DATE, "Race date", field="^date", required=True),
        Column("horse_name", TEXT, "Horse name", without_country, field="horse", required=True),
        Column("jockey_id", TEXT, "Jockey identifier", jockey_id, field=("jockey_id", "jockey")),
        Column("jockey_name", TEXT, "Jockey name", jockey_name, field="jockey"),
        Column("trainer_id", TEXT, "Trainer identifier", field="trainer_id"),
        Column("trainer_name", TEXT, "Trainer name", spaced, field="trainer"),
        Column("owner_id", TEXT, "Owner identifier", field="owner_id"),
        Column("owner_name", TEXT, "Owner name", spaced, field="owner"),
        Column("jockey_claim_lbs", BIGINT, "Allowance in pounds", field="jockey_claim_lbs"),
        Column("sire_id", TEXT, "Sire identifier", field="sire_id"),
        Column("dam_id", TEXT, "Dam identifier", field="dam_id"),
        Column("damsire_id", TEXT, "Damsire identifier", field="damsire_id"),
        Column("number", BIGINT, "Saddle-cloth number", saddle_cloth, field="number"),
        Column("is_reserve", BOOL, "Reserve", is_reserve, field="number"),
        Column("draw", BIGINT, "Stall", positive_integer, field="draw"),
        Column("age", BIGINT, "Age in years", field="age"),
        Column("sex_code", TEXT, "Sex code", sex_code, field="sex"),
        Column("weight", BIGINT, "Weight in pounds", field="weight_lbs"),
        Column("weight_stones_lbs", TEXT, "Weight as stones-pounds", field="weight"),
        Column("headgear", TEXT, "Headgear letters", field="headgear"),
        Column("position", BIGINT, "Finishing position", position, field="position"),
        Column(
            "position_str", TEXT, "Position or code as sent", upper, field="position", required=True
        ),
        Column(
            "finish_status",
            TEXT,
            "Outcome in words",
            finish_status,
            field="position",
            required=True,
        ),
        Column("distance_beaten", decimal(8, 2), "Lengths behind the horse in front", field="btn"),
        Column(
            "overall_beaten_distance", decimal(8, 2), "Lengths behind the winner", field="ovr_btn"
        ),
        Column("finishing_time", TEXT, "Time as printed", field="time"),
        Column("time_seconds", decimal(8, 2), "Time in seconds", clock_seconds, field="time"),
        Column("starting_price", TEXT, "Starting price fraction", starting_price, field="sp"),
        Column("favourite_flag", TEXT, "Favourite mark", favourite_mark, field="sp"),
        Column("starting_price_decimal", decimal(8, 2), "Starting price decimal", field="sp_dec"),
        Column("bsp", decimal(10, 2), "Betfair starting price", field="bsp", late=True),
        Column("prize_won", decimal(12, 2), "Prize money won", money_reader(12, 2), field="prize"),
        Column("prize_currency", TEXT, "Currency of prize_won", currency, field="prize"),
        Column("official_rating", BIGINT, "Official rating run off", field="or"),
        Column("rpr", BIGINT, "Racing Post Rating achieved IN this race", field="rpr", late=True),
        Column("tsr", BIGINT, "Topspeed figure achieved IN this race", field="tsr", late=True),
        Column(
            "performance_rating",
            BIGINT,
            "Vendor performance rating achieved IN this race, sent since 2026",
            field="performance_rating",
        ),
        Column(
            "speed_rating",
            BIGINT,
            "Vendor speed rating achieved IN this race, sent since 2026",
            field="speed_rating",
        ),
        Column("race_comment", TEXT, "In-running comment", field="comment"),
        Column("jockey_silk_url", TEXT, "Silks address", field="silk_url"),
        *facts_of_the_horse("results"),
        updated_at(),
    ),
)
