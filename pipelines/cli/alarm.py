"""Notifying somebody that a run has failed: dlt's Slack hook, and any command."""

from __future__ import annotations

import html
import logging
import shlex
import subprocess
import threading
from typing import Final

import dlt
from dlt.common.runtime.slack import send_slack_message

from pipelines.report import ExitCode, Report
from pipelines.settings import Settings

logger = logging.getLogger(__name__)

PATIENCE: Final = 30.0
"""Seconds that Slack, or the command, may take: the run is over, and does not wait for them."""
MOST_LINES: Final = 20


def raise_alarm(report: Report, settings: Settings) -> None:
    """Notify the configured recipients of a failed run; a failure here is only logged."""
    if report.exit_code is not ExitCode.INCOMPLETE:
        return
    hook: str | None = dlt.secrets.get("runtime.slack_incoming_hook")
    if hook:
        _tell_slack(hook, _summary(report))
    if settings.warning_command:
        _run(settings.warning_command, report)


def _summary(report: Report) -> str:
    """Return what is missing, as the terminal shows it."""
    lines = report.missing[:MOST_LINES]
    if len(report.missing) > MOST_LINES:
        lines.append(f"and {len(report.missing) - MOST_LINES} more")
    title = f"The {report.mode} run into {report.destination} is incomplete:"
    return "\n".join([title, *lines])


def _tell_slack(hook: str, message: str) -> None:
    def send() -> None:
        try:
            # Slack would take <!channel> in an answer that is quoted for an order.
            send_slack_message(hook, html.escape(message, quote=False), is_markdown=False)
        except Exception as error:  # noqa: BLE001 - its text would tell the address, a secret
            logger.warning("Slack could not be notified of the run: %s", type(error).__name__)

    # dlt's call has no time limit.
    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if thread.is_alive():
        logger.warning("Slack could not be notified of the run within %.0f seconds", PATIENCE)


def _run(command: str, report: Report) -> None:
    path = str(report.path.resolve()) if report.path else ""
    arguments = [*shlex.split(command), path]
    message = _summary(report).encode("utf-8", "replace")
    try:
        subprocess.run(arguments, input=message, timeout=PATIENCE, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as error:  # it would tell the command
        logger.warning("The warning command failed: %s", type(error).__name__)
