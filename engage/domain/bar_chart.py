"""Where the bars of a chart stand, one on top of the other. Pure geometry, in the chart's own units; the page draws it, and
has the same numbers in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

# Room above for the numbers.
TOP: Final = 26
# A bar that stands for something can be seen.
LEAST: Final = 3.0
# Of a column's room, what its bar takes.
BAR: Final = 0.68


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a column; ``series`` is its place among the column's counts."""

    series: int
    y: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Column:
    """``x`` and ``width`` are the bars', ``middle`` that of the words. ``words`` below it may be empty; ``total`` stands above
    it at ``top``, and is empty where nothing is."""

    x: float
    width: float
    middle: float
    words: str
    total: str
    top: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """All columns, from the left. ``floor`` is where they stand."""

    width: int
    height: int
    floor: int
    columns: tuple[Column, ...]


def chart(columns: Sequence[tuple[str, Sequence[int]]], width: int, height: int, below: int) -> Chart | None:
    """The chart of columns of (words, counts from the floor up), all with as many counts; ``below`` of the height is room for
    the words. None when all are nothing."""
    most = max((sum(counts) for _, counts in columns), default=0)
    if most == 0:
        return None
    floor, room = height - below, width / len(columns)
    scale = (floor - TOP) / most
    return Chart(
        width,
        height,
        floor,
        tuple(_column(n * room, room, floor, scale, *one) for n, one in enumerate(columns)),
    )


def _column(left: float, room: float, floor: int, scale: float, words: str, counts: Sequence[int]) -> Column:
    edges = [floor - top for top in _tops(counts, scale, floor - TOP)]
    parts = [
        Bar(series, round(high, 1), round(low - high, 1), count)
        for series, ((low, high), count) in enumerate(zip(pairwise([floor, *edges]), counts, strict=True))
        if count
    ]
    total, width = sum(counts), room * BAR
    return Column(
        x=round(left + (room - width) / 2, 1),
        width=round(width, 1),
        middle=round(left + room / 2, 1),
        words=words,
        total=brief(total) if total else "",
        top=round(parts[-1].y if parts else floor, 1),
        bars=tuple(parts),
    )


def _tops(counts: Sequence[int], scale: float, room: float) -> list[float]:
    """How high above the floor each part ends. What is small is seen all the same; the largest part gives the room."""
    heights = [max(count * scale, LEAST) if count else 0.0 for count in counts]
    over = sum(heights) - room
    if over > 0:
        heights[heights.index(max(heights))] -= over
    return [sum(heights[: n + 1]) for n in range(len(heights))]


def brief(count: int) -> str:
    """A count in at most four characters: "950", "1.2k", "12k", "3.4M"."""
    if count < 1000:
        return str(count)
    for unit, letter in ((1_000, "k"), (1_000_000, "M")):
        if count < 10 * unit:
            return f"{int(count * 10 / unit) / 10:g}{letter}"
        if count < 1000 * unit:
            return f"{count // unit}{letter}"
    return f"{count // 1_000_000}M"
