"""When complaints or hard bounces pause what caused them. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, NamedTuple

Cause = Literal["complaints", "bounces"]


class Limits(NamedTuple):
    """Shares in percent of what was delivered, of at least ``least`` messages, in the last ``window``."""

    complaint_percent: float
    bounce_percent: float
    least: int
    window: timedelta


class Counted(NamedTuple):
    """Messages of one cause within the window. One that came back was not delivered."""

    delivered: int
    complaints: int
    bounces: int


def pauses(counted: Counted, limits: Limits) -> Cause | None:
    """Why this cause must pause, None when it need not. At the limit counts as beyond it.

    Gmail asks bulk senders for complaints below 0.1 % (support.google.com, 14229414). Nothing is said of few: both
    what was delivered and what came back count towards ``least``.
    """
    if counted.delivered + counted.bounces < limits.least:
        return None
    if counted.complaints and _reached(counted.complaints, limits.complaint_percent, counted.delivered):
        return "complaints"
    if counted.bounces and _reached(counted.bounces, limits.bounce_percent, counted.delivered):
        return "bounces"
    return None


def _reached(count: int, percent: float, of: int) -> bool:
    # Percents are written in decimals, which floats miss by a hair.
    return count * 100 >= round(percent * of, 6)


def enough(complaints: int, bounces: int, limits: Limits) -> int:
    """So many delivered that neither count could pause anything: nobody need count further."""
    most = max(complaints * 100 / limits.complaint_percent, bounces * 100 / limits.bounce_percent)
    return max(limits.least, int(most) + 1)
