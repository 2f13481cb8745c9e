"""The wheel, installed where there is no clone: it has all that a first run needs."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def done(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command that has to succeed; returns what it printed."""
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def installed(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a fresh environment beside the libraries of this one."""
    done(sys.executable, "-m", "venv", "--without-pip", folder)
    done(
        sys.executable, "-m", "pip", "--python", folder, "install", "--no-index", "--no-deps", wheel
    )
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin" / "pipeline"


@pytest.mark.slow
def test_wheel_runs_the_demo_from_an_empty_folder(tmp_path: Path) -> None:
    done(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    pipeline = installed(wheel, tmp_path / "venv")
    empty = tmp_path / "empty"
    empty.mkdir()
    few_days = ("RACECARDS_DAYS_BACK=1", "RACECARDS_DAYS_AHEAD=0", "RESULTS_DAYS_BACK=1")
    settings = [f"SOURCES__RACING_API__{setting}" for setting in few_days]
    shown = done("env", *settings, pipeline, "demo", "--scale", "0.02", cwd=empty)
    assert "The ten tables in demo/racing_demo.duckdb" in shown
    assert "strike_rate" in shown
    status = done(
        *("env", "DESTINATION__DUCKDB__CREDENTIALS=demo/racing_demo.duckdb"),
        *(pipeline, "--folder", empty, "health"),
        cwd=tmp_path,
    )
    assert status.startswith("OK: last run daily at ")
    assert [path.name for path in empty.iterdir()] == ["demo"]
