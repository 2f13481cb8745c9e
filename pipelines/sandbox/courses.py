"""The racecourses, which are real ones, and the regions they lie in."""

from typing import NamedTuple

from pipelines.sandbox.words import listed

REGIONS = {
    "gb": "Great Britain",
    "ire": "Ireland",
    "fr": "France",
    "aus": "Australia",
    "hk": "Hong Kong",
    "ger": "Germany",
    "usa": "United States of America",
    "uae": "United Arab Emirates",
    "jpn": "Japan",
    "saf": "South Africa",
    "ity": "Italy",
    "nz": "New Zealand",
    "swe": "Sweden",
    "bhr": "Bahrain",
    "jer": "Jersey",
    "can": "Canada",
    "arg": "Argentina",
    "spa": "Spain",
}


class Course(NamedTuple):
    """A racecourse: F (flat, turf), A (all weather), J (jumps); no kind where racing ceased."""

    id: str
    name: str
    region: str
    kinds: str


GB = listed("""
    Aintree: J|Ascot: FJ|Ayr: FJ|Bangor-on-Dee: J|Bath: F|Beverley: F|Brighton: F|Carlisle: FJ|
    Cartmel: J|Catterick: FJ|Chelmsford (AW): A|Cheltenham: J|Chepstow: FJ|Chester: F|
    Doncaster: FJ|Epsom: F|Exeter: J|Fakenham: J|Ffos Las: FJ|Fontwell: J|Goodwood: F|Hamilton: F|
    Haydock: FJ|Hereford: J|Hexham: J|Huntingdon: J|Kelso: J|Kempton: J|Kempton (AW): A|
    Leicester: FJ|Lingfield: FJ|Lingfield (AW): A|Ludlow: J|Market Rasen: J|Musselburgh: FJ|
    Newbury: FJ|Newcastle: J|Newcastle (AW): A|Newmarket: F|Newmarket (July): F|Newton Abbot: J|
    Nottingham: F|Perth: J|Plumpton: J|Pontefract: F|Redcar: F|Ripon: F|Salisbury: F|Sandown: FJ|
    Sedgefield: J|Southwell: J|Southwell (AW): A|Stratford: J|Taunton: J|Thirsk: F|Uttoxeter: J|
    Warwick: J|Wetherby: FJ|Wincanton: J|Windsor: FJ|Wolverhampton (AW): A|Worcester: J|
    Yarmouth: F|York: F|Folkestone:|Towcester:|Great Leighs (AW):|Wolverhampton:|Teesside Park:
""")
IRE = listed("""
    Ballinrobe: FJ|Bellewstown: FJ|Clonmel: J|Cork: FJ|Curragh: F|Down Royal: FJ|Downpatrick: J|
    Dundalk (AW): A|Fairyhouse: FJ|Galway: FJ|Gowran Park: FJ|Kilbeggan: J|Killarney: FJ|
    Laytown: F|Leopardstown: FJ|Limerick: FJ|Listowel: FJ|Naas: FJ|Navan: FJ|Punchestown: J|
    Roscommon: FJ|Sligo: FJ|Thurles: J|Tipperary: FJ|Tramore: J|Wexford: J|Wexford (RH):|Tralee:|
    Mallow:|Phoenix Park:|Dundalk:|Mullingar:
""")
ABROAD = {
    "fr": "Longchamp|Chantilly|Deauville|Saint-Cloud|Auteuil",
    "aus": "Flemington|Randwick|Caulfield|Moonee Valley",
    "hk": "Sha Tin|Happy Valley",
    "ger": "Baden-Baden|Cologne",
    "usa": "Saratoga|Belmont|Santa Anita",
    "uae": "Meydan|Jebel Ali",
    "jpn": "Tokyo|Nakayama",
    "saf": "Kenilworth|Greyville",
    "ity": "Capannelle|San Siro",
    "nz": "Ellerslie",
    "swe": "Bro Park",
    "bhr": "Sakhir",
    "jer": "Les Landes",
}


def _named() -> list[tuple[str, str, str]]:
    """List every course as region, name and kinds."""
    home = [
        (region, *line.partition(":")[::2])
        for region, text in (("gb", GB), ("ire", IRE))
        for line in text
    ]
    away = [(region, name, "F") for region, names in ABROAD.items() for name in names.split("|")]
    return [(region, name, kinds.strip()) for region, name, kinds in home + away]


COURSES = tuple(
    Course(f"crs_{40 + 26 * place}", name, region, kinds)
    for place, (region, name, kinds) in enumerate(_named())
)


def courses_of(regions: list[str]) -> list[dict[str, str]]:
    """List the courses of these regions (of all, when none is named) as the API does."""
    wanted = [course for course in COURSES if not regions or course.region in regions]
    return [
        {
            "id": course.id,
            "course": course.name,
            "region_code": course.region,
            "region": REGIONS[course.region],
        }
        for course in wanted
    ]
