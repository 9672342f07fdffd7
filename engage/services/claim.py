"""The claim: lock what is due, fetch the facts, decide by pure rules, record, plan what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.content.render import Content, RenderError
from engage.delivery.provider import Batch, Entry, Sender, Shared
from engage.domain.deciding import End, Facts, Send, Wait, decide
from engage.domain.messages import KINDS
from engage.domain.timing import usable
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services.courses import plan_after
from engage.services.texts import Letter, content_id, letter, text_of
from engage.storage import attempts, pipe
from engage.storage.attempts import Opened
from engage.storage.pipe import Claimed, FactsRow, Settled

logger = log.get(__name__)

CLAIM_SIZE = 500


@dataclass(slots=True)
class ClaimResult:
    """How many messages were looked at, and the attempts to send."""

    seen: int = 0
    batches: list[tuple[Sender, Batch]] = field(default_factory=list)


@dataclass(slots=True)
class _Ready:
    row: FactsRow
    consent_id: UUID | None
    letter: Letter


@dataclass(slots=True)
class _Group:
    """Messages that share one rendered text and one sender."""

    content: Content
    sender: Sender
    ready: list[_Ready] = field(default_factory=list)


def claim(rt: Runtime, lane: int, limit: int = CLAIM_SIZE) -> ClaimResult:
    """One transaction: no message leaves it in two hands, and none after a withdrawal has committed."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        ids = pipe.lock_due(tx, lane, now, limit)
        if not ids:
            return ClaimResult()
        rows = pipe.facts(tx, ids, now)
        groups, settled, gone = _decide_all(rt, rows, now)
        batches = _record(rt, tx, groups)
        pipe.settle(tx, settled, now)
        plan_after(rt, tx, gone, now)
        return ClaimResult(len(rows), batches)


def _decide_all(
    rt: Runtime, rows: Sequence[FactsRow], now: datetime
) -> tuple[list[_Group], list[Settled], list[tuple[FactsRow, str]]]:
    """Groups to send; rows that end or wait; and every lesson whose turn is over, with how it went."""
    groups: dict[tuple[str, str | None, str], _Group] = {}
    settled: list[Settled] = []
    gone: list[tuple[FactsRow, str]] = []
    for row in rows:
        try:
            decision = decide(facts_of(rt, row), now)
            problem = (
                _place(rt, groups, row, decision.consent_id, now) if isinstance(decision, Send) else None
            )
        except Exception as error:
            # Whatever is wrong with one row, the batch around it must go on.
            logger.error("unreadable", message_id=str(row.id), error=type(error).__name__)
            settled.append(Settled(row.id, "held", "unreadable"))
            continue
        match decision:
            case Send():
                if problem:
                    settled.append(Settled(row.id, "held", problem))
                else:
                    gone.append((row, "sent"))
            case End(status, reason):
                settled.append(Settled(row.id, status, reason))
                gone.append((row, reason))
            case Wait(due_at, reason):
                settled.append(Settled(row.id, "planned", reason, due_at))
    return list(groups.values()), settled, gone


def facts_of(rt: Runtime, row: FactsRow) -> Facts:
    """What the rules weigh, from what was fetched."""
    return Facts(
        kind=row.kind,
        not_after=row.not_after,
        zone=usable(row.zone, rt.clinic.zone),
        anytime=row.anytime,
        has_address=_has_address(row),
        erased=row.person_state == "erased",
        consent_id=row.consent_id,
        suppressed=row.suppressed,
        cause_state=row.cause_state,
        paused_until=row.paused_until,
        course=rt.library.courses.get(row.course) if row.course else None,
        lesson=row.step or None,
    )


def _has_address(row: FactsRow) -> bool:
    if row.contact_id is not None:
        return row.contact_state == "confirmed" and row.contact_sealed is not None
    return row.signup_sealed is not None or row.message_sealed is not None


def _place(
    rt: Runtime,
    groups: dict[tuple[str, str | None, str], _Group],
    row: FactsRow,
    consent_id: UUID | None,
    now: datetime,
) -> str | None:
    """Puts the message into its group. Returns why not: a person has to look."""
    key = (row.kind, row.course, row.step)
    group = groups.get(key)
    if group is None:
        try:
            group = _Group(text_of(rt, row.kind, row.course, row.step), rt.sender_for(KINDS[row.kind]))
        except (RenderError, KeyError):
            return "render_error"
        groups[key] = group
    written = letter(rt, row, now)
    if any(not written.values.get(name) for name in group.content.names):
        return "missing_value"
    group.ready.append(_Ready(row, consent_id, written))
    return None


def _record(rt: Runtime, tx: Connection, groups: Sequence[_Group]) -> list[tuple[Sender, Batch]]:
    batches: list[tuple[Sender, Batch]] = []
    opened: list[Opened] = []
    claimed: list[Claimed] = []
    for group in groups:
        if not group.ready:
            continue
        shared = _shared(rt, group)
        size = min(rt.settings.batch_size, group.sender.max_batch)
        parts = list(_split(group.ready, size))
        for attempt_id, part in zip(new_ids(len(parts)), parts, strict=True):
            opened.append(
                Opened(attempt_id, group.sender.name, group.sender.channel, [r.row.id for r in part])
            )
            claimed += [
                Claimed(
                    r.row.id,
                    attempt_id,
                    shared.content_id,
                    r.consent_id,
                    rt.sealer.seal("messages", r.row.id, r.letter.kept()),
                )
                for r in part
            ]
            entries = [Entry(r.row.id, r.letter.to, r.letter.values, r.letter.headers) for r in part]
            batches.append((group.sender, Batch(attempt_id, part[0].row.kind, shared, entries)))
    attempts.open_many(tx, opened, rt.settings.lease_seconds)
    pipe.mark_claimed(tx, claimed)
    return batches


def _shared(rt: Runtime, group: _Group) -> Shared:
    sender = rt.clinic.sender
    email = group.sender.channel == "email"
    listed = email and KINDS[group.ready[0].row.kind].consent is not None
    return Shared(
        content_id=content_id(rt, group.content),
        subject=group.content.subject,
        html=group.content.html,
        text=group.content.text,
        sender_address=sender.email if email else sender.sms,
        sender_name=sender.email_name if email else "",
        reply_to=rt.clinic.email if email else "",
        headers={"List-Id": f"<letters.{sender.email.partition('@')[2]}>"} if listed else {},
    )


def _split(ready: Sequence[_Ready], size: int) -> Iterator[list[_Ready]]:
    """Parts of at most ``size`` in which no two go to one address, or each would learn of the other."""
    waiting = list(ready)
    while waiting:
        part: list[_Ready] = []
        taken: set[object] = set()
        rest: list[_Ready] = []
        for item in waiting:
            address = item.row.address_index or item.letter.to
            if len(part) < size and address not in taken:
                taken.add(address)
                part.append(item)
            else:
                rest.append(item)
        yield part
        waiting = rest
