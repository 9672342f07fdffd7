"""Alerts: what somebody must be told about, whom, how often, and how much of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from engage.domain.breaker import Breaker
from engage.domain.messages import (
    ALERT_CAMPAIGN_PAUSED,
    ALERT_COURSE_HALTED,
    ALERT_DEADLINE_NEAR,
    ALERT_DEADLINE_PASSED,
    ALERT_FILTERED,
    ALERT_MAIL_CAP,
    ALERT_NEW_REQUEST,
    ALERT_QUEUE_STUCK,
    ALERT_RUNNING_LATE,
    ALERT_SENDER_DOWN,
    ALERT_TEXT_CAP,
    ALERT_UNKNOWN_CODE,
    ALERT_URGENT,
    Kind,
)

Audience = Literal["staff", "operators"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AlertKind:
    """One thing to be told about. ``overview`` is the page that lists all of its like. ``urgent``: repeated sooner, at
    any hour, and when the clinic is closed whoever is on call is told too."""

    name: str
    audience: Audience
    message: Kind
    overview: str
    urgent: bool = False


ALERTS: dict[str, AlertKind] = {
    alert.name: alert
    for alert in (
        AlertKind("new_request", "staff", ALERT_NEW_REQUEST, "/staff/requests"),
        AlertKind("deadline_near", "staff", ALERT_DEADLINE_NEAR, "/staff/requests"),
        AlertKind("deadline_passed", "staff", ALERT_DEADLINE_PASSED, "/staff/requests"),
        AlertKind("urgent", "staff", ALERT_URGENT, "/staff/follow-ups", urgent=True),
        AlertKind("running_late", "staff", ALERT_RUNNING_LATE, "/staff/follow-ups"),
        AlertKind("anonymous_mail_cap", "operators", ALERT_MAIL_CAP, "/staff/messages"),
        AlertKind("text_cap", "operators", ALERT_TEXT_CAP, "/staff/messages"),
        AlertKind("queue_stuck", "operators", ALERT_QUEUE_STUCK, "/staff/messages"),
        AlertKind("sender_down", "operators", ALERT_SENDER_DOWN, "/staff/messages"),
        AlertKind("unknown_code", "operators", ALERT_UNKNOWN_CODE, "/staff/messages"),
        AlertKind("filtered", "operators", ALERT_FILTERED, "/staff/messages"),
        AlertKind("course_halted", "operators", ALERT_COURSE_HALTED, "/staff/messages"),
        AlertKind("campaign_paused", "staff", ALERT_CAMPAIGN_PAUSED, "/staff/campaigns"),
    )
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Who is told, as the clinic's file says."""

    staff: tuple[str, ...]
    operators: tuple[str, ...]
    out_of_hours: tuple[str, ...]


# Texts that carriers held for spam: more than this share of the newest, and not just one or two of a few.
OF_TEXTS = 1000
FILTERED_SHARE = 0.01
FILTERED_LEAST = 5
# A sender that did not work after its first rest is not merely hiccuping.
RESTS = 2


def is_down(breaker: Breaker) -> bool:
    """True when a sender rests that somebody should look at: it refuses our account, or rested before in vain."""
    return not breaker.closed and (breaker.refuses or breaker.rests >= RESTS)


def too_many_filtered(filtered: int, texts: int) -> bool:
    """``filtered`` of the newest ``texts`` (at most OF_TEXTS)."""
    return filtered >= FILTERED_LEAST and filtered > texts * FILTERED_SHARE


def whom(alert: AlertKind, addresses: Addresses, is_open: bool) -> tuple[str, ...]:
    """The addresses for one alert. What breaks at night goes to whoever is on call, if anybody is."""
    if alert.urgent and not is_open:
        return (*addresses.staff, *addresses.out_of_hours)
    if alert.audience == "staff":
        return addresses.staff
    return addresses.operators if is_open or not addresses.out_of_hours else addresses.out_of_hours


def is_due(
    alert: AlertKind, told_at: datetime | None, now: datetime, repeat: timedelta, is_open: bool
) -> bool:
    """True when it must be told now: at once, then each ``repeat``; staff are reminded when they work, and of what is
    urgent at any hour."""
    if told_at is None:
        return True
    return told_at + repeat <= now and (is_open or alert.urgent or alert.audience == "operators")


def shares(waiting: Sequence[T], told_lately: int, most: int) -> list[list[T]]:
    """Which of the ``waiting`` go into which letter, so that a flood does not fill the inbox.

    One each while that makes no more than ``most`` letters in an interval; else one letter for all
    of them. None when the interval has had its letters: they wait for the next one.
    """
    if not waiting or told_lately >= most:
        return []
    if told_lately + len(waiting) <= most:
        return [[one] for one in waiting]
    return [list(waiting)]
