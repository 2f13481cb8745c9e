"""`pipeline doctor`: whether a run has everything it needs, and what to do if not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pipelines.status.doctor import machine
from pipelines.status.doctor.findings import Finding, Level, found_by


def examine(destination: str) -> Iterator[Finding]:
    """Make every check, in order; an empty name means the destination of the settings."""
    yield from found_by("versions", machine.versions)
    files = found_by("files", machine.files)
    yield from files
    if any(finding.level is Level.ERROR for finding in files):
        return  # dlt could not read them either
    yield from found_by("settings", machine.names)
    yield from found_by("time zone", machine.time_zone)
    yield from _of_what_is_set(destination)


def _of_what_is_set(destination: str) -> Iterator[Finding]:
    # To import dlt reads its settings.
    from pipelines.errors import UsageError
    from pipelines.settings import destination_setting, load_settings
    from pipelines.status.doctor import api, database

    try:
        settings = load_settings(with_credentials=False)
        name = destination or destination_setting()
    except UsageError as error:
        yield Finding("settings", Level.ERROR, str(error))
        return
    credentials = found_by("credentials", machine.credentials)
    yield from credentials
    asked = api.KeyFacts()
    if all(finding.level is Level.OK for finding in credentials):
        yield from found_by("API", partial(api.ask, load_settings(), asked))
        yield from found_by("clock", partial(api.clock, asked))
    found = found_by("database", partial(database.database, name))
    yield from found
    if all(finding.level is not Level.ERROR for finding in found):
        yield from found_by("schedule", partial(database.schedule, name, settings))
        if asked.access:
            database.keep(name, asked.access)
    yield from found_by("archive", machine.archive)
    yield from found_by("reports", machine.reports)
    yield from found_by("working folder", machine.working_folder)


__all__ = ["Finding", "Level", "examine"]
