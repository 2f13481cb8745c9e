"""A file takes its name when it is whole; what killed writers leave goes, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.system.files import remove_unfinished, whole

FOREIGN = (".a.csv", ".a.csv.bak", ".a.csv.", ".a.csv.1a", "a.csv.1", ".b.csv.1", ".a.parquet.1")
KILLED = """
import os, signal, sys
from pathlib import Path
from pipelines.system.files import whole
with whole(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"old")
    with whole(file) as content:
        content.write(b"new")
        assert file.read_bytes() == b"old"
    assert (names(tmp_path), file.read_bytes()) == ({"a.csv"}, b"new")
    (tmp_path / "usual").touch()
    assert file.stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_file_that_is_never_whole_leaves_the_old_one(
    error: BaseException, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(b"old")
    with pytest.raises(type(error)), whole(tmp_path / "a.csv") as content:
        content.write(b"half")
        raise error
    assert (names(tmp_path), (tmp_path / "a.csv").read_bytes()) == ({"a.csv"}, b"old")


@pytest.mark.slow
def test_what_a_killed_writer_leaves_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in FOREIGN:
        (tmp_path / name).write_bytes(b"somebody's")
    (tmp_path / ".a.csv.2").mkdir()
    (tmp_path / ".a.csv.3").symlink_to(tmp_path / ".b.csv.1")
    foreign = names(tmp_path)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "a.csv")]
    assert subprocess.run(command, check=False).returncode == -9
    with whole(tmp_path / "a.csv") as content:
        at_work = names(tmp_path) - foreign
        assert len(at_work) == 2
        remove_unfinished(tmp_path, "a.csv")
        (left,) = names(tmp_path) - foreign
        content.write(b"whole")
    assert left in at_work
    assert names(tmp_path) == {*foreign, "a.csv"}
    assert (tmp_path / "a.csv").read_bytes() == b"whole"
