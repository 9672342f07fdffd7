"""What a row means for a visit that is known, or is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from engage.domain import appointments as rules
from engage.domain.appointments import OFF, OPEN, STATUS_WORDS, Status, When
from engage.domain.imports.visit_cells import VisitIn

What = Literal["added", "moved", "cancelled", "reinstated", "marked", "nothing"]
# What is older was typed wrongly.
OLDEST: Final = timedelta(days=20 * 366)
# What follows a visit is sent when it is news, not when history comes in.
NEWS: Final = timedelta(days=1)
_BEFORE: Final[frozenset[Status]] = OPEN | {"proposed", "waitlist"}
_BEGUN: Final[frozenset[Status]] = frozenset({"arrived", "checked-in", "fulfilled", "noshow"})
_AFTER: Final[frozenset[Status]] = frozenset({"fulfilled", "noshow"})


class Refused(ValueError):
    """The row can't be taken: ``field`` is the cell that it is about ("start", "minutes", "status"), then the cure."""

    def __init__(self, field: Literal["start", "minutes", "status"], what: str, cure: str) -> None:
        super().__init__(what)
        self.field = field
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Change:
    """What is done, and what the visit is then. ``anew``: a version begins, so that people are told as of a booking."""

    what: What
    when: When
    status: Status
    anew: bool = True


def decide(known: tuple[When, Status] | None, told: VisitIn, now: datetime) -> Change:
    """What a row does. ``known`` is the visit as it is here, None for a new one. Raises Refused."""
    check(told, now)
    if known is None:
        return Change("added", told.when, told.status)
    when, status = known
    if told.status in OFF:
        return _off(when, status)
    if status in OFF:
        return Change("reinstated", told.when, told.status)
    if told.when != when:
        return _moved(status, told, now)
    # A booking system that notes no attendance takes none back.
    behind = status == told.status or (status in _BEGUN and told.status in OPEN)
    if behind:
        return Change("nothing", when, status, False)
    return Change("marked", when, told.status, rules.begins_version(status, told.status))


def _moved(status: Status, told: VisitIn, now: datetime) -> Change:
    if told.status in OPEN and told.when.starts_at < now - rules.WALK_IN:
        raise Refused(
            "start", "That time is over: a visit is moved to a time to come.", "Please check the date."
        )
    again = told.status in OPEN and told.when.starts_at > now
    if status not in _BEFORE and told.status not in _AFTER and not again:
        raise Refused(
            "start",
            f"Only a visit to come can be moved; this one: {STATUS_WORDS[status].lower()}.",
            "Give it the status that it has, or a new id.",
        )
    return Change("moved", told.when, told.status)


def check(told: VisitIn, now: datetime) -> None:
    """Raises Refused for a visit that can't be, whatever is known."""
    wrong = rules.problem(told.when, now, entered_later=True)
    if wrong is not None:
        field, sentence = wrong
        raise Refused("minutes" if field == "minutes" else "start", sentence, "Please check the cell.")
    if told.when.starts_at < now - OLDEST:
        raise Refused("start", "That is more than twenty years ago.", "Please check the year.")
    if told.status in _AFTER and told.when.starts_at > now:
        raise Refused(
            "status",
            f"A visit to come can’t have the status “{STATUS_WORDS[told.status].lower()}”.",
            "Please check status and date.",
        )


def _off(when: When, status: Status) -> Change:
    if status in OFF:
        return Change("nothing", when, status, False)
    if status in _AFTER:
        raise Refused(
            "status",
            f"It is over, so that it can’t be cancelled; here: {STATUS_WORDS[status].lower()}.",
            "Give it the status that it has.",
        )
    return Change("cancelled", when, "cancelled")


def since(when: When, now: datetime) -> datetime:
    """From when on what follows a visit counts: an old one brings nothing any more."""
    return now if when.starts_at > now - NEWS else when.ends_at
