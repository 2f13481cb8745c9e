"""The mutants are up to date and cover every rule and promise; the runner tells who survives."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants import MUTANTS, PROMISES, RULES, Mutant
from tests.mutants.runner import ROOT, Verdict, copied, try_mutant


def test_text_to_change_is_in_its_file_once() -> None:
    assert [
        mutant.name
        for mutant in MUTANTS
        if (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) != 1
    ] == []


def test_tests_that_should_fail_are_there() -> None:
    assert [name for mutant in MUTANTS for name in mutant.tests if not _is_there(name)] == []
    assert [mutant.name for mutant in MUTANTS if not mutant.tests] == []


def _is_there(name: str) -> bool:
    path, _, test = name.partition("::")
    file = ROOT / path
    return file.is_file() and f"def {test.partition('[')[0]}" in file.read_text(encoding="utf-8")


def test_names_are_their_own() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(names) == len(set(names))


def test_every_rule_of_the_architecture_is_broken() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("| rule | place |")[2]
    assert {mutant.guards for mutant in RULES} == set(re.findall(r"\| `(\S+)` \|", table))


def test_every_promise_is_broken() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    numbers = re.findall(r"^(\d+)\. \*\*", text, re.MULTILINE)
    assert {mutant.guards for mutant in PROMISES} == {f"promise {number}" for number in numbers}


# The runner, on a tree whose package is called as ours

MODULE = "def double(number):\n    return number * 2\n"
TESTS = """
import subprocess, sys

def test_it_in_a_process_of_its_own(tmp_path):
    code = "from pipelines.doubling import double; assert double(3) == 6"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)

def test_nothing():
    pass
"""
CONFTEST = """
def pytest_addoption(parser):
    parser.addoption("--each-once", action="store_true")
"""
THREE_TIMES = Mutant(
    "three-times", "doubling", "", "pipelines/doubling.py", "* 2", "* 3", ("tests/test_it.py",)
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    for name, text in {
        "pipelines/__init__.py": "",
        "pipelines/doubling.py": MODULE,
        "tests/__init__.py": "",
        "tests/test_it.py": TESTS,
        "tests/conftest.py": CONFTEST,
        ".venv/large": "",
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ("test_it_in_a_process_of_its_own", Verdict.KILLED),
        ("test_nothing", Verdict.SURVIVED),
        ("test_gone", Verdict.BROKEN),
    ],
)
def test_runner_tells_who_survives(tree: Path, test: str, verdict: Verdict) -> None:
    mutant = replace(THREE_TIMES, tests=(f"tests/test_it.py::{test}",))
    with copied(tree) as copy:
        assert try_mutant(copy, mutant).verdict is verdict
        assert (copy / mutant.file).read_text() == MODULE
        assert not (copy / ".venv").exists()


def test_mutant_out_of_date_is_refused(tree: Path) -> None:
    with copied(tree) as copy, pytest.raises(ValueError, match="stands 0 times"):
        try_mutant(copy, replace(THREE_TIMES, old="* 4"))


def test_copy_has_every_package_and_nothing_that_runs_leave(tree: Path) -> None:
    (tree / "pipelines" / "archive").mkdir(parents=True)
    (tree / "archive").mkdir()
    with copied(tree) as copy:
        assert (copy / "pipelines" / "archive").is_dir()
        assert not (copy / "archive").exists()
