"""Features of the horse: its record, its last runs, its ratings, its weight and its equipment."""

from typing import Final

from pipelines.tables.features.model import (
    ANY,
    BEATEN,
    BEST_OR,
    BEST_RPR,
    BEST_WINNING_OR,
    BOOLEAN,
    CAREER,
    CLASS,
    CODE,
    COURSE,
    COURSE_DISTANCE,
    DISTANCE,
    GOING,
    INTEGER,
    LED,
    PACE,
    PLACES,
    PROFIT,
    REAL,
    RUNS,
    SURFACE,
    WINS,
    YEAR,
    Counted,
    Fact,
    Who,
    each,
    fact,
)

HORSE: Final = Who("horse", "the horse", ("horse_id",))
PARTNERS: Final = Who("partners", "the horse under the jockey", ("horse_id", "jockey_id"))
RECORD: Final = (RUNS, WINS, PLACES, BEATEN)

COUNTED: Final = (
    *each(HORSE, *RECORD, over=(CAREER, YEAR), where=(ANY, CODE)),
    *each(HORSE, *RECORD, over=(CAREER,), where=(COURSE, GOING, DISTANCE, CLASS, SURFACE)),
    *each(HORSE, RUNS, WINS, over=(CAREER,), where=(COURSE_DISTANCE,)),
    *each(HORSE, PROFIT, over=(CAREER, YEAR), where=(ANY,)),
    *each(HORSE, BEST_OR, BEST_WINNING_OR, over=(CAREER, YEAR), where=(CODE,)),
    *each(HORSE, BEST_RPR, over=(CAREER, YEAR), where=(CODE,)),
    *each(HORSE, PACE, LED, over=(YEAR,), where=(CODE,)),
    *each(PARTNERS, RUNS, WINS, PLACES, over=(CAREER,), where=(ANY,)),
)


def to_field(column: str) -> str:
    """Return the SQL of how far a runner is above the average of those declared."""
    return f"target.{column} - avg(target.{column}) FILTER (WHERE target.is_declared) OVER race"


def to_best(column: str) -> str:
    """Return the SQL of how far a runner is above the highest of those declared."""
    return f"target.{column} - max(target.{column}) FILTER (WHERE target.is_declared) OVER race"


def wears(letter: str) -> str:
    """Return the SQL of whether the headgear has a letter."""
    return f"strpos(lower(coalesce(target.headgear, '')), '{letter}') > 0"


# fmt: off
LAST: Final = (
    fact("days_off", INTEGER, "Days since the last run, loaded or named on the card", "least(target.day - last.day_1, target.days_on_card)"),
    fact("days_off_code", INTEGER, "Days since the last run under the same code, loaded or named on the card", "least(target.day - same.day_1, target.last_run_days)"),
    fact("days_off_2", INTEGER, "Days from the last run but one to the last", "last.day_1 - last.day_2"),
    fact("last_position", INTEGER, "Finishing position of the last run; NULL if it did not finish", "last.position_1"),
    fact("last_position_2", INTEGER, "Finishing position of the last run but one", "last.position_2" ),
    fact("last_position_3", INTEGER, "Finishing position of the last run but two", "last.position_3" ),
    fact("last_starters", INTEGER, "Horses that ran in its last race", "last.starters_1"),
    fact("last_beaten", REAL, "Percentage of rivals beaten in its last run", "last.beaten_1 / 10000.0"),
    fact("last_beaten_2", REAL, "Percentage of rivals beaten in the last run but one", "last.beaten_2 / 10000.0"),
    fact("last_beaten_3", REAL, "Percentage of rivals beaten in the last run but two", "last.beaten_3 / 10000.0"),
    fact("last_lengths", REAL, "Lengths behind the winner in its last run", "last.lengths_1"),
    fact("last_lengths_2", REAL, "Lengths behind the winner in the last run but one", "last.lengths_2"),
    fact("last_price", REAL, "Starting price of its last run, decimal odds", "last.price_1"),
    fact("last_price_2", REAL, "Starting price of the last run but one, decimal odds", "last.price_2" ),
    fact("last_won", BOOLEAN, "Won its last run", "last.wins_1 = 1"),
    fact("last_was_favourite", BOOLEAN, "Was favourite, alone or joint, in its last run", "last.favourite_1 = 1"),
    fact("last_finished", BOOLEAN, "Finished its last run", "last.finished_1 = 1"),
    fact("last_same_course", BOOLEAN, "Its last run was at this course", "last.course_id_1 = target.course_id"),
    fact("last_same_code", BOOLEAN, "Its last run was under this code", "last.code_1 = target.code" ),
    fact("last_same_jockey", BOOLEAN, "Has the jockey of its last run", "last.jockey_id_1 = target.jockey_id"),
    fact("last_same_trainer", BOOLEAN, "Has the trainer of its last run", "last.trainer_id_1 = target.trainer_id"),
    fact("last_same_owner", BOOLEAN, "Has the owner of its last run", "last.owner_id_1 = target.owner_id"),
    fact("distance_change", REAL, "Furlongs further than in its last run", "target.distance_f - last.distance_f_1"),
    fact("class_change", INTEGER, "Classes lower than in its last run (class 5 after class 4: 1)", "target.class - last.class_1"),
    fact("going_change", INTEGER, "Softer than in its last run by so many of the five kinds of going on turf", "target.going - last.going_1"),
    fact("field_change", INTEGER, "More runners declared than ran in its last race", "target.field_size - last.starters_1"),
    fact("last_pace", INTEGER, "Early position in its last run by its comment (4 led, 3 prominent, 2 midfield, 1 held up)", "last.pace_1"),
)

RATINGS: Final = (
    fact("official_rating", INTEGER, "Official rating it runs off, in pounds", "target.official_rating"),
    fact("or_change", INTEGER, "Change of the official rating since its last run (same code and country)", "target.official_rating - same.official_rating_1"),
    fact("or_change_2", INTEGER, "Change of the official rating since the last run but one (same code and country)", "target.official_rating - same.official_rating_2"),
    fact("or_change_3", INTEGER, "Change of the official rating since the last run but two (same code and country)", "target.official_rating - same.official_rating_3"),
    fact("or_above_last_win", INTEGER, "Official rating above the one of its last win (same code and country)", "target.official_rating - same.or_of_last_win"),
    fact("or_to_field", REAL, "Official rating above the average of the field", to_field("official_rating")),
    fact("or_to_best", INTEGER, "Official rating above the best of the field: 0 for that one", to_best("official_rating")),
    fact("rpr", INTEGER, "Racing Post Rating on the card, before the race", "target.rpr"),
    fact("rpr_to_field", REAL, "Racing Post Rating on the card above the average of the field", to_field("rpr")),
    fact("rpr_to_best", INTEGER, "Racing Post Rating on the card above the best of the field", to_best("rpr")),
    fact("topspeed", INTEGER, "Topspeed figure on the card, before the race", "target.ts"),
    fact("topspeed_to_field", REAL, "Topspeed figure on the card above the average of the field", to_field("ts")),
    fact("topspeed_to_best", INTEGER, "Topspeed figure on the card above the best of the field", to_best("ts")),
    fact("rpr_above_or", INTEGER, "Racing Post Rating on the card above the official rating", "target.rpr - target.official_rating"),
)

ITSELF: Final = (
    fact("age", INTEGER, "Age in years", "target.age"),
    fact("age_to_field", REAL, "Years older than the average of the field", to_field("age")),
    fact("is_female", BOOLEAN, "Filly or mare", "target.sex_code IN ('F', 'M')"),
    fact("is_gelding", BOOLEAN, "Gelding", "target.sex_code = 'G'"),
    fact("weight", INTEGER, "Weight to carry, in pounds", "target.weight"),
    fact("weight_change", INTEGER, "Pounds more than in its last run (same code and country)", "target.weight - same.weight_1"),
    fact("weight_to_field", REAL, "Pounds more than the average of the field", to_field("weight")),
    fact("weight_to_top", INTEGER, "Pounds more than the top weight: 0 for that one", to_best("weight")),
    fact("claim", INTEGER, "Allowance of the jockey in pounds; 0 if the card names none", "coalesce(target.jockey_claim_lbs, 0)"),
    fact("has_headgear", BOOLEAN, "Wears headgear", "coalesce(target.headgear, '') <> ''"),
    fact("has_blinkers", BOOLEAN, "Wears blinkers", wears("b")),
    fact("has_cheekpieces", BOOLEAN, "Wears cheekpieces", wears("p")),
    fact("has_hood", BOOLEAN, "Wears a hood", wears("h") ),
    fact("has_visor", BOOLEAN, "Wears a visor", wears("v")),
    fact("has_tongue_strap", BOOLEAN, "Wears a tongue strap", wears("t")),
    fact("headgear_first_time", BOOLEAN, "Wears this headgear for the first time, by the card", "coalesce(target.headgear_run = 1, false)"),
    fact("headgear_run", INTEGER, "Runs in this headgear, this one included, by the card", "target.headgear_run"),
    fact("headgear_off", BOOLEAN, "Wears none, but did in its last run", "coalesce(target.headgear, '') = '' AND last.headgear_1 = 1"),
    fact("wind_surgery_first_run", BOOLEAN, "First run since wind surgery, by the card", "coalesce(target.wind_surgery_run = 1, false)"),
    fact("wind_surgery_run", INTEGER, "Runs since wind surgery, this one included, by the card", "target.wind_surgery_run"),
    fact("is_debut", BOOLEAN, "No run before, loaded or named on the card", "last.day_1 IS NULL AND target.days_on_card IS NULL"),
    fact("is_reserve", BOOLEAN, "Reserve, by the card", "target.is_reserve"),
)

HORSES: Final[tuple[Counted | Fact, ...]] = (*COUNTED, *LAST, *RATINGS, *ITSELF)
