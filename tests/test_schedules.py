"""The schedules: each night has one run, and each command in them is one that there is."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from pipelines.cli.app import _main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
SCHEDULES = ROOT / "docs" / "schedules"
WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}
JOBS = {"daily": 1, "weekly": 2, "monthly": 3}
"""Workflow and its hour in UK time."""
SECRETS = {
    "SOURCES__RACING_API__USERNAME",
    "SOURCES__RACING_API__PASSWORD",
    "DESTINATION__POSTGRES__CREDENTIALS",
}


def workflow(name: str) -> dict[str, Any]:
    """Read a workflow; YAML takes its key `on` for true."""
    parsed = yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in parsed.items()}


def due_at(hour: int, schedules: list[str], days: list[date], folder: Path) -> list[list[str]]:
    """Run the gate of the workflows as it is written there; returns who is due, day by day.

    One shell runs it for all: to start one for each of a year's nights takes seven seconds.
    """
    (gate,) = [
        step for step in workflow("run")["jobs"]["gate"]["steps"] if step.get("id") == "gate"
    ]
    (folder / "gate").write_text(gate["run"], encoding="utf-8")
    asked = [(day, schedule) for day in days for schedule in schedules]
    moments = [datetime(day.year, day.month, day.day, 4, tzinfo=UTC) for day, _ in asked]
    lines = [
        f"{folder}/{number} {moment.timestamp():.0f} {schedule}"
        for number, (moment, (_, schedule)) in enumerate(zip(moments, asked, strict=True))
    ]
    loop = """
        while read -r GITHUB_OUTPUT NOW SCHEDULE; do
            : > "$GITHUB_OUTPUT"
            export GITHUB_OUTPUT NOW SCHEDULE
            (. "$GATE")
        done
    """
    environment = {"PATH": os.environ["PATH"], "HOUR": str(hour), "GATE": f"{folder}/gate"}
    told = "\n".join([*lines, ""])
    command = ["sh", "-e", "-c", loop]
    subprocess.run(command, cwd=ROOT, env=environment, input=told, text=True, check=True)
    due: dict[date, list[str]] = {day: [] for day in days}
    for number, (day, schedule) in enumerate(asked):
        if (folder / f"{number}").read_text() == "due=true\n":
            due[day].append(schedule)
    return [*due.values()]


SPRING_NIGHTS = {date(2026, 3, 29), date(2027, 3, 28)}
AUTUMN_NIGHTS = {date(2026, 10, 25), date(2027, 10, 31)}
WEEK = timedelta(days=7)
EVERY_NIGHT = {date(2027, 1, 1) + timedelta(days=number) for number in range(365)}
YEAR = {
    night
    for night in EVERY_NIGHT
    if "CI" in os.environ
    or night.weekday() == 6
    or night.day == 1
    or any(abs(night - change) < WEEK for change in SPRING_NIGHTS | AUTUMN_NIGHTS)
}
"""Nights of a year: outside of CI a few of those between two changes of the clock."""


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("daily", YEAR | SPRING_NIGHTS | AUTUMN_NIGHTS),
        ("weekly", {day for day in YEAR if day.weekday() == 6} | SPRING_NIGHTS | AUTUMN_NIGHTS),
        ("monthly", {day for day in YEAR if day.day == 1}),
    ],
)
def test_every_night_one_of_two_schedules_is_due_and_at_that_hour_in_the_uk(
    name: str, days: set[date], tmp_path: Path
) -> None:
    schedules = [entry["cron"] for entry in workflow(name)["on"]["schedule"]]
    hour = JOBS[name]
    nights = sorted(days)
    for day, some in zip(nights, due_at(hour, schedules, nights, tmp_path), strict=True):
        (due,) = some
        started = datetime(day.year, day.month, day.day, int(due.split()[1]), tzinfo=UTC)
        local = started.astimezone(ZoneInfo("Europe/London"))
        # There is no 01:00 on the spring night: it is the hour before then.
        assert local.hour == (0 if day in SPRING_NIGHTS and hour == 1 else hour)


def test_only_what_is_due_enters_a_group_and_each_workflow_has_its_own() -> None:
    groups = [(path.stem, workflow(path.stem).get("concurrency")) for path in WORKFLOWS.values()]
    assert [name for name, group in groups if group is not None] == ["ci"]
    jobs = workflow("run")["jobs"]
    assert "concurrency" not in jobs["gate"]
    assert jobs["run"]["needs"] == "gate"
    assert jobs["run"]["if"] == "needs.gate.outputs.due == 'true'"
    group = {"group": "racing-${{ github.workflow }}", "cancel-in-progress": False}
    assert jobs["run"]["concurrency"] == group


@pytest.mark.parametrize("name", JOBS)
def test_workflow_means_its_hour_in_the_uk(name: str) -> None:
    assert workflow(name)["jobs"][name]["with"]["uk-hour"] == str(JOBS[name])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_has_no_more_rights_than_it_needs_and_takes_actions_by_their_commit(
    name: str,
) -> None:
    assert workflow(name)["permissions"] == {"contents": "read"}
    uses = re.findall(r"uses: (?!\./)(\S+)", WORKFLOWS[name].read_text(encoding="utf-8"))
    assert [
        action for action in uses if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
    ] == []


def test_workflow_reads_secrets_by_name_and_puts_no_expression_into_a_shell() -> None:
    jobs = workflow("run")["jobs"]
    secrets = {
        key for key, value in jobs["run"]["env"].items() if value == f"${{{{ secrets.{key} }}}}"
    }
    assert secrets == SECRETS
    assert set(workflow("run")["on"]["workflow_call"]["secrets"]) == SECRETS
    for name in JOBS:
        handed = workflow(name)["jobs"][name]["secrets"]
        assert handed == {key: f"${{{{ secrets.{key} }}}}" for key in SECRETS}
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def commands() -> list[str]:
    """Options of every run that a schedule starts."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SCHEDULES.iterdir())]
    written = re.findall(r"pipeline run (--[^>{\n]*?)(?: >>|$)", "\n".join(texts), re.MULTILINE)
    by_hand = workflow("run")["on"]["workflow_dispatch"]["inputs"]["options"]["default"]
    return [*written, by_hand, *(workflow(name)["jobs"][name]["with"]["options"] for name in JOBS)]


@pytest.mark.parametrize("options", commands())
def test_options_of_every_scheduled_run_are_taken(options: str) -> None:
    assert _main(["plan", *(word for word in options.split() if word != "--wait")]) == 0


def test_launchd_agent_runs_every_night_in_the_folder_of_its_settings() -> None:
    agent = plistlib.loads((SCHEDULES / "org.racing-pipelines.daily.plist").read_bytes())
    assert agent["StartCalendarInterval"] == {"Hour": 1, "Minute": 0}
    program, run, *options = agent["ProgramArguments"]
    assert (program, run) == (f"{agent['WorkingDirectory']}/.venv/bin/pipeline", "run")
    assert _main(["plan", *(option for option in options if option != "--wait")]) == 0


@pytest.mark.parametrize("name", JOBS)
def test_units_of_systemd_differ_in_name_and_options_alone(name: str) -> None:
    def unit(job: str) -> str:
        text = (SCHEDULES / f"racing-{job}.service").read_text(encoding="utf-8")
        lines = text.replace(f"racing-{job}", "racing").splitlines()
        return "\n".join(
            line for line in lines if not line.startswith(("Description", "ExecStart"))
        )

    assert unit(name) == unit("daily")


def test_crontab_mails_the_reason(tmp_path: Path) -> None:
    crontab = (SCHEDULES / "racing.crontab").read_text(encoding="utf-8")
    (job,) = re.findall(r"^[\d* ]+cd /srv/racing && (.*health.*)$", crontab, re.MULTILINE)
    command = job.replace(".venv/bin/pipeline", f"{sys.executable} -m pipelines")
    told = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert told.stdout.startswith("FAIL: No racing_data.duckdb in ")


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
