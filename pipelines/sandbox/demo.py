"""The daily job against the sandbox, into a DuckDB file of its own: `pipeline demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import duckdb
from rich.console import Console
from rich.table import Table as TextTable

from pipelines.sandbox import SandboxOptions, running
from pipelines.tables import API_TABLES

FOLDER: Final = Path("demo")
DATABASE: Final = FOLDER / "racing_demo.duckdb"
MAIN_TABLES: Final = API_TABLES[:10]

QUESTION: Final = "Which yards with a runner today are in form (5 runners or more in 14 days)?"
QUERY: Final = """\
SELECT trainer_name AS trainer,
       max(trainer_14_days_percent) AS strike_rate,
       max(trainer_14_days_wins) || '/' || max(trainer_14_days_runs) AS wins_of_runs,
       count(*) AS runners_today
FROM racing.ra_runners
WHERE race_date = (SELECT max(race_date) FROM racing.ra_runners
                   WHERE race_date <= current_date AND NOT is_scratched)
  AND trainer_14_days_runs >= 5 AND NOT is_scratched
GROUP BY trainer_id, trainer_name
ORDER BY strike_rate DESC, runners_today DESC, trainer
LIMIT 5"""

REAL_KEY: Final = """\
That data was invented. With a key of The Racing API (in a clone, with make and without):

    export SOURCES__RACING_API__USERNAME=... SOURCES__RACING_API__PASSWORD=...
    make daily       # pipeline run --mode daily: what is new, into racing_data.duckdb
    make backfill    # pipeline run --mode backfill: the history; stop it at any time, and the same
                     # command continues where it left off"""


def show_demo(scale: float = 1.0) -> int:
    """Serve the sandbox, run the daily job against it, show the tables; returns the exit code."""
    console = Console(soft_wrap=not sys.stdout.isatty())
    FOLDER.mkdir(exist_ok=True)
    with running(SandboxOptions(limits=False, scale=scale)) as server:
        console.print("A simulated Racing API is running; now the daily job runs against it.\n")
        command = [sys.executable, "-m", "pipelines", "run", "--mode", "daily"]
        job = subprocess.run(
            [*command, "--max-horses", "25", "--destination", "duckdb"],
            env=_environment(server.url),
            check=False,
        )
    if job.returncode == 0:
        _show(console)
        console.print(f"\n{REAL_KEY}", highlight=False)
    return job.returncode


def _environment(url: str) -> dict[str, str]:
    options = SandboxOptions()
    return os.environ | {
        "SOURCES__RACING_API__USERNAME": options.username,
        "SOURCES__RACING_API__PASSWORD": options.password,
        "SOURCES__RACING_API__BASE_URL": url,
        "SOURCES__RACING_API__REQUESTS_PER_SECOND": "50",
        "SOURCES__RACING_API__PATH_LIMITS": "false",
        "SOURCES__RACING_API__REPORT_FOLDER": str(FOLDER / "logs"),
        "SOURCES__RACING_API__ARCHIVE": str(FOLDER / "archive"),
        "DESTINATION__DUCKDB__CREDENTIALS": str(DATABASE),
        "DLT_DATA_DIR": str((FOLDER / "dlt").absolute()),
    }


def _show(console: Console) -> None:
    with duckdb.connect(str(DATABASE), read_only=True) as connection:
        counts = TextTable("table", "rows", box=None, pad_edge=False)
        for table in MAIN_TABLES:
            query = f"SELECT count(*) FROM racing.{table}"
            rows = connection.execute(query).fetchone()
            counts.add_row(table.name, f"{rows[0]:,}" if rows else "")
        console.print(f"\nThe ten tables in {DATABASE}:\n")
        console.print(counts)
        answer = connection.execute(QUERY)
        found = TextTable(*(column[0] for column in answer.description or ()), box=None)
        for row in answer.fetchall():
            found.add_row(*map(str, row))
        console.print(f"\n{QUESTION}\n")
        console.print(f"{QUERY}\n", highlight=False)
        console.print(found)
