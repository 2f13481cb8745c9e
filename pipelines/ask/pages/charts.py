"""Charts as numbers: where lines and bars lie in an SVG, for the templates to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 320
HEIGHT: Final = 96
EDGE: Final = 8


@dataclass(frozen=True)
class Point:
    """A value and where it lies."""

    x: float
    y: float
    value: float
    label: str


@dataclass(frozen=True)
class Line:
    """A line through values, the earliest on the left."""

    points: list[Point]
    low: float
    high: float

    @property
    def path(self) -> str:
        """The corners for an SVG polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


@dataclass(frozen=True)
class Bar:
    """A value as a bar, with a part of it that stands out."""

    x: float
    y: float
    width: float
    height: float
    part_y: float
    part_height: float
    value: float
    part: float
    label: str


@dataclass(frozen=True)
class Whisker:
    """A value with the interval around it."""

    x: float
    y: float
    low_y: float
    high_y: float
    value: float
    low: float
    high: float
    label: str


@dataclass(frozen=True)
class Whiskers:
    """Values with their intervals, beside the value that means nothing out of the ordinary."""

    points: list[Whisker]
    ordinary_y: float


def line_of(values: Sequence[tuple[str, float | None]]) -> Line | None:
    """Return a line through labelled values in order of time; None with fewer than two."""
    known = [(label, float(value)) for label, value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(value for _, value in known), max(value for _, value in known)
    span = high - low
    points = [
        Point(
            EDGE + (WIDTH - 2 * EDGE) * number / (len(known) - 1),
            HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * ((value - low) / span if span else 0.5),
            value,
            label,
        )
        for number, (label, value) in enumerate(known)
    ]
    return Line(points, low, high)


def bars_of(values: Sequence[tuple[str, Any, Any]]) -> list[Bar]:
    """Return a bar for each label, value and part of the value; none where all are nothing."""
    highest = max((float(value) for _, value, _ in values), default=0)
    if not highest:
        return []
    slot, room = WIDTH / len(values), HEIGHT - EDGE
    bars = []
    for number, (label, value, part) in enumerate(values):
        height, part_height = room * float(value) / highest, room * float(part) / highest
        bars.append(
            Bar(
                slot * number + slot * 0.12,
                HEIGHT - height,
                slot * 0.76,
                height,
                HEIGHT - part_height,
                part_height,
                value,
                part,
                label,
            )
        )
    return bars


def whiskers_of(values: Sequence[tuple[str, Any, Any, Any]], ordinary: float = 1) -> Whiskers:
    """Return a whisker for each label, value, and ends of its interval; far ends are cut off."""
    top = 2 * max(ordinary, *(float(value) for _, value, _, _ in values))

    def height(value: float) -> float:
        return HEIGHT - (HEIGHT - EDGE) * min(float(value), top) / top

    slot = WIDTH / len(values)
    points = [
        Whisker(
            slot * (number + 0.5),
            height(value),
            height(low),
            height(high),
            float(value),
            float(low),
            float(high),
            label,
        )
        for number, (label, value, low, high) in enumerate(values)
    ]
    return Whiskers(points, height(ordinary))
