"""Random faults, seeded, on both databases, which have to end in the fault-free tables.

python -m tests.soak --seed 7 --rounds 20 --destination both
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from pipelines.sandbox import SandboxOptions, running
from tests.faults.forked import Process
from tests.faults.installation import Installation, Outcome
from tests.faults.invariants import (
    Violations,
    after_any_run,
    differences,
    secrets_told,
    unbounded,
    untrue_exit,
)
from tests.faults.killable import POINTS
from tests.faults.postgres import Postgres, postgres_of_its_own
from tests.faults.proxy import Proxy, proxy_of
from tests.faults.tables import Contents, Tables

TODAY, START = date(2025, 10, 2), date(2025, 9, 30)
BACKFILL: Final = ("--mode", "backfill", "--max-horses", "0", "--start-date", START.isoformat())
WINDOW: Final = dict.fromkeys(("racecards", "results"), (START, TODAY))
PASSWORD: Final = "correct-horse-7391"
DESTINATIONS: Final = ("duckdb", "postgres")
MOST_CALLS, MOST_SECONDS, MOST_BYTES = 100, 120.0, 500_000_000


@dataclass
class Site:
    """An installation under faults, with whatever can be done to it."""

    installation: Installation
    proxy: Proxy
    postgres: Postgres | None
    """The server, where the destination is one."""
    dice: random.Random

    @property
    def database(self) -> str:
        """Name of the database of this site."""
        return self.installation.folder.name

    def start(self, killer: str = "") -> Process:
        """Start a backfill."""
        return self.installation.start(*BACKFILL, killer=killer)

    def wait(self, seconds: float) -> None:
        """Wait at most so long, at random."""
        time.sleep(self.dice.uniform(0.2, seconds))


Disturbance = Callable[[Site], None]


def killed_at_random(site: Site) -> None:
    """A signal at a random moment."""
    process = site.start()
    site.wait(5)
    process.send_signal(site.dice.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
    process.wait(10)


def killed_at_a_point(site: Site) -> None:
    """SIGKILL at a random passage of a named point."""
    point = site.dice.choice(sorted(POINTS))
    site.start(f"{point}:{site.dice.randint(1, 8)}").wait(MOST_SECONDS)


def misbehaving_server(site: Site) -> None:
    """Some of the calls are spoilt."""
    site.proxy.seed, site.proxy.chance = str(site.dice.random()), site.dice.uniform(0.1, 0.6)
    site.start().wait(MOST_SECONDS)


def folder_lost(site: Site) -> None:
    """The working folder is gone."""
    shutil.rmtree(site.installation.working_folder, ignore_errors=True)


def folder_damaged(site: Site) -> None:
    """Some files of the working folder hold something else, or less, or are gone."""
    files = [path for path in site.installation.working_folder.rglob("*") if path.is_file()]
    for path in site.dice.sample(sorted(files), min(len(files), 3)):
        content = path.read_bytes()
        path.write_bytes(site.dice.choice([content[: len(content) // 2], site.dice.randbytes(99)]))
        if site.dice.random() < 0.3:
            path.unlink()


def folder_older_than_database(site: Site) -> None:
    """The working folder comes from a copy made before a run."""
    folder, copy = site.installation.working_folder, site.installation.folder / "older"
    if not folder.exists():
        return
    shutil.copytree(folder, copy)
    site.start().wait(MOST_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)
    copy.rename(folder)


def two_at_once(site: Site) -> None:
    """A second run starts while the first one works; one is killed in the end, maybe."""
    first = site.start()
    site.wait(3)
    second = site.start()
    if site.dice.random() < 0.5:
        site.wait(2)
        first.kill()
    for process in (first, second):
        process.wait(MOST_SECONDS)


def database_troubled(site: Site) -> None:
    """Sessions are ended, or the DuckDB file is held by another process."""
    process = site.start()
    site.wait(4)
    if site.postgres:
        site.postgres.terminate_sessions(site.database)
    else:
        _hold(Path(site.installation.tables.credentials))
    process.wait(MOST_SECONDS)


def database_killed(site: Site) -> None:
    """The server is killed by its process id and started again."""
    process = site.start()
    site.wait(4)
    if site.postgres:
        site.postgres.kill()
        site.wait(1)
        site.postgres.start()
    process.wait(MOST_SECONDS)


def rebuild_killed(site: Site) -> None:
    """A rebuild is killed at a random moment, or refuses: the archive may be damaged."""
    process = site.installation.start(command="rebuild")
    site.wait(5)
    process.kill()
    process.wait(10)


def archive_damaged(site: Site) -> None:
    """Some files of the archive are torn, or a bit in them has flipped."""
    files = sorted((site.installation.folder / "archive").rglob("*.json.zst"))
    for path in site.dice.sample(files, min(len(files), 3)):
        content = bytearray(path.read_bytes())
        content[site.dice.randrange(len(content))] ^= 1 << site.dice.randrange(8)
        half = content[: len(content) // 2]
        path.write_bytes(site.dice.choice([content, half]))


def _hold(file: Path) -> None:
    """Hold a DuckDB file for a moment, if it can be had."""
    with suppress(duckdb.Error):
        connection = duckdb.connect(file)
        time.sleep(0.5)
        connection.close()


DISTURBANCES: Final[tuple[Disturbance, ...]] = (
    killed_at_random,
    killed_at_a_point,
    misbehaving_server,
    folder_lost,
    folder_damaged,
    folder_older_than_database,
    two_at_once,
    database_troubled,
    database_killed,
    rebuild_killed,
    archive_damaged,
)


def soak(
    seed: int,
    rounds: range,
    destinations: tuple[str, ...],
    tell: Callable[[str], object],
) -> Violations:
    """Go through the rounds until one breaks a promise; return what it broke."""
    tell(f"seed {seed}")
    with _grounds(destinations) as (folder, proxy, postgres):
        wanted = _fault_free(_installation("duckdb", folder / "fault_free", proxy, None))
        for number in rounds:
            for destination in destinations:
                place = folder / f"round_{number}_{destination}"
                dice = random.Random(f"{seed} {number} {destination}")
                server = postgres if destination == "postgres" else None
                site = Site(_installation(destination, place, proxy, server), proxy, server, dice)
                tell(f"round {number}")
                broken = _round(site, wanted, tell)
                if broken:
                    again = f"--seed {seed} --first {number} --rounds 1 --destination {destination}"
                    return [f"python -m tests.soak {again}", *broken]
                shutil.rmtree(place)
    return []


@contextmanager
def _grounds(destinations: tuple[str, ...]) -> Iterator[tuple[Path, Proxy, Postgres | None]]:
    options = SandboxOptions(limits=False, today=TODAY, scale=0.005, password=PASSWORD)
    own = postgres_of_its_own() if "postgres" in destinations else nullcontext()
    with (
        tempfile.TemporaryDirectory(prefix="soak") as folder,
        own as postgres,
        running(options) as sandbox,
        proxy_of(sandbox) as proxy,
    ):
        yield Path(folder), proxy, postgres


def _installation(
    destination: str, folder: Path, proxy: Proxy, postgres: Postgres | None
) -> Installation:
    credentials = str(folder / "racing_data.duckdb")
    if postgres:
        postgres.execute(f'CREATE DATABASE "{folder.name}"')
        credentials = postgres.credentials(folder.name, PASSWORD)
    return Installation(
        folder, Tables(destination, credentials), proxy.url, TODAY, password=PASSWORD
    )


def _fault_free(installation: Installation) -> Contents:
    run = installation.run(*BACKFILL)
    if run.code != 0:
        raise RuntimeError(run.output)
    return installation.tables.contents()


def _round(site: Site, wanted: Contents, tell: Callable[[str], object]) -> Violations:
    """Disturb a site some times, then let it run undisturbed, once."""
    site.proxy.delivered.clear()
    for _ in range(site.dice.randint(1, 3)):
        disturbance = site.dice.choice(DISTURBANCES)
        tell(f"{site.installation.tables.destination}: {disturbance.__name__}")
        site.proxy.calm()
        disturbance(site)
        broken = after_any_run(site.installation.tables, site.proxy.delivered)
        if broken:
            return broken
    site.proxy.calm()
    return _judged(site, site.installation.run(*BACKFILL), wanted)


def _judged(site: Site, run: Outcome, wanted: Contents) -> Violations:
    """What the run that was to heal everything has broken."""
    tables, folder, proxy = site.installation.tables, site.installation.folder, site.proxy
    if run.code != 0:
        return [f"the run that was to heal everything ended with {run.code}", run.output]
    calls = proxy.calls.total()
    lost = after_any_run(tables, proxy.delivered)
    with tables.held_open():
        return [
            *lost,
            *differences(tables, wanted),
            *untrue_exit(run, tables, WINDOW, TODAY),
            *secrets_told(tables, folder, [PASSWORD]),
            *unbounded(
                run, calls, folder, most_calls=MOST_CALLS, seconds=MOST_SECONDS, disk=MOST_BYTES
            ),
        ]


def main() -> int:
    """Soak, and say how to repeat what failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3)))
    parser.add_argument("--first", type=int, default=1, help="first round")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--destination", choices=(*DESTINATIONS, "both"), default="both")
    chosen = parser.parse_args()
    destinations = DESTINATIONS if chosen.destination == "both" else (chosen.destination,)
    rounds = range(chosen.first, chosen.first + chosen.rounds)

    def tell(said: str) -> None:
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()

    broken = soak(chosen.seed, rounds, destinations, tell)
    for line in broken or [f"{chosen.rounds} rounds, nothing lost, nothing doubled"]:
        tell(line)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
