"""A believable clinic, made through the same services that real people use."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from engage.domain.courses import MAIN_PAINS
from engage.domain.messages import SIGNUP_CONFIRM
from engage.domain.people import normal_email
from engage.runtime import Runtime
from engage.services import (
    demo_requests,
    demo_visits,
    lessons,
    number_proof,
    numbers,
    signups,
    today_week,
    unsubscribe,
)
from engage.services.deliver import deliver
from engage.storage import consents, messages
from engage.storage.database import run
from engage.storage.locks import Lock

GIVEN_NAMES = (
    *("Ada", "Amara", "Bao", "Beatriz", "Callum", "Chiara", "Dmitri", "Elif", "Esther", "Farid"),
    *("Grace", "Hana", "Imani", "Ingrid", "Jonas", "José", "Keiko", "Leila", "Lucía", "Mateo"),
    *("Mei", "Nadia", "Noor", "Olu", "Pilar", "Quinn", "Rosa", "Sanjay", "Tove", "Yusuf"),
)
DAYS_BACK = 45
# How many of those who confirm also want news and offers.
WANT_NEWS = 0.6


class NotForProduction(RuntimeError):
    """The demo invents people; production has real ones."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What the demo made."""

    signups: int
    people: int
    messages: int
    requests: int = 0


def fill(rt: Runtime, people: int, seed: int, told: Callable[[str], None]) -> Filled:
    """Invents ``people`` sign-ups of the last 45 days and lets their days go by, message by message.

    Raises NotForProduction; ValueError when the demo was filled before.
    """
    if not rt.settings.development or rt.settings.email != "local":
        raise NotForProduction("`engage demo` works in development with the local sender only")
    dice = random.Random(seed)
    now = rt.now()
    # Workers would send the past at once, so they wait until the demo has lived through it.
    with rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as hold:
        run(hold, "SELECT pg_advisory_lock(%(key)s)", {"key": Lock.DELIVERING})
        try:
            filled = _live_through(rt, _arrivals(dice, people, now), dice, now, told)
            filled = replace(filled, requests=demo_requests.fill(rt, now))
            today_week.count(rt, at_once=True)
            return filled
        finally:
            run(hold, "SELECT pg_advisory_unlock_all()")


@dataclass(frozen=True, slots=True)
class _Arrival:
    at: datetime
    form: dict[str, str]
    ip: str
    number: str
    confirms: bool
    leaves_after: int | None
    pauses_after: int | None
    books_after: int | None


def _arrivals(dice: random.Random, people: int, now: datetime) -> list[_Arrival]:
    moments = sorted(now - timedelta(days=dice.uniform(0.2, DAYS_BACK)) for _ in range(people))
    zones = (
        "America/New_York",
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Los_Angeles",
    )
    found = []
    for n, at in enumerate(moments):
        name = dice.choice(GIVEN_NAMES)
        form = {
            "given_name": name,
            "email": f"demo.{n}.{dice.randrange(10_000)}@example.org",
            "main_pain": dice.choice([*MAIN_PAINS, ""]),
            "zone": dice.choice(zones),
            "consent": "yes",
        }
        fate = dice.random()
        found.append(
            _Arrival(
                at=at,
                form=form,
                # Everyone comes from a network of their own: one client may not send so many forms.
                ip=f"2001:db8:{n:x}::1",
                # Every third one would like texts, too.
                number=f"+1518555{n % 10_000:04}" if n % 3 == 0 else "",
                confirms=dice.random() < 0.85,
                leaves_after=dice.randint(2, 7) if fate < 0.12 else None,
                pauses_after=dice.randint(1, 6) if 0.12 <= fate < 0.22 else None,
                books_after=dice.randint(3, 9) if 0.22 <= fate < 0.40 else None,
            )
        )
    return found


def _live_through(
    rt: Runtime, arrivals: list[_Arrival], dice: random.Random, now: datetime, told: Callable[[str], None]
) -> Filled:
    course = next(iter(rt.library.courses))
    sent = confirmed = 0
    waiting = list(arrivals)
    followed: dict[UUID, _Arrival] = {}
    moment = waiting[0].at if waiting else now
    while moment <= now:
        past = rt.at(moment)
        while waiting and waiting[0].at <= moment:
            arrival = waiting.pop(0)
            enrolment = _arrive(past, course, arrival)
            if enrolment is not None:
                confirmed += 1
                followed[enrolment] = arrival
        while (tally := deliver(past, seconds=60)).seen:
            sent += tally.accepted
        _act(past, followed, dice)
        demo_visits.go_on(past, dice)
        moment = _next(past, moment, waiting[0].at if waiting else None)
        told(f"{moment:%Y-%m-%d}")
    return Filled(len(arrivals), confirmed, sent)


def _next(rt: Runtime, moment: datetime, arrival: datetime | None) -> datetime:
    with rt.transaction() as tx:
        due = messages.next_due(tx, moment, moment + timedelta(days=DAYS_BACK))
    following = [m for m in (due, arrival) if m is not None]
    return min(following) if following else moment + timedelta(days=DAYS_BACK)


def _arrive(rt: Runtime, course: str, arrival: _Arrival) -> UUID | None:
    """Signs up, reads the mail, and confirms or does not. Returns the enrolment."""
    signups.accept(rt, course, arrival.form, arrival.ip)
    signups.answer_new(rt)
    deliver(rt, seconds=60)
    if not arrival.confirms:
        return None
    with rt.transaction() as tx:
        index = rt.sealer.index("email", normal_email(arrival.form["email"]))
        sql = """SELECT g.id FROM signups g JOIN messages m ON m.cause_id = g.id AND m.kind = %(kind)s
        WHERE g.address_index = %(index)s AND m.status = 'accepted'"""
        found = run(tx, sql, {"index": index, "kind": SIGNUP_CONFIRM.name}).scalar()
    if found is None:
        return None
    token = rt.links.token("confirm", found, rt.now() + timedelta(days=1))
    confirmed = signups.confirm(rt, token)
    if arrival.number:
        _add_number(rt, confirmed.texts_token, arrival)
    with rt.transaction() as tx:
        sql = "SELECT enrolment_id, person_id FROM signups WHERE id = %(id)s"
        enrolment, person = run(tx, sql, {"id": found}).one()
        if random.Random(arrival.form["email"]).random() < WANT_NEWS:
            # As the preference page asks for it.
            consents.enter(
                tx, person, "email", "marketing", "granted", actor="person", source="demo", now=rt.now(tx)
            )
    return UUID(str(enrolment))


def _add_number(rt: Runtime, token: str, arrival: _Arrival) -> None:
    """Asks for texts, and answers the first one with YES. An area code may have had enough in that hour."""
    numbers.ask(rt, token, {"number": arrival.number, "consent": "yes"}, arrival.ip)
    deliver(rt, seconds=60)
    with rt.transaction() as tx:
        number_proof.yes(rt, tx, rt.sealer.index("sms", arrival.number), rt.now(tx))


def _act(rt: Runtime, followed: dict[UUID, _Arrival], dice: random.Random) -> None:
    """Some people leave, pause or book after a few lessons."""
    for enrolment, arrival in list(followed.items()):
        with rt.transaction() as tx:
            sql = """SELECT m.id, e.person_id, cardinality(e.done) AS done FROM enrolments e
            JOIN messages m ON m.person_id = e.person_id AND m.cause_id = e.id AND m.status = 'accepted' AND m.channel = 'email'
            WHERE e.id = %(id)s ORDER BY m.due_at DESC LIMIT 1"""
            row = run(tx, sql, {"id": enrolment}).one_or_none()
        if row is None:
            continue
        if arrival.leaves_after == row.done:
            unsubscribe.unsubscribe(rt, rt.links.token("unsubscribe", row.id), "one-click")
        elif arrival.books_after == row.done:
            demo_visits.book(rt, row.person_id, dice)
        elif arrival.pauses_after == row.done:
            lessons.pause(rt, rt.links.token("lesson", row.id), 14)
        else:
            continue
        del followed[enrolment]
