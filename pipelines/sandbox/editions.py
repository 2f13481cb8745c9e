"""What each plan of the vendor includes: paths, and fields left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

import orjson

from pipelines.sandbox.parameters import ProblemError

Plan = Literal["free", "basic", "standard", "pro"]
PLANS: Final[tuple[Plan, ...]] = ("free", "basic", "standard", "pro")

_CARD_LACKS: Final = {
    "standard": (set[str](), set[str]()),
    "basic": ({"jumps", "betting_forecast", "tip", "verdict"}, {"odds"}),
    "free": (
        {
            "betting_forecast",
            "big_race",
            "course_id",
            "distance",
            "distance_round",
            "going_detailed",
            "is_abandoned",
            "jumps",
            "rail_movements",
            "stalls",
            "tip",
            "verdict",
            "weather",
        },
        {
            "breeder",
            "comment",
            "dam_region",
            "damsire_region",
            "dob",
            "headgear_run",
            "medical",
            "odds",
            "past_results_flags",
            "performance_rating",
            "prev_owners",
            "prev_trainers",
            "quotes",
            "rpr",
            "silk_url",
            "sire_region",
            "speed_rating",
            "spotlight",
            "stable_tour",
            "trainer_14_days",
            "trainer_location",
            "trainer_rtf",
            "ts",
            "wind_surgery",
            "wind_surgery_run",
        },
    ),
}
_RESULT_LACKS: Final = {
    "basic": (set[str](), {"bsp"}),
    "free": (
        {
            "comments",
            "course_id",
            "dist",
            "dist_m",
            "dist_y",
            "jumps",
            "non_runners",
            "tote_csf",
            "tote_ex",
            "tote_pl",
            "tote_tricast",
            "tote_trifecta",
            "tote_win",
            "winning_time_detail",
        },
        {
            "bsp",
            "btn",
            "comment",
            "jockey_claim_lbs",
            "ovr_btn",
            "performance_rating",
            "prize",
            "rpr",
            "silk_url",
            "sp",
            "sp_dec",
            "speed_rating",
            "time",
            "tsr",
        },
    ),
}


def card_of(edition: str, body: bytes) -> dict[str, Any]:
    """Return a card as an edition of racecards has it."""
    return _without(body, *_CARD_LACKS[edition])


def result_of(edition: str, body: bytes) -> dict[str, Any]:
    """Return a result as an edition of today's results has it."""
    return _without(body, *_RESULT_LACKS[edition])


def admit(plan: Plan, needed: Plan) -> None:
    """Refuse what a plan does not include, in the vendor's words."""
    if PLANS.index(plan) < PLANS.index(needed):
        raise ProblemError(401, f"{needed.capitalize()} Plan required")


def _without(body: bytes, of_race: Iterable[str], of_runner: Iterable[str]) -> dict[str, Any]:
    race: dict[str, Any] = orjson.loads(body)
    for name in of_race:
        race.pop(name, None)
    for runner in race["runners"]:
        for name in of_runner:
            runner.pop(name, None)
    return race
