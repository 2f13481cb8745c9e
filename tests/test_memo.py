"""What a text was read as is remembered, and nothing else."""

from __future__ import annotations

from typing import Any

from pipelines.api.endpoints import RACECARDS
from pipelines.mapping import Inspection, Levels, RowReader
from pipelines.mapping.levels import ObjectLevel
from pipelines.mapping.memo import LONGEST_KEPT, MOST_KEPT, Memo
from pipelines.parsing.values import Unreadable, integer, text
from pipelines.tables import RUNNERS
from tests.test_mapping import DAY, card, entry


def test_a_text_is_read_once() -> None:
    read: list[Any] = []

    def read_text(raw: Any) -> str | Unreadable | None:
        read.append(raw)
        return text(raw)

    memo = Memo(read_text)
    assert [memo[raw] for raw in (" A ", " A ", None, None)] == ["A", "A", None, None]
    assert read == [" A ", None]


def test_a_long_text_is_not_kept() -> None:
    memo = Memo(text)
    assert memo["x" * (LONGEST_KEPT + 1)] == "x" * (LONGEST_KEPT + 1)
    assert not memo


def test_texts_of_several_fields_are_remembered_together() -> None:
    memo = Memo(lambda *raws: "/".join(map(str, raws)))
    assert [memo["a", "b"], memo["a", None], memo["a", "b"]] == ["a/b", "a/None", "a/b"]
    assert len(memo) == 2
    assert memo["x" * LONGEST_KEPT, "y"].endswith("/y")  # type: ignore[union-attr]
    assert len(memo) == 2


def test_a_memo_has_a_bound() -> None:
    memo = Memo(integer)
    assert [memo[str(number)] for number in range(5000)] == list(range(5000))
    assert len(memo) <= MOST_KEPT


def test_numbers_and_truths_that_are_equal_are_not_confused() -> None:
    reader = RowReader(RUNNERS, RACECARDS, RUNNERS.columns_from(RACECARDS.name))
    found = []
    for raw in (1, 1.0, True, "1"):
        inspection = Inspection()
        rows = reader.read(Levels(ObjectLevel([card(entry(comment=raw))])), DAY, inspection)
        found.append((rows.table["comment"].to_pylist(), len(inspection.issues)))
    assert found == [(["1"], 0), (["1.0"], 0), ([None], 1), (["1"], 0)]
