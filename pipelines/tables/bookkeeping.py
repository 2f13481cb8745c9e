"""What this pipeline did: coverage, issues, runs and rebuilds."""

from pipelines.tables.model import BIGINT, BOOL, DATE, TEXT, TIMESTAMP, Column, Kind, Table

_LOADER = "written by the loader"

COVERAGE = Table(
    name="ra_coverage",
    kind=Kind.BOOKKEEPING,
    grain="one row per dated endpoint and day: what the API has, what is loaded, what is missing",
    key=("endpoint", "date"),
    rows_from={},
    columns=(
        Column("endpoint", TEXT, "racecards or results", set_by=_LOADER),
        Column("date", DATE, "The UK day requested", set_by=_LOADER),
        Column(
            "status",
            TEXT,
            "complete; open (the day was not over yet); partial; failed; beyond_plan (older than "
            "the plan reaches); not_in_plan (of an endpoint that the plan does not include)",
            required=True,
            set_by=_LOADER,
        ),
        Column("total", BIGINT, "Races the API says it has", set_by=_LOADER),
        Column("received", BIGINT, "Races the API sent", set_by=_LOADER),
        Column("loaded", BIGINT, "Races of the configured regions loaded", set_by=_LOADER),
        Column("reason", TEXT, "Why the day is not complete", set_by=_LOADER),
        Column(
            "loaded_at",
            TIMESTAMP,
            "When the day was requested (UTC)",
            required=True,
            set_by=_LOADER,
        ),
    ),
)

ISSUES = Table(
    name="ra_issues",
    kind=Kind.BOOKKEEPING,
    grain="one row per value or row that could not be stored where it belongs",
    key=("endpoint", "table_name", "row_key", "field"),
    rows_from={},
    columns=(
        Column("endpoint", TEXT, "Endpoint that sent the value", set_by=_LOADER),
        Column("table_name", TEXT, "Table it belongs to", set_by=_LOADER),
        Column(
            "row_key",
            TEXT,
            "Key of the row, its parts joined by a slash; a digest of the row if it has no key",
            set_by=_LOADER,
        ),
        Column("field", TEXT, "Field of the response; empty for a whole row", set_by=_LOADER),
        Column("problem", TEXT, "What is wrong with it", required=True, set_by=_LOADER),
        Column("raw_value", TEXT, "The value, or the whole row, as sent (JSON)", set_by=_LOADER),
        Column("date", DATE, "Day whose response held it", set_by=_LOADER),
    ),
)

LOADED_RESPONSES = Table(
    name="ra_loaded_responses",
    kind=Kind.BOOKKEEPING,
    grain="one row per request whose response is loaded without an issue: what it was",
    key=("endpoint", "about"),
    rows_from={},
    columns=(
        Column("endpoint", TEXT, "courses, racecards or results", set_by=_LOADER),
        Column("about", TEXT, "The UK day requested, or the regions", set_by=_LOADER),
        Column(
            "digest",
            TEXT,
            "SHA-256 of the response, and of the code that reads it: a daily run loads no response "
            "again whose digest this is",
            required=True,
            set_by=_LOADER,
        ),
    ),
)

RUNS = Table(
    name="ra_runs",
    kind=Kind.BOOKKEEPING,
    grain="one row per run that opened this database: when, how it ended, and its report",
    key=("run_id",),
    rows_from={},
    columns=(
        Column("run_id", TEXT, "Name of its report, without .json", set_by=_LOADER),
        Column("mode", TEXT, "backfill, daily, manual or rebuild", required=True, set_by=_LOADER),
        Column("is_test", BOOL, "Whether it read a sample only", required=True, set_by=_LOADER),
        Column("started_at", TIMESTAMP, "When it began (UTC)", required=True, set_by=_LOADER),
        Column("finished_at", TIMESTAMP, "When it ended (UTC)", required=True, set_by=_LOADER),
        Column(
            "exit_code",
            BIGINT,
            "0 complete, 1 incomplete, 130 or 143 stopped",
            required=True,
            set_by=_LOADER,
        ),
        Column("calls", BIGINT, "Calls made to the API", required=True, set_by=_LOADER),
        Column("missing", TEXT, "What is missing, a line for each reason", set_by=_LOADER),
        Column("report", TEXT, "The report as written to the folder (JSON)", set_by=_LOADER),
    ),
)

REBUILDS = Table(
    name="ra_rebuilds",
    kind=Kind.BOOKKEEPING,
    grain="one row per `pipeline rebuild` that has deleted rows and not made all of them again yet",
    key=("scope",),
    rows_from={},
    columns=(
        Column("scope", TEXT, "What it makes again, in words", set_by=_LOADER),
        Column("table_names", TEXT, "Its tables; empty for all of them", set_by=_LOADER),
        Column("first_day", DATE, "Its first day; empty for all of them", set_by=_LOADER),
        Column("begun_at", TIMESTAMP, "When it began (UTC)", required=True, set_by=_LOADER),
        Column(
            "attempts", BIGINT, "Runs that have begun to finish it", required=True, set_by=_LOADER
        ),
        Column(
            "profiles", BIGINT, "Horses that had a profile before it", required=True, set_by=_LOADER
        ),
    ),
)

ACCESS = Table(
    name="ra_access",
    kind=Kind.BOOKKEEPING,
    grain="one row per endpoint: whether your plan at the vendor includes it",
    key=("path",),
    rows_from={},
    columns=(
        Column("path", TEXT, "Path of the endpoint, or results add-on", set_by=_LOADER),
        Column("is_included", BOOL, "Whether the key includes it", required=True, set_by=_LOADER),
        Column("plan", TEXT, "The lowest plan that includes it", required=True, set_by=_LOADER),
        Column("said", TEXT, "What the API says where it refuses it", set_by=_LOADER),
        Column("checked_at", TIMESTAMP, "When that was found out", required=True, set_by=_LOADER),
        Column(
            "included_since",
            TIMESTAMP,
            "When it was first found to be included after it was not",
            set_by=_LOADER,
        ),
    ),
)

WANTED = Table(
    name="ra_wanted",
    kind=Kind.BOOKKEEPING,
    grain="one row per dated endpoint: since which day it is kept complete",
    key=("endpoint",),
    rows_from={},
    columns=(
        Column("endpoint", TEXT, "racecards or results", set_by=_LOADER),
        Column(
            "first_day",
            DATE,
            "The first day that daily runs keep complete, as a backfill, a daily run or --keep has "
            "declared; empty where days were only loaded once",
            set_by=_LOADER,
        ),
        Column("declared_at", TIMESTAMP, "When that was declared", required=True, set_by=_LOADER),
    ),
)
