"""Reference of views and checks, taken from the files in sql/."""

from __future__ import annotations

import re
from typing import Final

from pipelines.database.definitions import Definition, view_definitions
from pipelines.documents.markdown import code, page, table
from pipelines.status.checks import Check, all_checks

_COMMENT: Final = re.compile(r"COMMENT ON (?:VIEW|COLUMN) (?:\w+)(?:\.(\w+))? IS '((?:[^']|'')*)'")

DEFINITIONS: Final = (
    (
        "run, starter",
        "A horse that a result names, unless its run is void or the race was abandoned. A "
        "horse that fell or was disqualified did run; a non-runner did not",
        "the Rules of Racing of the British Horseracing Authority",
    ),
    (
        "history",
        "Only what is loaded. Where the card knows more, such as the days since the last run,"
        " the card counts",
        "",
    ),
    (
        "place",
        "By the usual each-way terms for the number that ran: to 4 the winner; 5 to 7 two "
        "places at 1/4; 8 or more three at 1/5; handicaps of 12 to 15 three at 1/4, of 16 or "
        "more four at 1/4. A morning price has the terms of the bookmaker that offered it",
        "Tattersalls' Rules on Betting and the terms that British bookmakers publish",
    ),
    (
        "dead heat",
        "The stake is divided by the horses that share the place; the part that wins is paid "
        "in full",
        "Tattersalls' Rules on Betting",
    ),
    (
        "profit, ROI",
        "Of one unit on each run, less the stake; ROI is profit as a percentage of the stakes",
        "",
    ),
    (
        "profit at BSP",
        "At Betfair starting price. Commission, the setting `commission_percent`, is taken from "
        "winnings, not from stakes; each bet counts as the only one in its market",
        "Betfair's market base rate",
    ),
    (
        "overround, expected wins",
        "The sum of 1 / price over a race is above 1 by the bookmakers' margin. Each price "
        "gives up its share of it in proportion, so the race adds up to one expected win",
        "the basic (proportional) normalisation of odds, as in the literature on betting markets",
    ),
    (
        "A/E, impact value",
        "Actual wins divided by those expected: from prices (A/E), or by chance, 1/n in a "
        "field of n (impact value)",
        "impact values: William Quirin, *Winning at the Races*; A/E: common among British punters",
    ),
    (
        "95 % interval",
        "The ratios of which such a number of wins would not be unusual. Wins are counted "
        "like rare events, so the interval is rather too wide than too narrow",
        "Byar's approximation for the ratio of observed to expected cases, as in Breslow and "
        "Day, *Statistical Methods in Cancer Research*",
    ),
    (
        "chi-squared",
        "Actual against expected wins and losses. Not to be trusted with fewer than five "
        "expected wins, which `is_small_sample` marks. Punters call it the Archie score",
        "Karl Pearson's test of goodness of fit, and Cochran's rule of five",
    ),
    (
        "rivals beaten",
        "The share of the other starters behind a horse, half for those level with it. An "
        "average runner beats half, whatever the size of its fields",
        "percentage of rivals beaten, as used by British form analysts",
    ),
    (
        "draw position",
        "(place - 0.5) / n, its place in the order of stalls among the n that ran: comparable"
        " between fields of any size",
        "the plotting position of Hazen",
    ),
)
"""Words of statistics, what they mean here, and whose definition that is."""


def view_reference() -> str:
    """Return every view with its columns."""
    introduction = (
        "Each view is a file in `sql/views/`, created by the next run if it is missing or has "
        "changed, always current, and the same on DuckDB and Postgres. `runs` defines a run, a "
        "win, a place and the profit of one unit; the others build on it. Figures about the past "
        "of a runner use neither its race nor anything after it."
    )
    rows = ((f"**{term}**", text, where) for term, text, where in DEFINITIONS)
    definitions = "## Definitions\n\n" + table(("term", "here", "known from"), rows)
    views = sorted(view_definitions(), key=lambda view: view.name)
    return page("Views", introduction, definitions, *map(_view, views))


def _view(view: Definition) -> str:
    told = [(column, text.replace("''", "'")) for column, text in _COMMENT.findall(view.text)]
    purpose = next(text for column, text in told if not column)
    listing = table(("column", "meaning"), ((code(name), text) for name, text in told if name))
    return f"## `{view.name}`\n\n{purpose}\n\n{listing}"


def check_reference() -> str:
    """Return every check and what it finds."""
    introduction = (
        "Each is a query in `sql/checks/` that returns rows that should not exist; you can run it "
        "by hand. `pipeline health` runs all of them: an error makes it fail, a warning only with "
        "the setting `health_warnings`."
    )
    rows = [_check(check) for check in all_checks()]
    return page("Checks", introduction, table(("check", "", "finds", "note"), rows))


def _check(check: Check) -> tuple[str, ...]:
    lines = [line.removeprefix("--").strip() for line in check.sql.splitlines() if line[:2] == "--"]
    severity = "error" if check.is_error else "warning"
    return code(check.name), severity, check.claim, " ".join(lines[1:])
