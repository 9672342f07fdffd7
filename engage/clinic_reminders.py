"""The part of the clinic's file on reminders of visits, as the rules want it."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from engage.domain.messages import Channel
from engage.domain.reminders import (
    AFTER,
    CANCELLED,
    KIND_OF,
    MOVED,
    Late,
    Policy,
    Rule,
    What,
    is_resent,
)

_UNITS = {"minute": 1, "hour": 60, "day": 24 * 60}
_SPAN = re.compile(r"(\d{1,4}) (minute|hour|day)s?")
_MOST_MINUTES = 60 * 24 * 60


def minutes_of(text: str) -> int:
    """Minutes in "3 days", "2 hours" or "30 minutes". Raises ValueError."""
    found = _SPAN.fullmatch(text)
    minutes = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 1 <= minutes <= _MOST_MINUTES:
        raise ValueError(
            f"{text!r} is no span of time up to 60 days; write one as 3 days, 2 hours or 30 minutes"
        )
    return minutes


def _span(text: str) -> str:
    minutes_of(text)
    return text


Span = Annotated[str, AfterValidator(_span)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReminderRule(_Section):
    """One reminder: what it says, how long before the visit (or after), on which channels in turn, until when it is of
    use, and what becomes of it where the visit is booked later than its moment."""

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)
    says: What
    before: Span | None = None
    after: Span | None = None
    channels: tuple[Channel, ...] = Field(min_length=1)
    useful_until: Span
    booked_late: Late = "skip"
    on: bool = True

    @model_validator(mode="after")
    def _one_moment(self) -> ReminderRule:
        wanted, other = ("after", "before") if self.says in AFTER else ("before", "after")
        if getattr(self, wanted) is None or getattr(self, other) is not None:
            raise ValueError(f"{self.slug}: {self.says} needs `{wanted}` and no `{other}`")
        if missing := [name for name in self.channels if (self.says, name) not in KIND_OF]:
            raise ValueError(
                f"{self.slug}: there is no {self.says} by {missing[0]}; leave it out of `channels`"
            )
        if self.before is not None and minutes_of(self.useful_until) >= minutes_of(self.before):
            raise ValueError(f"{self.slug}: `useful_until` is before the visit, and shorter than `before`")
        return self

    @property
    def rule(self) -> Rule:
        """The same for the rules."""
        return Rule(
            self.slug,
            self.says,
            minutes_of(self.before or self.after or ""),
            self.channels,
            minutes_of(self.useful_until),
            self.booked_late,
            self.on,
        )


DEFAULT = (
    ReminderRule(
        slug="email-3-days",
        says="reminder",
        before="3 days",
        channels=("email",),
        useful_until="12 hours",
        booked_late="confirm",
    ),
    ReminderRule(
        slug="text-1-day",
        says="reminder",
        before="1 day",
        channels=("sms", "email"),
        useful_until="1 hour",
        booked_late="confirm",
    ),
    ReminderRule(
        slug="first-visit",
        says="first-visit",
        before="2 days",
        channels=("email",),
        useful_until="2 hours",
        booked_late="send",
    ),
    ReminderRule(
        slug="text-2-hours",
        says="soon",
        before="2 hours",
        channels=("sms",),
        useful_until="30 minutes",
        on=False,
    ),
    ReminderRule(
        slug="missed-visit", says="missed", after="2 hours", channels=("sms", "email"), useful_until="3 days"
    ),
    ReminderRule(
        slug="end-of-plan", says="plan-end", after="1 day", channels=("email",), useful_until="14 days"
    ),
)


class ReminderPolicy(_Section):
    """All rules. ``undo_seconds``: how long a notice of a change waits for a change of mind. No confirmation of a visit
    that is booked late when a reminder follows within ``redundant_hours``."""

    undo_seconds: int = Field(default=60, ge=0, le=3600)
    redundant_hours: int = Field(default=4, ge=0, le=72)
    rules: tuple[ReminderRule, ...] = DEFAULT

    @model_validator(mode="after")
    def _each_once(self) -> ReminderPolicy:
        slugs = [rule.slug for rule in self.rules]
        if doubled := {slug for slug in slugs if slugs.count(slug) > 1}:
            raise ValueError(f"{min(doubled)} stands twice; give each rule a slug of its own")
        if reserved := [slug for slug in slugs if slug in (MOVED, CANCELLED) or is_resent(slug)]:
            raise ValueError(f"{min(reserved)} is the slug of a notice; choose another")
        return self

    @cached_property
    def policy(self) -> Policy:
        """The same for the rules, before what staff switched."""
        return Policy(
            tuple(rule.rule for rule in self.rules),
            timedelta(seconds=self.undo_seconds),
            timedelta(hours=self.redundant_hours),
        )
