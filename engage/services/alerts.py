"""Alerts: raising them, telling them, and watching what operators must know. Texts carry a link only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from engage import log
from engage.domain import alerts as rules
from engage.domain.alerts import ALERTS, Addresses, AlertKind
from engage.domain.follow_ups import ALERTING
from engage.domain.people import normal_email
from engage.domain.working_hours import is_open
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services.working_hours import hours_of
from engage.storage import alerts, instance, messages, senders
from engage.storage.messages import Plan

logger = log.get(__name__)

SENDER_WINDOW = timedelta(hours=1)
FOLLOW_UPS = "/staff/follow-ups"
# What is not read within a day is told again anyway.
USEFUL = timedelta(days=1)


def raise_alert(rt: Runtime, tx: Connection, kind: str, about: str, link: str = "") -> bool:
    """Raises one, unless it is open already. ``link`` is a path on our site, the kind's overview if empty."""
    return raise_many(rt, tx, kind, [(about, link)]) == 1


def raise_many(rt: Runtime, tx: Connection, kind: str, rows: Sequence[tuple[str, str]]) -> int:
    """As ``raise_alert`` for many (about, link). Returns how many were new."""
    overview = ALERTS[kind].overview
    raised = alerts.open_many(tx, kind, [(about, link or overview) for about, link in rows])
    if raised:
        logger.warning("alert", kind=kind, count=raised)
    return raised


def over(rt: Runtime, tx: Connection, kind: str, about: str) -> bool:
    """Ends an alert: nobody is told of it again. False when none was open."""
    return alerts.over(tx, kind, about)


def tell(rt: Runtime, now: datetime | None = None) -> int:
    """Plans the letters about what is open and due to be told. Returns how many letters.

    ``now`` is real time, aware UTC: people are reminded by their own clock.
    """
    now = now or datetime.now(UTC)
    policy = rt.clinic.alerts
    soonest = timedelta(minutes=min(policy.repeat_minutes, policy.urgent_repeat_minutes))
    with rt.transaction() as tx:
        follow(rt, tx)
        kinds = [ALERTS[kind] for kind in alerts.kinds_to_tell(tx, now - soonest) if kind in ALERTS]
        if not kinds:
            return 0
        open_now = is_open(hours_of(rt), now)
        planned_at = rt.now(tx)
        return sum(_tell(rt, tx, kind, _repeat(rt, kind), open_now, now, planned_at) for kind in kinds)


def _repeat(rt: Runtime, alert: AlertKind) -> timedelta:
    policy = rt.clinic.alerts
    return timedelta(minutes=policy.urgent_repeat_minutes if alert.urgent else policy.repeat_minutes)


def follow(rt: Runtime, tx: Connection) -> None:
    """Of follow-ups that staff are told of an alert is open as long as nobody has taken or finished them, however that
    came: what was given back is told of again."""
    alerts.over_taken(tx, ALERTING)
    for kind in ALERTING:
        waiting = alerts.not_alerted(tx, kind)
        if waiting:
            links = [
                (str(id), f"/staff/texts/{id}" if cause == "inbound" else FOLLOW_UPS) for cause, id in waiting
            ]
            raise_many(rt, tx, kind, links)


def _tell(
    rt: Runtime,
    tx: Connection,
    alert: AlertKind,
    repeat: timedelta,
    open_now: bool,
    now: datetime,
    planned_at: datetime,
) -> int:
    told_lately = alerts.told_since(tx, alert.name, now - repeat)
    most = rt.clinic.alerts.most_per_repeat
    if told_lately >= most:
        return 0
    rows = alerts.lock_to_tell(tx, alert.name, now - repeat)
    waiting = [row for row in rows if rules.is_due(alert, row.told_at, now, repeat, open_now)]
    to = rules.whom(alert, _addresses(rt), open_now)
    shares = rules.shares(waiting, told_lately, most)
    plans = [plan for share in shares for plan in _letters(rt, alert, share, to, planned_at)]
    messages.plan(tx, plans, planned_at)
    alerts.told(tx, [row.id for share in shares for row in share], now)
    return len(plans)


def _addresses(rt: Runtime) -> Addresses:
    policy = rt.clinic.alerts
    own = (rt.clinic.email,)
    return Addresses(policy.staff or own, policy.operators or own, policy.out_of_hours)


def _letters(
    rt: Runtime, alert: AlertKind, share: Sequence[Any], to: Sequence[str], now: datetime
) -> Iterator[Plan]:
    first = share[0]
    link = first.link if len(share) == 1 else alert.overview
    values = {"staff_url": rt.settings.public_url + link}
    for address in dict.fromkeys(to):
        id = new_id()
        mark = rt.sealer.index("email", normal_email(address)).hex()[:16]
        yield Plan(
            id=id,
            kind=alert.message,
            cause="alert",
            cause_id=first.id,
            dedup_key=f"alert/{first.id}/{first.times}/{mark}",
            due_at=now,
            not_after=now + USEFUL,
            sealed=rt.sealer.seal("messages", id, {"to": address, "values": values}),
        )


def watch(rt: Runtime, now: datetime | None = None) -> None:
    """Raises and ends what operators are told about: a queue that stands, a sender that fails, filtered texts.

    ``now`` is real time; when messages fall due is the movable clock's.
    """
    now = now or datetime.now(UTC)
    policy = rt.clinic.alerts
    with rt.transaction() as tx:
        clinic_now = rt.now(tx)
        oldest = alerts.oldest_due(tx, clinic_now)
        stuck = oldest is not None and clinic_now - oldest > timedelta(minutes=policy.queue_stuck_minutes)
        _set(rt, tx, "queue_stuck", stuck)
        in_vain = alerts.sent_in_vain(tx, now - SENDER_WINDOW) >= policy.sender_down_messages
        _set(rt, tx, "sender_down", in_vain or _rests(rt, tx))
        _set(rt, tx, "filtered", rules.too_many_filtered(*alerts.filtered(tx, rules.OF_TEXTS)))
        # There is nothing to wait for: once told, the next message with such a code raises it anew.
        alerts.over_once_told(tx, "unknown_code")
        standing = instance.look(tx)
        if standing is not None and standing.fingerprint != standing.found:
            # No letter could leave to tell of it.
            held = standing.fingerprint == instance.HELD
            logger.error("held by a person" if held else "restored copy", state="held")


def _rests(rt: Runtime, tx: Connection) -> bool:
    """Whether a sender that carries something here rests, and not only for a moment."""
    settings = rt.settings
    used = {f"email:{settings.email}", f"email:{settings.care_email}", f"sms:{settings.sms}"}
    return any(rules.is_down(senders.breaker_of(row)) for row in senders.everyone(tx) if row.sender in used)


def _set(rt: Runtime, tx: Connection, kind: str, wrong: bool) -> None:
    if wrong:
        raise_alert(rt, tx, kind, "all")
    else:
        over(rt, tx, kind, "all")
