"""Prices: the ladder bookmakers use, and the odds of a runner as ready-made JSON.

A day has some twelve thousand odds. They are told apart by little (price, each-way terms, era),
so each list is rendered once, in pieces between which only the time of the update is put in.
"""

from functools import lru_cache

from pipelines.sandbox.dice import draws, share
from pipelines.sandbox.formats import members
from pipelines.sandbox.words import listed

LADDER = listed("""
    1/5 2/9 1/4 2/7 3/10 1/3 4/11 2/5 4/9 1/2 8/15 4/7 8/13 4/6 8/11 4/5 5/6 10/11 1/1 11/10 6/5
    5/4 11/8 6/4 13/8 7/4 15/8 2/1 85/40 9/4 5/2 11/4 3/1 100/30 7/2 4/1 9/2 5/1 11/2 6/1 13/2 7/1
    15/2 8/1 17/2 9/1 10/1 11/1 12/1 14/1 16/1 18/1 20/1 22/1 25/1 28/1 33/1 40/1 50/1 66/1 80/1
    100/1 125/1 150/1 200/1 250/1
""")
FIRMS_2023 = listed("""
    Bet365|William Hill|Coral|Betfred|Boyle Sports|Ladbrokes|Unibet|Bet Victor|10 Bet|Betway|
    888 Sport|Paddy Power|Sky Bet|Betfair Sportsbook|Parimatch|Vbet|Tote|BetUK|LiveScore Bet|
    Star Sports|Spread Ex|Sporting Index|Smarkets|Betfair Exchange|Matchbook
""")
FIRMS = listed("""
    Bet365|William Hill|Coral|Betfred|Boyle Sports|Ladbrokes|Unibet|Bet Goodwin|Bet Victor|10 Bet|
    BetMGM|Grosvenor Sports|Betway|Virgin Bet|talkSPORT BET|Dragon Bet|CopyBet|PricedUp Bet|
    Spreadex|BresBet|Star Sports|7Bet|BetTom|Gentlemen Jim|Midnite|SportingIndex|Quinn Bet|
    Betfair Exchange
""")
EXCHANGES = ("Betfair Exchange", "Matchbook", "Smarkets")
UNPRICED, UNQUOTED = share(0.012), share(0.004)
SHADES = 4  # versions of the same price, so that not all runners at 5/1 look alike


def decimal_of(step: int) -> float:
    """Return the decimal odds of a price."""
    over, under = LADDER[step].split("/")
    return 1 + int(over) / int(under)


DECIMALS = tuple(decimal_of(step) for step in range(len(LADDER) - 1))


def plain(number: float) -> str:
    """Write a number with no more than two decimals, and none it does not need."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


PLAIN = tuple(map(plain, DECIMALS))


def each_way(runners: int, handicap: bool) -> tuple[str, str]:
    """State the each-way terms: places, and the share of the odds."""
    if runners < 5:
        return "", ""
    if runners < 8:
        return "2", "4"
    return ("4", "4") if handicap and runners >= 16 else ("3", "5")


def odds(step: int | None, shade: int, terms: tuple[str, str], old: bool, updated: str) -> bytes:
    """Render the odds of a runner at a price (none: withdrawn), as of a time, as a member."""
    return updated.encode().join(_pieces(step, shade % SHADES, terms, old))


@lru_cache(maxsize=4096)
def _pieces(step: int | None, shade: int, terms: tuple[str, str], old: bool) -> tuple[bytes, ...]:
    """Render a list of odds around the places where the time belongs."""
    return tuple(members({"odds": quotes(step, shade, terms, old)}).split(b"@"))


def quotes(
    step: int | None, shade: int, terms: tuple[str, str], old: bool
) -> list[dict[str, object]]:
    """Quote each firm's price for a runner."""
    luck = draws(shade % SHADES, -1 if step is None else step, 46)
    return [
        _row(draw, firm, step, terms, old)
        for draw, firm in zip(luck, FIRMS_2023 if old else FIRMS, strict=False)
    ]


def _row(
    draw: int, firm: str, step: int | None, terms: tuple[str, str], old: bool
) -> dict[str, object]:
    """Quote one firm's price."""
    fractional, decimal = ("-", "-") if step is None else _price(draw, firm, step, old)
    places, denominator = ("", "") if firm in EXCHANGES else terms
    if draw % 25 == 0 and places:
        places, denominator = "1", "1"
    return {
        "bookmaker": firm,
        "fractional": fractional,
        "decimal": decimal,
        "ew_places": places,
        "ew_denom": denominator,
        "updated": "@",
        "history": [],
    }


def _price(draw: int, firm: str, step: int, old: bool) -> tuple[str, str]:
    """Write one firm's price in its own manner."""
    near = max(0, min(len(DECIMALS) - 1, step + draw % 3 - 1))
    if firm == "Matchbook":
        return plain(round(DECIMALS[near] - 1)), plain(DECIMALS[near] * 1.004)
    if firm in EXCHANGES:
        exchange = plain(DECIMALS[near] * 1.06)
        return exchange, exchange
    if draw < UNPRICED:
        return "SP", "0"
    if draw < UNPRICED + UNQUOTED:
        return "-", "-"
    whole = LADDER[near].removesuffix("/1")
    return whole if old else LADDER[near], PLAIN[near]
