"""The README names what there is: tables, commands, make targets."""

from __future__ import annotations

import re
from pathlib import Path

from pipelines.cli.app import COMMANDS
from pipelines.tables import TABLES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_table_is_named() -> None:
    assert [name for name in TABLES if f"`{name}`" not in README] == []


def test_every_command_is_named() -> None:
    assert [name for name in COMMANDS if f"`pipeline {name.__name__}" not in README] == []


def test_every_make_target_is_named() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)
    named = [target for target in targets if f"make {target}" in README]
    assert set(targets) - set(named) == {"help"}


def test_crontab_is_the_one_of_the_schedules() -> None:
    assert "[docs/schedules/racing.crontab](docs/schedules/racing.crontab)" in README
    assert not re.search(r"^[\d*, ]+ cd /", README, re.MULTILINE)
    assert [*(ROOT / "docs").rglob("*.crontab")] == [ROOT / "docs" / "schedules" / "racing.crontab"]


def test_readme_is_read_in_three_minutes() -> None:
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    assert len(prose.split()) <= 700


def test_demo_and_readme_ask_the_same_question() -> None:
    from pipelines.sandbox.demo import QUERY

    assert QUERY in README
