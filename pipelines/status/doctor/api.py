"""The API: whether it responds, what the key includes, what its clock says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from pipelines.api.access import Access
from pipelines.api.client import RacingApi
from pipelines.clock import uk_today
from pipelines.plan.keycheck import ask_access, of_plan
from pipelines.settings import Settings
from pipelines.status.doctor.findings import Level
from pipelines.system.configuration import variable_of

NO_PATIENCE: Final = 0.02
"""Minutes of silence: a call that fails is not made again, since somebody is waiting."""
LONGEST_CALL: Final = 20.0
CLOCKS_APART: Final = timedelta(minutes=2)


class KeyFacts:
    """The results of a key check."""

    access: Access | None = None
    clock_ahead: timedelta | None = None


def ask(settings: Settings, asked: KeyFacts) -> Iterator[tuple[Level, str]]:
    """Check what the key includes, and report it; raises ApiError with what to do."""
    api = RacingApi(replace(settings, silence_minutes=NO_PATIENCE, call_seconds=LONGEST_CALL))
    try:
        asked.access = access = ask_access(api, uk_today())
    finally:
        asked.clock_ahead = api.clock_ahead
        api.stop()
    if settings.plan and not access.plan >= of_plan(settings.plan).plan:
        yield (
            Level.ERROR,
            f"{variable_of('plan')} says {settings.plan}, but {access}; set it to "
            f"{access.plan.name.lower()}, or leave it empty",
        )
    yield Level.OK, f"{_server(settings.base_url)} knows the key; {access}"


def _server(address: str) -> str:
    """Return an address without what may be secret in it."""
    parts = urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def clock(asked: KeyFacts) -> Iterator[tuple[Level, str]]:
    """Compare this machine's clock with the server's."""
    ahead = asked.clock_ahead
    if ahead is None:
        yield Level.WARNING, "not compared: the API sent no time"
    elif abs(ahead) > CLOCKS_APART:
        minutes = f"{abs(ahead) / timedelta(minutes=1):,.0f} minutes"
        yield (
            Level.ERROR,
            f"this machine's clock is {minutes} {'ahead of' if ahead > timedelta() else 'behind'} "
            "the API's: set it (timedatectl set-ntp true)",
        )
    else:
        yield Level.OK, "this machine and the API agree on the time"
