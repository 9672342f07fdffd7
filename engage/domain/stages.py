"""Where a person stands with the clinic: exactly one stage each, from facts and now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

Stage = Literal["subscriber", "consulting", "booked", "in_treatment", "maintenance", "past"]
STAGES: tuple[Stage, ...] = get_args(Stage)
# As a profile's row keeps it; 0 is nobody's stage: a person of whom none of these is true.
NUMBERS: dict[Stage, int] = {slug: number for number, slug in enumerate(STAGES, 1)}
NONE = 0
WORDS: dict[Stage, str] = {
    "subscriber": "Subscribers",
    "consulting": "Asked for a consultation",
    "booked": "Booked",
    "in_treatment": "In treatment",
    "maintenance": "Maintenance",
    "past": "Past patients",
}
MEANINGS: dict[Stage, str] = {
    "subscriber": "Agreed to a course or to news; no request is open, and no visit was made or booked.",
    "consulting": "Asked for a consultation that is not closed yet; no visit is booked.",
    "booked": "A visit is to come, and none took place in the last six months.",
    "in_treatment": "Visits less than four weeks apart.",
    "maintenance": "Visits four weeks or more apart, the last one within six months.",
    "past": "The last visit is more than six months ago, and none is to come.",
}
# Those that tell of treatment: marketing may not use them without the patient's written authorization.
# Source: 45 CFR 164.501 (marketing), 164.508(a)(3).
OF_TREATMENT: frozenset[Stage] = frozenset({"booked", "in_treatment", "maintenance", "past"})

# Weekly or fortnightly visits are a treatment; monthly ones keep up what it reached.
APART = timedelta(days=28)
LAPSED = timedelta(days=182)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one person; moments are aware UTC.

    ``last`` and ``before``: the starts of the last two visits that took place, so far as anybody knows: one that was
    missed or called off is none of them. ``next``: the start of the first one to come. ``asked``: a consultation request
    that is not closed. ``agreed``: to courses or marketing on any channel, or takes a course.
    """

    last: datetime | None = None
    before: datetime | None = None
    next: datetime | None = None
    asked: bool = False
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's stage, None where there is none, and when time alone may change it (aware UTC)."""

    stage: Stage | None
    look_again: datetime | None = None

    @property
    def number(self) -> int:
        """As a profile's row keeps it."""
        return NUMBERS[self.stage] if self.stage is not None else NONE


def stage(facts: Facts, now: datetime) -> Standing:
    """The one stage of a person at ``now``."""
    if facts.last is not None and now < facts.last + LAPSED:
        return _patient(facts, facts.last, now)
    if facts.next is not None:
        return Standing("booked", facts.next)
    if facts.asked:
        return Standing("consulting")
    if facts.last is not None:
        return Standing("past")
    return Standing("subscriber" if facts.agreed else None)


def _patient(facts: Facts, last: datetime, now: datetime) -> Standing:
    """Somebody who visited within half a year."""
    lapses = last + LAPSED
    if facts.next is not None:
        near = facts.next - last < APART
        return Standing("in_treatment" if near else "maintenance", min(facts.next, lapses))
    if now < last + APART and (facts.before is None or last - facts.before < APART):
        return Standing("in_treatment", last + APART)
    return Standing("maintenance", lapses)
