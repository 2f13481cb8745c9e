"""The command line with a killer in it: python -m tests.faults.killable --at POINT -- run ...

Patches named points of dlt and of the client, none of which needs a hook in the pipeline, and then
runs the command line. POINT is a name of POINTS, and after colons the passage at which it strikes
(the first unless said otherwise) and the signal (KILL unless said otherwise).
"""

from __future__ import annotations

import argparse
import functools
import itertools
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

Condition = Callable[..., bool]


def _always(*_: Any, **__: Any) -> bool:
    return True


def _is_file_of(ending: str) -> Condition:
    """Tell a job of save_pending_transition(load_id, file_name, ...) by its file."""
    return lambda _, __, file_name, *___: str(file_name).endswith(ending)


def _is_source(name: str) -> Condition:
    """Tell the extraction of one source."""
    return lambda _, data, *__, **___: getattr(data, "name", "") == name


def _is_schema(name: str) -> Condition:
    """Tell the end of a package of one source."""
    return lambda _, __, schema, *___, **____: schema.name == name


@dataclass(frozen=True)
class Point:
    """A method, and whether to strike before it or after it."""

    module: str
    owner: str
    method: str
    after: bool = False
    when: Condition = _always


_PIPELINE: Final = ("dlt.pipeline.pipeline", "Pipeline")
_PACKAGES: Final = ("dlt.common.storages.load_package", "PackageStorage")

POINTS: Final = {
    "while fetching": Point("requests.adapters", "HTTPAdapter", "send"),
    "between fetch and load": Point(*_PIPELINE, "extract"),
    "between extract and normalize": Point(*_PIPELINE, "normalize"),
    "before the load": Point(*_PIPELINE, "load"),
    "between endpoints": Point(*_PIPELINE, "extract", when=_is_source("results")),
    "between results and models": Point(
        "dlt.load.load", "Load", "complete_package", after=True, when=_is_schema("results")
    ),
    "before a commit": Point("dlt.common.destination.client", "RunnableLoadJob", "run_managed"),
    "after the commit of a file": Point(
        *_PACKAGES, "save_pending_transition", when=_is_file_of("parquet")
    ),
    "after the commit of a merge": Point(
        *_PACKAGES, "save_pending_transition", when=_is_file_of("sql")
    ),
    "after the marker of a merge": Point(
        *_PACKAGES, "save_pending_transition", after=True, when=_is_file_of("sql")
    ),
    "between two tables": Point(*_PACKAGES, "complete_job", after=True),
    "before the load counts": Point(
        "dlt.destinations.job_client_impl", "SqlJobClientBase", "complete_load"
    ),
    "after the load counts": Point(
        "dlt.destinations.job_client_impl", "SqlJobClientBase", "complete_load", after=True
    ),
    "after rows are deleted": Point(
        "pipelines.database.database", "Database", "run_together", after=True
    ),
    "before sql after_load": Point(
        "dlt.common.storages.load_storage", "LoadStorage", "complete_load_package", after=True
    ),
}


def strike_at(point: Point, passage: int, sign: signal.Signals) -> None:
    """Have this process sent a signal when it passes a point for the n-th time."""
    owner = getattr(__import__(point.module, fromlist=[point.owner]), point.owner)
    original = getattr(owner, point.method)
    passages = itertools.count(1)
    lock = threading.Lock()

    def strike(*arguments: Any, **named: Any) -> None:
        if not point.when(*arguments, **named):
            return
        with lock:
            if next(passages) == passage:
                os.kill(os.getpid(), sign)

    @functools.wraps(original)
    def method(*arguments: Any, **named: Any) -> Any:
        if not point.after:
            strike(*arguments, **named)
        result = original(*arguments, **named)
        if point.after:
            strike(*arguments, **named)
        return result

    setattr(owner, point.method, method)


def main(arguments: Sequence[str]) -> None:
    """Set the day, arm the point and run the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--today", type=date.fromisoformat, required=True)
    parser.add_argument("--at", default="")
    parser.add_argument("arguments", nargs="+")
    chosen = parser.parse_args(arguments)
    import pipelines.clock

    pipelines.clock.uk_today = lambda: chosen.today
    if chosen.at:
        name, passage, sign = (f"{chosen.at}::").split(":")[:3]
        strike_at(POINTS[name], int(passage or 1), signal.Signals[f"SIG{sign or 'KILL'}"])
    from pipelines.cli import app as cli
    from tests import quick

    quick.remember()
    sys.argv[1:] = chosen.arguments
    cli.main()


if __name__ == "__main__":
    main(sys.argv[1:])
