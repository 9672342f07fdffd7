"""The clinic's rules of reminders as people say them."""

from __future__ import annotations

from datetime import timedelta

from engage.domain.messages import VISIT_BOOKED, VISIT_BOOKED_TEXT, Channel
from engage.domain.reminders import AFTER, CANCELLED, MOVED, Policy, Rule, What, is_resent

SAYS: dict[What, str] = {
    "reminder": "Reminder of a visit",
    "first-visit": "How to prepare for a first visit",
    "soon": "Short reminder",
    "missed": "After a missed visit",
    "plan-end": "After the last visit of a plan",
}
BOOKED = frozenset({VISIT_BOOKED.name, VISIT_BOOKED_TEXT.name})
BY: dict[Channel, str] = {"email": "email", "sms": "text"}
_LATE = {
    "confirm": "Who is booked later than that is told at once that the visit is booked, unless another message says it.",
    "send": "Who is booked later than that gets it at once.",
    "skip": "Who is booked later than that does not get it.",
}


def title(rule: Rule) -> str:
    """What it is and when: "Reminder of a visit, 3 days before"."""
    return f"{SAYS[rule.about]}, {span(rule.minutes)} {'later' if rule.about in AFTER else 'before'}"


def words(rule: Rule) -> str:
    """A rule in words: "Reminder of a visit, 1 day before, by text, else by email"."""
    return f"{title(rule)}, by {ways(rule)}"


def ways(rule: Rule) -> str:
    """ "text, else by email"."""
    return ", else by ".join(BY[channel] for channel in rule.channels)


def late(rule: Rule) -> str:
    """What becomes of it for a visit that is booked later; empty where that can't be."""
    return "" if rule.about in AFTER else _LATE[rule.late]


def name_of(slug: str, policy: Policy, kind: str = "") -> str:
    """What brought a message: a rule by its title, a notice, or staff who sent it again. A rule that met a late booking
    tells by a ``kind`` of its own that the visit is booked, and when has nothing to do with the rule's moment."""
    if kind in BOOKED:
        return "Tells that the visit is booked"
    rule = next((one for one in policy.rules if one.slug == slug), None)
    if rule is not None:
        return title(rule)
    if is_resent(slug):
        return "Sent again by staff"
    notices = {MOVED: "Notice of another time", CANCELLED: "Notice that the visit is off"}
    return notices.get(slug, "By a rule that is gone")


def span(minutes: int) -> str:
    """So many minutes in words: "3 days"."""
    length = timedelta(minutes=minutes)
    for size, word in (
        (timedelta(days=1), "day"),
        (timedelta(hours=1), "hour"),
        (timedelta(minutes=1), "minute"),
    ):
        if length % size == timedelta():
            count = length // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    raise AssertionError("a span is whole minutes")
