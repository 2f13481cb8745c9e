"""Figures as racing people write them: weights in stones, distances in miles and furlongs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

HALF: Final = "½"


def weight_in_stones(pounds: int | None) -> str:
    """Return a weight as stones and pounds: 9-7."""
    return "" if pounds is None else f"{pounds // 14}-{pounds % 14}"


def distance_in_miles(furlongs: Decimal | float | None) -> str:
    """Return a distance as miles and furlongs: 1m 2½f."""
    if furlongs is None:
        return ""
    miles, rest = divmod(int(Decimal(str(furlongs)) * 2), 16)
    whole = str(rest // 2) if rest >= 2 else ""
    parts = [f"{miles}m" if miles else "", f"{whole}{HALF if rest % 2 else ''}f" if rest else ""]
    return " ".join(part for part in parts if part) or "0f"


def price(decimal: Decimal | float | None) -> str:
    """Return decimal odds without needless zeros, two places at most."""
    return "" if decimal is None else f"{float(decimal):.2f}".rstrip("0").rstrip(".")


def change(value: int | None) -> str:
    """Return a change with its sign; nothing for none."""
    return f"{value:+d}" if value else ""


def record(wins: int | None, runs: int | None) -> str:
    """Return wins of runs: 2/15; nothing without a run."""
    return f"{wins or 0}/{runs}" if runs else ""


def position(run: dict[str, Any]) -> str:
    """Return where a horse finished, or how its run ended."""
    ended = str(run.get("finish_status") or "").replace("_", " ")
    return str(run["position"]) if run.get("position") is not None else ended
