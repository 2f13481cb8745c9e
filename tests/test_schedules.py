"""The schedules: each night has one run, and each command in them is one that there is."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from pipelines.cli import _main

ROOT = Path(__file__).parent.parent
SCHEDULES = ROOT / "docs" / "schedules"
WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}
JOBS = {"daily": 1, "weekly": 2, "monthly": 3}
"""Workflow and its hour in UK time."""


def workflow(name: str) -> dict[str, Any]:
    """Read a workflow; YAML takes its key `on` for true."""
    parsed = yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in parsed.items()}


def is_due(hour: int, schedule: str, day: date) -> bool:
    command = ["sh", str(ROOT / ".ci" / "is-due"), str(hour), schedule]
    return subprocess.run(command, env={"TODAY": day.isoformat()}, check=False).returncode == 0


@pytest.mark.parametrize(("name", "hour"), JOBS.items())
def test_every_night_one_of_two_schedules_is_due_and_at_that_hour_in_the_uk(
    name: str, hour: int
) -> None:
    schedules = [entry["cron"] for entry in workflow(name)["on"]["schedule"]]
    nights = [date(2026, 1, 1) + timedelta(days=7 * week) for week in range(52)]
    changes = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2028, 10, 29)]
    for day in [*nights, *changes]:
        (due,) = [schedule for schedule in schedules if is_due(hour, schedule, day)]
        started = datetime(day.year, day.month, day.day, int(due.split()[1]), tzinfo=UTC)
        local = started.astimezone(ZoneInfo("Europe/London"))
        is_spring_night = day in (date(2026, 3, 29), date(2027, 3, 28))
        assert local.hour == (hour - 1 if is_spring_night and hour == 1 else hour)


@pytest.mark.parametrize("name", JOBS)
def test_workflow_starts_no_second_run_and_has_no_more_rights_than_it_needs(name: str) -> None:
    parsed = workflow(name)
    assert parsed["concurrency"] == {"group": "racing", "cancel-in-progress": False}
    assert parsed["permissions"] == {"contents": "read"}
    assert parsed["jobs"][name]["with"]["uk-hour"] == str(JOBS[name])


def test_workflow_reads_secrets_by_name_and_puts_no_expression_into_a_shell() -> None:
    (job,) = workflow("run")["jobs"].values()
    secrets = {key for key, value in job["env"].items() if value == f"${{{{ secrets.{key} }}}}"}
    assert secrets == {
        "SOURCES__RACING_API__USERNAME",
        "SOURCES__RACING_API__PASSWORD",
        "DESTINATION__POSTGRES__CREDENTIALS",
    }
    assert [step["run"] for step in job["steps"] if "${{" in step.get("run", "")] == []


def commands() -> list[str]:
    """Options of every run that a schedule starts."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SCHEDULES.iterdir())]
    written = re.findall(r"pipeline run (--[^>{\n]*?)(?: >>|$)", "\n".join(texts), re.MULTILINE)
    return written + [workflow(name)["jobs"][name]["with"]["options"] for name in JOBS]


@pytest.mark.parametrize("options", commands())
def test_options_of_every_scheduled_run_are_taken(options: str) -> None:
    assert _main(["plan", *(word for word in options.split() if word != "--wait")]) == 0


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_timer_of_systemd_misses_no_night_of_the_year() -> None:
    timer = (SCHEDULES / "racing-daily.timer").read_text(encoding="utf-8")
    nights: set[date] = set()
    for calendar in re.findall("^OnCalendar=(.*)$", timer, re.MULTILINE):
        command = ["systemd-analyze", "calendar", "--base-time=2027-01-01 00:30:00 UTC"]
        told = subprocess.run(
            [*command, "--iterations=364", calendar], capture_output=True, text=True, check=True
        ).stdout
        nights |= {date.fromisoformat(day) for day in re.findall(r"\w{3} (2027-\d\d-\d\d)", told)}
    year = {date(2027, 1, 1) + timedelta(days=number) for number in range(364)}
    assert year - nights == set()


def test_cron_job_of_kubernetes_is_in_uk_time_and_one_at_a_time() -> None:
    spec = yaml.safe_load((SCHEDULES / "cronjob.yaml").read_text(encoding="utf-8"))["spec"]
    assert (spec["schedule"], spec["timeZone"]) == ("0 1 * * *", "Europe/London")
    assert (spec["concurrencyPolicy"], spec["jobTemplate"]["spec"]["backoffLimit"]) == ("Forbid", 0)
    (container,) = spec["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    arguments = [word for word in container["args"][1:] if word not in ("--wait", "--destination")]
    assert arguments == ["--mode", "daily", "postgres"]
