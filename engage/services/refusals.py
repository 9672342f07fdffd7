"""What follows when a message was refused, at once by its sender or later by a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.domain.backoff import share_of
from engage.domain.failures import RULES, Failure, Rule, verdict
from engage.domain.people import normal_email
from engage.runtime import Runtime
from engage.services import alerts, fallback, number_checks
from engage.storage import people, pipe, suppressions
from engage.storage.pipe import Answer, Sent

logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One message that was refused. ``reason`` takes the place of the class's own words when it is over.
    ``told``: a receipt said it; ``probe``: the message was to try whether its sender works again."""

    message_id: UUID
    attempt_id: UUID
    failure: Failure
    code: str | None = None
    reason: str | None = None
    told: bool = False
    probe: bool = False


def weigh(rt: Runtime, tx: Connection, refusals: Sequence[Refusal], now: datetime) -> list[Answer]:
    """What becomes of each message, for the caller to record in the same transaction.

    Suppresses addresses, marks contacts as bad, and gives a care message that is over another way or a
    follow-up. Contacts are locked before messages, as everybody does, so record after this.
    """
    rows = pipe.sent(tx, [refusal.message_id for refusal in refusals])
    answers: list[Answer] = []
    over: list[Sent] = []
    for refusal in refusals:
        row = rows.get(refusal.message_id)
        if row is None:
            continue
        rule = RULES[refusal.failure]
        what = verdict(
            refusal.failure,
            row.tries,
            now,
            row.not_after,
            share_of(row.id),
            told_after=now - row.not_before if refusal.told else None,
            probe=refusal.probe,
        )
        reason = refusal.reason if what.over and refusal.reason else what.reason
        answers.append(Answer(row.id, refusal.attempt_id, what.status, reason, what.due_at, what.free))
        _mark_address(rt, tx, row, rule, now)
        if rule.alert:
            code = refusal.code or "none"
            # Its page names the code; a letter carries a link only.
            if alerts.raise_alert(rt, tx, rule.alert, code, f"/staff/messages/{row.id}"):
                logger.warning("unknown code", code=code, attempt_id=str(refusal.attempt_id))
        if what.status == "held":
            fallback.ask_about_held(tx, [row], now)
        elif what.over and rule.care_goes_on:
            over.append(row)
    fallback.go_on(rt, tx, over, now)
    return answers


def _mark_address(rt: Runtime, tx: Connection, row: Sent, rule: Rule, now: datetime) -> None:
    if rule.suppress:
        index = address_index(rt, tx, row)
        if index is not None:
            suppressions.add(tx, row.channel, index, "all", rule.suppress, now, row.id)
    if rule.flag and row.contact_id is not None:
        number_checks.mark_bad(rt, tx, row.contact_id, row.id, now)


def address_index(rt: Runtime, tx: Connection, row: Sent) -> bytes | None:
    """The blind index of the address that a message went to, None when nothing tells."""
    contact = people.contact(tx, row.contact_id) if row.contact_id is not None else None
    if contact is not None:
        return bytes(contact.address_index)
    if row.sealed is None:
        return None
    to = rt.sealer.open("messages", row.id, row.sealed).get("to", "")
    return rt.sealer.index(row.channel, normal_email(to) if row.channel == "email" else to) if to else None
