"""What must hold after every fault, judged from outside: SQL, files, the calls at the server.

Each function returns one line for every violation it finds, and none where the promise is kept.
"""

from __future__ import annotations

import base64
import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tests.faults.installation import Outcome
from tests.faults.proxy import Delivered
from tests.faults.tables import KEYLESS_IN_FILES, KEYS, Contents, Tables

Violations = list[str]
Window = Mapping[str, tuple[date, date]]
"""First and last day asked for, by endpoint."""

RACES_OF = {
    "racecards": ("SELECT DISTINCT race_id FROM racing.ra_runners WHERE race_date = '{day}'"),
    "results": (
        "SELECT DISTINCT ran.race_id FROM racing.ra_race_results AS ran JOIN racing.ra_races "
        "AS races ON races.id = ran.race_id WHERE races.date = '{day}' AND races.has_result"
    ),
}
"""Races of a day that have runners, as each endpoint leaves them."""
RUNNERS_IN = {"racecards": "ra_runners", "results": "ra_race_results"}


def lost_rows(tables: Tables, delivered: Iterable[Delivered]) -> Violations:
    """No lost row: what the server delivered is there, or its day is not called complete."""
    coverage = tables.coverage()
    if not coverage:
        return []
    (races, *runners) = tables.each(
        ["SELECT id FROM racing.ra_races"]
        + [f"SELECT race_id, horse_id FROM racing.{table}" for table in RUNNERS_IN.values()]
    )
    loaded = dict(zip(RUNNERS_IN, map(set, runners), strict=True))
    found: Violations = []
    for (endpoint, day), expected in _in_full(delivered).items():
        if coverage.get((endpoint, day), ("",))[0] == "complete":
            lost = (expected - loaded[endpoint]) | ({(race,) for race, _ in expected} - set(races))
            found += [f"{endpoint} {day}: {len(lost)} lost, such as {min(lost)}"] if lost else []
    return found


def _in_full(delivered: Iterable[Delivered]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Race and horse of each runner of the days that were delivered whole, the latest version."""
    races: defaultdict[tuple[str, str], dict[str, set[tuple[str, str]]]] = defaultdict(dict)
    totals: dict[tuple[str, str], int] = {}
    for page in delivered:
        races[page.endpoint, page.day].update(page.races)
        totals[page.endpoint, page.day] = page.total
    return {
        day: {runner for runners in found.values() for runner in runners}
        for day, found in races.items()
        if len(found) == totals[day]
    }


def duplicates(tables: Tables) -> Violations:
    """No duplicate: one row for each key, and a unique index wherever there are rows."""
    existing = tables.names()
    keys = {table: ", ".join(key) for table, key in KEYS.items() if table in existing}
    if not keys:
        return []
    counted = tables.each(
        f"SELECT (SELECT count(*) FROM racing.{table}), "
        f"(SELECT count(*) FROM (SELECT DISTINCT {columns} FROM racing.{table}) AS keys)"
        for table, columns in keys.items()
    )
    doubled = [
        f"{table}: {rows} rows with {distinct} keys"
        for table, [(rows, distinct)] in zip(keys, counted, strict=True)
        if rows != distinct
    ]
    if not tables.has_unique_indexes:
        return doubled
    indexes = tables.unique_indexes()
    return doubled + [
        f"{table}: no unique index on {columns}"
        for (table, columns), [(rows, _)] in zip(keys.items(), counted, strict=True)
        if rows
        and (table, frozenset(KEYS[table])) not in indexes
        and not (tables.destination == "duckdb" and table in KEYLESS_IN_FILES)
    ]


def lost_keys(tables: Tables) -> Violations:
    """Every row is found by its key, by whoever opens the database next, whatever they use."""
    return [
        f"{table}: {'/'.join(key)} is not found by its key{how}"
        for table, key, how in tables.not_found()
    ]


SAID_OF: Final = {"racecards": "ra_card_races", "results": "ra_result_races"}
"""The table with the races that an endpoint has said."""


def coverage_ahead(tables: Tables, *, was_killed: bool = False) -> Violations:
    """Coverage and cursor never ahead of the data; a rebuild leaves the cursor where it was.

    The cursor comes with the rows of a day, which is called complete once all that is made of them
    is there: after a kill in between it may be at a day that is read again.
    """
    cursors = {} if _is_rebuilt(tables) else _cursors(tables)
    complete = {key: row for key, row in tables.coverage().items() if row[0] == "complete"}
    if not complete and not was_killed:
        return [
            f"{name}: the cursor says {day}, no day is complete" for name, day in cursors.items()
        ]
    queries = [RACES_OF[endpoint].format(day=day) for endpoint, day in complete]
    there = tables.each(queries) if queries else []  # a file may not be there yet
    found: Violations = []
    for ((endpoint, day), (_, total, loaded)), races in zip(complete.items(), there, strict=True):
        if loaded is None or total is None or loaded > min(total, len(races)):
            found.append(
                f"{endpoint} {day}: complete with {loaded} races of {total}, {len(races)} there"
            )
    for endpoint, cursor in cursors.items():
        newest = max((day for name, day in complete if name == endpoint), default="")
        if was_killed:
            ((there_until,),) = tables.rows(f"SELECT max(date) FROM racing.{SAID_OF[endpoint]}")
            newest = max(newest, str(there_until or ""))
        if cursor > newest:
            found.append(f"{endpoint}: the cursor says {cursor}, the newest complete day {newest}")
    return found


def _is_rebuilt(tables: Tables) -> bool:
    """Whether a rebuild has begun and says that it has not ended."""
    return "ra_rebuilds" in tables.names() and bool(tables.rows("SELECT 1 FROM racing.ra_rebuilds"))


def _cursors(tables: Tables) -> dict[str, str]:
    """The cursor of each dated endpoint in the newest state that counts."""
    states = tables.states()
    sources = states[-1].get("sources", {}) if states else {}
    found = {}
    for name, state in sources.items():
        cursor = state.get("resources", {}).get(SAID_OF.get(name), {}).get("incremental", {})
        if cursor.get("date", {}).get("last_value"):
            found[name] = str(cursor["date"]["last_value"])
    return found


def untrue_exit(outcome: Outcome, tables: Tables, window: Window, today: date) -> Violations:
    """Exit 0 means complete; anything else names what is missing, here and in the report."""
    report = outcome.report or {}
    named = [str(name) for part in ("errors", "undeliverable") for name in report.get(part, [])]
    named += [entry["reason"] for entry in report.get("incomplete", [])]
    if outcome.code != 0:
        if outcome.code == 1 and not named:
            return ["exit 1 with nothing named in the report"]
        return [] if outcome.output.strip() else [f"exit {outcome.code} without a word"]
    if not report:
        return ["exit 0 without a report"]
    found = [f"exit 0 and {name!r} in the report" for name in named]
    coverage = tables.coverage()
    for endpoint, (first, last) in window.items():
        for day in (first + timedelta(days=step) for step in range((last - first).days + 1)):
            status = coverage.get((endpoint, day.isoformat()), ("not covered",))[0]
            if status != "complete" and not (status == "open" and day >= today):
                found.append(f"exit 0 and {endpoint} {day} is {status}")
    return found


def differences(tables: Tables, expected: Contents) -> Violations:
    """Equal to the tables without the fault, in every column but those of the load."""
    found: Violations = []
    for table, rows in tables.contents().items():
        wanted = expected[table]
        missing, extra = wanted.keys() - rows.keys(), rows.keys() - wanted.keys()
        changed = [key for key in wanted.keys() & rows.keys() if wanted[key] != rows[key]]
        if missing or extra or changed:
            example = min(map(repr, missing or extra or changed))
            counts = f"{len(missing)} missing, {len(extra)} too many, {len(changed)} changed"
            found.append(f"{table}: {counts}, such as {example}")
    return found


def secrets_told(tables: Tables, folder: Path, secrets: Iterable[str]) -> Violations:
    """No secret, in clear or encoded, in any file below the folder or any text of the tables."""
    needles = {needle for secret in secrets for needle in _disguises(secret)}
    found = [
        f"{path.relative_to(folder)} tells a secret"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(needle in text for text in _readings(path) for needle in needles)
    ]
    told = {
        place
        for place, text in tables.texts()
        for reading in (text.encode(), _inflated(text))
        if any(needle in reading for needle in needles)
    }
    return found + [f"{place} tells a secret" for place in sorted(told)]


def _disguises(secret: str) -> Iterator[bytes]:
    """A secret as it may be found: in clear, in a URL, in base64 at any alignment."""
    yield secret.encode()
    yield quote(secret, safe="").encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret.encode())
        # The first and the last characters depend on the neighbours.
        yield encoded[(0, 2, 3)[shift] : len(encoded) - 4]


def _readings(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)


def _inflated(text: str) -> bytes:
    """What dlt's compressed texts hold; nothing for other texts."""
    try:
        return zlib.decompress(base64.b64decode(text, validate=True))
    except (ValueError, zlib.error):
        return b""


def unbounded(
    outcome: Outcome, calls: int, folder: Path, *, most_calls: int, seconds: float, disk: int
) -> Violations:
    """Bounded calls at the server, seconds, and bytes on disk."""
    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    measured = {"calls": (calls, most_calls), "seconds": (outcome.seconds, seconds)}
    measured["bytes on disk"] = (used, disk)
    return [
        f"{value:.0f} {name}, {limit:.0f} allowed"
        for name, (value, limit) in measured.items()
        if value > limit
    ]


def after_any_run(tables: Tables, delivered: Iterable[Delivered]) -> Violations:
    """Return what no moment excuses, not even the one after a kill."""
    lost = lost_keys(tables)  # first: the others open a file for writing, and replay its log
    with tables.held_open():
        return [
            *lost,
            *lost_rows(tables, delivered),
            *duplicates(tables),
            *coverage_ahead(tables, was_killed=True),
        ]
