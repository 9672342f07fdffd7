"""Letting go of what is old: every night by the workers, or by ``engage retention run``."""

from __future__ import annotations

import time as real_time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.domain.timing import instant, local
from engage.ids import first_id
from engage.runtime import Runtime
from engage.services import audit
from engage.storage import retention, signups

logger = log.get(__name__)

BATCH = 2000
# What a worker spends on it in one round of its sweep: it has other work.
SECONDS = 5.0
# A night's walk through the messages begins with those made so long before the limit; the first of each month it
# begins with the first: few messages are planned further ahead, or revived.
PLANNED_AHEAD = timedelta(days=400)
NIGHT = time(3)
# Ids of what came in may be younger than what they say by so much.
LATE = timedelta(days=1)
NOTHING = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of thing. ``before``, aware UTC: what ended, came or was closed before goes."""

    name: str
    words: str
    kept: str
    before: datetime


@dataclass(frozen=True, slots=True)
class Gone:
    """How many of one kind went, or would go."""

    step: Step
    count: int


def steps(rt: Runtime, now: datetime, real: datetime) -> list[Step]:
    """All kinds, with their limits. What the movable clock dated is measured by ``now``, the rest by ``real``."""
    policy = rt.clinic.retention

    def days(name: str, words: str, count: int, at: datetime) -> Step:
        return Step(name, words, f"{count} days", at - timedelta(days=count))

    def years(name: str, words: str, count: int) -> Step:
        # The database judges by the real clock, so a moved one takes nothing.
        return Step(name, words, f"{count} years", _years_before(min(now, real), count))

    unconfirmed = rt.clinic.signup.unconfirmed_kept_days
    return [
        days("message_values", "addresses and names in messages", policy.message_values_days, now),
        days("unconfirmed", "sign-ups that nobody confirmed", unconfirmed, now),
        days("waiting_addresses", "new addresses that nobody confirmed", unconfirmed, now),
        days("raw_events", "what vendors posted, as it came", policy.raw_events_days, real),
        days("received_texts", "texts that people sent, as they came", policy.received_texts_days, real),
        days("received_mails", "mails to the address for leaving", policy.received_texts_days, now),
        days("mailbox", "messages in the development mailbox", policy.message_values_days, now),
        days("closed_requests", "words of closed consultation requests", policy.closed_requests_days, now),
        days("follow_up_notes", "notes of follow-ups that are done", policy.follow_up_notes_days, now),
        days("check_in_answers", "answers how somebody is", policy.check_in_answers_days, now),
        days("imports", "what imported files changed, for undoing them", policy.imports_days, now),
        days("campaigns", "who was to get a campaign", policy.campaign_recipients_days, now),
        years("consent", "entries of the consent ledger, once out of effect", policy.consent_years),
        years("authorizations", "authorizations for marketing, once out of effect", policy.consent_years),
        years("audit", "rows of the audit trail", policy.audit_years),
    ]


def run(rt: Runtime, *, dry: bool = False) -> list[Gone]:
    """Lets go of everything that is old, or with ``dry`` only counts it. Short transactions; twice does no harm."""
    with rt.transaction() as tx:
        wanted = steps(rt, rt.now(tx), datetime.now(UTC))
        if dry:
            return [Gone(one, retention.count(tx, one.name, one.before, _bound(one))) for one in wanted]
    return [Gone(one, sum(_batches(rt, one))) for one in wanted]


def _batches(rt: Runtime, step: Step) -> Iterator[int]:
    place: UUID | None = NOTHING
    while place is not None:
        with rt.transaction() as tx:
            count, place = _batch(rt, tx, step, place)
        yield count


def nightly(rt: Runtime, seconds: float = SECONDS) -> int:
    """A worker's share of the night's work: once a day by the real clock, after three in the clinic's zone.

    It goes on where the last round stopped. Returns how many things went.
    """
    until = real_time.monotonic() + seconds
    real = datetime.now(UTC)
    total = 0
    with rt.transaction() as tx:
        over = retention.ended_since(tx, _night(rt, real))
        wanted = [step for step in steps(rt, rt.now(tx), real) if step.name not in over]
    for step in wanted:
        while real_time.monotonic() < until:
            with rt.transaction() as tx:
                if not retention.alone(tx):
                    return total
                count = _round(rt, tx, step, real)
            if count is None:
                break
            total += count
    return total


def _round(rt: Runtime, tx: Connection, step: Step, real: datetime) -> int | None:
    """One batch of tonight's walk. None when that is over."""
    found = retention.walk(tx, step.name)
    if found is None or (found.ended_at is not None and found.begun_at < _night(rt, real)):
        place = _start(rt, step, real, first=found is None)
        retention.begin(tx, step.name, place)
    elif found.ended_at is not None:
        return None
    else:
        place = found.place
    count, following = _batch(rt, tx, step, place)
    retention.go_on(tx, step.name, count, following, ended=following is None)
    if count:
        logger.info("let go", name=step.name, count=count)
    return count


def _batch(rt: Runtime, tx: Connection, step: Step, place: UUID) -> tuple[int, UUID | None]:
    """(how many went, where it goes on; None when it is over)."""
    if step.name == "message_values":
        return retention.message_values(tx, step.before, place, BATCH)
    if step.name == "unconfirmed":
        count = signups.forget_unconfirmed(tx, step.before, rt.now(tx))
    elif step.name == "audit":
        count = audit.let_go(rt, tx, step.before)
    else:
        count = retention.let_go(tx, step.name, step.before, _bound(step), BATCH)
    return count, place if count else None


def _bound(step: Step) -> UUID:
    return first_id(step.before + LATE)


def _night(rt: Runtime, real: datetime) -> datetime:
    """The last time that the clinic's clocks showed three at night."""
    today = local(real, rt.clinic.zone).date()
    tonight = instant(today, NIGHT, rt.clinic.zone)
    return tonight if tonight <= real else instant(today - timedelta(days=1), NIGHT, rt.clinic.zone)


def _start(rt: Runtime, step: Step, real: datetime, *, first: bool) -> UUID:
    if step.name != "message_values" or first or local(real, rt.clinic.zone).day == 1:
        return NOTHING
    return first_id(min(step.before, real) - PLANNED_AHEAD)


def _years_before(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:  # February 29th
        return moment.replace(year=moment.year - years, month=2, day=28)
