"""Runners: what the card says, and what is true once the result is there."""

from pipelines.parsing.names import (
    claim,
    jockey_id,
    jockey_name,
    sex,
    sex_code,
    sex_word,
    without_country,
)
from pipelines.parsing.prices import currency, favourite_mark, money_reader, starting_price
from pipelines.parsing.races import (
    clock_seconds,
    finish_status,
    is_non_runner,
    is_reserve,
    joined_by_line,
    joined_by_space,
    last_run_days,
    last_run_days_other_code,
    position,
    runner_id,
    saddle_cloth,
    stones_and_pounds,
)
from pipelines.parsing.values import integer, positive_integer, spaced, text, upper
from pipelines.tables.horses import facts_of_the_horse, sex_of
from pipelines.tables.model import (
    BIGINT,
    BOOL,
    DATE,
    TEXT,
    Column,
    Kind,
    Origin,
    Table,
    decimal,
    updated_at,
)


def name_of(person: str) -> str:
    """Return the rule of a person's name: it comes from where the id does, never from another."""
    return (
        f"CASE WHEN card.{person}_id IS NULL AND result.{person}_id IS NOT NULL "
        f"THEN result.{person}_name ELSE coalesce(card.{person}_name, result.{person}_name) END"
    )


RUNNERS = Table(
    name="ra_runners",
    kind=Kind.RACE,
    grain="one row per horse entered in a race",
    key=("race_id", "horse_id"),
    rows_from={"racecards": "runners[]", "results": "runners[]"},
    columns=(
        Column(
            "id",
            TEXT,
            "Single-column row id (the API has none)",
            runner_id,
            field=("^race_id", "horse_id"),
            required=True,
            rule="coalesce(card.id, result.runner_id)",
        ),
        Column("race_id", TEXT, "Race", field="^race_id"),
        Column("horse_id", TEXT, "Horse", field="horse_id"),
        Column(
            "race_date",
            DATE,
            "Race date, for partitioning and look-back",
            field="^date",
            required=True,
        ),
        Column(
            "horse_name",
            TEXT,
            "Horse name without country suffix",
            without_country,
            field="horse",
            required=True,
        ),
        Column("jockey_id", TEXT, "Jockey identifier", jockey_id, field=("jockey_id", "jockey")),
        Column(
            "jockey_name",
            TEXT,
            "Jockey name on the day",
            jockey_name,
            field="jockey",
            rule=name_of("jockey"),
        ),
        Column("trainer_id", TEXT, "Trainer identifier", field="trainer_id"),
        Column(
            "trainer_name",
            TEXT,
            "Trainer name on the day",
            spaced,
            field="trainer",
            rule=name_of("trainer"),
        ),
        Column("owner_id", TEXT, "Owner identifier", field="owner_id"),
        Column(
            "owner_name",
            TEXT,
            "Owner name on the day",
            spaced,
            field="owner",
            rule=name_of("owner"),
        ),
        Column("trainer_location", TEXT, "Yard on the day", racecards="trainer_location"),
        Column("sire_id", TEXT, "Sire identifier", field="sire_id"),
        Column("dam_id", TEXT, "Dam identifier", field="dam_id"),
        Column("damsire_id", TEXT, "Damsire identifier", field="damsire_id"),
        Column("number", BIGINT, "Saddle-cloth number", saddle_cloth, field="number"),
        Column("draw", BIGINT, "Starting stall (flat only)", positive_integer, field="draw"),
        Column("age", BIGINT, "Age in years on the day", field="age"),
        Column(
            "sex",
            TEXT,
            "Sex on the day, in words",
            racecards=Origin("sex", sex),
            results=Origin("sex", sex_word),
            rule=f"coalesce(card.sex, {sex_of('result')})",
        ),
        Column(
            "sex_code", TEXT, "Sex code on the day", sex_code, racecards="sex_code", results="sex"
        ),
        Column(
            "weight", BIGINT, "Weight to carry, in pounds", racecards="lbs", results="weight_lbs"
        ),
        Column(
            "weight_stones_lbs",
            TEXT,
            "Weight as stones-pounds",
            racecards=Origin("lbs", stones_and_pounds),
            results=Origin("weight", text),
        ),
        Column(
            "jockey_claim_lbs",
            BIGINT,
            "Apprentice or conditional allowance in pounds",
            racecards=Origin("jockey", claim),
            results=Origin("jockey_claim_lbs", integer),
        ),
        Column(
            "headgear",
            TEXT,
            "Headgear letters, which combine: b blinkers, p cheekpieces, h hood, v visor, "
            "t tongue strap, e eyeshields",
            field="headgear",
        ),
        Column(
            "headgear_run",
            BIGINT,
            "Ordinal of the run in this headgear; 1 = first time",
            racecards="headgear_run",
        ),
        Column("wind_surgery", TEXT, "Wind-operation mark", racecards="wind_surgery"),
        Column(
            "wind_surgery_run",
            BIGINT,
            "Ordinal of the run since the operation; 1 = first",
            racecards="wind_surgery_run",
        ),
        Column(
            "form",
            TEXT,
            "Form figures, oldest first: - season break, / longer break, 0 tenth or worse, "
            "letters where the horse did not complete",
            racecards="form",
        ),
        Column("last_run", TEXT, "Days since last run as printed", racecards="last_run"),
        Column(
            "last_run_days",
            BIGINT,
            "Days since the last run under this code",
            last_run_days,
            racecards="last_run",
        ),
        Column(
            "last_run_days_other_code",
            BIGINT,
            "Days since the last run under the other code (F flat)",
            last_run_days_other_code,
            racecards="last_run",
        ),
        Column(
            "official_rating",
            BIGINT,
            "Official rating run off, in pounds",
            racecards="ofr",
            results="or",
        ),
        Column("rpr", BIGINT, "Racing Post Rating before the race", racecards="rpr"),
        Column("ts", BIGINT, "Topspeed figure before the race", racecards="ts"),
        Column(
            "performance_rating",
            BIGINT,
            "Vendor performance rating before the race, sent since 2026",
            racecards="performance_rating",
        ),
        Column(
            "speed_rating",
            BIGINT,
            "Vendor speed rating before the race, sent since 2026",
            racecards="speed_rating",
        ),
        Column(
            "trainer_rtf",
            BIGINT,
            "Percent of the yard's recent runners that ran to form",
            racecards="trainer_rtf",
        ),
        Column(
            "trainer_14_days_runs",
            BIGINT,
            "Yard's runners in the 14 days before the card",
            racecards="trainer_14_days.runs",
        ),
        Column(
            "trainer_14_days_wins",
            BIGINT,
            "Yard's winners in those 14 days",
            racecards="trainer_14_days.wins",
        ),
        Column(
            "trainer_14_days_percent",
            BIGINT,
            "Yard's strike rate in those 14 days, whole percent",
            racecards="trainer_14_days.percent",
        ),
        Column(
            "past_results_flags",
            TEXT,
            "Card letters: C course, D distance, CD course and distance, BF beaten favourite",
            joined_by_space,
            racecards="past_results_flags",
        ),
        Column(
            "stable_tour",
            TEXT,
            "Trainer notes from stable tours; a date DD-MM-YY usually ends the text",
            joined_by_line,
            racecards="stable_tour[].quote",
        ),
        Column("comment", TEXT, "Pre-race comment", racecards="comment"),
        Column("spotlight", TEXT, "Pre-race spotlight", racecards="spotlight"),
        Column("jockey_silk_url", TEXT, "Owner's silks, SVG address", field="silk_url"),
        Column(
            "is_scratched",
            BOOL,
            "Did not run (non-runner). True where the card marks the horse, the result names it "
            "among the non-runners, the race was abandoned, or as many others ran as the card "
            "expected; false of a horse that a result names, or that is still expected to run; "
            "NULL where a result, or all results of the day, are there without it and nothing "
            "says why: unknown",
            default="false",
            set_by="concluded after each load: sql/after_load.sql",
        ),
        Column(
            "is_non_runner_on_card",
            BOOL,
            "Marked as a non-runner on the card; NULL for a horse that no card has named",
            is_non_runner,
            racecards=("number", "jockey"),
        ),
        Column(
            "is_reserve",
            BOOL,
            "Reserve",
            is_reserve,
            field="number",
            required=True,
            rule="coalesce(card.is_reserve, result.is_reserve, false)",
        ),
        Column(
            "position",
            BIGINT,
            "Finishing position; equal for dead heats",
            position,
            results="position",
        ),
        Column(
            "position_str",
            TEXT,
            "Position or non-completion code as sent",
            upper,
            results="position",
        ),
        Column(
            "finish_status",
            TEXT,
            "Outcome in words; NULL before the result",
            finish_status,
            results="position",
        ),
        Column(
            "distance_beaten",
            decimal(8, 2),
            "Lengths behind the horse in front (0 for the winner and within a dead heat)",
            results="btn",
        ),
        Column(
            "overall_beaten_distance", decimal(8, 2), "Lengths behind the winner", results="ovr_btn"
        ),
        Column(
            "finishing_time",
            TEXT,
            "Time as m:s.cc, seconds not zero-padded (estimated for beaten horses)",
            results="time",
        ),
        Column(
            "time_seconds",
            decimal(8, 2),
            "Finishing time in seconds",
            clock_seconds,
            results="time",
        ),
        Column(
            "starting_price", TEXT, "Starting price as a fraction", starting_price, results="sp"
        ),
        Column(
            "favourite_flag",
            TEXT,
            "Favourite mark carried by the price",
            favourite_mark,
            results="sp",
        ),
        Column(
            "starting_price_decimal",
            decimal(8, 2),
            "Starting price as decimal odds, stake included",
            results="sp_dec",
        ),
        Column(
            "bsp", decimal(10, 2), "Betfair starting price, decimal odds", results="bsp", late=True
        ),
        Column(
            "prize_won",
            decimal(12, 2),
            "Prize money won, in prize_currency",
            money_reader(12, 2),
            results="prize",
        ),
        Column("prize_currency", TEXT, "Currency of prize_won", currency, results="prize"),
        Column(
            "race_comment",
            TEXT,
            'In-running comment; usually ends with market moves "(op 15/2 tchd 9/1)"',
            results="comment",
        ),
        updated_at(),
    ),
)

CARD_RUNNERS = RUNNERS.said_by(
    "ra_card_runners",
    "one row per horse on a racecard, exactly as the racecards endpoint reports it",
    "racecards",
    also=facts_of_the_horse("racecards"),
)
