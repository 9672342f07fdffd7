"""What one person answered to check-ins over time: for the staff page's chart and its table, and as a sheet."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.message_words import REASONS
from engage.domain.messages import Channel
from engage.domain.outcome_chart import Chart, chart
from engage.domain.outcomes import ASKS_WORDS, FEELINGS, Answer, cell, kept, occasion
from engage.domain.timing import local
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.services.courses import NoSuchPerson
from engage.services.opening import opened
from engage.services.ways import ways
from engage.storage import check_ins, merges, people

LEFT = frozenset({"accepted", "delivered", "unknown", "claimed"})
HEAD = (
    "asked_at",
    "answered_at",
    "question",
    "occasion",
    "asked_by",
    "score_0_to_10",
    "feeling",
    "words",
    "answered_by",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question, and its answer if there is one. Times are aware, in the person's zone; ``asked_at`` is None while
    it has not left, or never did."""

    id: UUID
    question: str
    occasion: str
    channel: str
    asked_at: datetime | None
    answered_at: datetime | None
    answer: Answer | None

    @property
    def feeling(self) -> str:
        """In words; empty where the answer is a number, or none."""
        return FEELINGS[self.answer.feeling] if self.answer is not None and self.answer.feeling else ""


@dataclass(frozen=True, slots=True)
class CheckIns:
    """Whether the person agreed to be asked, and what they answered. ``since`` is aware, in the clinic's zone;
    ``hindrance`` says why nothing can be asked though they agreed. ``outcomes`` are those asked or answered, newest
    first."""

    way: Channel | None
    since: datetime | None
    source: str
    hindrance: str
    outcomes: list[Outcome]
    chart: Chart | None


def of_person(rt: Runtime, tx: Connection, person: UUID, zone: str, now: datetime) -> CheckIns:
    """All about one person's check-ins."""
    wish = check_ins.wish(tx, person)
    way = cast(Channel, wish.channel) if wish is not None and wish.agreed else None
    found = [one for one in _all(rt, tx, person, zone) if one.asked_at or one.answer]
    answered = [(one.answered_at.date(), one.answer) for one in found if one.answered_at and one.answer]
    scores = [(day, given.score) for day, given in answered if given.score is not None]
    feelings = [(day, given.feeling) for day, given in answered if given.feeling is not None]
    refused = ways(rt, tx, [person], now).open[person][way].refused if way is not None else None
    return CheckIns(
        way=way,
        since=local(wish.at, rt.clinic.zone) if wish is not None else None,
        source=wish.source if wish is not None else "",
        hindrance=REASONS.get(refused, refused) if refused else "",
        outcomes=found[::-1],
        chart=chart(scores, feelings),
    )


def sheet(rt: Runtime, actor: Actor, person: UUID) -> str:
    """The answers as CSV with a head, oldest first, times in ISO 8601 with the person's offset. Writes a row of the
    audit trail. Raises NoSuchPerson."""
    with rt.transaction() as tx:
        row = people.one(tx, person)
        if row is None:
            raise NoSuchPerson(str(person))
        note(tx, rt, actor, "export", "check-ins", None, person)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(HEAD)
        for one in _all(rt, tx, person, row.zone):
            if one.asked_at or one.answer:
                writer.writerow([cell(value) for value in _line(one)])
        return out.getvalue()


def _line(one: Outcome) -> list[object]:
    given = one.answer
    return [
        _iso(one.asked_at),
        _iso(one.answered_at),
        one.question,
        one.occasion,
        one.channel,
        given.score if given is not None else None,
        one.feeling,
        given.words if given is not None else "",
        given.by if given is not None else "",
    ]


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment is not None else ""


def _all(rt: Runtime, tx: Connection, person: UUID, zone: str) -> list[Outcome]:
    records = merges.all_of(tx, person)
    first = check_ins.first_visit(tx, records)
    return [_outcome(rt, row, zone, first) for row in check_ins.of_people(tx, records)]


def _outcome(rt: Runtime, row: Any, zone: str, first_visit: datetime | None) -> Outcome:
    asked = (row.sent_at or row.due_at) if row.status in LEFT else None
    return Outcome(
        id=row.id,
        question=ASKS_WORDS[row.kind],
        occasion=occasion(row.slug, row.answered_at, first_visit),
        channel=row.channel or "",
        asked_at=local(asked, zone) if asked is not None else None,
        answered_at=local(row.answered_at, zone) if row.answered_at is not None else None,
        answer=kept(opened(rt, "check_ins", row.id, row.sealed)),
    )
