"""Where the marks of a chart of scores stand. Pure geometry, in the chart's own units; the page draws it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from engage.domain.outcomes import HIGHEST, Feeling

WIDTH: Final = 640
HEIGHT: Final = 280
# Room for the numbers at the left, the days below, and the row of feelings between.
LEFT: Final = 36
RIGHT: Final = 12
TOP: Final = 14
FLOOR: Final = 200
FEELINGS_AT: Final = 228
DAYS_AT: Final = 262
LINES: Final = (0, 2, 4, 6, 8, 10)
# As many days as can be read side by side, in the smallest form in which the chart is shown.
MOST_DAYS: Final = 4


@dataclass(frozen=True, slots=True)
class Dot:
    """A score: its place, and what it is."""

    x: float
    y: float
    day: date
    score: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How somebody felt after a visit."""

    x: float
    day: date
    feeling: Feeling


@dataclass(frozen=True, slots=True)
class Tick:
    """A day below, or a number at the left. ``at`` is x or y; ``anchor`` how the words stand to it."""

    at: float
    words: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Chart:
    """All marks of a chart, the earliest first."""

    dots: tuple[Dot, ...]
    marks: tuple[Mark, ...]
    numbers: tuple[Tick, ...]
    days: tuple[Tick, ...]

    @property
    def line(self) -> str:
        """The points of the line through the scores, as SVG wants them."""
        return " ".join(f"{dot.x:g},{dot.y:g}" for dot in self.dots)


def chart(scores: Sequence[tuple[date, int]], feelings: Sequence[tuple[date, Feeling]]) -> Chart | None:
    """The chart of these days' answers; None when there is none."""
    every = sorted([day for day, _ in scores] + [day for day, _ in feelings])
    if not every:
        return None
    first, span = every[0], max((every[-1] - every[0]).days, 1)

    def x(day: date) -> float:
        if every[0] == every[-1]:
            return (LEFT + WIDTH - RIGHT) / 2
        return round(LEFT + 10 + (WIDTH - RIGHT - LEFT - 20) * (day - first).days / span, 1)

    dots = tuple(Dot(x(day), _y(score), day, score) for day, score in sorted(scores))
    marks = tuple(Mark(x(day), day, feeling) for day, feeling in sorted(feelings))
    numbers = tuple(Tick(_y(number), str(number), "end") for number in LINES)
    return Chart(dots, marks, numbers, _days(first, every[-1], x))


def _y(score: int) -> float:
    return round(FLOOR - (FLOOR - TOP) * score / HIGHEST, 1)


def _days(first: date, last: date, x: Callable[[date], float]) -> tuple[Tick, ...]:
    length = (last - first).days
    if length == 0:
        return (Tick(x(first), _short(first)),)
    count = min(MOST_DAYS, length + 1)
    chosen = [first + timedelta(days=round(length * n / (count - 1))) for n in range(count)]
    anchors = ["start", *(["middle"] * (count - 2)), "end"]
    return tuple(Tick(x(day), _short(day), anchor) for day, anchor in zip(chosen, anchors, strict=True))


def _short(day: date) -> str:
    return f"{day:%b} {day.day}"
