"""How long a change at the server takes to become a row, by its kind.

The server is asked how it stands at each minute of the day. The row of a change is then held
against the last moment before it at which the server began to say something else.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from benchmarks.databases import SCHEMA, Database
from benchmarks.server import Server
from pipelines.api.endpoints import RACECARDS, RESULTS
from pipelines.sandbox.raceday import TICK

Subject = tuple[str, str, str]
"""What may change, of which race, and of which horse, with the bookmaker if it is a price."""
KINDS: Final = ("non-runner", "jockey", "going", "off time", "price", "result")

_ROWS: Final = (
    f"SELECT what, race_id, horse_id, seen_at, race_date FROM {SCHEMA}.ra_runner_changes UNION ALL "
    f"SELECT what, race_id, '', seen_at, race_date FROM {SCHEMA}.ra_race_changes UNION ALL "
    "SELECT 'price', odds.race_id, odds.horse_id || ' ' || bookmaker.name, odds.seen_at, "
    f"odds.race_date FROM {SCHEMA}.ra_price_changes AS odds JOIN {SCHEMA}.ra_mst_bookmakers "
    "AS bookmaker ON bookmaker.id = odds.bookmaker_id"
)


def latencies(
    database: Database, server: Server, rounds: Mapping[datetime, float]
) -> dict[str, list[float]]:
    """Return by kind the seconds from a change at the server to the end of the round with its row.

    The rounds are those of a day, by when they began, with the seconds they have lasted.
    """
    begun = sorted(rounds)
    happened = _happened(server, begun[0], begun[-1])
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    rows = database.rows(
        f"SELECT what, race_id, horse_id, seen_at FROM ({_ROWS}) AS changes "
        f"WHERE race_date = DATE '{begun[0].date()}'"
    )
    for what, race, horse, seen_at in rows:
        moments = happened.get((what, race, horse), [])
        at = bisect_right(moments, seen_at)
        if at:
            began = begun[bisect_right(begun, seen_at) - 1]
            found[what].append((began - moments[at - 1]).total_seconds() + rounds[began])
    return found


def _happened(server: Server, first: datetime, last: datetime) -> dict[Subject, list[datetime]]:
    """Return when the server began to say something else, from its second minute on."""
    said: dict[Subject, object] = {}
    found: defaultdict[Subject, list[datetime]] = defaultdict(list)
    moment = first.replace(second=0, microsecond=0)
    while moment <= last:
        server.be_at(moment)
        now = dict(_of_results(server.races(RESULTS, first.date())))
        if not said or moment.minute % TICK == 0:
            now |= _of_cards(server.races(RACECARDS, first.date()))
        for subject, value in now.items():
            if said and said.get(subject) != value:
                found[subject].append(moment)
        said |= now
        moment += timedelta(minutes=1)
    return found


def _of_cards(races: list[dict[str, Any]]) -> Iterator[tuple[Subject, object]]:
    for race in races:
        of = race["race_id"]
        yield ("going", of, ""), race["going"]
        yield ("off time", of, ""), race["off_time"]
        for runner in race["runners"]:
            horse = runner["horse_id"]
            yield ("non-runner", of, horse), runner["number"] == "NR"
            yield ("jockey", of, horse), runner["jockey"]
            for quote in runner.get("odds", ()):
                about = "price", of, f"{horse} {quote['bookmaker']}"
                yield about, tuple(quote[name] for name in QUOTED)


QUOTED: Final = ("fractional", "decimal", "ew_places", "ew_denom")


def _of_results(races: list[dict[str, Any]]) -> Iterator[tuple[Subject, object]]:
    for race in races:
        places = ((runner["position"], runner["horse"]) for runner in race["runners"])
        yield ("result", race["race_id"], ""), sorted(one for one in places if one[0] in "123")
