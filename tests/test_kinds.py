"""What a kind of destination supports is declared in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import dlt
import pytest

from pipelines.database.destination import open_destination
from pipelines.database.kinds import KINDS, kind_of
from pipelines.errors import UsageError

PACKAGE = Path(__file__).parent.parent / "pipelines"
OPENERS = {"named.py", "kinds.py"}
"""Modules of pipelines/database/ that say which kind a destination of ours is, or ask dlt."""


@pytest.mark.parametrize(
    "name", sorted(set(dlt.destinations.__all__) - KINDS.keys() - {"destination"})
)
def test_destination_of_dlt_that_is_not_declared_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_destination(name)
    *others, last = KINDS
    assert str(refused.value) == (
        f"The destination {name} is not supported: use {', '.join(others)} or {last}."
    )


@pytest.mark.parametrize("name", sorted(KINDS))
def test_declared_kind_is_the_destination_of_dlt_with_that_name(name: str) -> None:
    assert kind_of(getattr(dlt.destinations, name)()) is KINDS[name]


def test_no_other_module_asks_dlt_which_kind_a_destination_is() -> None:
    asking = {
        file.name
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.FunctionDef)
        and "destination_type" in (getattr(node, "attr", ""), getattr(node, "name", ""))
    }
    assert asking <= OPENERS
