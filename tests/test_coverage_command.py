"""`pipeline coverage`: the calendar in the terminal, and as a page in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli.app import _main
from pipelines.database.database import Database
from pipelines.database.runs import note_run
from pipelines.parsing.values import LONDON
from pipelines.plan.coverage import days_between
from pipelines.report import Report
from pipelines.status.health import Health
from pipelines.tables import COVERAGE, TABLES
from tests.faults.tables import Tables
from tests.templates import template_file

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
IN_A_BROWSER = pytest.mark.skipif(not BROWSER, reason="no Chromium is here to show a page")
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--allow-file-access-from-files",
    "--virtual-time-budget=5000",
    "--dump-dom",
]
ATTACK = "<script>document.title = 'taken'</script>"

DAYS = {
    date(2024, 12, 29): ("not_in_plan", "the Basic plan does not include it"),
    date(2024, 12, 30): ("beyond_plan", "not asked for: the plan ends after it"),
    date(2025, 10, 12): ("failed", f"no answer {ATTACK}"),
    date(2025, 10, 13): ("partial", "40 of 50 races received"),
    **dict.fromkeys(days_between(date(2025, 10, 14), date(2025, 10, 18)), ("complete", None)),
    date(2025, 10, 19): ("open", "the day was not over yet"),
}
"""Days of results that are noted."""

INSPECTION = """
<iframe id="page" width="390" height="800" src="{page}"></iframe><pre id="told"></pre>
<script>
onload = () => {{
  const page = document.getElementById("page").contentDocument;
  const squares = [...page.querySelectorAll(".days i")];
  const counts = {{}};
  for (const square of squares) counts[square.className] = (counts[square.className] || 0) + 1;
  const failed = page.querySelector(".days i.failed");
  failed.click();
  const clicked = page.getElementById("day").textContent;
  const tabbed = [...page.querySelectorAll("i[tabindex='0']")].length;
  const first = page.querySelector("details[data-year='2025'] i");
  first.focus();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowRight", "ArrowUp"])
    page.activeElement.dispatchEvent(new KeyboardEvent("keydown", {{ key, bubbles: true }}));
  document.getElementById("told").textContent = JSON.stringify({{
    counts, title: page.title, day: clicked, tabbed,
    key: page.getElementById("day").textContent,
    label: page.activeElement.getAttribute("aria-label"),
    verdict: page.querySelector(".verdict h2").textContent,
    width: page.documentElement.scrollWidth, colours: new Set(squares.map(
      square => getComputedStyle(square).background)).size,
  }});
}};
</script>
"""


@pytest.fixture(scope="module")
def noted_once(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Note a few days in a database, and a run."""
    folder = tmp_path_factory.mktemp("noted")
    tables = template_file().copy(folder, "racing_data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("DESTINATION__DUCKDB__CREDENTIALS", tables.credentials)
        database = Database("duckdb")
        for day, (status, reason) in DAYS.items():
            row: dict[str, Any] = {"endpoint": "results", "date": day, "status": status}
            row |= {"reason": reason, "loaded_at": "2025-10-19 12:00:00+00"}
            database.insert(COVERAGE, row)
        report = Report("daily", "duckdb", errors=[f"horses: {ATTACK}"])
        report.unknown_fields[f"racecards[].{ATTACK}"] = 3
        report.finish(unreadable_share=0.05)
        note_run(database, report)
    return tables


@pytest.fixture
def noted(noted_once: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the database with a few days and a run; return the folder."""
    copy = noted_once.copy(tmp_path, "racing_data")
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", copy.credentials)
    monkeypatch.setattr("pipelines.clock.uk_today", lambda: date(2025, 10, 19))
    return tmp_path


@pytest.mark.slow
def test_calendar_has_a_letter_for_every_day(
    noted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["coverage"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "results 2025: 5 complete, 1 open, 1 partial, 1 failed, 357 none"
    assert lines[10] == "  Oct  ...........xp#####o............"
    assert lines[14] == "results 2024: 1 beyond plan, 1 not in plan, 364 none"
    assert lines[26] == "  Dec  ............................/-."
    legend = "# complete  o open  p partial  x failed  - beyond plan  / not in plan  . none"
    assert lines[-1] == legend
    assert max(map(len, lines)) < 80


@pytest.mark.slow
def test_one_year_can_be_asked_for(noted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(["coverage", "--year", "2024"]) == 0
    assert "results 2025" not in capsys.readouterr().out
    assert _main(["coverage", "--year", "2020"]) == 0
    assert capsys.readouterr().out == f"{noted / 'racing_data.duckdb'} has nothing for 2020.\n"


@pytest.mark.slow
def test_page_that_cannot_be_written_is_one_line_and_exit_code_2(
    noted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["coverage", "--html", "nowhere/page.html"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert (
        line == "pipeline: --html nowhere/page.html cannot be written: No such file or directory."
    )


def test_page_can_be_made_before_the_first_run(tmp_path: Path) -> None:
    assert _main(["coverage", "--html", "page.html"]) == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"No racing_data.duckdb in {tmp_path}. Run this where your data is" in text


@pytest.mark.slow
def test_page_asks_nothing_of_other_addresses(noted: Path) -> None:
    assert _main(["coverage", "--html", "page.html"]) == 0
    text = (noted / "page.html").read_text(encoding="utf-8")
    assert re.findall(r"""(?:src|href|url)\s*[=(]""", text) == []
    assert ATTACK not in text


@pytest.mark.slow
def test_page_begins_with_a_verdict_and_says_when_the_next_run_is_due(
    noted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[str, Any] = {"fresh": Health([], ["results complete to 2025-10-18"], ["odd: one"])}
    monkeypatch.setattr("pipelines.status.health.health_of", lambda *_: known["fresh"])
    assert _main(["coverage", "--html", "page.html"]) == 0
    text = (noted / "page.html").read_text(encoding="utf-8")
    assert "<h2>All is well</h2>" in text
    order = [text.index(part) for part in ("All is well", "complete to 2025-10-18", "odd: one")]
    assert order == sorted(order)
    due = datetime.now(LONDON) + timedelta(days=1)
    assert f"The next run is due at {due:%H:}" in text
    known["fresh"] = Health(["the last run ended 40 hours ago"])
    assert _main(["coverage", "--html", "page.html"]) == 0
    text = (noted / "page.html").read_text(encoding="utf-8")
    assert "<h2>1 thing needs attention</h2>" in text
    assert '<li class="bad">the last run ended 40 hours ago</li>' in text


@pytest.mark.slow
def test_years_that_have_races_are_shown_though_no_day_is_noted(
    noted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    race: dict[str, Any] = dict.fromkeys(("off_time", "course_id", "course_name", "race_name"), "x")
    race |= {"id": "rac_1", "date": date(2023, 5, 1), "region": "GB", "has_result": True}
    Database("duckdb").insert(TABLES["ra_races"], race)
    assert _main(["coverage"]) == 0
    assert "results 2023: 365 none" in capsys.readouterr().out.splitlines()


@IN_A_BROWSER
@pytest.mark.slow
def test_browser_shows_every_day_and_its_reason_and_fits_a_phone(noted: Path) -> None:
    assert _main(["coverage", "--html", "page.html"]) == 0
    wrapper = noted / "wrapper.html"
    wrapper.write_text(INSPECTION.format(page="page.html"), encoding="utf-8")
    command = [str(BROWSER), *SWITCHES, f"--user-data-dir={noted / 'browser'}", wrapper.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    (told,) = re.findall(r'<pre id="told">(.*?)</pre>', shown, re.DOTALL)
    page = json.loads(told.replace("&lt;", "<").replace("&gt;", ">"))

    expected = Counter(status for status, _ in DAYS.values())
    days = (date(2026, 1, 1) - date(2024, 1, 1)) // timedelta(days=1)
    assert page["counts"] == {**expected, "none": days - len(DAYS)}
    assert page["title"] == "Racing data: what is loaded"
    assert page["day"] == f"results, 2025-10-12: failed: no usable response (no answer {ATTACK})"
    assert page["key"] == page["label"] == "results, 2025-02-02: none: never requested"
    assert page["tabbed"] == 2  # one for each year
    assert page["verdict"] == "3 things need attention"
    assert page["width"] <= 390
    assert page["colours"] == len(page["counts"])
