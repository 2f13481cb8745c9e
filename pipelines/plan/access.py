"""What a key includes, as ra_access has it, and the days that it does not include."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from pipelines.api.access import ADD_ON, UNKNOWN, Access, Reach
from pipelines.api.endpoints import EDITIONS, PRICES, RESULTS, Endpoint
from pipelines.plan.coverage import Queried
from pipelines.tables import ACCESS

OF_PLANS: Final = (*(one for editions in EDITIONS.values() for one in editions), PRICES)
"""What a plan may lack."""


def stored_access(database: Queried) -> Access:
    """Return the result of the last key check; raises DestinationError."""
    columns = "path, is_included, plan, said, checked_at, included_since"
    rows = database.rows(f"SELECT {columns} FROM {ACCESS}")
    endpoints = {one.path: one for one in OF_PLANS}
    included = {path for path, is_included, *_ in rows if is_included}
    plans = [endpoints[path].plan for path in included & endpoints.keys()]
    if not plans:
        return UNKNOWN
    return Access(
        plan=max(plans),
        refused={
            path: said or ""
            for path, is_included, _, said, *_ in rows
            if not is_included and path in endpoints
        },
        has_history={path: bool(is_included) for path, is_included, *_ in rows}.get(ADD_ON),
        checked_at=min(checked_at for *_, checked_at, _ in rows),
        since={path: since for path, *_, since in rows if since},
    )


def store_access(database: Queried, access: Access, before: Access) -> None:
    """Store what the key includes, and request again whatever it did not include before.

    Raises DestinationError.
    """
    now = access.checked_at or datetime.now(UTC)
    rows: list[tuple[object, ...]] = []
    for endpoint in OF_PLANS:
        is_included = access.includes(endpoint)
        is_gained = is_included and before.checked_at and not before.includes(endpoint)
        since = now if is_gained else before.since.get(endpoint.path)
        said = access.refused.get(endpoint.path) or None
        rows.append((endpoint.path, is_included, str(endpoint.plan), said, now, since))
    if access.has_history is not None:
        rows.append((ADD_ON, access.has_history, "add-on", None, now, None))
    places = ", ".join(["('', %s, %s, %s, %s, %s, %s)"] * len(rows))
    database.rows(f"DELETE FROM {ACCESS}")  # if it ends here, the next run asks again
    database.rows(
        f"INSERT INTO {ACCESS} "
        "(_dlt_load_id, path, is_included, plan, said, checked_at, included_since) "
        f"VALUES {places}",
        *(value for row in rows for value in row),
    )
    if access.has_history and not before.has_history:
        database.rows(
            "UPDATE ra_coverage SET status = 'failed', reason = %s "
            "WHERE endpoint = %s AND status = 'beyond_plan'",
            "beyond the previous plan; the plan now has the results add-on",
            RESULTS.name,
        )


def note_lost(database: Queried, endpoint: Endpoint, reach: Reach, plan: str) -> None:
    """Note failed days that the plan does not include any more, or never did, as such.

    Raises DestinationError.
    """
    database.rows(
        "UPDATE ra_coverage SET status = 'not_in_plan', reason = %s "
        "WHERE endpoint = %s AND status = 'failed' AND (date < %s OR date > %s)",
        f"the {plan} plan does not include it",
        endpoint.name,
        reach.first,
        reach.last,
    )


def note_not_in_plan(database: Queried, endpoint: Endpoint, days: list[date], plan: str) -> None:
    """Note the days that a plan does not include in ra_coverage, but those that are noted already.

    Raises DestinationError.
    """
    if not days:
        return
    listed = ", ".join(f"(DATE '{day}')" for day in days)
    database.rows(
        "INSERT INTO ra_coverage (_dlt_load_id, endpoint, date, status, reason, loaded_at) "
        f"SELECT '', %s, wanted.day, 'not_in_plan', %s, %s FROM (VALUES {listed}) AS wanted (day) "
        "WHERE wanted.day NOT IN (SELECT date FROM ra_coverage WHERE endpoint = %s)",
        endpoint.name,
        f"the {plan} plan does not include it",
        datetime.now(UTC),
        endpoint.name,
    )
