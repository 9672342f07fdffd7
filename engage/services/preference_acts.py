"""What a person changes on the preference page. Each act is one transaction under the locks that a claim needs, is
confirmed by a letter, and does no harm twice. All raise BadLink or Forgotten for a link that is no use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import preferences as rules
from engage.domain.forms import InvalidInput
from engage.domain.messages import BULK, Channel, Purpose
from engage.domain.mobile import spoken
from engage.domain.preferences import TOPICS, WAYS
from engage.domain.timing import instant, local, usable, zone_names
from engage.domain.weeks import week
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import check_ins, courses, preferences
from engage.services.audit import PERSON, note
from engage.services.preference_letters import tell_of_change
from engage.storage import consents, enrolments, messages, people, suppressions
from engage.storage import preferences as rows

SOURCE = "preference page"
# As every way out of our own letters begins: what staff are told to start again finds it.
STOPPED = f"unsubscribe, {SOURCE}"
PURPOSES: tuple[Purpose, ...] = tuple(topic.purpose for topic in TOPICS)
# Waits that a change of hours or zone may end.
_HOURS = ("decent_hours", "no_decent_hour")


@dataclass(slots=True)
class Change:
    """An act under way: its transaction, the locked person and contacts, and whether anything became different."""

    tx: Connection
    person: Any
    contacts: list[Any]
    now: datetime
    zone: str
    made: bool = False

    @property
    def id(self) -> UUID:
        return UUID(str(self.person.id))


@contextmanager
def changing(rt: Runtime, token: str, channels: Sequence[str] = ()) -> Iterator[Change]:
    """The locks, and after an act that changed something the audit row and the letter about it."""
    with rt.transaction() as tx:
        person = preferences.open_link(rt, tx, token, lock=True)
        contacts = rows.lock_contacts(tx, person.id, channels) if channels else []
        change = Change(tx, person, contacts, rt.now(tx), usable(person.zone, rt.clinic.zone))
        yield change
        if change.made:
            note(tx, rt, PERSON, "change", "preferences", None, change.id)
            tell_of_change(rt, tx, change.id, change.now)


def stop(rt: Runtime, token: str, purpose: Purpose, channel: Channel) -> None:
    """Takes back one consent: always allowed, at once, whatever was agreed before."""
    with changing(rt, token, [channel]) as change:
        _stop(change, [purpose], channel)


def stop_all(rt: Runtime, token: str) -> None:
    """Takes back every consent on every channel."""
    with changing(rt, token, list(WAYS)) as change:
        for channel in WAYS:
            _stop(change, PURPOSES, channel)
        if check_ins.set_wish(rt, change.tx, change.id, None, SOURCE, PERSON, change.now):
            change.made = True


def _stop(change: Change, purposes: Sequence[Purpose], channel: Channel) -> None:
    tx, now = change.tx, change.now
    for purpose in purposes:
        if consents.granted(tx, change.id, channel, purpose):
            consents.enter(
                tx, change.id, channel, purpose, "withdrawn", actor="person", source=STOPPED, now=now
            )
            change.made = True
        for row in change.contacts:
            # One that was replaced may be somebody else's by now.
            if row.channel == channel and row.state not in ("pending", "replaced"):
                suppressions.add(tx, channel, bytes(row.address_index), purpose, "unsubscribed", now)
    ended = rows.end_planned(tx, change.id, channel, _gone(change, purposes, channel), now)
    if "education" in purposes and not preferences.agreed(tx, change.id, "education"):
        ended += courses.end_courses(tx, change.id, "unsubscribed", now)
    change.made = change.made or ended > 0


def _gone(change: Change, purposes: Sequence[Purpose], channel: Channel) -> list[Purpose]:
    """Of these purposes, those whose planned messages end now. A course that goes on by text keeps the row of its
    next lesson: the claim leaves the email out for want of consent, and the text goes beside it."""
    by_text = channel == "email" and "sms" in preferences.agreed(change.tx, change.id, "education")
    return [purpose for purpose in purposes if purpose != "education" or not by_text]


def agree(rt: Runtime, token: str, purpose: Purpose, channel: Channel, mark: str, ip: str) -> None:
    """Agrees to one purpose on one channel, with the words that were read (``mark`` names them).

    Raises InvalidInput when there is no confirmed address or number, or when it can't be written to.
    """
    field = f"{purpose}-{channel}"
    words = preferences.wording(rt, purpose, channel)
    with changing(rt, token, [channel]) as change:
        tx = change.tx
        hindrance = preferences.hindrance(tx, change.contacts, channel, purpose, change.now)
        if hindrance:
            raise InvalidInput({field: _cure(rt, hindrance, channel)})
        if mark != preferences.mark_of(words):
            raise InvalidInput(
                {field: "These words have changed. Please read them again and press once more."}
            )
        for row in change.contacts:
            if row.state == "confirmed":
                index = bytes(row.address_index)
                suppressions.lift(
                    tx, channel, index, purpose, ["unsubscribed"], "the address's owner", change.now
                )
                if row.care_only and purpose in BULK:
                    people.confirm_contact(tx, row.id)
        if not consents.granted(tx, change.id, channel, purpose):
            _grant(rt, change, purpose, channel, words, ip)
            change.made = True


def _cure(rt: Runtime, hindrance: str, channel: Channel) -> str:
    if hindrance == "no_address":
        return (
            "We have no confirmed mobile number of yours. Please add one first, or call us."
            if channel == "sms"
            else "We have no confirmed email address of yours. Please give one below."
        )
    if channel == "sms":
        return f"Texts to your number were stopped. Please text START to {spoken(rt.clinic.sender.sms)} from it, then try again."
    return f"Mail to your address came back or was reported. Please give another below, or call {rt.clinic.telephone}."


def _grant(rt: Runtime, change: Change, purpose: Purpose, channel: Channel, words: str, ip: str) -> None:
    digest, id = sha256(words.encode()).digest(), new_id()
    consents.keep_wording(change.tx, digest, words, change.now)
    consents.enter(
        change.tx,
        change.id,
        channel,
        purpose,
        "granted",
        actor="person",
        source=SOURCE,
        now=change.now,
        wording=digest,
        id=id,
        sealed=rt.sealer.seal("consents", id, {"ip": ip}),
    )


def ask_me(rt: Runtime, token: str, channel: Channel | None) -> None:
    """Agrees to be asked how they are by one way, or by none any more."""
    with changing(rt, token) as change:
        change.made = check_ins.set_wish(rt, change.tx, change.id, channel, SOURCE, PERSON, change.now)


def pause(rt: Runtime, token: str, until: str) -> None:
    """No lessons and no news before the day ``until``, as typed; reminders and answers go on. Courses move by as
    much, so that no lesson is lost. Raises InvalidInput."""
    with changing(rt, token) as change:
        day = rules.pause_day(until, local(change.now, change.zone).date())
        moment = instant(day, time(), change.zone)
        before = rows.of(change.tx, change.id).paused_until
        if moment == before:
            return
        rows.set_pause(change.tx, change.id, moment, change.now)
        change.made = True
        for row in enrolments.living(change.tx, change.id):
            own = row.paused_until is not None and row.paused_until != before
            if own and row.paused_until >= moment:
                continue
            courses.resume(rt, change.tx, row, change.zone, change.now)
            fresh = enrolments.one(change.tx, row.id)
            courses.pause(rt, change.tx, fresh, change.zone, moment, change.now)


def go_on(rt: Runtime, token: str) -> None:
    """Ends a pause early."""
    with changing(rt, token) as change:
        before = rows.of(change.tx, change.id).paused_until
        if before is None:
            return
        rows.set_pause(change.tx, change.id, None, change.now)
        for row in enrolments.living(change.tx, change.id):
            if row.paused_until == before:
                courses.resume(rt, change.tx, row, change.zone, change.now)
        rows.wake(change.tx, change.id, ["person_paused"], change.now)
        change.made = before > change.now


def go_on_with(rt: Runtime, token: str, course: str) -> None:
    """Ends one course's own pause early; a pause of everything still holds."""
    with changing(rt, token) as change:
        everything = rows.of(change.tx, change.id).paused_until
        for row in enrolments.living(change.tx, change.id, course):
            if row.paused_until is None or row.paused_until <= change.now or row.paused_until == everything:
                continue
            courses.resume(rt, change.tx, row, change.zone, change.now)
            if everything is not None and everything > change.now:
                fresh = enrolments.one(change.tx, row.id)
                courses.pause(rt, change.tx, fresh, change.zone, everything, change.now)
            change.made = True


def set_fewer(rt: Runtime, token: str, fewer: bool) -> None:
    """Fewer lessons and news a week, or the usual number."""
    with changing(rt, token) as change:
        if rows.of(change.tx, change.id).fewer != fewer:
            rows.set_fewer(change.tx, change.id, fewer, change.now)
            rows.wake(change.tx, change.id, ["fewer_messages"], change.now)
            change.made = True


def set_zone(rt: Runtime, token: str, zone: str) -> None:
    """Moves the person's clocks, and what is planned by them. Raises InvalidInput."""
    with changing(rt, token) as change:
        if zone not in zone_names():
            raise InvalidInput({"zone": "Please choose your time zone from the list."})
        if zone == change.person.zone:
            return
        rows.set_zone(change.tx, change.id, zone, change.now)
        for row in enrolments.living(change.tx, change.id):
            asked = any(planned.anytime for planned in messages.planned_for(change.tx, change.id, row.id))
            if not asked:  # The next lesson that somebody asked for now is not moved to the morning.
                courses.follow(rt, change.tx, row.id, zone)
        rows.wake(change.tx, change.id, _HOURS, change.now)
        change.made = True


def set_hours(rt: Runtime, token: str, days: Sequence[str], start: str, end: str) -> None:
    """Only on these days, from ``start`` to ``end`` ("17:00", "20:00") by the person's clock. Raises InvalidInput."""
    decent = week(rt.clinic.decent_hours.care.email)
    _set_hours(rt, token, lambda: rules.wished_hours(days, start, end, decent))


def any_hour(rt: Runtime, token: str) -> None:
    """At any decent hour again."""
    _set_hours(rt, token, list)


def _set_hours(rt: Runtime, token: str, lines_of: Any) -> None:
    with changing(rt, token) as change:
        lines = lines_of()
        if list(rows.of(change.tx, change.id).contact_hours) != lines:
            rows.set_hours(change.tx, change.id, lines, change.now)
            rows.wake(change.tx, change.id, _HOURS, change.now)
            change.made = True
