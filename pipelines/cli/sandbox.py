"""`pipeline sandbox` and `pipeline demo`: a simulated API, and the daily job against it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from pipelines.cli.options import console_of_output
from pipelines.errors import UsageError


class SandboxPlan(StrEnum):
    """The plans, as the command line takes them."""

    FREE = "free"
    BASIC = "basic"
    STANDARD = "standard"
    PRO = "pro"


def sandbox(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)] = 8000,
    latency: Annotated[float, typer.Option(help="Seconds added to every response.", min=0)] = 0.0,
    limits: Annotated[bool, typer.Option(help="Answer 429 above the vendor's limits.")] = True,
    seed: Annotated[int, typer.Option(help="Seed of the invented data.")] = 1,
    plan: Annotated[
        SandboxPlan, typer.Option(help="The vendor's plan to simulate.")
    ] = SandboxPlan.PRO,
    history: Annotated[
        bool, typer.Option(help="With the add-on: results older than 365 days.")
    ] = False,
    now: Annotated[
        str, typer.Option(help="UK time at which its clock starts (2025-10-14T09:00).")
    ] = "",
    speed: Annotated[
        float, typer.Option(help="Its seconds per second: at 60 a day takes 24 minutes.", min=0)
    ] = 1.0,
) -> None:
    """Serve a simulated Racing API on this machine: no key, no cost, the same data every time."""
    from pipelines.sandbox import Clock, SandboxOptions, serve

    options = SandboxOptions(
        seed=seed,
        latency=latency,
        limits=limits,
        plan=plan.value,
        history=history,
        clock=Clock(_moment(now), speed),
    )
    console_of_output().print(
        f"The sandbox is listening at http://127.0.0.1:{port}; user {options.username}, "
        f"password {options.password}. Stop it with Ctrl-C.",
        highlight=False,
    )
    serve(options, port=port)


def _moment(text: str) -> datetime:
    """Return the time that --now names, or now; raises UsageError."""
    if not text:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--now {text!r} is not a time; write it as 2025-10-14T09:00.") from None


def demo(
    scale: Annotated[
        float, typer.Option(help="Size of the invented data; 0.1 is a tenth.", min=0.01)
    ] = 1.0,
) -> int:
    """Run the daily job against a simulated API, into the folder demo, and show the tables."""
    from pipelines.sandbox.demo import show_demo
    from pipelines.system.signals import interruptible

    with interruptible():
        return show_demo(scale)
