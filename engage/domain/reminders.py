"""Which messages a visit brings, on which way, and when. A pure function of visit, policy, recipient and ``now``.

Every rule of the policy ends in exactly one of two ways for a version of a visit: a message on one channel, or a reason
why there is none. Moments are aware UTC; "three days before" is the same time of day by the clocks at the visit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from engage.domain.appointments import TENTATIVE, Visit, When
from engage.domain.hours import Decent, place
from engage.domain.messages import (
    PLAN_ENDED,
    VISIT_BOOKED,
    VISIT_BOOKED_TEXT,
    VISIT_CANCELLED,
    VISIT_CANCELLED_TEXT,
    VISIT_FIRST,
    VISIT_MISSED,
    VISIT_MISSED_TEXT,
    VISIT_MOVED,
    VISIT_MOVED_TEXT,
    VISIT_REMINDER,
    VISIT_REMINDER_TEXT,
    VISIT_SOON_TEXT,
    Channel,
    Kind,
)
from engage.domain.timing import instant, local

What = Literal["reminder", "first-visit", "soon", "missed", "plan-end"]
Late = Literal["confirm", "send", "skip"]

# Which kind of message says it on which channel.
KIND_OF: dict[tuple[str, Channel], Kind] = {
    ("reminder", "email"): VISIT_REMINDER,
    ("reminder", "sms"): VISIT_REMINDER_TEXT,
    ("booked", "email"): VISIT_BOOKED,
    ("booked", "sms"): VISIT_BOOKED_TEXT,
    ("first-visit", "email"): VISIT_FIRST,
    ("soon", "sms"): VISIT_SOON_TEXT,
    ("missed", "email"): VISIT_MISSED,
    ("missed", "sms"): VISIT_MISSED_TEXT,
    ("plan-end", "email"): PLAN_ENDED,
    ("moved", "email"): VISIT_MOVED,
    ("moved", "sms"): VISIT_MOVED_TEXT,
    ("cancelled", "email"): VISIT_CANCELLED,
    ("cancelled", "sms"): VISIT_CANCELLED_TEXT,
}
AFTER: frozenset[What] = frozenset({"missed", "plan-end"})
# Rules that every policy has: what was told has to be true.
MOVED, CANCELLED = "moved", "cancelled"
# What staff sent again is no rule's: "resent-1", "resent-2" and so on.
RESENT = "resent"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the policy. ``minutes`` before the visit's start, or after what ``about`` waits for. ``useful``:
    minutes before the start until which it helps, or after its moment. ``channels`` in the order in which they are
    tried."""

    slug: str
    about: What
    minutes: int
    channels: tuple[Channel, ...]
    useful: int
    late: Late = "skip"
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """The clinic's rules, as they are switched now. ``undo`` is how long a notice waits for a change of mind;
    ``redundant``: no confirmation of a late booking when a reminder follows within so long; ``corrections``: the order
    of channels where the one that told the old time can't be used any more."""

    rules: tuple[Rule, ...]
    undo: timedelta = timedelta(seconds=60)
    redundant: timedelta = timedelta(hours=4)
    notices: tuple[Channel, ...] = ("sms", "email")

    def switched(self, switches: Mapping[str, bool]) -> Policy:
        """The same with what staff turned on or off."""
        rules = tuple(replace(rule, enabled=switches.get(rule.slug, rule.enabled)) for rule in self.rules)
        return replace(self, rules=rules)

    @property
    def version(self) -> str:
        """Names the policy: a visit that was planned with another is planned again."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Way:
    """One channel to a person: ``refused`` says why it can't be used (a slug of message_words.REASONS), None when it can.
    ``decent`` are the hours there, None where all are."""

    refused: str | None = None
    decent: Decent | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What left about a visit, or may have left, on a channel: when it is, or with None that it is off."""

    channel: Channel
    rule: str
    version: int
    when: When | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule means for a visit: a message of ``kind`` on ``channel`` with its times, or none with a reason."""

    rule: str
    channel: Channel
    kind: Kind | None = None
    due_at: datetime | None = None
    not_after: datetime | None = None
    reason: str = ""


@dataclass(slots=True)
class _Planner:
    visit: Visit
    policy: Policy
    ways: Mapping[Channel, Way]
    told: Sequence[Told]
    now: datetime
    outcomes: list[Outcome] = field(default_factory=list)


def plan(
    visit: Visit, policy: Policy, ways: Mapping[Channel, Way], told: Sequence[Told], now: datetime
) -> list[Outcome]:
    """All that should go out about this version of ``visit``, and why the rest does not.

    ``told`` is all that left about any version of it. The same plan comes out whenever it is asked for, but for what
    a moment that has passed makes impossible.
    """
    planner = _Planner(visit, policy, ways, told, now)
    if visit.live:
        _correct(planner)
        _remind(planner)
    elif visit.status in ("cancelled", "entered-in-error"):
        _call_off(planner)
    elif visit.status in TENTATIVE and any(one.when is not None for one in latest(told).values()):
        # Somebody believes that it stands, and no text of ours says that it may come yet.
        planner.outcomes.append(Outcome(MOVED, "email", reason="visit_changed"))
    elif visit.status == "noshow":
        _afterwards(planner, "missed")
    elif visit.status == "fulfilled" and visit.last_of_plan:
        _afterwards(planner, "plan-end")
    return planner.outcomes


def is_resent(rule: str) -> bool:
    """Whether staff sent it again, so that no rule's plan speaks for it or against it."""
    return rule.startswith(f"{RESENT}-")


def latest(told: Sequence[Told]) -> dict[Channel, Told]:
    """What each channel told last."""
    found: dict[Channel, Told] = {}
    for one in sorted(told, key=lambda one: (one.at, one.version)):
        found[one.channel] = one
    return found


def _correct(planner: _Planner) -> None:
    """Wherever another time has left, the right one follows; on another way where that one is closed."""
    visit, now = planner.visit, planner.now
    wrong = [one.channel for one in latest(planner.told).values() if one.when != visit.when]
    if not wrong or now >= visit.when.starts_at:
        return
    used: set[Channel] = set()
    for channel in sorted(wrong):
        open_ways = [channel] if _open(planner, channel) else _others(planner, channel)
        chosen = next(iter(open_ways), None)
        if chosen is None:
            planner.outcomes.append(
                Outcome(MOVED, channel, reason=planner.ways[channel].refused or "no_address")
            )
        elif chosen not in used:
            used.add(chosen)
            _notice(planner, MOVED, "moved", chosen)


def _call_off(planner: _Planner) -> None:
    """One short notice on each way that told of the visit; where none did, on the first that is open."""
    visit = planner.visit
    if planner.now >= visit.when.starts_at:
        return
    last = latest(planner.told)
    if last and all(one.when is None for one in last.values()):
        return
    believed = sorted(channel for channel, one in last.items() if one.when is not None)
    if not believed:
        if visit.status == "entered-in-error" or visit.version == 1 or visit.unagreed:
            # Nobody was told, and it never stood: a place on the waiting list that goes is no cancelled visit.
            return
        believed = list(planner.policy.notices[:1])
    used: set[Channel] = set()
    for channel in believed:
        chosen = channel if _open(planner, channel) else next(iter(_others(planner, channel)), None)
        if chosen is None:
            planner.outcomes.append(
                Outcome(CANCELLED, channel, reason=planner.ways[channel].refused or "no_address")
            )
        elif chosen not in used:
            used.add(chosen)
            _notice(planner, CANCELLED, "cancelled", chosen)


def _notice(planner: _Planner, rule: str, about: str, channel: Channel) -> None:
    """At the next decent moment before the visit, once a change of mind would have shown."""
    start = planner.visit.when.starts_at
    moment = _decent(planner, channel, planner.visit.since + planner.policy.undo, start)
    if moment is None:
        planner.outcomes.append(Outcome(rule, channel, reason="no_decent_hour"))
        return
    planner.outcomes.append(Outcome(rule, channel, KIND_OF[about, channel], moment, start))


def _remind(planner: _Planner) -> None:
    """The rules in their order. Whoever booked late is told once, by the first rule that confirms."""
    visit, since = planner.visit, planner.visit.since
    rules = [rule for rule in planner.policy.rules if rule.about not in AFTER]
    follows = any(
        rule.about == "reminder"
        and rule.enabled
        and since <= due(visit, rule) <= since + planner.policy.redundant
        and _way(planner, rule)
        for rule in rules
    )
    corrected = any(one.rule == MOVED and one.kind is not None for one in planner.outcomes)
    confirmed = False
    for rule in rules:
        reason = _not_at_all(planner, rule)
        if reason is None and due(visit, rule) < since and rule.late != "send":
            if rule.late == "skip" or confirmed or corrected or _knows(planner, rule):
                reason = "booked_late"
            elif follows:
                reason = "another_soon"
        if reason is not None:
            planner.outcomes.append(Outcome(rule.slug, rule.channels[0], reason=reason))
        elif due(visit, rule) >= since:
            _on_a_way(planner, rule, rule.about, due(visit, rule))
        else:
            about = "booked" if rule.late == "confirm" else rule.about
            left = _on_a_way(planner, rule, about, since + planner.policy.undo)
            confirmed = confirmed or (left and about == "booked")


def _not_at_all(planner: _Planner, rule: Rule) -> str | None:
    if not rule.enabled:
        return "switched_off"
    if rule.about == "first-visit" and not planner.visit.first:
        return "not_first"
    return "told_already" if _told_before(planner, rule) else None


def _afterwards(planner: _Planner, about: What) -> None:
    for rule in planner.policy.rules:
        if rule.about != about:
            continue
        if not rule.enabled:
            planner.outcomes.append(Outcome(rule.slug, rule.channels[0], reason="switched_off"))
            continue
        at = planner.visit.since + timedelta(minutes=rule.minutes)
        _on_a_way(planner, rule, about, at, at + timedelta(minutes=rule.useful))


def _on_a_way(
    planner: _Planner, rule: Rule, about: str, at: datetime, not_after: datetime | None = None
) -> bool:
    """The message on the first channel that is open and has a decent hour in time; a reason for each before it."""
    end = not_after or planner.visit.when.starts_at - timedelta(minutes=rule.useful)
    for channel in rule.channels:
        kind = KIND_OF.get((about, channel))
        reason = planner.ways[channel].refused
        if kind is None:
            reason = "no_such_text"
        elif reason is None:
            moment = _decent(planner, channel, at, end)
            if moment is not None:
                planner.outcomes.append(Outcome(rule.slug, channel, kind, moment, end))
                return True
            reason = "no_decent_hour" if at < end else "too_late"
        planner.outcomes.append(Outcome(rule.slug, channel, reason=reason))
    return False


def _decent(planner: _Planner, channel: Channel, at: datetime, before: datetime) -> datetime | None:
    """``at``, moved to a decent hour: earlier where it must, but never before the visit was what it is. Not by
    ``now``: what is planned again has the same moment."""
    decent = planner.ways[channel].decent
    if decent is None:
        return at if at < before else None
    return place(decent, at, before, planner.visit.since)


def due(visit: Visit, rule: Rule) -> datetime:
    """A rule's moment for a visit: so long before the start, days counted by the clocks at the visit: a night of changed clocks moves nothing."""
    days, minutes = divmod(rule.minutes, 24 * 60)
    there = local(visit.when.starts_at, visit.when.zone)
    start = visit.when.starts_at
    if days:
        start = instant(there.date() - timedelta(days=days), there.time(), visit.when.zone)
    return start - timedelta(minutes=minutes)


def _told_before(planner: _Planner, rule: Rule) -> bool:
    """Whether this rule told the very same of an earlier version: a visit moved away and back is no new one."""
    visit = planner.visit
    return any(
        one.rule == rule.slug and one.when == visit.when and one.version != visit.version
        for one in planner.told
    )


def _knows(planner: _Planner, rule: Rule) -> bool:
    """Whether the last word on a channel is this very time, by a rule that confirms. What is sent beside the confirmation
    does not take its place."""
    beside = {other.slug for other in planner.policy.rules if other.late == "send"} | {rule.slug}
    told = [one for one in planner.told if one.rule not in beside]
    return any(one.when == planner.visit.when for one in latest(told).values())


def _way(planner: _Planner, rule: Rule) -> bool:
    return any((rule.about, one) in KIND_OF and _open(planner, one) for one in rule.channels)


def _open(planner: _Planner, channel: Channel) -> bool:
    return planner.ways[channel].refused is None


def _others(planner: _Planner, channel: Channel) -> list[Channel]:
    return [other for other in planner.policy.notices if other != channel and _open(planner, other)]
