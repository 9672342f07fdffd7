"""Answers to texts: planned in the transaction that understood the text, sent at once or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import phonenumbers
from sqlalchemy import Connection

from engage.content.sms import fold, merged, segments
from engage.domain.inbound import (
    ANSWER_WITHIN,
    MOST_ANSWERS,
    MOST_ANSWERS_WITHIN,
    MOST_VISIT_ANSWERS,
    URGENT_AGAIN,
    spoken_names,
)
from engage.domain.messages import (
    ANSWER_CARE_KEPT,
    ANSWER_CARE_KEPT_SHARED,
    ANSWER_HELP,
    ANSWER_NOT_STARTED,
    ANSWER_STARTED,
    ANSWER_STARTED_SHARED,
    ANSWER_STOPPED,
    ANSWER_STOPPED_ASKING,
    ANSWER_UNCLEAR,
    ANSWER_URGENT,
    ANSWER_URGENT_STOPPED,
    ANSWER_WRONG_PERSON,
    ANSWERS_VISIT,
    Kind,
)
from engage.ids import new_id
from engage.runtime import Runtime
from engage.storage import inbound, messages, suppressions
from engage.storage.messages import Plan

# What can be asked again and again: two machines that answer each other must come to an end.
LIMITED = tuple(kind.name for kind in (ANSWER_HELP, ANSWER_NOT_STARTED, ANSWER_UNCLEAR, ANSWER_WRONG_PERSON))
ABOUT_VISITS = tuple(kind.name for kind in ANSWERS_VISIT)
URGENT = (ANSWER_URGENT.name, ANSWER_URGENT_STOPPED.name)
# STOP and START by turns are heeded each time, and confirmed so often a day: each answer is paid for.
CONFIRMING = tuple(
    kind.name for kind in (ANSWER_STOPPED, ANSWER_STOPPED_ASKING, ANSWER_STARTED, ANSWER_STARTED_SHARED)
)
MOST_CONFIRMED, CONFIRMED_WITHIN = 6, timedelta(days=1)
# While somebody who may be in danger waits for a person, nothing else talks to them.
THEN_TOO = frozenset(
    (
        *CONFIRMING,
        *URGENT,
        *(kind.name for kind in (ANSWER_HELP, ANSWER_NOT_STARTED, ANSWER_CARE_KEPT, ANSWER_CARE_KEPT_SHARED)),
    )
)
# Short codes and names as senders are machines, and can't be answered.
_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that came in, opened. ``heard_at`` is when, by the movable clock, aware UTC."""

    id: UUID
    index: bytes
    number: str
    words: str
    media: int
    opt_out_type: str | None
    heard_at: datetime


def _of_ours(rt: Runtime, number: str) -> bool:
    """Only numbers of the countries that we text are answered: abroad each answer may cost a hundred times as much."""
    codes = {phonenumbers.country_code_for_region(country) for country in rt.clinic.sms.countries}
    return any(number.startswith(f"+{code}") for code in codes)


def answer(
    rt: Runtime,
    tx: Connection,
    text: Text,
    kind: Kind,
    person: UUID | None,
    now: datetime,
    key: str = "",
    values: Mapping[str, str] | None = None,
) -> UUID | None:
    """Plans the answer of ``kind``; the caller holds the number's locks. Returns its id, None when none goes out.

    ``key`` is what it confirms, so that it is confirmed once; without it the text is answered. It is of no use five
    minutes after the text came: then the claim ends it with a reason (47 CFR 64.1200(a)(12)).
    """
    if not _NUMBER.fullmatch(text.number) or not _of_ours(rt, text.number):
        return None
    if not kind.despite_opt_out and suppressions.standing(tx, "sms", [text.index], kind.purpose, now):
        return None
    if kind.name not in THEN_TOO and inbound.asked_already(tx, text.index, "urgent"):
        return None
    if _too_many(tx, text.index, kind):
        return None
    id = new_id()
    told = {"to": text.number, "values": dict(values or {})}
    plan = Plan(
        id=id,
        kind=kind,
        cause="inbound",
        cause_id=text.id,
        person_id=person,
        dedup_key=f"{kind.name}/{key or text.id}",
        due_at=text.heard_at,
        not_after=text.heard_at + ANSWER_WITHIN,
        sealed=rt.sealer.seal("messages", id, told),
    )
    return id if messages.plan(tx, [plan], now) else None


def _too_many(tx: Connection, index: bytes, kind: Kind) -> bool:
    """Whether the number had all the answers of this sort that it gets within that time (real)."""
    limits = (
        (CONFIRMING, MOST_CONFIRMED, CONFIRMED_WITHIN),
        (LIMITED, MOST_ANSWERS, MOST_ANSWERS_WITHIN),
        (ABOUT_VISITS, MOST_VISIT_ANSWERS, MOST_ANSWERS_WITHIN),
        (URGENT, 1, URGENT_AGAIN),
    )
    return any(
        kind.name in kinds and inbound.answered_lately(tx, index, kinds, within) >= most
        for kinds, most, within in limits
    )


def named(rt: Runtime, plain: Kind, shared: Kind, names: list[str]) -> tuple[Kind, dict[str, str]]:
    """The answer that names whom it is about, where several share the number and the names fit one cheap segment."""
    if len(names) > 1:
        values = {"names": fold(spoken_names(names))}
        size = segments(merged(rt.library.text_message(shared.text).text, values))
        if size.count == 1 and size.encoding == "GSM-7":
            return shared, values
    return plain, {}
