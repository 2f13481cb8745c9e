"""Horse profiles and searches by name."""

from datetime import date
from typing import Any

from pipelines.sandbox.dice import mix
from pipelines.sandbox.fixtures import World, to_day
from pipelines.sandbox.horses import (
    Horse,
    age_on,
    horse,
    named_pedigree,
    pedigree,
    sex_at,
    suffixed,
)
from pipelines.sandbox.people import owner, trainer
from pipelines.sandbox.races import Runner, races

NO_PROFILE, NO_PRO_PROFILE = 3, 13  # in a thousand horses
FOUND_AT_MOST = 10


def standard(seed: int, horse_id: str, today: date) -> dict[str, Any] | None:
    """Render a basic profile, which nearly every horse has."""
    animal = _known(seed, horse_id, today, NO_PROFILE)
    return _basic(seed, animal) if animal else None


def pro(seed: int, horse_id: str, today: date) -> dict[str, Any] | None:
    """Render a detailed profile."""
    animal = _known(seed, horse_id, today, NO_PRO_PROFILE)
    if animal is None:
        return None
    sex, sex_code = sex_at(animal, age_on(animal, today))
    damsire = pedigree(seed, animal)[2]
    return {
        **_basic(seed, animal),
        "damsire": suffixed(damsire) if damsire else "",
        "breeder": animal.breeder,
        "colour": animal.colour,
        "colour_code": animal.colour.upper(),
        "dob": animal.dob.isoformat(),
        "sex": sex,
        "sex_code": sex_code,
    }


def _known(seed: int, horse_id: str, today: date, missing: int) -> Horse | None:
    """Look a horse up that is born, and is not among the few without a profile."""
    digits = horse_id.removeprefix("hrs_")
    if not digits.isascii() or not digits.isdigit() or digits == horse_id or digits.startswith("0"):
        return None
    animal = horse(seed, int(digits))
    return (
        animal
        if animal and animal.dob < today and mix(seed, animal.number, 61) % 1000 >= missing
        else None
    )


def _basic(seed: int, animal: Horse) -> dict[str, Any]:
    """Render name and pedigree."""
    return {
        "id": f"hrs_{animal.number}",
        "name": suffixed(animal),
        **named_pedigree(seed, animal),
    }


def search(world: World, kind: str, name: str, today: date) -> list[dict[str, Any]]:
    """Find some of today's horses, jockeys, trainers or owners by a part of their name."""
    seed, day = world.seed, to_day(today)
    runners = [runner for race in races(world, day) for runner in race.runners]
    found = {str(one["id"]): one for one in (_short(seed, kind, runner) for runner in runners)}
    return [one for one in found.values() if name.casefold() in str(one["name"]).casefold()][
        :FOUND_AT_MOST
    ]


def _short(seed: int, kind: str, runner: Runner) -> dict[str, Any]:
    """Render what a search finds of a runner's horse or people."""
    if kind == "horses":
        return _basic(seed, runner.horse)
    if kind == "jockeys":
        return {"id": runner.jockey.id, "name": runner.jockey.name}
    if kind == "trainers":
        coach = trainer(seed, runner.career.trainers[-1].whose)
        return {"id": coach.id, "name": coach.name}
    owning = owner(seed, runner.career.owners[-1].whose)
    return {"id": owning.id, "name": owning.name}
