"""What needs somebody now, found for the staff's first page: each kind of thing with its count, none with a name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from engage.domain import alerts
from engage.domain.campaigns import PAUSED_WORDS
from engage.domain.messages import CHANNELS, PURPOSES
from engage.domain.timing import local
from engage.domain.today import MOST, Found, moment
from engage.domain.today_week import CARE_FAILED, Counts, days
from engage.domain.today_words import SAID
from engage.domain.working_hours import after_work
from engage.runtime import Runtime
from engage.services import deliverability, gates, instance
from engage.services.campaign_report import progress
from engage.services.health import SILENCE_SECONDS, WAKE_UP
from engage.services.working_hours import hours_of
from engage.storage import clock, senders, today
from engage.storage import instance as instances
from engage.storage.today import Campaign

# One more than is told apart.
LOOK = MOST + 1
# More open follow-ups than this are not told apart from so many.
FOLLOW_UPS = 5000
# Care messages that failed are told of for so many days, today among them.
FAILED_DAYS = 3
# What is told of as something else: a late request as the request.
ELSEWHERE = frozenset({"deadline_passed"})

_SENDERS = {
    "email:sendgrid": "Email by SendGrid",
    "email:smtp": "Email by the mail server",
    "email:local": "Email",
    "sms:twilio": "Text messages by Twilio",
    "sms:local": "Text messages",
}


def found(
    rt: Runtime, tx: Connection, now: datetime, campaigns: list[Campaign], counts: Counts
) -> Iterator[Found]:
    """Everything, in no order; what is not there has the count 0 or is left out. ``now`` is aware UTC; ``counts`` are the
    week's figures."""
    here = local(now, rt.clinic.zone)
    yield from _standing_still(tx)
    yield from _follow_ups(rt, tx, now)
    yield from _requests(rt, tx, now, here)
    yield from _channels(rt, tx, here)
    for paused in deliverability.paused_in(rt, tx):
        yield Found(
            "course",
            about=f"“{paused.title}” is paused for everybody: {paused.words}.",
            since=paused.paused_at,
        )
    yield from _campaigns(rt, campaigns)
    held, unknown = today.held(tx, LOOK), today.unknown(tx, LOOK)
    yield Found("held", held.count, held.since and local(held.since, rt.clinic.zone))
    yield Found("unknown", unknown.count)
    yield _failed(days(now, rt.clinic.zone)[-FAILED_DAYS:], counts)


def _standing_still(tx: Connection) -> Iterator[Found]:
    row = instances.look(tx)
    if row is not None and (why := instance.why_not(row)):
        more = "An operator looks with “engage instance show” and lets it go on."
        yield Found("copy", about=f"{why}.", more=more)
    age = clock.heartbeat_age(tx, WAKE_UP)
    more = "An operator has to see to the worker and beat; “engage doctor” tells more."
    if age is None:
        yield Found("silent", about="no worker has been heard yet.", more=more)
    elif age > SILENCE_SECONDS:
        yield Found("silent", about=f"no worker has been heard for {_span(age)}.", more=more)


def _span(seconds: float) -> str:
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if (many := int(seconds // size)) > 0:
            return f"{many} {word}{'s' if many > 1 else ''}"
    return f"{int(seconds)} seconds"


def _follow_ups(rt: Runtime, tx: Connection, now: datetime) -> Iterator[Found]:
    rows = [row for row in today.follow_ups(tx, FOLLOW_UPS) if row.kind not in ELSEWHERE]
    for kind in dict.fromkeys(row.kind for row in rows if row.kind in SAID):
        if kind == "urgent":
            continue
        mine = [row for row in rows if row.kind == kind]
        yield Found(
            kind,
            sum(row.count for row in mine),
            local(min(row.since for row in mine), rt.clinic.zone),
            late=min(row.due_at for row in mine) <= now,
        )
    for row in rows:
        if row.kind == "urgent":
            what = "urgent_taken" if row.taken else "urgent"
            yield Found(what, row.count, local(row.since, rt.clinic.zone))


def _requests(rt: Runtime, tx: Connection, now: datetime, here: datetime) -> Iterator[Found]:
    near = after_work(hours_of(rt), now, timedelta(hours=rt.clinic.consultation.warn_before_hours))
    due = today.requests(tx, near, LOOK)
    late = [one for one in due if one <= now]
    for what, some, due_words in (
        ("requests_late", late, ("Was due", "The first was due")),
        ("requests_near", due[len(late) :], ("Due", "The first is due")),
    ):
        if some:
            words = f"{due_words[len(some) > 1]} {moment(local(some[0], rt.clinic.zone), here)}."
            yield Found(what, len(some), late=some is late, more=words)


def _channels(rt: Runtime, tx: Connection, here: datetime) -> Iterator[Found]:
    """Senders that rest, of those by which something goes now."""
    used = {gates.key_of(rt.route(purpose, channel)) for purpose in PURPOSES.values() for channel in CHANNELS}
    for row in senders.everyone(tx):
        breaker = senders.breaker_of(row)
        if row.sender not in used or breaker.closed:
            continue
        name = _SENDERS.get(row.sender, row.sender)
        if alerts.is_down(breaker):
            why = "the account is refused" if breaker.refuses else "it does not answer as it should"
            more = "What is due waits, and goes by itself once it works again. An operator has to look: “engage doctor”."
            yield Found("channel", about=f"{name} can’t be sent: {why}.", more=more)
        else:
            more = "It is tried again within moments, and nothing is lost."
            yield Found(
                "channel_brief", about=f"{name} rests for a moment: its sender did not answer.", more=more
            )


def _campaigns(rt: Runtime, campaigns: list[Campaign]) -> Iterator[Found]:
    waiting = [one for one in campaigns if one.state == "checking"]
    place = f"/staff/campaigns/{waiting[0].id}" if len(waiting) == 1 else ""
    yield Found("approve", len(waiting), place=place)
    for one in campaigns:
        if one.state == "paused":
            since = local(one.paused_at, rt.clinic.zone) if one.paused_at is not None else None
            left, place = progress(one).to_come, f"/staff/campaigns/{one.id}"
            had = f"{left:,} {'person has' if left == 1 else 'people have'} not had it yet." if left else ""
            more = " ".join(filter(None, (PAUSED_WORDS.get(one.paused_reason or ""), had)))
            yield Found("campaign", 1, since, about=f"“{one.name}” is paused.", more=more, place=place)


def _failed(these: list[date], counts: Counts) -> Found:
    count = sum(counts.get(day, {}).get(CARE_FAILED, 0) for day in these)
    more = "Whoever is still to be reached has a follow-up of their own."
    place = f"{SAID['care_failed'].place}&since={these[0]}"
    return Found("care_failed", count, more=more, place=place)
