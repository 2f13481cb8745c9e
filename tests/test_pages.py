"""`pipeline pages`: every link leads somewhere, nothing is injected, browsers report no error."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pipelines.ask import connect
from pipelines.ask.pages import file_name
from pipelines.ask.pages.charts import bars_of, line_of, whiskers_of
from pipelines.ask.pages.content import Content, content_of
from pipelines.cli.app import _main
from tests.test_coverage_command import IN_A_BROWSER, SWITCHES
from tests.world import TODAY, World

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
ATTACK = "<script>document.title='taken'</script>"
QUOTE = "\" onmouseover=\"document.title='taken'\" x='"
EVIL_ID = "../../../evil"
FAULTY = "faulty.html"
"""A page that axe has to complain of, so that its silence means something."""

PRICES = (("bet365", 10, 5), ("betfred", 20, 6), ("bet365", 30, 5.5), ("betfred", 40, 4))
"""Prices of one horse today: who offered what at which minute past eight, UK time."""

INSPECTION = """
<pre id="told"></pre>
<script>
const pages = {pages}, axe = {axe}, found = {{}};
const wait = frame => new Promise(done => frame.onload = done);
onload = async () => {{
  for (const page of pages) {{
    const frame = document.createElement("iframe");
    frame.width = {width}; frame.height = 900;
    const loaded = wait(frame);
    frame.src = page;
    document.body.append(frame);
    await loaded;
    const shown = frame.contentDocument, script = shown.createElement("script");
    script.textContent = axe;
    shown.head.append(script);
    const result = await frame.contentWindow.axe.run(shown, {{ resultTypes: ["violations"] }});
    found[page] = {{
      title: shown.title, width: shown.documentElement.scrollWidth,
      dark: getComputedStyle(shown.body).backgroundColor,
      violations: result.violations.map(
        one => one.id + " " + one.nodes.slice(0, 2).map(node => node.html).join(" ")),
    }};
    frame.remove();
  }}
  document.getElementById("told").textContent = JSON.stringify(found);
}};
</script>
"""


class Links(HTMLParser):
    """Every link of a page, every id, and what it would load or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.odd: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href":
                self.links.append(value or "")
            elif name == "id":
                self.ids.append(value or "")
            elif name in ("src", "style") or name.startswith("on"):
                self.odd.append(f"{tag} {name}={value}")
        if tag in ("script", "img", "iframe", "link", "object", "form"):
            self.odd.append(tag)


@pytest.fixture(scope="module")
def hostile(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give a copy of the small world names and ids that want to be more than text."""
    copy = world.copy(tmp_path_factory.mktemp("pages"), f"pages_{uuid4().hex}")
    card = connect(world.duckdb.credentials).card().to_pylist()
    first, last = card[0], last_runner(card)
    out = next(row for row in card if row["is_non_runner"])
    for tables in copy.both.values():
        for name in ("ra_runners", "ra_race_results", "ra_card_runners"):
            where = f"WHERE horse_id = '{first['horse_id']}'"
            tables.run(f"UPDATE {name} SET horse_name = '{_sql(ATTACK)}' {where}")
            tables.run(
                f"UPDATE {name} SET trainer_name = '{_sql(QUOTE)}' "
                f"WHERE trainer_id = '{first['trainer_id']}'",
                f"UPDATE {name} SET jockey_id = '{EVIL_ID}' "
                f"WHERE jockey_id = '{first['jockey_id']}'",
            )
        tables.run(
            f"UPDATE ra_races SET race_name = '{_sql(ATTACK)}' WHERE id = '{last['race_id']}'",
            f"UPDATE ra_races SET race_type = 'Flat' WHERE id = '{last['race_id']}'",
            *_run_where(last),
            f"UPDATE ra_mst_bookmakers SET name = '{_sql(ATTACK)}'",
            *(
                "INSERT INTO ra_price_changes (race_id, horse_id, bookmaker_id, race_date, "
                f"valid_from, decimal_odds, seen_at, origin, _dlt_load_id) VALUES "
                f"('{runner['race_id']}', '{runner['horse_id']}', '{bookmaker}', '{TODAY}', "
                f"'{TODAY} 07:{minute}:00+00', {price}, '{TODAY} 08:00:00+00', 'history', '')"
                for runner in (last, out)
                for bookmaker, minute, price in PRICES
            ),
            f"UPDATE ra_mst_horses SET breeder = '{_sql(ATTACK)}', colour = '{_sql(QUOTE)}'",
        )
    yield copy
    copy.postgres.drop()


def last_runner(card: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the last of the card that runs."""
    return next(row for row in reversed(card) if not row["is_non_runner"])


def _run_where(last: dict[str, Any]) -> Iterator[str]:
    """Move some earlier flat races to the course and distance of today's last race."""
    races = "(SELECT id FROM ra_races WHERE race_type = 'Flat' AND date < '2025-09-16')"
    yield (f"UPDATE ra_result_races SET distance_f = {last['distance_f']} WHERE id IN {races}")
    yield (
        f"UPDATE ra_races SET course_id = '{last['course_id']}', surface = '{last['surface']}', "
        f"distance_f = {last['distance_f']}, race_name = 'A Race' WHERE id IN {races}"
    )


def _sql(text: str) -> str:
    return text.replace("'", "''")


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def site(
    hostile: World, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Write the site as the command does; return its folder."""
    folder = tmp_path_factory.mktemp("site") / "inner" / "site"
    folder.parent.mkdir()
    name = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"DESTINATION__{name.upper()}__CREDENTIALS", hostile.both[name].credentials)
        assert _main(["pages", "--to", str(folder), "--destination", name]) == 0
    return folder


@pytest.mark.slow
def test_every_link_leads_somewhere_and_nothing_is_loaded_or_injected(site: Path) -> None:
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    assert len(pages) > 300
    for path, page in pages.items():
        if path.name != "coverage.html":
            assert page.odd == [], path
        for link in page.links:
            target, _, fragment = link.partition("#")
            there = (path.parent / target).resolve() if target else path
            assert there in pages, (path, link)
            assert not fragment or fragment in pages[there].ids, (path, link)
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    everything = "".join(path.read_text(encoding="utf-8") for path in pages)
    assert ATTACK not in everything
    assert ATTACK.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;") in everything
    assert re.findall(r"(?:https?:)?//[a-z]", everything) == []
    assert sorted(path.name for path in site.parent.iterdir()) == ["site"]
    assert (site / "jockeys" / file_name(EVIL_ID)).exists()


@pytest.mark.slow
def test_pages_say_what_the_tables_say(site: Path, hostile: World) -> None:
    racing = connect(hostile.duckdb.credentials)
    content = content_of(racing)
    assert content.card.date == TODAY
    card, results = racing.card().to_pylist(), content.results
    assert results
    assert results.date < TODAY
    ran = racing.results(results.date).to_pylist()
    assert {path.stem for path in (site / "races").iterdir()} == {row["race_id"] for row in card}
    assert {path.stem for path in (site / "horses").iterdir()} == {
        row["horse_id"] for row in card + ran
    }
    horse = max(content.horses.values(), key=lambda horse: (len(horse.runs), horse.id))
    history = racing.history(horse.id, before=TODAY).to_pylist()
    assert [run["race_id"] for run in horse.runs] == [run["race_id"] for run in history]
    text = (site / "horses" / f"{horse.id}.html").read_text(encoding="utf-8")
    assert f"<dt>Runs</dt><dd>{len(history)}</dd>" in text
    assert text.count("<tr") >= len(history)
    trainer = next(one for one in content.people["trainer"].values() if one.figures)
    total = sum(row["runs"] for row in trainer.figures if row["period"].startswith("all"))
    query = f"SELECT count(*) AS runs FROM runs WHERE trainer_id = '{trainer.id}' "
    assert racing.sql(f"{query} AND race_date < '{TODAY}'").to_pylist() == [{"runs": total}]
    weeks = racing.sql(f"{query} AND race_date BETWEEN '2025-07-09' AND '2025-09-30'")
    assert weeks.to_pylist() == [{"runs": sum(week["runs"] for week in trainer.weeks)}]


@pytest.mark.slow
def test_draw_is_shown_with_what_chance_can_do(site: Path, hostile: World) -> None:
    racing = connect(hostile.duckdb.credentials)
    shown = 0
    for race in {row["race_id"]: row for row in racing.card().to_pylist()}.values():
        rows = racing.sql(
            "SELECT draw_third, runs, wins, chance_wins, impact_value, impact_value_low, "
            "impact_value_high FROM draw_bias "
            f"WHERE course_id = '{race['course_id']}' AND surface = '{race['surface']}' "
            f"AND distance_f = {race['distance_f']} AND is_handicap = {race['is_handicap']}"
        ).to_pylist()
        text = (site / "races" / f"{race['race_id']}.html").read_text(encoding="utf-8")
        is_shown = bool(rows) and race["race_type"] == "Flat"
        assert text.count('<line class="whisker"') == (len(rows) if is_shown else 0)
        for row in rows if is_shown else ():
            cells = [row[name] for name in ("runs", "wins", "chance_wins", "impact_value")]
            cells.append(f"{row['impact_value_low']} to {row['impact_value_high']}")
            told = "".join(f'<td class="n">{cell}</td>' for cell in cells)
            assert f'<th scope="row">{row["draw_third"]}</th>{told}' in text
            shown += 1
    assert shown


@pytest.mark.slow
def test_best_price_is_drawn_as_it_moved(site: Path, hostile: World) -> None:
    last = last_runner(connect(hostile.duckdb.credentials).card().to_pylist())
    text = (site / "races" / f"{last['race_id']}.html").read_text(encoding="utf-8")
    rows = re.findall(r"<tr><td>(\d\d:\d\d)</td><td class=\"n\">([\d.]+)</td></tr>", text)
    assert rows == [("08:10", "5"), ("08:20", "6"), ("08:40", "5.5")]
    drawn = [page for page in (site / "races").iterdir() if "Prices until" in page.read_text()]
    assert [page.stem for page in drawn] == [last["race_id"]], "a non-runner has no price now"


@IN_A_BROWSER
@pytest.mark.slow
@pytest.mark.parametrize("site", ["duckdb"], indirect=True)
@pytest.mark.parametrize(("width", "scheme"), [(360, 1), (1280, 0)], ids=["phone", "dark desktop"])
def test_browser_finds_nothing_wrong_with_the_pages(
    width: int, scheme: int, site: Path, tmp_path: Path
) -> None:
    shown = _shown(site, width, scheme, tmp_path)
    for page, told in shown.items():
        assert told["violations"] == [], page
        assert told["width"] <= width, page
        assert told["title"] not in ("", "taken"), page
        assert (told["dark"] == "rgb(16, 21, 19)") == (scheme == 0), page


def _shown(site: Path, width: int, scheme: int, folder: Path) -> dict[str, Any]:
    """Show a page of each kind in Chromium and return what axe says of it.

    axe is a script, which the pages forbid: it is shown copies without that line.
    """
    copy = folder / "copy"
    names = ["index.html", "results.html", "runners.html"]
    for kind in ("races", "horses", "trainers", "jockeys", "courses"):
        names += [f"{kind}/{path.name}" for path in _some(site / kind)]
    pages = (
        path
        for path in sorted((site / "races").iterdir())
        if '<line class="whisker' in path.read_text()
    )
    names.append(f"races/{next(pages).name}")
    for name in names:
        text = (site / name).read_text(encoding="utf-8")
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        policy = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')
        (copy / name).write_text(policy.sub("", text), encoding="utf-8")
    (copy / FAULTY).write_text("<p style='color: #ccc; background: #fff'>Pale", encoding="utf-8")
    axe = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    script = json.dumps(axe).replace("</", "<\\/")
    wrapper = INSPECTION.format(pages=json.dumps([*names, FAULTY]), axe=script, width=width)
    (copy / "wrapper.html").write_text(wrapper, encoding="utf-8")
    ended = _browse(
        folder,
        copy / "wrapper.html",
        "--virtual-time-budget=120000",
        f"--blink-settings=preferredColorScheme={scheme}",
    )
    assert [line for line in ended.stderr.splitlines() if ":CONSOLE" in line] == []
    (told,) = re.findall(r'<pre id="told">(.*?)</pre>', ended.stdout, re.DOTALL)
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        told = told.replace(entity, letter)
    found: dict[str, Any] = json.loads(told)
    assert any("color-contrast" in one for one in found.pop(FAULTY)["violations"])
    assert found.keys() == set(names)
    return found


@IN_A_BROWSER
@pytest.mark.slow
@pytest.mark.parametrize("site", ["duckdb"], indirect=True)
def test_browser_has_nothing_to_complain_of_under_the_policy_of_a_page(
    site: Path, tmp_path: Path
) -> None:
    """Nothing is loaded or run: the policy forbids it, and Chromium would log a violation."""
    pages = ["index.html", "results.html", *(f"races/{one.name}" for one in _some(site / "races"))]
    frames = "".join(f'<iframe src="{(site / page).as_uri()}"></iframe>' for page in pages)
    (tmp_path / "wrapper.html").write_text(frames, encoding="utf-8")
    ended = _browse(tmp_path, tmp_path / "wrapper.html", "--virtual-time-budget=5000")
    assert [line for line in ended.stderr.splitlines() if ":CONSOLE" in line] == []


def _some(folder: Path) -> list[Path]:
    by_size = sorted(folder.iterdir(), key=lambda path: path.stat().st_size)
    return [by_size[0], by_size[-1]]


def _browse(folder: Path, page: Path, *more: str) -> subprocess.CompletedProcess[str]:
    switches = [switch for switch in SWITCHES if "virtual-time" not in switch]
    command = [
        *(str(BROWSER), *switches, "--enable-logging=stderr", *more),
        "--host-resolver-rules=MAP * ~NOTFOUND",
        *(f"--user-data-dir={folder / 'browser'}", page.as_uri()),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)


@pytest.mark.slow
@pytest.mark.parametrize("site", ["duckdb"], indirect=True)
def test_pages_of_another_day_are_removed_and_nothing_else(
    site: Path, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, shown = tmp_path / "site", list[Content]()
    shutil.copytree(site, there)
    (there / "mine.html").write_text("mine")
    before = {path.name for path in (there / "races").iterdir()}

    def keeping(*asked: Any) -> Content:
        shown.append(content_of(*asked))
        return shown[-1]

    monkeypatch.setattr("pipelines.ask.pages.content.content_of", keeping)
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", world.duckdb.credentials)
    assert _main(["pages", "--to", str(there), "--day", "2025-09-26"]) == 0
    assert before.isdisjoint(path.name for path in (there / "races").iterdir())
    assert (there / "mine.html").read_text() == "mine"
    (content,) = shown
    for course in content.courses.values():
        query = (
            "SELECT count(*) AS runs FROM runs WHERE code = 'Flat' AND starters >= 8 "
            f"AND course_id = '{course.id}' AND draw_position IS NOT NULL "
            "AND race_date < '2025-09-26'"
        )
        told = [{"runs": sum(row["runs"] for row in course.draw)}]
        assert connect(world.duckdb.credentials).sql(query).to_pylist() == told, (
            "a later race counts in the draw"
        )


@pytest.mark.slow
def test_folder_that_cannot_be_written_is_one_line(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", world.duckdb.credentials)
    # What would be written is not the subject: to ask for it takes two seconds.
    monkeypatch.setattr("pipelines.ask.pages.content.content_of", lambda *_: object())
    (tmp_path / "file").write_text("")
    assert _main(["pages", "--to", "file/site"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "pipeline: --to file/site cannot be written to: Not a directory."


@pytest.mark.parametrize("id", ["rac_1", "hrs-2"])
def test_page_is_named_after_its_id(id: str) -> None:
    assert file_name(id) == f"{id}.html"


@pytest.mark.parametrize("id", ["../evil", "a/b", "", "x" * 65, "é", "a.html", ".."])
def test_odd_id_gets_a_name_that_is_none(id: str) -> None:
    assert re.fullmatch(r"x[0-9a-f]{24}\.html", file_name(id))


def test_whiskers_lie_inside_the_chart_and_long_ones_end_at_its_edge() -> None:
    whiskers = whiskers_of([("low", 2, 1, 9), ("high", 0, 0, 1.5)])
    assert whiskers.ordinary_y == 74
    assert [(one.y, one.low_y, one.high_y) for one in whiskers.points] == [
        (52, 74, 8), (96, 96, 63),
    ]  # fmt: skip


def test_line_and_bars_lie_inside_the_chart() -> None:
    line = line_of([("a", 50), ("b", None), ("c", 60), ("d", 55)])
    assert line
    assert [(round(point.x), round(point.y)) for point in line.points] == [
        (8, 88), (160, 8), (312, 48),
    ]  # fmt: skip
    assert (line.low, line.high) == (50, 60)
    level = line_of([("a", 50), ("b", 50)])
    assert level
    assert {point.y for point in level.points} == {48}
    assert line_of([("a", 50)]) is None
    bars = bars_of([("a", 10, 5), ("b", 20, 0)])
    assert [(bar.height, bar.part_height) for bar in bars] == [(44, 22), (88, 0)]
    assert bars_of([("a", 0, 0)]) == []
