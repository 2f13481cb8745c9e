"""Courses."""

from pipelines.parsing.names import course_degrees, course_fact, course_name, course_surface
from pipelines.parsing.values import upper
from pipelines.tables.model import TEXT, Column, Kind, Table, decimal, updated_at

COURSES = Table(
    name="ra_mst_courses",
    kind=Kind.PERSON_OR_HORSE,
    grain="one row per course id (turf and all-weather tracks at one venue are separate ids)",
    key=("id",),
    rows_from={"courses": ""},
    how_often="every run",
    columns=(
        Column("id", TEXT, "Vendor course identifier", field="id"),
        Column(
            "name",
            TEXT,
            "Course name as the courses endpoint and racecards print it",
            course_name,
            field=("course", "region_code"),
            required=True,
        ),
        Column(
            "code",
            TEXT,
            "Three-letter short code",
            course_fact("code"),
            field=("course", "region_code"),
        ),
        Column(
            "region",
            TEXT,
            "Region in the form used by races: GB or IRE",
            upper,
            field="region_code",
            required=True,
        ),
        Column(
            "region_code",
            TEXT,
            "Region code in the form the query parameters take",
            field="region_code",
            required=True,
        ),
        Column(
            "country", TEXT, "Region name as the vendor spells it", field="region", required=True
        ),
        Column(
            "type",
            TEXT,
            "Kind of racing staged",
            course_fact("type"),
            field=("course", "region_code"),
        ),
        Column("surface", TEXT, "Track surface", course_surface, field="course"),
        Column(
            "latitude",
            decimal(9, 6),
            "Latitude in decimal degrees (WGS84)",
            course_degrees("latitude"),
            field=("course", "region_code"),
        ),
        Column(
            "longitude",
            decimal(9, 6),
            "Longitude in decimal degrees (WGS84)",
            course_degrees("longitude"),
            field=("course", "region_code"),
        ),
        updated_at(),
    ),
)
