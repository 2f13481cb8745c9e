"""`pipeline doctor`: what would stop a run from working, and how to fix it."""

from __future__ import annotations

import json as as_json
import sys
from typing import Annotated

import typer

from pipelines.cli.options import DestinationOption, console_of_output


def doctor(
    destination: DestinationOption = "",
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON, for programs and bug reports.")
    ] = False,
) -> int:
    """Check settings, key, plan, clock, database, folders and schedule, and say what to do.

    One line per check: OK, NOTE or FIX. Exit code 1 if anything needs fixing. Also checks what your
    plan includes, and stores it.
    """
    from pipelines import __version__
    from pipelines.status.doctor import Level, examine

    console, found = console_of_output(), []
    for finding in examine(destination):
        found.append(finding)
        if not json:
            console.print(str(finding), highlight=False, soft_wrap=True)
    is_good = all(finding.level is not Level.ERROR for finding in found)
    if json:
        checks = [{"check": one.check, "level": one.level.value, "text": one.text} for one in found]
        told = {"version": __version__, "is_good": is_good, "checks": checks}
        sys.stdout.write(as_json.dumps(told, indent=2) + "\n")
    return 0 if is_good else 1
