"""People of the chaos runs: who sign up, who follow a course, who say STOP."""

from __future__ import annotations

import http.client
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bench import people as many
from engage.storage import messages
from tests.chaos import judge
from tests.chaos.judge import Verdict
from tests.chaos.load import Planned
from tests.chaos.stand import Stand
from tests.fakes.ledger import Received
from tests.processes.visitor import Visitor

if TYPE_CHECKING:
    from tests.chaos.rounds import Round

_enrolled = 0


def enrol(stand: Stand, name: str, count: int) -> list[str]:
    """``count`` people with the first lesson planned; their addresses."""
    global _enrolled
    first, _enrolled = _enrolled, _enrolled + count
    with stand.rt.transaction() as tx:
        now = stand.rt.now(tx)
        start = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=4)
        many.move_clock(tx, start)
        many._enrol(stand.rt, tx, range(first, _enrolled), start)
    return [f"person.{n}@example.org" for n in range(first, _enrolled)]


def next_lesson(stand: Stand) -> int:
    """Moves the clock to the day of the next lesson. Returns how many messages are due."""
    with suppress(SQLAlchemyError):
        return many.next_lesson_day(stand.rt)
    return 0


def finish(round: Round, people: Sequence[str]) -> list[Verdict]:
    """The rest of the course without faults; then each of its lessons has come once, in order."""
    if not people:
        return []
    while next_lesson(round.stand):
        round.settle()
        if round.wrong:
            break
    course = many.course(round.stand.rt)
    titles = [round.stand.rt.library.lesson(course.slug, lesson.slug).subject for lesson in course.lessons]
    return [judge.lessons(people, titles, round.stand.fake.ledger(), round.column)]


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

    def verdict(self, ledger: Sequence[Received]) -> Verdict:
        """Each got one confirmation, however often the form was sent."""
        copies = Counter(one.to for one in ledger if one.channel == "email")
        verdict = Verdict(len(self.answered))
        verdict.lost = [f"{email}: no confirmation" for email in self.answered if not copies[email]]
        for email in self.answered:
            if copies[email] > 1:
                verdict.extra.append(f"{email}: {copies[email]} confirmations")
        return verdict


def say_stop(round: Round, chosen: Sequence[Planned]) -> None:
    """The one click of the mail's header, for each; when it was answered is noted."""
    stand = round.stand
    visitor = Visitor(stand.base_url)
    for one in chosen:
        try:
            with stand.rt.transaction() as tx:
                row = messages.by_key(tx, one.key)
            link = stand.rt.links.url("unsubscribe", row.id)
            if visitor.post(link, {"List-Unsubscribe": "One-Click"}).status == 200:
                round.stopped[one.to] = time.time()
                round.faults["STOP"] += 1
        except (OSError, http.client.HTTPException, SQLAlchemyError):
            continue


def suppress_address(stand: Stand, one: Planned, purpose: str) -> None:
    """An address that wants nothing more, from now on."""
    from engage.storage import suppressions
    from tests.chaos.load import index_of

    with stand.rt.transaction() as tx:
        now = stand.rt.now(tx)
        suppressions.add(tx, one.channel, index_of(stand.rt, one), purpose, "unsubscribed", now)


