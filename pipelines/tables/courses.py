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
        Column("id", TEXT, "Vendor course identifier", courses="id", required=True),
        Column(
            "name",
            TEXT,
            "Course name as the courses endpoint and racecards print it",
            course_name,
            courses=("course", "region_code"),
            required=True,
        ),
        Column(
            "code",
            TEXT,
            "Three-letter short code",
            course_fact("code"),
            courses=("course", "region_code"),
        ),
        Column(
            "region",
            TEXT,
            "Region in the form used by races: GB or IRE",
            upper,
            courses="region_code",
            required=True,
        ),
        Column(
            "region_code",
            TEXT,
            "Region code in the form the query parameters take",
            courses="region_code",
            required=True,
        ),
        Column(
            "country", TEXT, "Region name as the vendor spells it", courses="region", required=True
        ),
        Column(
            "type",
            TEXT,
            "Kind of racing staged",
            course_fact("type"),
            courses=("course", "region_code"),
        ),
        Column("surface", TEXT, "Track surface", course_surface, courses="course"),
        Column(
            "latitude",
            decimal(9, 6),
            "Latitude in decimal degrees (WGS84)",
            course_degrees("latitude"),
            courses=("course", "region_code"),
        ),
        Column(
            "longitude",
            decimal(9, 6),
            "Longitude in decimal degrees (WGS84)",
            course_degrees("longitude"),
            courses=("course", "region_code"),
        ),
        updated_at(),
    ),
)
