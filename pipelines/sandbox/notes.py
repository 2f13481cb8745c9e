"""Parts of a card that are not about the race: a horse's history, people and comments."""

from functools import lru_cache
from itertools import pairwise

from pipelines.sandbox.careers import Stint
from pipelines.sandbox.courses import COURSES
from pipelines.sandbox.dice import Dice
from pipelines.sandbox.fixtures import to_date
from pipelines.sandbox.formats import members
from pipelines.sandbox.people import owner, trainer
from pipelines.sandbox.races import Runner
from pipelines.sandbox.words import FORENAMES, SAYINGS, SPONSORS, SURNAMES, VIEWS

HANDS = 512  # what depends on chance alone is rendered this many times, and dealt out
UNEVENTFUL = members({"medical": [], "prev_trainers": [], "prev_owners": []})
FLAGS = (["BF"], ["BF"], ["D"], ["C"], ["CD"], ["C", "D"], ["D", "BF"])


def current(stints: tuple[Stint, ...], day: int) -> int:
    """Return the trainer or owner of a horse on a day."""
    whose = stints[0].whose
    for stint in stints[1:]:
        if stint.since <= day:
            whose = stint.whose
    return whose


def former(stints: tuple[Stint, ...], day: int) -> list[tuple[int, str]]:
    """List who had the horse before, the latest first, with the date of the change."""
    if len(stints) == 1:
        return []
    moves = [(old.whose, new.since) for old, new in pairwise(stints) if new.since <= day]
    return [(whose, to_date(since).isoformat()) for whose, since in reversed(moves)]


def history(seed: int, runner: Runner, day: int) -> bytes:
    """Render former trainers and owners, and a wind operation."""
    if not runner.career.eventful:
        return UNEVENTFUL
    return members(
        {
            "medical": _medical(runner.career.operated, day),
            "prev_trainers": _previous_trainers(seed, runner, day),
            "prev_owners": _previous_owners(seed, runner, day),
        }
    )


def _medical(operated: int | None, day: int) -> list[dict[str, str]]:
    """Report a wind operation."""
    if operated is None or operated > day:
        return []
    return [{"date": to_date(operated).isoformat(), "type": "Wind Surgery"}]


def _previous_trainers(seed: int, runner: Runner, day: int) -> list[dict[str, str]]:
    """List a horse's former trainers."""
    past = [(trainer(seed, whose), when) for whose, when in former(runner.career.trainers, day)]
    return [{"trainer": one.name, "trainer_id": one.id, "change_date": when} for one, when in past]


def _previous_owners(seed: int, runner: Runner, day: int) -> list[dict[str, str]]:
    """List a horse's former owners."""
    past = [(owner(seed, whose), when) for whose, when in former(runner.career.owners, day)]
    return [{"owner": one.name, "owner_id": one.id, "change_date": when} for one, when in past]


@lru_cache(maxsize=HANDS)
def fortnight(hand: int) -> bytes:
    """Count a trainer's last fortnight, and the share of horses running to form."""
    dice = Dice(hand, 41)
    runs = dice.below(26)
    wins = min(runs, dice.below(1 + runs // 3))
    percent = str(round(100 * wins / runs)) if runs else "None"
    to_form = str(dice.one((14, 20, 33, 40, 50, 57, 67, 75, 100))) if dice.chance(0.45) else ""
    last_days = {"runs": str(runs), "wins": str(wins), "percent": percent}
    return members({"trainer_14_days": last_days, "trainer_rtf": to_form})


@lru_cache(maxsize=4 * HANDS)
def views(hand: int, late: bool, first_run: bool) -> bytes:
    """Render comments; fewer since 2026, and no past results for a horse without any."""
    dice = Dice(hand, 43)
    words = f"{dice.one(VIEWS)}; {dice.one(VIEWS).lower()}."
    flagged = dice.chance(0.16) and not first_run
    return members(
        {
            "comment": _comment(dice),
            "spotlight": words if dice.chance(0.075 if late else 0.25) else "",
            "past_results_flags": dice.one(FLAGS) if flagged else [],
        }
    )


def last_run(runner: Runner, day: int) -> str:
    """Write the days since the last run; those under the other code in brackets."""
    other = runner.career.chaser_at and runner.horse.number % 25 == 0
    if runner.last_run is None:
        return "(32F)" if other else ""
    return f"{day - runner.last_run}{f' ({runner.horse.number % 90 + 5}F)' if other else ''}"


def form(runner: Runner, day: int) -> str:
    """Write the figures of the last runs, a dash behind those of an earlier season."""
    if runner.last_run is None:
        return ""
    months = (day - runner.career.debut) // 30
    figures = (runner.career.figures * 2)[months % 13 :][: min(6, months + 1)]
    return figures.rstrip("/-") + ("-" if day - runner.last_run > 100 else "")


def quotes(seed: int, runner: Runner, day: int) -> list[dict[str, str]]:
    """Render quotes after earlier races."""
    dice = Dice(seed, runner.horse.number, day, 44)
    return [
        _quote(dice, runner, day - 20 - dice.below(300) - 300 * place)
        for place in range(1 + dice.below(2))
    ]


def _quote(dice: Dice, runner: Runner, day: int) -> dict[str, str]:
    """Render one quote."""
    course, halves = COURSES[dice.below(60)], 10 + dice.below(24)
    speaker = f"{dice.one(FORENAMES)} {dice.one(SURNAMES)}, {dice.one(('trainer', 'rider'))}"
    return {
        "date": to_date(day).isoformat(),
        "horse": runner.horse.name,
        "horse_id": f"hrs_{runner.horse.number}",
        "race": f"{dice.one(SPONSORS)} Handicap",
        "race_id": f"rac_{10_000_000 + day * 128 + dice.below(40)}",
        "course": course.name,
        "course_id": course.id,
        "distance_f": f"{halves / 2:g}",
        "distance_y": str(halves * 110 + dice.below(40)),
        "quote": f"{dice.one(SAYINGS)} - {speaker}.",
    }


def stable_tour(seed: int, runner: Runner, day: int) -> list[dict[str, str]]:
    """Render the stable's comment in spring, with its own date format."""
    dice = Dice(seed, runner.horse.number, day, 45)
    when = to_date(day - dice.below(300))
    dated = f"{when:%d-%m-%y}" if dice.chance(0.7) else f"{when.day}-{when.month}-{when:%y}"
    return [{"quote": f"{dice.one(SAYINGS)} {dated}" + ("\n" if dice.chance(0.1) else "")}]


def _comment(dice: Dice) -> str | None:
    """Render a summary of a horse's chances, or none."""
    shown = dice.roll()
    return None if shown < 0.06 else dice.one(VIEWS) if shown < 0.32 else ""
