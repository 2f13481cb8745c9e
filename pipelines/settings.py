"""Settings, resolved by dlt's configuration, and the constants of this pipeline.

Every setting is read from the environment (SOURCES__RACING_API__...), `.dlt/secrets.toml` or
`.dlt/config.toml`, in that order, section [sources.racing_api].
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field, fields
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

import dlt
from dlt.common.configuration import configspec
from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigurationException,
    ConfigurationValueError,
    ConfigValueCannotBeCoercedException,
)
from dlt.common.configuration.providers.toml import TomlProviderReadException
from dlt.common.configuration.resolve import resolve_configuration
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines import __version__
from pipelines.api.endpoints import VendorPlan
from pipelines.errors import UsageError
from pipelines.system.configuration import SECTION, check_files, fault_of_settings, variable_of

PIPELINE: Final = "racing"
"""Name of the dlt pipeline, of its dataset and of the schema that declares every table."""

SHORT: Final = ("", "SOURCES__")
"""What dlt also looks for a setting under, in the environment."""
DEFAULT_DESTINATION: Final = "duckdb"
DEFAULT_DUCKDB_FILE: Final = "racing_data.duckdb"

ON_THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")

COMMISSION_PERCENT: Final = 2.0
"""Percent of winnings that an exchange keeps, unless a setting says otherwise."""

OPENING_PATIENCE: Final = 10.0
"""Seconds that a database may be unreachable before a run begins."""
DATABASE_PATIENCE: Final = 120.0
"""Seconds that it may be away, locked or busy while a run is at work."""


@configspec
class Settings(BaseConfiguration):
    """The settings of a user."""

    username: str = None  # type: ignore[assignment]
    """User name of The Racing API."""
    password: TSecretStrValue = None  # type: ignore[assignment]
    """Password of The Racing API."""
    base_url: str = "https://api.theracingapi.com"
    """Address of the API, or of a sandbox."""
    user_agent: str = f"racing-pipelines/{__version__}"
    """User agent sent with each call; change it if the edge in front of the API blocks it."""
    requests_per_second: float = 2.0
    """Calls per second in total; each endpoint also respects the vendor's own limit."""
    path_limits: bool = True
    """Whether to respect the vendor's limit per endpoint; can only be false for a sandbox."""
    parallel_calls: int = 8
    """Calls in flight at once to one endpoint, so that latency costs no time."""
    call_seconds: float = 60.0
    """Seconds that one attempt at a call may take, from connecting to the last byte."""
    answer_megabytes: float = 100.0
    """Megabytes of memory for one parsed response, and for all pages of a day together."""
    silence_minutes: float = 10.0
    """Minutes without any response after which a run makes no more requests."""
    plan: str = ""
    """Your plan at the vendor: free, basic, standard or pro; empty to check once a week."""
    regions: list[str] = field(default_factory=lambda: ["gb", "ire"])
    """Region codes to fetch, as in the API's parameters."""
    results_page_size: int = 50
    """Results per call; the vendor allows up to 100."""
    backfill_start: str = "2015-01-01"
    """First day of a backfill."""
    racecards_days_back: int = 3
    """Days back for which a daily run fetches cards again, for changes until the off."""
    racecards_days_ahead: int = 7
    """Days ahead for which a daily run fetches cards; the vendor has seven."""
    results_days_back: int = 14
    """Days back for which a daily run fetches results again, for late ratings and prices."""
    raceday_minutes: float = 5.0
    """Minutes between two looks at the cards and results of a race day."""
    horses_per_day: int = 300
    """Horse profiles fetched in a daily or manual run without --max-horses."""
    profiles_for_colour_codes: bool = True
    """Whether to fetch profiles of horses that would only gain a colour code."""
    horses_per_load: int = 200
    """Horse profiles per load: how many an interrupted run may have to fetch again."""
    archive: str = "archive"
    """Folder, or address that fsspec supports, for unmodified responses; empty for none."""
    read_copy: bool = True
    """Whether a run that changes a DuckDB file also writes a copy of it for readers, such as
    racing_read.duckdb beside racing_data.duckdb: readers and runs never wait for each other."""
    read_copy_percent: float = 1.0
    """Share of a race day's time that writing this copy may take: one that takes three seconds is
    written every five minutes at most, one of ten times the size every fifty."""
    file_wait_minutes: float = 30.0
    """Minutes that a run waits while another program has the DuckDB file open."""
    features: bool = False
    """Whether a daily run also computes the features of models, as `pipeline features` does."""
    commission_percent: float = COMMISSION_PERCENT
    """Percent of winnings that the exchange keeps, for profits at Betfair starting price; the next
    run changes the views if it has changed."""
    report_folder: str = "logs"
    """Folder for the JSON reports of runs."""
    log_format: str = "text"
    """Output of `pipeline run`: text for people, json for log collectors."""
    change_command: str = ""
    """Command to call on a race day with what has changed, a JSON object per line as input:
    non-runners, jockeys, results, and large moves of a price."""
    change_percent: float = 20.0
    """Percent by which a runner's price, on average, must move between two looks to be told."""
    warning_command: str = ""
    """Command to call when a run fails, with the report's path as last argument and the list of
    what is missing as input."""
    unreadable_share: float = 0.05
    """Share of a field's values that may be unreadable: above it, and if there are three or more,
    a run and `pipeline health` fail; fewer are a warning."""
    health_run_hours: float = 26.0
    """Hours after which `pipeline health` misses a run: a day plus the length of a long run."""
    health_days_behind: int = 2
    """How many days old the latest complete results may be; yesterday's are complete at 01:00."""
    health_gaps: int = 0
    """How many days of racecards and results may be missing in total before the latest."""
    health_warnings: bool = False
    """Whether warnings from the checks in sql/checks also make `pipeline health` fail."""
    health_known: list[str] = field(default_factory=list)
    """Checks in sql/checks whose findings you accept: they only warn."""

    def on_resolved(self) -> None:
        """Refuse values that cannot work, before any call is made."""
        for setting, is_usable, wish in RULES:
            value = getattr(self, setting)
            if not is_usable(value):
                told = "" if setting in NEVER_TOLD else f", not {value!r}"
                raise ConfigurationValueError(f"{variable_of(setting)} must be {wish}{told}.")
        if not self.path_limits and urlsplit(self.base_url).hostname not in ON_THIS_MACHINE:
            raise ConfigurationValueError(
                f"{variable_of('path_limits')} can only be false for a sandbox on this machine."
            )

    @property
    def first_day(self) -> date:
        """First day of a backfill, as a date."""
        return date.fromisoformat(self.backfill_start)


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_command(value: str) -> bool:
    try:
        shlex.split(value)
    except ValueError:
        return False
    return True


PLANS: Final = ("", *(plan.name.lower() for plan in VendorPlan))

RULES: Final[tuple[tuple[str, Callable[[Any], object], str], ...]] = (
    ("base_url", lambda url: urlsplit(url).scheme in ("http", "https"), "an http(s) address"),
    (
        "user_agent",
        lambda agent: re.fullmatch(r"[!-~]([ -~]*[!-~])?", agent),
        "printable ASCII, such as racing-pipelines/0.1.0",
    ),
    ("plan", lambda plan: plan in PLANS, "free, basic, standard, pro, or empty to ask the API"),
    ("requests_per_second", lambda rate: 0 < rate <= 1000, "above 0 and at most 1000"),
    ("parallel_calls", lambda calls: 1 <= calls <= 50, "between 1 and 50"),
    ("call_seconds", lambda seconds: 0 < seconds <= 3600, "above 0 and at most 3600"),
    ("answer_megabytes", lambda size: 0 < size <= 1000, "above 0 and at most 1000"),
    ("silence_minutes", lambda minutes: 0 < minutes <= 1440, "above 0 and at most 1440"),
    (
        "regions",
        lambda codes: bool(codes) and all(re.fullmatch("[a-z]{2,4}", code) for code in codes),
        'a list of lower-case region codes such as ["gb", "ire"]',
    ),
    ("results_page_size", lambda size: 1 <= size <= 100, "between 1 and 100"),
    ("backfill_start", _is_date, "a date such as 2015-01-01"),
    ("racecards_days_back", lambda days: 0 <= days <= 365, "between 0 and 365"),
    ("racecards_days_ahead", lambda days: 0 <= days <= 7, "between 0 and 7"),
    ("results_days_back", lambda days: 0 <= days <= 365, "between 0 and 365"),
    ("raceday_minutes", lambda minutes: 0 < minutes <= 240, "above 0 and at most 240"),
    ("read_copy_percent", lambda percent: 0 < percent <= 100, "above 0 and at most 100"),
    ("horses_per_day", lambda horses: horses >= 0, "0 or more"),
    ("log_format", lambda format: format in ("text", "json"), "text or json"),
    ("change_command", _is_command, "a valid shell command"),
    ("change_percent", lambda percent: percent > 0, "above 0"),
    ("warning_command", _is_command, "a valid shell command"),
    ("unreadable_share", lambda share: 0 <= share <= 1, "between 0 and 1"),
    ("health_run_hours", lambda hours: hours > 0, "above 0"),
    ("health_days_behind", lambda days: days >= 1, "1 or more"),
    ("health_gaps", lambda days: days >= 0, "0 or more"),
    ("commission_percent", lambda percent: 0 <= percent < 100, "from 0 to below 100"),
    ("file_wait_minutes", lambda minutes: 0 <= minutes <= 1440, "between 0 and 1440"),
    ("horses_per_load", lambda horses: 1 <= horses <= 5000, "between 1 and 5000"),
)

NEVER_TOLD: Final = ("warning_command", "change_command")
"""Settings that may have a secret inside."""


def load_settings(*, with_credentials: bool = True) -> Settings:
    """Resolve the settings; raises UsageError with one sentence if they cannot be used.

    Commands that make no API call need no credentials.
    """
    try:
        with _whole_names_only():
            settings = resolve_configuration(
                Settings(), sections=SECTION, accept_partial=not with_credentials
            )
        if not with_credentials:
            settings.on_resolved()
        return settings
    except ConfigFieldMissingException as error:
        missing = " and ".join(variable_of(name) for name in sorted(error.traces, reverse=True))
        raise UsageError(
            f"No credentials for The Racing API: set {missing} "
            "(or fill in .dlt/secrets.toml); `make demo` runs without any."
        ) from None
    except ConfigValueCannotBeCoercedException as error:
        raise UsageError(
            f"{variable_of(error.field_name)} cannot be read: "
            f"{error.field_value!r} is not of the type {error.hint}."
        ) from None
    except ConfigurationValueError as error:
        raise UsageError(str(error)) from None
    except ConfigurationException as error:
        raise _unreadable(error) from None


@contextmanager
def _whole_names_only() -> Iterator[None]:
    """Hide variables that dlt would mistake for settings: desktops and Windows set USERNAME."""
    names = (f"{prefix}{entry.name.upper()}" for prefix in SHORT for entry in fields(Settings))
    hidden = {name: os.environ.pop(name) for name in [*names] if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def destination_setting() -> str:
    """Name of the destination used without --destination, which is dlt's own setting."""
    try:
        return str(dlt.config.get("destination_type") or DEFAULT_DESTINATION)
    except ConfigurationException as error:
        raise _unreadable(error) from None


def _unreadable(error: ConfigurationException) -> UsageError:
    if isinstance(error, TomlProviderReadException):
        check_files(error.full_paths)  # those of this machine, which dlt reads as well
    return fault_of_settings(error) or UsageError(str(error))
