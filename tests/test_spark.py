"""Spark reads a lake's files, and three weeks of its views are those of DuckDB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.tables import TABLES
from tests.faults.forked import PROJECT
from tests.lake import DUCKDB, GLOBAL_CONFIG, INSTALLED, SPARK, install
from tests.world import World

pytestmark = pytest.mark.slow

VIEWS: Final = {
    "runs": ("race_id", "horse_id"),
    "runner_history": ("race_id", "horse_id"),
    "trainer_stats": ("trainer_id",),
}
FILL: Final = """
import sys
import duckdb
from pipelines.database.destination import credentials_of, open_destination
from pipelines.database.ducklake import DuckLake, SqlClient

credentials = credentials_of(open_destination("ducklake"))
capabilities = DuckLake(credentials).capabilities()
lake = SqlClient("racing", "racing", credentials, capabilities).open_connection()
lake.execute("CREATE SCHEMA racing; USE lake.racing")
for name in sys.argv[2:]:
    rows = f"SELECT * FROM read_parquet('{sys.argv[1]}/{name}.parquet')"
    lake.execute(f"CREATE TABLE {name} AS {rows}")
# Rows that are deleted stay in their files, which others say not to read; the same rows again.
lake.execute("CREATE TEMP TABLE kept AS SELECT * FROM ra_race_results WHERE position <= 3")
lake.execute("DELETE FROM ra_race_results WHERE position <= 3")
lake.execute("INSERT INTO ra_race_results SELECT * FROM kept")
lake.execute("CALL ducklake_flush_inlined_data('lake')")
"""
ASK: Final = """
import sys
import pyarrow.parquet as pq
from pyspark.sql import SparkSession
from pipelines.ask.spark import open_lake

builder = SparkSession.builder.master("local[1]")
for name, value in {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
}.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
open_lake(spark, sys.argv[2:])
for name in sys.argv[2:]:
    pq.write_table(spark.table(name).toArrow(), f"{sys.argv[1]}/{name}.parquet")
spark.stop()
"""


def test_views_of_a_lake_have_the_same_rows_in_spark_as_in_duckdb(
    world: World, tmp_path: Path
) -> None:
    install(INSTALLED / "installed")
    install(SPARK)
    for name in (*TABLES, *VIEWS):
        pq.write_table(_in_duckdb(world, name), tmp_path / f"{name}.parquet")
    _run(FILL, tmp_path, *TABLES)
    (tmp_path / "spark").mkdir()
    _run(ASK, tmp_path, *VIEWS, to="spark")
    for name, key in VIEWS.items():
        order = [(column, "ascending") for column in key]
        found = pq.read_table(tmp_path / "spark" / f"{name}.parquet").sort_by(order)
        expected = pq.read_table(tmp_path / f"{name}.parquet").sort_by(order)
        assert found.num_rows > 500
        assert found.to_pylist() == expected.to_pylist()


def _in_duckdb(world: World, name: str) -> pa.Table:
    import duckdb

    with duckdb.connect(world.duckdb.credentials, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET search_path = 'racing'")
        return connection.sql(f"SELECT * FROM {name}").to_arrow_table()


def _run(program: str, folder: Path, *names: str, to: str = "") -> None:
    """Run a program that has this DuckDB and Spark, on a lake in a folder."""
    prefix = "DESTINATION__DUCKLAKE__CREDENTIALS__"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, (DUCKDB, SPARK, PROJECT))),
        "HOME": str(folder),
        "DLT_DATA_DIR": str(folder / "dlt"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        f"{prefix}GLOBAL_CONFIG": GLOBAL_CONFIG,
        f"{prefix}DUCKLAKE_NAME": "lake",
    }
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder / to), *names],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
