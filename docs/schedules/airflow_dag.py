"""Airflow: each job is one run of the command, which keeps its own lock, state and report.

dlt's PipelineTasksGroup would make a task of every source; here one run has an order and a lock, so
that one task is what it is. Put this file into the folder of your DAGs; the variables of the
pipeline belong into the environment of the worker.
"""

from __future__ import annotations

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG
from airflow.timetables.trigger import CronTriggerTimetable

PEOPLE = "ra_mst_jockeys,ra_mst_trainers,ra_mst_owners"
REFERENCE = "ra_mst_courses,ra_mst_bookmakers"
JOBS = {
    "racing_daily": ("0 1 * * *", ""),
    "racing_weekly": ("0 2 * * 0", f" --wait --table {PEOPLE}"),
    "racing_monthly": ("0 3 1 * *", f" --wait --table {REFERENCE}"),
}

for name, (cron, options) in JOBS.items():
    with DAG(
        dag_id=name,
        schedule=CronTriggerTimetable(cron, timezone="Europe/London"),
        start_date=pendulum.datetime(2026, 1, 1, tz="Europe/London"),
        catchup=False,
        max_active_runs=1,
    ):
        BashOperator(
            task_id="run",
            bash_command=f"cd /srv/racing && .venv/bin/pipeline run --mode daily{options}",
            append_env=True,
        )
