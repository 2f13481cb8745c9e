"""Breaking a copy of the tree, and running the tests that should notice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.mutants.mutant import Mutant

ROOT: Final = Path(__file__).parent.parent.parent
NOT_COPIED: Final = shutil.ignore_patterns(
    ".git",
    ".venv",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    "*.duckdb*",
)
LEFT_BY_RUNS: Final = {"archive", "logs", "demo"}
"""Not copied from the top of the tree: a package may have one of these names."""
PATIENCE: Final = 600.0
"""Seconds for the tests of one mutant; a mutant that hangs is caught as well."""
PATIENCE_WITH_ALL: Final = 3600.0
"""Seconds for the tests of all of them."""
GRACE: Final = 30.0
"""Seconds that pytest has for ending what it has started."""


class Verdict(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    BROKEN = "broken"
    """Its tests could not be run: nothing is known."""


VERDICTS: Final = {0: Verdict.SURVIVED, 1: Verdict.KILLED}
"""By pytest's exit code; any other means that no test was run."""


@dataclass(frozen=True)
class Tried:
    """A run of some tests, with a mutant or without."""

    verdict: Verdict
    seconds: float
    why: str
    """The first test that failed, or what pytest said last."""


@contextmanager
def copied(root: Path = ROOT) -> Iterator[Path]:
    """Copy a tree to where nobody else works, beside the material that its tests look for."""
    with TemporaryDirectory(prefix="mutants_") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(
            root,
            tree,
            ignore=lambda folder, names: (
                NOT_COPIED(folder, names) | (LEFT_BY_RUNS if Path(folder) == root else set())
            ),
        )
        shared = root.parent / "shared"
        if shared.is_dir():
            (tree.parent / shared.name).symlink_to(shared.resolve())
        yield tree


def try_mutant(tree: Path, mutant: Mutant) -> Tried:
    """Change the copy, run the tests that should fail, and change it back."""
    with mutated(tree, mutant):
        return run_tests(tree, mutant.tests)


@contextmanager
def mutated(tree: Path, mutant: Mutant) -> Iterator[None]:
    """Let a file of the tree be as the mutant says; raises ValueError if its text is not there."""
    file = tree / mutant.file
    sound = file.read_text(encoding="utf-8")
    if sound.count(mutant.old) != 1:
        raise ValueError(f"{mutant.name}: its old text stands {sound.count(mutant.old)} times")
    _write(file, sound.replace(mutant.old, mutant.new))
    try:
        yield
    finally:
        _write(file, sound)


def _write(file: Path, text: str) -> None:
    """Write a file, and let Python forget what it has compiled: the time may be the same."""
    file.write_text(text, encoding="utf-8")
    if file.suffix == ".py":
        Path(cache_from_source(str(file))).unlink(missing_ok=True)


def run_tests(tree: Path, tests: Iterable[str], patience: float = PATIENCE) -> Tried:
    """Run tests of a copy, each slow one in the case that `make test` runs."""
    folder = f"--basetemp={tree.parent / 'working'}"
    options = ["-x", "-q", "-p", "no:cacheprovider", "--each-once", folder]
    begun = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            _end(process)
            return Tried(Verdict.KILLED, time.monotonic() - begun, "took too long")
    verdict = VERDICTS.get(process.returncode, Verdict.BROKEN)
    return Tried(verdict, time.monotonic() - begun, _why(said))


def _end(process: subprocess.Popen[str]) -> None:
    """End pytest as Ctrl-C does, so its fixtures end their servers."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=GRACE)
    except subprocess.TimeoutExpired:
        process.kill()


def _why(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    failed = (line for line in lines if line.startswith(("FAILED tests/", "ERROR tests/")))
    return next(failed, (lines or ["no output"])[-1]).partition(" - ")[0]
