"""Features of the people and the blood behind a horse: how their runners have done."""

from typing import Final

from pipelines.tables.features.model import (
    ACTUAL_EXPECTED,
    ANY,
    BANDS,
    BEATEN,
    CODE,
    COURSE,
    EXPECTED,
    PLACES,
    PROFIT,
    PROFIT_BSP,
    RUNS,
    WINS,
    YEAR,
    Who,
    each,
)

TRAINER: Final = Who("trainer", "the trainer's runners", ("trainer_id",))
JOCKEY: Final = Who("jockey", "the jockey's rides", ("jockey_id",))
PAIR: Final = Who("pair", "the jockey's rides for the trainer", ("trainer_id", "jockey_id"))
OWNER: Final = Who("owner", "the owner's runners", ("owner_id",))
SIRE: Final = Who("sire", "the sire's offspring", ("sire_id",))
DAMSIRE: Final = Who("damsire", "the offspring of the damsire's daughters", ("damsire_id",))

FORM: Final = (RUNS, WINS, EXPECTED, ACTUAL_EXPECTED, PROFIT)
RECENT: Final = (14, 60, YEAR)

PEOPLE: Final = tuple(
    feature
    for who in (TRAINER, JOCKEY, PAIR, OWNER, SIRE, DAMSIRE)
    for feature in (
        *each(who, *FORM, over=RECENT, where=(ANY,)),
        *each(who, PLACES, BEATEN, over=(60, YEAR), where=(ANY,)),
        *each(who, PROFIT_BSP, over=(60, YEAR), where=(ANY,)),
        *each(who, *FORM, PROFIT_BSP, over=(YEAR,), where=(CODE, COURSE)),
        *each(who, RUNS, WINS, EXPECTED, ACTUAL_EXPECTED, over=(YEAR,), where=BANDS),
    )
)
