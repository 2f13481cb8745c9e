"""The machine: versions, settings and where they come from, folders, the time zone."""

from __future__ import annotations

import difflib
import os
import platform
import re
import shutil
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from packaging.requirements import Requirement

from pipelines import __version__
from pipelines.status.doctor.findings import Level
from pipelines.system.configuration import fault_in, settings_files

Found = Iterator[tuple[Level, str]]

PACKAGE: Final = "racing-pipelines"
SHOWN: Final = ("dlt", "duckdb", "pyarrow", "sqlglot")
PREFIX: Final = "SOURCES__RACING_API__"
FEW_BYTES: Final = 1_000_000_000
"""Free space below which a run may not have enough: a backfill with its archive takes 4 GB."""
PLACEHOLDER: Final = re.compile(r"^your .* at The Racing API$|^\.\.\.$")
UK: Final = "Europe/London"


def versions() -> Found:
    """Report the installed versions, and which of them are not compatible."""
    for line in requires(PACKAGE) or []:
        needed = Requirement(line)
        if needed.marker and not needed.marker.evaluate():
            continue
        try:
            found = version(needed.name)
        except PackageNotFoundError:
            yield Level.ERROR, f"{needed.name} is not installed; install racing-pipelines again"
            continue
        if not needed.specifier.contains(found, prereleases=True):
            yield (
                Level.ERROR,
                f"{needed.name} {found} is installed, but {needed.name}{needed.specifier} is "
                "needed; install racing-pipelines again, in its own environment",
            )
    shown = ", ".join(f"{name} {version(name)}" for name in SHOWN)
    system = f"{platform.system()} {platform.machine()}"
    yield (
        Level.OK,
        f"{PACKAGE} {__version__}, Python {platform.python_version()}, {shown}, {system}",
    )


def files() -> Found:
    """Report which settings files exist, and which cannot be read."""
    there = [file for file in settings_files() if file.exists()]
    for file in there:
        fault = fault_in(file)
        if fault:
            yield Level.ERROR, f"{file} cannot be read: {fault}"
    secrets = settings_files()[1]
    if os.name == "posix" and secrets.exists() and secrets.stat().st_mode & 0o077:
        yield (
            Level.WARNING,
            f"others on this machine can read {secrets}: chmod 600 {secrets}",
        )
    names = ", ".join(map(str, there)) or "no settings file"
    yield Level.OK, f"{names} in {Path.cwd()}"


def names() -> Found:
    """Report where each setting comes from, and names that are not settings."""
    from pipelines.settings import Settings

    known = {entry.name for entry in fields(Settings)}
    sources: defaultdict[str, list[str]] = defaultdict(list)
    for where, name in _named():
        if name in known:
            sources[where].append(name)
            continue
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else "; docs/settings.md has them all"
        yield Level.ERROR, f"{where}: {name} is not a setting{hint}"
    told = (f"{', '.join(sorted(found))} ({where})" for where, found in sources.items())
    yield Level.OK, "; ".join(told) or "every setting has its default"


def _named() -> Iterator[tuple[str, str]]:
    for variable in sorted(os.environ):
        if variable.startswith(PREFIX):
            yield "environment", variable.removeprefix(PREFIX).lower()
    for file in reversed(settings_files()):
        if file.exists():
            content = tomllib.loads(file.read_text(encoding="utf-8"))
            section: dict[str, Any] = content.get("sources", {}).get("racing_api", {})
            yield from ((str(file), name) for name in section)


def credentials() -> Found:
    """Report whether there are a plausible user name and password."""
    from pipelines.settings import load_settings
    from pipelines.system.configuration import variable_of

    settings = load_settings()
    for name in ("username", "password"):
        value = str(getattr(settings, name))
        if PLACEHOLDER.match(value):
            yield (
                Level.ERROR,
                f"{variable_of(name)} still has the example's value: fill in your own",
            )
        elif value != value.strip() or value[:1] in ("'", '"'):
            yield (
                Level.ERROR,
                f"{variable_of(name)} begins or ends with a blank or a quotation mark: remove it",
            )
    yield Level.OK, "a user name and a password are set"


def time_zone() -> Found:
    """Report the time in the UK and on this machine: cron uses the latter."""
    try:
        zone = ZoneInfo(UK)
    except ZoneInfoNotFoundError:
        yield (
            Level.ERROR,
            f"{UK} is unknown here: install tzdata (pip install tzdata)",
        )
        return
    now = datetime.now(UTC)
    uk, here = now.astimezone(zone), now.astimezone()
    if uk.utcoffset() == here.utcoffset():
        yield Level.OK, f"{uk:%H:%M} in the UK and on this machine ({here.tzname()})"
        return
    yield (
        Level.OK,
        f"{uk:%H:%M} in the UK, {here:%H:%M} on this machine ({here.tzname()}); cron uses "
        "the latter, see docs/scheduling.md",
    )


def reports() -> Found:
    """Report whether reports can be written."""
    from pipelines.settings import load_settings
    from pipelines.system.configuration import variable_of

    folder = Path(load_settings(with_credentials=False).report_folder)
    yield from written_to(folder, variable_of("report_folder"))


def working_folder() -> Found:
    """Report whether dlt's working folder can be used."""
    from dlt.common.pipeline import get_dlt_pipelines_dir

    yield from written_to(Path(get_dlt_pipelines_dir()), "DLT_DATA_DIR")


def archive() -> Found:
    """Report whether responses can be saved, and how many are."""
    from pipelines.archive.store import Archive
    from pipelines.settings import load_settings
    from pipelines.system.configuration import variable_of

    location = load_settings(with_credentials=False).archive
    if not location:
        yield Level.WARNING, "turned off, so rebuilds are not possible"
        return
    place = Archive(location)
    if "://" not in location:
        for level, text in written_to(Path(location), variable_of("archive")):
            if level is not Level.OK:
                yield level, text
                return
    responses, size = place.size()
    yield Level.OK, f"{responses:,} responses, {size / 1e6:,.1f} MB in {place.name}"


def written_to(folder: Path, setting: str) -> Found:
    """Report whether a folder can be written to, and how much space is free."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        yield (
            Level.ERROR,
            f"{folder} cannot be written to ({error.strerror}): use another folder with "
            f"{setting}, or give yourself access",
        )
        return
    free = shutil.disk_usage(there).free
    if free < FEW_BYTES:
        yield Level.ERROR, f"only {free / 1e6:,.0f} MB are free for {folder}: free up some space"
        return
    yield Level.OK, f"{folder} can be written to, {free / 1e9:,.0f} GB free"
