"""The tables of a lake in Spark, and the views in Spark's own SQL, translated from sql/views/.

    from pyspark.sql import SparkSession
    from pipelines.ask.spark import open_lake

    spark = SparkSession.builder.getOrCreate()
    open_lake(spark)
    spark.sql("SELECT * FROM trainer_stats ORDER BY wins DESC").show()

Spark reads the lake's Parquet files itself, as they are now. It needs the extra `spark`, and Java.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pipelines.database.definitions import view_definitions
from pipelines.database.destination import credentials_of, open_destination
from pipelines.database.dialects import translated
from pipelines.database.ducklake import opened_to_read
from pipelines.database.kinds import DUCKLAKE, kind_of
from pipelines.errors import UsageError
from pipelines.settings import PIPELINE
from pipelines.tables import TABLES

FILES: Final = "SELECT data_file, delete_file FROM ducklake_list_files(?, ?, schema => ?)"
"""The files of a table, each with the file that lists the rows deleted from it."""


def open_lake(spark: Any, views: Sequence[str] = (), destination: str = DUCKLAKE.name) -> None:
    """Give a Spark session every table of a lake, and some views, by their names.

    What a view reads is defined with it. The session's time zone becomes UTC. Raises UsageError if
    the destination is no lake, DestinationError if it cannot be read.
    """
    opened = open_destination(destination)
    if kind_of(opened) is not DUCKLAKE:
        raise UsageError(f"Spark reads a lake's files, and {destination} is not one.")
    credentials = credentials_of(opened)
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    with opened_to_read(credentials, PIPELINE) as lake:
        for name in TABLES:
            files = lake.execute(FILES, [credentials.ducklake_name, name, PIPELINE]).fetchall()
            columns = lake.execute(f"DESCRIBE {name}").fetchall()
            _define_table(spark, name, files, {column: kind for column, kind, *_ in columns})
    for view in view_definitions():
        if view.name in _needed(views):
            spark.sql(
                translated(view.statements[0], "spark").replace(
                    "CREATE VIEW", "CREATE OR REPLACE TEMPORARY VIEW", 1
                )
            )


def _define_table(
    spark: Any, name: str, files: Iterable[tuple[str, str | None]], columns: dict[str, str]
) -> None:
    from pyspark.sql import functions as f

    files = [*files]
    schema = ", ".join(f"`{column}` {_spark_type(kind)}" for column, kind in columns.items())
    if not files:
        spark.createDataFrame([], schema).createOrReplaceTempView(name)
        return
    rows = spark.read.schema(schema).parquet(*(data for data, _ in files))
    deletes = [deleted for _, deleted in files if deleted]
    if deletes:
        # A row is deleted by its place in its file, whose name no other file has.
        gone = spark.read.parquet(*deletes).select(
            f.element_at(f.split("file_path", "/"), -1).alias("_file"), f.col("pos").alias("_row")
        )
        rows = (
            rows.withColumns(
                {"_file": f.col("_metadata.file_name"), "_row": f.col("_metadata.row_index")}
            )
            .join(gone, ["_file", "_row"], "left_anti")
            .drop("_file", "_row")
        )
    rows.createOrReplaceTempView(name)


def _spark_type(kind: str) -> str:
    return {
        "VARCHAR": "STRING",
        "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
        "HUGEINT": "DECIMAL(38)",
    }.get(kind, kind)


def _needed(views: Sequence[str]) -> set[str]:
    """Return these views and those that they read."""
    reads = {view.name: view.reads for view in view_definitions()}
    needed: set[str] = set()
    todo = [*(views or reads)]
    while todo:
        name = todo.pop()
        if name in reads and name not in needed:
            needed.add(name)
            todo += reads[name]
    return needed
