"""What a visit would bring, and when, from the clinic's file alone. Touches no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engage.domain import reminders as rules
from engage.domain.appointments import Visit, When
from engage.domain.hours import Policy as Hours
from engage.domain.hours import windows_for
from engage.domain.message_words import REASONS
from engage.domain.messages import Channel
from engage.domain.reminder_words import span
from engage.domain.reminders import Policy, Way
from engage.domain.timing import local
from engage.domain.whereabouts import whereabouts


@dataclass(frozen=True, slots=True)
class Simulated:
    """One rule's outcome. Without ``due_at`` (aware UTC) nothing goes out by it; ``local`` is the same moment where the
    recipient is. ``reason`` is in words."""

    rule: str
    channel: Channel
    due_at: datetime | None
    local: datetime | None
    not_after: datetime | None
    reason: str


def simulate(
    policy: Policy,
    hours: Hours,
    when: When,
    booked_at: datetime,
    *,
    home: str = "",
    first: bool = False,
    closed: Sequence[Channel] = (),
) -> list[Simulated]:
    """Every rule's outcome for a visit that is booked at ``booked_at`` (aware UTC) by somebody whose clocks are those
    of ``home``, the visit's zone if empty, and whom the ``closed`` channels do not reach."""
    zone = home or when.zone
    where = whereabouts(zone)
    ways: dict[Channel, Way] = {
        channel: Way("no_consent" if channel in closed else None, windows_for(hours, "care", channel, where))
        for channel in ("email", "sms")
    }
    visit = Visit(UUID(int=0), 1, when, "booked", booked_at, first=first)
    outcomes = rules.plan(visit, policy, ways, (), booked_at)
    return [
        Simulated(
            one.rule,
            one.channel,
            one.due_at,
            local(one.due_at, zone) if one.due_at is not None else None,
            one.not_after,
            REASONS[one.reason] if one.kind is None else _why(policy, visit, one),
        )
        for one in outcomes
    ]


def _why(policy: Policy, visit: Visit, one: rules.Outcome) -> str:
    rule = next(rule for rule in policy.rules if rule.slug == one.rule)
    assert one.kind is not None and one.due_at is not None
    wanted = rules.due(visit, rule)
    if wanted < visit.since:
        said = "booked later than its moment, so it goes at once"
        wanted = visit.since + policy.undo
    else:
        said = f"{span(rule.minutes)} before the visit"
    if one.due_at < wanted:
        return f"{said}, moved earlier to a decent hour"
    return said if one.due_at == wanted else f"{said}, moved later to a decent hour"
