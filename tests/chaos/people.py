"""People of the chaos runs: who sign up, who follow a course, who say STOP."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, time
from hashlib import sha256
from time import time as real_time
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from engage.domain.courses import Course
from engage.domain.people import normal_email
from engage.ids import new_ids
from engage.services import courses
from engage.storage import clock, consents, messages, people, suppressions
from engage.storage.database import run
from tests.chaos import judge
from tests.chaos.judge import Verdict
from tests.chaos.load import Planned, index_of
from tests.chaos.points import Column
from tests.chaos.stand import Stand
from tests.fakes.ledger import Received
from tests.processes.visitor import Visitor

if TYPE_CHECKING:
    from tests.chaos.rounds import Round

UNDER_WAY = """SELECT EXISTS (SELECT 1 FROM messages WHERE kind = 'course-lesson' AND (status = 'claimed'
    OR (status = 'planned' AND due_at <= %(now)s) OR (status = 'unknown' AND reason IS DISTINCT FROM 'never_known')))"""
WORDING = sha256(b"Yes, please.").digest()
# At this hour it is the middle of the day where they all live, and lessons may leave.
NOON = 18


def course(stand: Stand) -> Course:
    """The course that they follow."""
    return next(iter(stand.rt.library.courses.values()))


def enrol(stand: Stand, name: str, count: int) -> list[str]:
    """``count`` people who agreed, each with the first lesson planned for tomorrow; their addresses."""
    rt, addresses = stand.rt, [f"course.{name}.{n}@example.org" for n in range(count)]
    with rt.transaction() as tx:
        now = rt.now(tx)
        consents.keep_wording(tx, WORDING, "Yes, please.", now)
        for address in addresses:
            person, contact = new_ids(2)
            people.add(
                tx, person, rt.sealer.seal("people", person, {"given_name": "Ada"}), rt.clinic.zone, now
            )
            index = rt.sealer.index("email", normal_email(address))
            sealed = rt.sealer.seal("contacts", contact, {"address": address})
            people.add_contact(tx, contact, person, "email", index, sealed, now)
            consents.enter(
                tx,
                person,
                "email",
                "education",
                "granted",
                actor="person",
                source="chaos",
                now=now,
                wording=WORDING,
            )
            courses.enrol(rt, tx, person, contact, course(stand), rt.clinic.zone, now)
    return addresses


def next_lesson(stand: Stand) -> bool:
    """Moves the clock to noon of the day of the next lesson. False when there is none, or when the last one is still
    under way: what the clock skips here is days in a clinic, and evidence of a lost answer is awaited for minutes."""
    rt = stand.rt
    with suppress(SQLAlchemyError), rt.transaction() as tx:
        now = rt.now(tx)
        if run(tx, UNDER_WAY, {"now": now}).scalar():
            return False
        sql = "SELECT min(due_at) FROM messages WHERE kind = 'course-lesson' AND status = 'planned' AND due_at > %(now)s"
        due = run(tx, sql, {"now": now}).scalar()
        if due is not None:
            noon = datetime.combine(due.date(), time(NOON), UTC)
            clock.set_ahead(tx, max(noon, now) - datetime.now(UTC))
            return True
    return False


def finish(round: Round, known: Sequence[str]) -> list[Verdict]:
    """The rest of the course without faults; then each of its lessons has come once, in order."""
    if not known:
        return []
    while next_lesson(round.stand):
        round.settle()
        if round.release():
            round.settle()
        if round.stuck_at:
            break
    chosen, library = course(round.stand), round.stand.rt.library
    titles = [library.lesson(chosen.slug, lesson.slug).subject for lesson in chosen.lessons]
    listed = _listed_lessons(round.stand, known)
    return [judge.lessons(known, titles, round.stand.fake.ledger(), round.column, listed)]


def _listed_lessons(stand: Stand, known: Sequence[str]) -> dict[tuple[str, str], tuple[str, str]]:
    """Where the product says that each lesson is, by address and title."""
    rt, chosen = stand.rt, course(stand)
    by_index = {rt.sealer.index("email", normal_email(address)): address for address in known}
    titles = {lesson.slug: rt.library.lesson(chosen.slug, lesson.slug).subject for lesson in chosen.lessons}
    sql = """SELECT c.address_index, m.step, m.status, coalesce(m.reason, '') FROM messages m
    JOIN contacts c ON c.id = m.contact_id WHERE m.kind = 'course-lesson'"""
    with rt.transaction() as tx:
        found = run(tx, sql).all()
    return {(by_index[bytes(r[0])], titles[r[1]]): (r[2], r[3]) for r in found if bytes(r[0]) in by_index}


class Visitors:
    """They send the form of the course page until it is answered, as people do."""

    def __init__(self, stand: Stand, name: str) -> None:
        self.stand, self.name = stand, name
        self.waiting: list[str] = []
        self.answered: list[str] = []
        self.number = 0

    def come(self) -> None:
        """Somebody new, and everybody who got no answer."""
        self.number += 1
        self.waiting.append(f"new-{self.name}-{self.number}@example.org")
        self.again()

    def again(self) -> None:
        visitor = Visitor(self.stand.base_url)
        for email in tuple(self.waiting):
            try:
                answered = visitor.sign_up(email=email).status == 303
            except (OSError, http.client.HTTPException):
                return
            if answered:
                self.waiting.remove(email)
                self.answered.append(email)

    def insist(self) -> None:
        def all_answered() -> bool:
            self.again()
            return not self.waiting

        self.stand.wait(all_answered, "answers to every form")

    def verdict(self, ledger: Sequence[Received], column: Column) -> Verdict:
        """Each got one confirmation, however often the form was sent; in the column "lost" one more is allowed."""
        copies = Counter(one.to for one in ledger if one.channel == "email")
        verdict = Verdict(len(self.answered))
        listed = self._listed()
        for email in self.answered:
            status, reason = listed.get(email, ("missing", ""))
            if copies[email] > 1:
                allowed = column == "lost" and copies[email] == 2
                (verdict.extra if allowed else verdict.doubled).append(
                    f"{email}: {copies[email]} confirmations"
                )
            elif not copies[email] and status in judge.LISTED and reason:
                verdict.listed[f"{status}: {reason}"] += 1
            elif not copies[email]:
                verdict.lost.append(f"{email}: no confirmation ({status} {reason})")
        return verdict

    def _listed(self) -> dict[str, tuple[str, str]]:
        rt = self.stand.rt
        by_index = {rt.sealer.index("email", normal_email(email)): email for email in self.answered}
        sql = """SELECT g.address_index, m.status, coalesce(m.reason, '') FROM messages m
        JOIN signups g ON g.id = m.cause_id WHERE m.cause = 'signup'"""
        with rt.transaction() as tx:
            return {by_index.get(bytes(row[0]), ""): (row[1], row[2]) for row in run(tx, sql)}


def say_stop(round: Round, chosen: Sequence[Planned]) -> None:
    """The one click of the mail's header, for each; when it was answered is noted."""
    stand = round.stand
    visitor = Visitor(stand.base_url)
    for one in chosen:
        try:
            with stand.rt.transaction() as tx:
                row: Any = messages.by_key(tx, one.key)
            link = stand.rt.links.url("unsubscribe", row.id)
            if visitor.post(link, {"List-Unsubscribe": "One-Click"}).status == 200:
                round.stopped[one.to] = real_time()
                round.faults["STOP"] += 1
        except (OSError, http.client.HTTPException, SQLAlchemyError):
            continue


def suppress_address(stand: Stand, one: Planned, purpose: str) -> None:
    """An address that wants nothing more, from now on."""
    with stand.rt.transaction() as tx:
        now = stand.rt.now(tx)
        suppressions.add(tx, one.channel, index_of(stand.rt, one), purpose, "unsubscribed", now)
