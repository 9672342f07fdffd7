"""Texts that came in: each is understood once and acted upon, in a transaction of its own, the oldest of a number first.

Locks are taken in the order of everybody: the text, its number, people and contacts, messages.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from engage import log
from engage.domain import inbound as rules
from engage.domain.inbound import Meaning
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
    ANSWER_WRONG_PERSON,
)
from engage.domain.replies import classify
from engage.runtime import Runtime
from engage.services import (
    check_ins,
    follow_ups,
    number_checks,
    number_proof,
    opt_outs,
    text_alerts,
    visit_answers,
)
from engage.services.consultation_work import deadline
from engage.services.opt_outs import Holders
from engage.services.sms_answers import Text, answer, named
from engage.storage import appointments, inbound, messages, suppressions

logger = log.get(__name__)

SECONDS = 2.0
BY_TEXT = "by text message"
# The database's trouble and nobody's fault: the next round will do.
PASSING = (OperationalError, InterfaceError)
# A question of ours is answered within a day; a YES months later means something else.
ASKED_FOR = timedelta(days=1)
# What somebody writes before a visit is read so long before it, if there is time.
BEFORE_VISIT = timedelta(hours=1)
LEFT = ("planned", "claimed", "accepted", "delivered", "unknown")
# outcome, id of the answer
Followed = tuple[str, UUID | None]


def understand(rt: Runtime, seconds: float = SECONDS) -> int:
    """Understands what came in, for about ``seconds``. May run twice at once. Returns how many texts."""
    until, done = time.monotonic() + seconds, 0
    failed: list[UUID] = []
    while time.monotonic() < until:
        id = None
        try:
            with rt.transaction() as tx:
                row = inbound.lock_next(tx, failed)
                if row is None:
                    return done
                id = row.id
                _understand(rt, tx, row)
                done += 1
        except PASSING:
            raise
        except Exception as error:
            if id is None:
                raise
            failed.append(id)
            _failed(rt, id, error)
    return done


def _failed(rt: Runtime, id: UUID, error: Exception) -> None:
    """One that can't be understood goes to a person at last: what came after it from that number must not wait."""
    name = type(error).__name__
    with rt.transaction() as tx:
        if inbound.failed(tx, id, name) >= rules.MOST_TRIES:
            logger.error("text set aside", inbound_id=str(id), error=name)
            inbound.understood(tx, id, "other", "Could not be read.", "unreadable")
            _ask(rt, tx, "unreadable_text", id, None, rt.now(tx))


def _understand(rt: Runtime, tx: Connection, row: Any) -> None:
    now = rt.now(tx)
    told = rt.sealer.open("inbound", row.id, row.sealed)
    index = bytes(row.number_index)
    text = Text(
        row.id, index, told["from"].strip(), told["body"], told["media"], row.opt_out_type, now - row.age
    )
    reading = classify(text.words)
    said = rules.meaning(reading, text.words, text.media, text.opt_out_type, rt.clinic.sms.opt_out)
    outcome, reply = _follow(rt, tx, text, said, now)
    inbound.understood(tx, row.id, reading.intent, reading.why, outcome, reply)


def _follow(rt: Runtime, tx: Connection, text: Text, said: Meaning, now: datetime) -> Followed:
    holders = opt_outs.lock(tx, text.index, now)
    if said.yes and number_proof.yes(rt, tx, text.index, now):
        return "number_confirmed", None
    if said.asks in ("stop", "wrong_person"):
        number_proof.stop(tx, text.index, now)
    if said.urgent and said.asks != "stop":
        return "urgent", text_alerts.urgent(rt, tx, text, holders.only(), now)
    match said.asks:
        case "stop":
            return _stop(rt, tx, text, said, holders, now)
        case "yes" | "care" if _asked_about_care(tx, holders, now):
            return _keep_care(rt, tx, text, holders, now)
        case _ if about_visit := visit_answers.follow(rt, tx, text, said, holders, now):
            return about_visit
        case "score" if said.number is not None and (
            kept := check_ins.score_by_text(rt, tx, text, holders, said.number, now)
        ):
            return kept, None
        case "start":
            return _start(rt, tx, text, said, holders, now)
        case "yes" if holders.stopped:
            return _start(rt, tx, text, said, holders, now)
        case "help":
            if said.there:
                return "helped_there", None
            return "helped", answer(rt, tx, text, ANSWER_HELP, holders.only(), now)
        case "wrong_person":
            _quarantine(rt, tx, text, holders, now)
            return "wrong_person", answer(rt, tx, text, ANSWER_WRONG_PERSON, None, now)
        case "unclear":
            return _wait(rt, tx, text, holders, now)
        case "blank":
            return "blank", None
    _ask_once(rt, tx, "texted", text, holders, now)
    return "asked", None


def _stop(
    rt: Runtime, tx: Connection, text: Text, said: Meaning, holders: Holders, now: datetime
) -> Followed:
    stopped = opt_outs.stop(tx, holders, BY_TEXT, "person", now, text.id)
    if said.wrong_person:
        _quarantine(rt, tx, text, holders, now)
    if said.maybe_visit:
        _ask(rt, tx, "maybe_cancel", text.id, holders.only(), now)
    if said.urgent:
        episode = None if said.there else stopped.episode
        return "urgent_stopped", text_alerts.urgent(rt, tx, text, holders.only(), now, episode)
    if said.there:
        return "stopped_there", None
    if stopped.episode is None:
        return "stopped_before", None
    asking = stopped.care and rt.clinic.sms.care_after_stop and not said.wrong_person
    kind = ANSWER_STOPPED_ASKING if asking else ANSWER_STOPPED
    reply = answer(rt, tx, text, kind, holders.only(), now, str(stopped.episode))
    return "stopped_asked" if asking and reply else "stopped", reply


def _start(
    rt: Runtime, tx: Connection, text: Text, said: Meaning, holders: Holders, now: datetime
) -> Followed:
    started = opt_outs.start(rt, tx, holders, BY_TEXT, "person", now, text.id)
    if said.there:
        return "started_there", None
    if started.episode is None or not holders.sure:
        return "nothing_to_start", answer(rt, tx, text, ANSWER_NOT_STARTED, holders.only(), now)
    people = list(dict.fromkeys(person for person, _ in started.resumed)) or holders.sure
    kind, values = named(rt, ANSWER_STARTED, ANSWER_STARTED_SHARED, opt_outs.names(rt, holders, people))
    key = str(started.episode)
    return "started", answer(rt, tx, text, kind, holders.only(), now, key, values)


def _asked_about_care(tx: Connection, holders: Holders, now: datetime) -> bool:
    """Whether the number's STOP still stands, and the question if reminders should stay has left lately."""
    keys = [f"{ANSWER_STOPPED_ASKING.name}/{row.id}" for row in holders.stopped]
    asked = [row for key in keys if (row := messages.by_key(tx, key)) is not None]
    return any(row.status in LEFT and row.due_at > now - ASKED_FOR for row in asked)


def _keep_care(rt: Runtime, tx: Connection, text: Text, holders: Holders, now: datetime) -> Followed:
    kept = opt_outs.keep_care(tx, holders, BY_TEXT, "person", now, text.id)
    people = [person for person, _ in kept.resumed]
    kind, values = named(rt, ANSWER_CARE_KEPT, ANSWER_CARE_KEPT_SHARED, opt_outs.names(rt, holders, people))
    return "care_kept", answer(rt, tx, text, kind, holders.only(), now, str(kept.episode), values)


def _quarantine(rt: Runtime, tx: Connection, text: Text, holders: Holders, now: datetime) -> None:
    number_checks.quarantine(rt, tx, holders, text.id, now)
    _ask_once(rt, tx, "wrong_number", text, holders, now)


def _wait(rt: Runtime, tx: Connection, text: Text, holders: Holders, now: datetime) -> Followed:
    for scope in opt_outs.KEPT_AWAY:
        until = now + rules.UNCLEAR_WAITS
        suppressions.add(tx, "sms", text.index, scope, "unclear", now, text.id, until)
    _ask_once(rt, tx, "unclear_text", text, holders, now)
    return "unclear", answer(rt, tx, text, ANSWER_UNCLEAR, holders.only(), now)


def _ask_once(rt: Runtime, tx: Connection, kind: str, text: Text, holders: Holders, now: datetime) -> None:
    """A person is asked once as long as that is open: the page shows all that the number wrote."""
    if not inbound.asked_already(tx, text.index, kind):
        _ask(rt, tx, kind, text.id, holders.only(), now, _in_time(rt, tx, holders, now))


def _in_time(rt: Runtime, tx: Connection, holders: Holders, now: datetime) -> datetime:
    """When a text has to be read: within working hours, and before the next visit of whoever may have written it."""
    due = deadline(rt, now)
    coming = [
        row.starts_at for row in appointments.open_of(tx, holders.sure, now) if now < row.starts_at < due
    ]
    return max(now, min(coming) - BEFORE_VISIT) if coming else due


def _ask(
    rt: Runtime,
    tx: Connection,
    kind: str,
    id: UUID,
    person: UUID | None,
    now: datetime,
    due: datetime | None = None,
) -> None:
    follow_ups.add(tx, rt, kind, "inbound", id, person, due or deadline(rt, now), f"{kind}/{id}")
