"""Dagster: each job is one run of the command, which keeps its own lock, state and report.

Start it with `dagster dev -f dagster_definitions.py`, or name it in your workspace.
"""

import subprocess

import dagster as dg

PEOPLE = "ra_mst_jockeys,ra_mst_trainers,ra_mst_owners"
REFERENCE = "ra_mst_courses,ra_mst_bookmakers"
JOBS = {
    "racing_daily": ("0 1 * * *", []),
    "racing_weekly": ("0 2 * * 0", ["--wait", "--table", PEOPLE]),
    "racing_monthly": ("0 3 1 * *", ["--wait", "--table", REFERENCE]),
}


def scheduled(name: str, cron: str, options: list[str]) -> dg.ScheduleDefinition:
    """Make a job of one command, and its schedule in UK time."""

    @dg.op(name=f"{name}_run")
    def run() -> None:
        command = [".venv/bin/pipeline", "run", "--mode", "daily", *options]
        subprocess.run(command, cwd="/srv/racing", check=True)

    @dg.job(name=name)
    def job() -> None:
        run()

    return dg.ScheduleDefinition(
        job=job,
        cron_schedule=cron,
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


defs = dg.Definitions(schedules=[scheduled(name, *job) for name, job in JOBS.items()])
