"""The README names what there is: tables, settings, make targets."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from pipelines.settings import Settings
from pipelines.tables import TABLES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOT_OURS = {"__section__", "__recommended_sections__"}


def test_every_table_is_named() -> None:
    assert [name for name in TABLES if f"`{name}`" not in README] == []


def test_every_setting_is_named() -> None:
    names = [f"SOURCES__RACING_API__{field.name.upper()}" for field in fields(Settings)]
    ours = [name for name in names if not name.endswith("__")]
    assert [name for name in ours if f"`{name}`" not in README] == []


def test_every_make_target_is_named() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)
    named = [target for target in targets if f"make {target}" in README]
    assert set(targets) - set(named) == {"help"}


def test_demo_and_readme_ask_the_same_question() -> None:
    from pipelines.demo import QUERY

    assert QUERY in README
