"""Texts that are parsed once and distributed make the rows that parsing each value makes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest
import requests
from hypothesis import event, given
from hypothesis import strategies as st

from pipelines.api.answers import DayAnswer, Page
from pipelines.api.bodies import read
from pipelines.api.endpoints import ENDPOINTS, RACECARDS, RESULTS, Endpoint
from pipelines.mapping import days as days_of
from pipelines.mapping import unique_issues
from pipelines.mapping.columns import LARGEST, columns_of
from pipelines.mapping.days import read_days
from pipelines.mapping.inspection import _Inspector
from pipelines.mapping.levels import Level
from pipelines.sandbox import SandboxOptions, running
from pipelines.tables import API_TABLES
from tests.conftest import SHARED
from tests.test_mapping import card, entry, result

DAY: Final = date(2025, 6, 21)
RECORDED: Final = sorted((SHARED / "racing_api" / "recorded").glob("r*_2025-*.json"))
ODD_TEXTS: Final[tuple[Any, ...]] = (
    *(None, "", "-", "0", "1", " x ", "x" * 200, "a\x00b", "é😀", "7/2", "Evs", "2025-02-30"),
)
ODD: Final[tuple[Any, ...]] = (
    *(*ODD_TEXTS, "\ud800", "x" * 20_000),
    *(0, 1, 1.5, True, 2**64, float("inf"), [], {}, [None], ["a"], [{}], {"a": []}),
)
"""What nobody declared in a place where something else was."""


def read_day(endpoint: Endpoint, day: date, content: bytes) -> dict[str, Any]:
    answer = DayAnswer(endpoint, day, pages=[Page(endpoint, content)])
    days = read_days(endpoint, [answer], ["gb", "ire"], frozenset(API_TABLES))
    found = vars(days.found) | {"issues": unique_issues(days.found.issues)}
    rows = {name: rows.unpacked().table for name, rows in days.days[day].rows.items()}
    return {"rows": rows, "races": days.days[day].races, **found}


def is_by_column(endpoint: Endpoint, day: date, content: bytes) -> bool:
    """Tell whether a page is read by column; if it is, its outline must match its whole body."""
    page, whole = Page(endpoint, content), Page(endpoint, content, read(content))
    if columns_of(DayAnswer(endpoint, day, pages=[page])) is None:
        return False
    assert replace(page.outline, names=whole.outline.names) == whole.outline
    return True


def object_by_object(endpoint: Endpoint, day: date, content: bytes) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(days_of, "columns_of", lambda _: None)
        return read_day(endpoint, day, content)


def value_by_value(endpoint: Endpoint, day: date, content: bytes) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(days_of, "columns_of", lambda _: None)
        patch.setattr(Level, "texts", lambda *_: None)
        patch.setattr(_Inspector, "_are_plain", lambda *_: False)
        return read_day(endpoint, day, content)


def check(endpoint: Endpoint, day: date, content: bytes) -> None:
    by_column = read_day(endpoint, day, content)
    assert by_column == object_by_object(endpoint, day, content)
    assert by_column == value_by_value(endpoint, day, content)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_of_what_the_api_has_sent(path: Any) -> None:
    name, _, day = path.stem.removesuffix(".json").rpartition("_")
    endpoint, content = ENDPOINTS[name.removesuffix("_pro")], path.read_bytes()
    assert is_by_column(endpoint, date.fromisoformat(day), content)
    check(endpoint, date.fromisoformat(day), content)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_days_of_the_sandbox(seed: int) -> None:
    options = SandboxOptions(limits=False, today=date(2025, 6, 22), scale=0.05, seed=seed)
    with running(options) as sandbox:
        for endpoint, query in (
            (RACECARDS, f"date={DAY}&region_codes=gb&region_codes=ire"),
            (RESULTS, f"start_date={DAY}&end_date={DAY}&region=gb&region=ire"),
        ):
            answer = requests.get(
                sandbox.url + endpoint.path, query, auth=("sandbox", "sandbox"), timeout=30
            )
            assert is_by_column(endpoint, DAY, answer.content)
            check(endpoint, DAY, answer.content)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place of a nested value: what holds it, and its key or number."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


@given(st.data())
def test_of_records_with_odd_values_in_odd_places(data: st.DataObject) -> None:
    endpoint = data.draw(st.sampled_from([RACECARDS, RESULTS]))
    if endpoint is RACECARDS:
        records = [card(entry(), entry(horse_id="hrs_2")), card(entry(), race_id="rac_2")]
    else:
        records = [result(runners=[{"horse_id": "hrs_1", "position": "1", "sp": "7/2F"}] * 2)]
    records = copy.deepcopy(records)
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from([*places(records)]))
        change = data.draw(st.sampled_from(["text", "value", "gone", "twice", "undeclared"]))
        if change in ("text", "value"):
            holder[key] = data.draw(st.sampled_from(ODD_TEXTS if change == "text" else ODD))
        elif change == "gone":
            del holder[key]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[f"{key}_too"] = holder[key]
        if not records:
            return
    body = {endpoint.records: records, "total": len(records)}
    content = json.dumps(body).encode()
    event("by column" if is_by_column(endpoint, DAY, content) else "by object")
    check(endpoint, DAY, content)


def test_of_a_runner_that_a_card_lists_twice_and_of_one_in_two_races() -> None:
    twice = card(entry(horse="First"), entry(horse="Second"))
    in_two = [card(entry()), card(entry(), race_id="rac_2")]
    for records, is_plain in (([twice], False), (in_two, True)):
        content = json.dumps({"racecards": records, "total": len(records)}).encode()
        check(RACECARDS, DAY, content)
        assert bool(read_day(RACECARDS, DAY, content)["issues"]) is not is_plain


def test_pages_that_are_as_declared_are_not_parsed_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("pipelines.api.answers.read")
    pages = [
        Page(RACECARDS, json.dumps({"racecards": [one], "total": 2, "limit": 1}).encode())
        for one in (card(entry()), card(entry(horse_id="hrs_2"), race_id="rac_2"))
    ]
    answer = DayAnswer(RACECARDS, DAY, pages=pages)
    days = read_days(RACECARDS, [answer], ["gb", "ire"], frozenset(API_TABLES))
    assert days.days[DAY].races == ["rac_2", "rac_1"]
    assert (answer.received, answer.total, answer.is_whole) == (2, 2, True)


def test_only_what_an_issue_shows_is_parsed_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []

    def parse(content: bytes) -> Any:
        parsed.append(content)
        return json.loads(content)

    monkeypatch.setattr("pipelines.api.answers.read", parse)
    odd = card(*(entry(horse_id=f"hrs_{n}", age="old", number="first") for n in range(3)))
    content = json.dumps({"racecards": [odd], "total": 1}).encode()
    found = read_day(RACECARDS, DAY, content)
    assert {issue["raw_value"] for issue in found["issues"]} == {'"old"', '"first"'}
    assert parsed == [content]


@pytest.mark.parametrize(
    "body",
    [
        *('{"results": [], "results": []}', '{"results": null}', '{"total": 1}', "[]", "{}", ""),
        *('{"results": [null]}', '{"results": [[]]}', '{"results": [{"race_id": 1}]}'),
        *('{"results": []} {"results": []}', '{"results": [], "noted": 1}', '{"results": {}}'),
        *('{"results": [{"race_id": "a", "race_id": "b"}]}', '{"results": [], "total": "1"}'),
        *('{"results": [{"going": "\\ud800"}]}', '{"results": [{"going": NaN}]}'),
    ],
)
def test_what_is_not_as_declared_is_not_read_by_column(body: str) -> None:
    assert columns_of(DayAnswer(RESULTS, DAY, pages=[Page(RESULTS, body.encode())])) is None


def test_a_page_of_which_a_copy_would_matter_is_not_read_by_column() -> None:
    content = b'{"results": []}'.ljust(LARGEST + 1)
    assert columns_of(DayAnswer(RESULTS, DAY, pages=[Page(RESULTS, content[:-1])])) is not None
    assert columns_of(DayAnswer(RESULTS, DAY, pages=[Page(RESULTS, content)])) is None


def test_bytes_that_are_no_text_are_not_read_by_column() -> None:
    page = Page(RESULTS, b'{"results": [{"race_id": "rac_1", "going": "\xff"}]}')
    assert columns_of(DayAnswer(RESULTS, DAY, pages=[page])) is None


@pytest.mark.parametrize(
    "text",
    [
        *("1", "-0", "-0.0", "1e5", "1E400", "1e-400", "9223372036854775807", "0.1"),
        *("9223372036854775808", "-9223372036854775809", "123456789012345678901234567890"),
        *('"\\ud800"', '"\\ud83d\\ude00"', '{"a": 1, "a": 2}', "NaN", '"9999999999999999999"'),
    ],
)
def test_json_is_what_python_reads(text: str) -> None:
    assert repr(read(text.encode())) == repr(json.loads(text))
