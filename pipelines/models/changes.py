"""Changes from one response to the next, in SQL: what is said now against what was seen last.

`ra_last_seen` has what the last response said of each race and runner that was on a card before the
race. A load compares the source tables with it, notes what differs, and brings it up to date, all
in one transaction: doing that again finds nothing. Prices need no such table: the last one of each
bookmaker is the row of `ra_price_changes` that is still open.

A blank says nothing: it is no change, and neither is the first value after one. The first thing
seen of a race is no change either.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pipelines.api.endpoints import RESULTS, Endpoint
from pipelines.models import LAST_LOAD, dates
from pipelines.tables import (
    CARD_RACES,
    CARD_RUNNERS,
    LAST_RESPONSES,
    LAST_SEEN,
    PRICE_CHANGES,
    RACE_CHANGES,
    RACE_RESULTS,
    RUNNER_CHANGES,
    RUNNER_ODDS,
    Table,
)
from pipelines.tables.changes import CARD

DERIVED_FROM: Final[dict[Table, frozenset[Table]]] = {
    RUNNER_CHANGES: frozenset({CARD_RUNNERS}),
    RACE_CHANGES: frozenset({CARD_RACES, RACE_RESULTS}),
    PRICE_CHANGES: frozenset({RUNNER_ODDS}),
}
"""The tables whose successive states make the changes, where all of them are loaded."""


def derived(tables: Collection[Table]) -> list[Table]:
    """Return the tables of changes that follow from these tables."""
    return [changes for changes, of in DERIVED_FROM.items() if of.issubset(tables)]


IS_NAMED: Final = "jockey_id IS NOT NULL"
"""An entry has a number, but no jockey yet: numbers and draws are given with the declarations."""

RUNNER_FACTS: Final = {
    "status": "CASE WHEN is_non_runner_on_card THEN 'non-runner' ELSE 'declared' END",
    "jockey": "jockey_name",
    "weight": "CAST(weight AS text)",
    "draw": f"CASE WHEN {IS_NAMED} THEN CAST(draw AS text) END",
    "headgear": "coalesce(headgear, 'none')",
    "number": f"CASE WHEN {IS_NAMED} THEN CAST(number AS text) END",
}
RACE_FACTS: Final = {
    CARD: "'seen'",
    "off time": "time",
    "going": "going",
    "prize": "CAST(prize_money AS text) || coalesce(' ' || prize_currency, '')",
    "abandoned": "CASE WHEN is_abandoned THEN 'yes' ELSE 'no' END",
    "status": "coalesce(race_status, 'none')",
}
PRICE: Final = ("fractional_odds", "decimal_odds", "price_status", "ew_places", "ew_denom")

FIRST_THREE: Final = (
    "string_agg(CAST(position AS text) || ' ' || horse_name, ', ' ORDER BY position, horse_name)"
)


@dataclass(frozen=True)
class Seen:
    """When a day was asked for, and when the last time before that was."""

    day: date
    at: datetime
    before: datetime | None
    is_ahead: bool
    """Whether the day was not over: only then does a race begin to be watched."""


def statements(
    endpoint: Endpoint,
    days: Sequence[Seen],
    tables: Collection[Table],
    hash_joins: Sequence[str] = (),
) -> list[str]:
    """Return the statements that note what these responses have changed: all of them or none.

    What compares a day with the last response may be put between two others, which make a database
    join by hash and end that.
    """
    made = derived(tables)
    found: list[str] = []
    if endpoint is RESULTS:
        found += _of_results(days, hash_joins) if RACE_CHANGES in made else []
    else:
        found += _of_cards(days, made, hash_joins)
    return [*found, last_responses(endpoint, days)] if found else []


def last_responses(endpoint: Endpoint, days: Sequence[Seen]) -> str:
    """Return the statement that notes when days were last asked for."""
    return (
        f"MERGE INTO {LAST_RESPONSES} AS last USING ({_responses(days)}) AS now "
        f"ON last.endpoint = '{endpoint.name}' AND last.date = now.day "
        "WHEN MATCHED THEN UPDATE SET seen_at = now.seen_at "
        "WHEN NOT MATCHED THEN INSERT (endpoint, date, seen_at, _dlt_load_id) "
        f"VALUES ('{endpoint.name}', now.day, now.seen_at, '')"
    )


def _of_cards(
    days: Sequence[Seen], made: Collection[Table], hash_joins: Sequence[str]
) -> list[str]:
    found: list[str] = []
    if RUNNER_CHANGES in made:
        found += _of_facts(RUNNER_CHANGES, days, _runner_facts(days), hash_joins)
    if RACE_CHANGES in made:
        found += _of_facts(RACE_CHANGES, days, _race_facts(days), hash_joins)
    if PRICE_CHANGES in made:
        found += _between(hash_joins, _of_prices(days))
    return found


def _between(first_and_last: Sequence[str], statements: list[str]) -> list[str]:
    return [*first_and_last[:1], *statements, *first_and_last[1:]]


def watched_days(days: Collection[date]) -> str:
    """Return the query for those among some days whose races are watched."""
    return f"SELECT DISTINCT race_date FROM {LAST_SEEN} WHERE race_date IN ({dates(days)})"


# Facts


def _runner_facts(days: Sequence[Seen]) -> str:
    among = dates(seen.day for seen in days)
    facts = [
        f"SELECT race_id, horse_id, race_date, '{fact}' AS fact, {value} AS value "
        f"FROM {CARD_RUNNERS} WHERE race_date IN ({among})"
        for fact, value in RUNNER_FACTS.items()
    ]
    gone = (
        f"SELECT race_id, horse_id, race_date, fact, 'removed' FROM {LAST_SEEN} AS last "
        f"WHERE race_date IN ({among}) AND fact = 'status' AND horse_id <> '' AND NOT EXISTS ("
        f"SELECT 1 FROM {CARD_RUNNERS} AS card WHERE card.race_id = last.race_id "
        f"AND card.horse_id = last.horse_id AND card.race_date IN ({among}))"
    )
    return " UNION ALL ".join([*facts, gone])


def _race_facts(days: Sequence[Seen]) -> str:
    among = dates(seen.day for seen in days)
    return " UNION ALL ".join(
        f"SELECT id AS race_id, '' AS horse_id, date AS race_date, '{fact}' AS fact, "
        f"{value} AS value FROM {CARD_RACES} WHERE date IN ({among})"
        for fact, value in RACE_FACTS.items()
    )


def _of_results(days: Sequence[Seen], hash_joins: Sequence[str]) -> list[str]:
    facts = (
        "SELECT race_id, '' AS horse_id, race_date, 'result' AS fact, "
        f"{FIRST_THREE} AS value FROM {RACE_RESULTS} "
        f"WHERE race_date IN ({dates(seen.day for seen in days)}) AND position <= 3 "
        "GROUP BY race_id, race_date"
    )
    return _of_facts(RACE_CHANGES, days, facts, hash_joins)


def _of_facts(
    changes: Table, days: Sequence[Seen], facts: str, hash_joins: Sequence[str]
) -> list[str]:
    """Return the statements that note changed facts, and then what was seen."""
    is_of_runners = changes is RUNNER_CHANGES
    key = "now.race_id, now.horse_id" if is_of_runners else "now.race_id"
    names = "race_id, horse_id" if is_of_runners else "race_id"
    what = (
        "CASE WHEN now.fact <> 'status' THEN now.fact "
        "WHEN last.value IN ('non-runner', 'removed') AND now.value = 'declared' THEN 'reinstated' "
        "ELSE now.value END"
        if is_of_runners
        else "now.fact"
    )
    first = "'status'" if is_of_runners else "'result'"
    joined = f"FROM ({facts}) AS now JOIN ({_responses(days)}) AS response ON day = now.race_date"
    last = (
        f"LEFT JOIN {LAST_SEEN} AS last ON last.race_id = now.race_id "
        "AND last.horse_id = now.horse_id AND last.fact = now.fact "
        f"AND last.race_date IN ({dates(seen.day for seen in days)})"
    )
    known = (
        f"SELECT race_id FROM {LAST_SEEN} WHERE fact = '{CARD}' AND horse_id = '' "
        f"AND race_date IN ({dates(seen.day for seen in days)})"
    )
    insert = (
        f"INSERT INTO {changes} ({names}, race_date, what, old_value, new_value, seen_before, "
        f"seen_at, _dlt_load_id) SELECT {key}, now.race_date, {what}, last.value, now.value, "
        f"seen_before, seen_at, {LAST_LOAD} {joined} {last} "
        f"WHERE now.race_id IN ({known}) AND now.value <> coalesce(last.value, '') "
        f"AND (last.value IS NOT NULL OR now.fact = {first})"
    )
    merge = (
        f"MERGE INTO {LAST_SEEN} AS seen USING (SELECT now.race_id, now.horse_id, now.fact, "
        f"now.race_date, now.value {joined} WHERE now.value IS NOT NULL "
        f"AND (is_ahead OR now.race_id IN ({known}))) AS now ON seen.race_id = now.race_id "
        "AND seen.horse_id = now.horse_id AND seen.fact = now.fact "
        "WHEN MATCHED AND (seen.value <> now.value OR seen.race_date <> now.race_date) "
        "THEN UPDATE SET value = now.value, race_date = now.race_date "
        "WHEN NOT MATCHED THEN INSERT (race_id, horse_id, fact, race_date, value, _dlt_load_id) "
        "VALUES (now.race_id, now.horse_id, now.fact, now.race_date, now.value, '')"
    )
    return [*_between(hash_joins, [insert]), merge]


# Prices


def _of_prices(days: Sequence[Seen]) -> list[str]:
    """Return the statements that add the new prices, and close those that they take the place of.

    The vendor says when it last looked: a new price was on offer then, if that is not older than
    the last response without it.
    """
    among = dates(seen.day for seen in days)
    key = ("race_id", "horse_id", "bookmaker_id")
    same = " AND ".join(f"{{0}}.{name} = {{1}}.{name}" for name in key)
    differs = " OR ".join(f"now.{name} IS DISTINCT FROM last.{name}" for name in PRICE)
    is_new = (
        "now.odds_updated_at <= response.seen_at AND (response.seen_before IS NULL OR "
        "now.odds_updated_at > response.seen_before) AND (last.valid_from IS NULL OR "
        "now.odds_updated_at > last.valid_from)"
    )
    columns = ", ".join((*key, "race_date", *PRICE))
    insert = (
        f"INSERT INTO {PRICE_CHANGES} ({columns}, valid_from, seen_at, origin, _dlt_load_id) "
        f"SELECT {', '.join(f'now.{name}' for name in (*key, 'race_date', *PRICE))}, "
        f"CASE WHEN {is_new} THEN now.odds_updated_at ELSE response.seen_at END, "
        f"response.seen_at, 'cards', "
        f"{LAST_LOAD} FROM {RUNNER_ODDS} AS now "
        f"JOIN ({_responses(days)}) AS response ON day = now.race_date "
        f"LEFT JOIN {PRICE_CHANGES} AS last ON {same.format('last', 'now')} "
        f"AND last.race_date IN ({among}) AND last.valid_to IS NULL AND last.origin = 'cards' "
        f"WHERE now.race_date IN ({among}) AND (last.race_id IS NULL OR {differs}) "
        f"AND (is_ahead OR now.race_id IN (SELECT race_id FROM {LAST_SEEN} "
        f"WHERE fact = '{CARD}' AND horse_id = '' AND race_date IN ({among})))"
    )
    close = (
        f"UPDATE {PRICE_CHANGES} SET valid_to = later.valid_from FROM (SELECT {', '.join(key)}, "
        f"max(valid_from) AS valid_from FROM {PRICE_CHANGES} WHERE race_date IN ({among}) "
        f"AND valid_to IS NULL AND origin = 'cards' GROUP BY {', '.join(key)} "
        f"HAVING count(*) > 1) AS later WHERE {same.format(PRICE_CHANGES, 'later')} "
        f"AND {PRICE_CHANGES}.race_date IN ({among}) AND {PRICE_CHANGES}.valid_to IS NULL "
        f"AND {PRICE_CHANGES}.origin = 'cards' "
        f"AND {PRICE_CHANGES}.valid_from < later.valid_from"
    )
    return [insert, close]


def _responses(days: Sequence[Seen]) -> str:
    """Return the responses as rows."""
    return " UNION ALL ".join(
        f"SELECT DATE '{seen.day}' AS day, {_moment(seen.at)} AS seen_at, "
        f"{_moment(seen.before)} AS seen_before, {'true' if seen.is_ahead else 'false'} AS is_ahead"
        for seen in days
    )


def _moment(at: datetime | None) -> str:
    value = f"'{at.isoformat()}'" if at else "NULL"
    return f"CAST({value} AS timestamp with time zone)"
