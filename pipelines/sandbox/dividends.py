"""Tote dividends."""

from pipelines.sandbox.fixtures import ABROAD
from pipelines.sandbox.formats import money
from pipelines.sandbox.odds import DECIMALS
from pipelines.sandbox.outcome import Finish
from pipelines.sandbox.races import Race


def dividends(race: Race, ends: list[Finish]) -> dict[str, str]:
    """Calculate the dividends of a race from its starting prices; abroad there are none."""
    placed = [DECIMALS[end.price] for end in ends if end.margin is not None][:4]
    if race.slot.pool == ABROAD or len(placed) < 2:
        return dict.fromkeys(
            ("tote_win", "tote_pl", "tote_ex", "tote_csf", "tote_tricast", "tote_trifecta"), ""
        )
    sign = "€" if race.slot.course.region == "ire" else "£"
    take = race.dice.between(0.85, 1.1)
    exacta, third = placed[0] * placed[1] * take, placed[2] if len(placed) > 2 else 0.0
    tricast = third and race.conditions.handicap and len(ends) >= 8
    return {
        "tote_win": money(round(placed[0] * take, 1), sign),
        "tote_pl": " ".join(
            money(round(1 + price * take / 5, 1), sign)
            for price in placed[: _places(race, len(ends))]
        ),
        "tote_ex": money(round(exacta * 1.1, 1), sign),
        "tote_csf": money(round(exacta, 2), sign),
        "tote_tricast": money(round(exacta * third * 0.8, 2), sign) if tricast else "",
        "tote_trifecta": money(round(exacta * third, 1), sign) if third else "",
    }


def _places(race: Race, runners: int) -> int:
    """Return the number of places that pay."""
    if runners < 5:
        return 1
    if runners < 8:
        return 2
    return 4 if race.conditions.handicap and runners >= 16 else 3
