"""The pages: a static site of a day's racing that loads nothing from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from pipelines.ask import words
from pipelines.ask.day import Race
from pipelines.ask.pages.charts import HEIGHT, WIDTH, bars_of, line_of, whiskers_of
from pipelines.ask.pages.content import MOST_RUNS, RECENT_DAYS, Content
from pipelines.errors import UsageError
from pipelines.text import count_of

TEMPLATES: Final = Path(__file__).parent / "templates"
WRITTEN: Final = ".pages.json"
"""Names of the pages that the last call has written: those of gone days are removed."""
FEWEST_RUNS: Final = 30
"""Runs at a distance for which the page of a course shows the draw."""
RATINGS: Final = {"official_rating": "Official rating", "rpr": "Racing Post Rating"}
"""Ratings that the page of a horse shows as lines."""
THIRDS: Final = ("low", "middle", "high")
IMPACT: Final = ("impact_value", "impact_value_low", "impact_value_high")
_SAFE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OURS: Final = re.compile(r"((races|horses|trainers|jockeys|courses)/)?[A-Za-z0-9_-]{1,64}\.html")


def file_name(id: str) -> str:
    """Return the name of the page of an id: the id itself, or a digest where it is an odd one."""
    if _SAFE.fullmatch(id):
        return f"{id}.html"
    return f"x{hashlib.sha256(id.encode()).hexdigest()[:24]}.html"


@dataclass(frozen=True)
class Page:
    """One file of the site."""

    name: str
    text: str


class Site:
    """The pages of a day; whatever came from the API or a user is escaped."""

    def __init__(self, content: Content, coverage: str) -> None:
        self._content, self._coverage = content, coverage
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "stones": words.weight_in_stones,
            "miles": words.distance_in_miles,
            "price": words.price,
            "change": words.change,
            "position": words.position,
        }
        self._environment.globals |= {
            "made_at": datetime.now(UTC),
            "content": content,
            "record": words.record,
            "count_of": count_of,
            "width": WIDTH,
            "height": HEIGHT,
            "link": self._link,
            "file_name": file_name,
        }

    def pages(self) -> Iterator[Page]:
        """Yield every page."""
        content = self._content
        yield self._page("index.html", "card", day=content.card, favourites=self._favourites)
        yield self._page("results.html", "results", day=content.results)
        yield self._page("runners.html", "runners", horses=self._runners, people=content.people)
        yield Page("coverage.html", self._coverage)
        for race in content.card.races:
            yield self._race(race)
        for horse in content.horses.values():
            oldest_first = horse.runs[:MOST_RUNS][::-1]
            lines = {
                title: line_of([(str(run["race_date"]), run[column]) for run in oldest_first])
                for column, title in RATINGS.items()
            }
            yield self._page(
                f"horses/{file_name(horse.id)}",
                "horse",
                horse=horse,
                runs=horse.runs[:MOST_RUNS],
                ratings={title: line for title, line in lines.items() if line},
            )
        for kind, people in content.people.items():
            for person in people.values():
                weeks = [(f"{w['begins']:%d %b}", w["runs"], w["wins"]) for w in person.weeks]
                yield self._page(
                    f"{kind}s/{file_name(person.id)}",
                    "person",
                    kind=kind,
                    person=person,
                    bars=bars_of(weeks),
                    recent_days=RECENT_DAYS,
                )
        for course in content.courses.values():
            draws = [draw for draw in self._draws(course.id) if draw["runs"] >= FEWEST_RUNS]
            name = f"courses/{file_name(course.id)}"
            yield self._page(name, "course", course=course, draws=draws, fewest_runs=FEWEST_RUNS)

    def _page(self, name: str, template: str, **named: Any) -> Page:
        root = "../" * name.count("/")
        text = self._environment.get_template(f"{template}.html.jinja").render(
            root=root, page=name, **named
        )
        return Page(name, text)

    def _race(self, race: Race) -> Page:
        meeting = next(one for one in self._content.card.meetings if race in one.races)
        name = f"races/{file_name(race['race_id'])}"
        key = (race["surface"], race["distance_f"], race["is_handicap"])
        draws = [one for one in self._draws(meeting.course_id) if one["key"] == key]
        is_flat = race["race_type"] == "Flat"
        lines = (
            (
                row["horse_name"],
                line_of(self._content.prices.get((row["race_id"], row["horse_id"]), ())),
            )
            for row in race.runners
            if not row["is_non_runner"]
        )
        return self._page(
            name,
            "race",
            race=race,
            meeting=meeting,
            draw=draws[0] if draws and is_flat else None,
            prices=[(horse, line) for horse, line in lines if line],
        )

    def _draws(self, course_id: str) -> Iterator[dict[str, Any]]:
        """Yield a chart of the draw for each surface and distance, handicaps on their own."""
        course = self._content.courses.get(course_id)
        kinds: dict[tuple[Any, ...], dict[str, Mapping[str, Any]]] = {}
        for row in course.draw if course else []:
            key = (row["surface"], row["distance_f"], row["is_handicap"])
            kinds.setdefault(key, {})[row["draw_third"]] = row
        for key, thirds in kinds.items():
            shown = [thirds[third] for third in THIRDS if third in thirds]
            values = [(row["draw_third"], *(row[name] for name in IMPACT)) for row in shown]
            runs = sum(row["runs"] for row in shown)
            yield {"key": key, "rows": shown, "chart": whiskers_of(values), "runs": runs}

    @cached_property
    def _favourites(self) -> dict[str, Mapping[str, Any]]:
        """The runner with the lowest best price of each race."""
        found: dict[str, Mapping[str, Any]] = {}
        for race in self._content.card.races:
            priced = [row for row in race.runners if row["best_price"] and not row["is_non_runner"]]
            if priced:
                found[race["race_id"]] = min(priced, key=lambda row: row["best_price"])
        return found

    @property
    def _runners(self) -> list[Mapping[str, Any]]:
        rows = (row for race in self._content.card.races for row in race.runners)
        return sorted(rows, key=lambda row: str(row["horse_name"]).casefold())

    def _link(self, kind: str, id: str | None) -> str:
        """Return the page of somebody or something; empty if it has none."""
        content = self._content
        there: dict[str, Mapping[str, Any]] = {
            "horse": content.horses,
            "course": content.courses,
            **content.people,
        }
        return f"{kind}s/{file_name(id)}" if id and id in there[kind] else ""


def write_site(site: Site, folder: Path, told: Callable[[int], None] = lambda _: None) -> int:
    """Write the pages into a folder and remove those of an earlier day; returns how many.

    Raises UsageError if the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before, written = _written(folder), []
        for page in site.pages():
            path = folder / page.name
            path.parent.mkdir(exist_ok=True)
            path.write_text(page.text, encoding="utf-8")
            written.append(page.name)
            told(len(written))
        for name in before - set(written):
            (folder / name).unlink(missing_ok=True)
        (folder / WRITTEN).write_text(json.dumps(sorted(written)), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--to {folder} cannot be written to: {error.strerror}.") from None
    return len(written)


def _written(folder: Path) -> set[str]:
    """Return the pages that an earlier call has written, as far as their names are ours."""
    try:
        names = json.loads((folder / WRITTEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {name for name in names if isinstance(name, str) and _OURS.fullmatch(name)}
