"""`pipeline card`: the day, a meeting and a race in a terminal of 100 columns."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipelines.ask import connect
from pipelines.ask.words import change, distance_in_miles, position, price, record, weight_in_stones
from pipelines.cli.app import _main
from tests.world import TODAY, World


@pytest.fixture(params=["duckdb", "postgres"])
def using(
    world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    name, address = request.param, world.both[request.param].credentials
    monkeypatch.setenv(f"DESTINATION__{name.upper()}__CREDENTIALS", address)
    return name, address


@pytest.mark.slow
def test_day_meeting_and_race_fit_in_100_columns(
    using: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, address = using
    rows = connect(address).card().to_pylist()
    race_id, course = rows[0]["race_id"], rows[0]["course_name"]
    horses = [row["horse_name"] for row in rows if row["race_id"] == race_id]

    assert _main(["card", "--destination", name]) == 0
    day = capsys.readouterr().out
    races = len({row["race_id"] for row in rows})
    assert day.splitlines()[0] == f"{TODAY:%A %d %B %Y}: {races} races"
    assert sum(line[:5].replace(":", "").isdecimal() for line in day.splitlines()) == races

    assert _main(["card", race_id, "--destination", name]) == 0
    race = capsys.readouterr().out
    assert race.splitlines()[0].startswith(f"{rows[0]['time']} {course}  ")
    shown = [line[6:27].strip() for line in race.splitlines()[3:]]
    assert [horse[:20] for horse in horses] == [line.rstrip("…")[:20] for line in shown]

    assert _main(["card", course[:4].lower(), "--destination", name]) == 0
    meeting = capsys.readouterr().out
    assert race in meeting
    assert max(map(len, (day + race + meeting).splitlines())) <= 100


@pytest.mark.slow
def test_what_is_not_on_the_card_is_one_line(
    using: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(["card", "Nowhere", "--destination", using[0]]) == 2
    assert f"No race or course 'Nowhere' on the card of {TODAY}" in capsys.readouterr().err
    assert _main(["card", "--day", "1999-01-01", "--destination", using[0]]) == 2
    assert "has no card of 1999-01-01" in capsys.readouterr().err


def test_figures_are_written_as_racing_people_do() -> None:
    assert [distance_in_miles(Decimal(f)) for f in ("5", "5.5", "8", "10.5", "16.5", "0.5")] == [
        "5f", "5½f", "1m", "1m 2½f", "2m ½f", "½f",
    ]  # fmt: skip
    assert distance_in_miles(None) == weight_in_stones(None) == price(None) == ""
    assert [weight_in_stones(pounds) for pounds in (126, 133)] == ["9-0", "9-7"]
    assert [price(Decimal(odds)) for odds in ("6.00", "2.25", "30.74")] == ["6", "2.25", "30.74"]
    assert [change(value) for value in (4, -3, 0, None)] == ["+4", "-3", "", ""]
    assert [record(2, 15), record(0, 0), record(None, 3)] == ["2/15", "", "0/3"]
    assert position({"position": 2, "finish_status": "finished"}) == "2"
    assert position({"position": None, "finish_status": "pulled_up"}) == "pulled up"
