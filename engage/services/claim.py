"""The claim: lock what is due, fetch the facts, decide by pure rules, record, plan what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.content.render import Content, RenderError
from engage.content.sms import segments
from engage.delivery.provider import Batch, Calendar, Entry, Sender, Shared
from engage.domain.deciding import COURTESY, Decision, End, Facts, Send, Wait, decide
from engage.domain.hours import ends_at
from engage.domain.messages import ADDRESS_CONFIRM, BULK, BULK_LANES, KINDS, LANES, PURPOSES, Channel
from engage.domain.pace import Pace
from engage.domain.timing import usable
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services import (
    campaign_facts,
    check_in_letters,
    courtesy,
    fallback,
    gates,
    trial_mode,
    visit_letters,
    visit_merges,
    writing,
)
from engage.services.courses import plan_after
from engage.services.courtesy import History
from engage.services.envelope import shared_of
from engage.services.gates import Gate
from engage.services.in_hand import in_hand
from engage.services.late import tell_of_late
from engage.services.texts import Letter, content_id, list_headers
from engage.services.trial_mode import Trial
from engage.services.visit_files import enclose
from engage.services.visit_merges import Going
from engage.services.writing import About, Key
from engage.storage import attempts, claim_facts, merges, pipe, senders, visit_facts
from engage.storage.attempts import Opened
from engage.storage.claim_facts import FactsRow
from engage.storage.pipe import Claimed, Settled
from engage.storage.visit_facts import VisitFacts

logger = log.get(__name__)

# The most messages of one claim: they wait together for the slowest of its requests.
CLAIM_SIZE = 1000
# A message that was tried before goes with fewer others, at last alone: whatever it is that kills, it is found.
COMPANY = (1, 16)


@dataclass(slots=True)
class ClaimResult:
    """How many messages were looked at, and the attempts to send through ``sender``."""

    sender: Sender
    gate: Gate | None = None
    seen: int = 0
    batches: list[Batch] = field(default_factory=list)


@dataclass(slots=True)
class _Ready:
    row: FactsRow
    consent_id: UUID | None
    letter: Letter
    until: datetime
    calendar: Calendar | None = None


@dataclass(slots=True)
class _Group:
    """Messages that share one rendered text."""

    content: Content
    ready: list[_Ready] = field(default_factory=list)


@dataclass(slots=True)
class _Decided:
    """Groups to send; rows that end or wait; and every lesson whose turn is over, with how it went."""

    groups: dict[Key, _Group] = field(default_factory=dict)
    settled: list[Settled] = field(default_factory=list)
    gone: list[tuple[FactsRow, str]] = field(default_factory=list)
    late: list[FactsRow] = field(default_factory=list)
    # Messages about visits for which their channel is closed: the other one may do.
    unreached: list[FactsRow] = field(default_factory=list)


def claim(rt: Runtime, lane: int, channel: Channel, limit: int = CLAIM_SIZE) -> ClaimResult:
    """One transaction: no message leaves it in two hands, none after a withdrawal has committed, and in trial mode none
    to anybody but staff."""
    sender = rt.route(PURPOSES[lane], channel)
    with rt.transaction() as tx:
        size = min(rt.settings.batch_size, sender.max_batch)
        pace = rt.paces.get(gates.key_of(sender), Pace())
        gate = gates.look(tx, sender, min(limit, size * pace.claim(sender.parallel)))
        result = ClaimResult(sender, gate)
        if not gate.limit:
            return result
        trial = trial_mode.of_claim(rt, tx)
        now = rt.now(tx)
        due = pipe.lock_due(tx, lane, channel, now, gate.limit)
        ids = list(due)
        rate = rt.clinic.sms.rate if sender.name == "twilio" else 0.0
        ids = ids[: gates.enter(rt, tx, gate, len(ids), rate, bulk=lane in BULK_LANES)] if ids else ids
        if not ids:
            return result
        taken = len(ids)
        with in_hand(rt, tx, ids, now) as ids:
            rows = claim_facts.fetch(tx, ids, now, set(due.values()))
            about = About(visit_letters.facts(tx, rows), campaign_facts.facts(tx, rows))
            visits = about.visits
            rows = visit_letters.judged(rows, visits) if visits else rows
            rows = campaign_facts.judged(tx, rows, about.campaigns, now) if lane in BULK_LANES else rows
            rows = check_in_letters.judged(rt, tx, rows, now)
            sent = courtesy.history(rt, tx, rows, PURPOSES[lane], now)
            decided = _decide_all(rt, tx, rows, now, sent, about, trial)
            if visits:
                _merge(rt, tx, decided, visits, now, trial)
            result.batches = _record(rt, tx, sender, list(decided.groups.values()), size)
            pipe.settle(tx, decided.settled, now)
            merges.follow(tx, [row.id for row in rows if row.person_state == "merged"], now)
            plan_after(rt, tx, decided.gone, now)
            tell_of_late(rt, tx, [row.id for row in decided.late], now)
            fallback.go_on(rt, tx, pipe.sent(tx, [row.id for row in decided.unreached]).values(), now)
            _ask_about_held(tx, decided.settled, now)
        if rate:
            senders.charge(tx, gate.key, _segments(rt, decided.groups.values()) - taken)
        if not result.batches:
            gates.unused(tx, gate)
        result.seen = len(rows)
        return result


def _ask_about_held(tx: Connection, settled: Sequence[Settled], now: datetime) -> None:
    held = [one.id for one in settled if one.status == "held"]
    fallback.ask_about_held(tx, pipe.sent(tx, held).values(), now)


def _merge(
    rt: Runtime,
    tx: Connection,
    decided: _Decided,
    visits: Mapping[UUID, VisitFacts],
    now: datetime,
    trial: Trial | None,
) -> None:
    """One message for all visits of a day at a number or address."""

    def may_go(row: FactsRow) -> Decision:
        return decide(facts_of(rt, row, trial=trial), now)

    groups = decided.groups.values()
    going = [Going(one.row, one.consent_id) for group in groups for one in group.ready]
    party = visit_merges.together(rt, tx, going, visits, may_go, now)
    for group in groups if party.visits else ():
        group.ready = [one for one in group.ready if one.row.id not in party.gone]
        for one in group.ready:
            if one.row.id in party.visits:
                several = visit_letters.letter(rt, one.row, party.visits[one.row.id], now)
                one.letter, one.calendar = _enclosed(rt, one.row, several, now)
    visit_facts.merge(tx, party.merged, now)


def _decide_all(
    rt: Runtime,
    tx: Connection,
    rows: Sequence[FactsRow],
    now: datetime,
    sent: History,
    about: About,
    trial: Trial | None,
) -> _Decided:
    decided = _Decided()
    for row in rows:
        try:
            facts = facts_of(rt, row, sent, trial)
            decision = decide(facts, now)
            problem = (
                _place(rt, tx, decided.groups, row, facts, decision.consent_id, now, about)
                if isinstance(decision, Send)
                else None
            )
        except Exception as error:
            # Whatever is wrong with one row, the batch around it must go on.
            logger.error("unreadable", message_id=str(row.id), error=type(error).__name__)
            decided.settled.append(Settled(row.id, "held", "unreadable"))
            continue
        match decision:
            case Send():
                if problem:
                    decided.settled.append(Settled(row.id, "held", problem))
                else:
                    decided.gone.append((row, "sent"))
                    courtesy.note(sent, row, KINDS[row.kind], now)
            case End(status, reason):
                decided.settled.append(Settled(row.id, status, reason))
                decided.gone.append((row, reason))
                if status == "expired" or reason in COURTESY:
                    decided.late.append(row)
                elif status == "skipped" and row.id in about.visits:
                    decided.unreached.append(row)
            case Wait(due_at, reason):
                decided.settled.append(Settled(row.id, "planned", reason, due_at))
    return decided


def facts_of(rt: Runtime, row: FactsRow, sent: History | None = None, trial: Trial | None = None) -> Facts:
    """What the rules weigh, from what was fetched; ``sent`` is what people were sent lately, ``trial`` who gets
    anything in trial mode, None when everybody does."""
    kind, decent, person = KINDS[row.kind], None, None
    if not (row.anytime or kind.anytime or kind.purpose == "service"):
        decent = courtesy.decent_for(rt, row, kind)
        if row.person_id is not None:
            zones = decent.zones if decent is not None else (usable(row.zone, rt.clinic.zone),)
            person = courtesy.person_of(row, frozenset(zones), sent)
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
        decent=decent,
        own_hours=bool(row.wish_hours),
        caps=rt.clinic.caps.caps,
        person=person,
        merged=row.person_state == "merged",
        trial=trial is not None and not trial.lets(rt, row),
    )


def _has_address(row: FactsRow) -> bool:
    if row.contact_id is not None:
        # What only a booking system told is not confirmed by its owner: care may go there, and answers.
        good = not row.contact_care_only or KINDS[row.kind].purpose not in BULK
        asked = row.contact_state == "pending" and row.kind == ADDRESS_CONFIRM.name
        return good and (asked or row.contact_state == "confirmed") and row.contact_sealed is not None
    return row.signup_sealed is not None or row.message_sealed is not None


def _place(
    rt: Runtime,
    tx: Connection,
    groups: dict[Key, _Group],
    row: FactsRow,
    facts: Facts,
    consent_id: UUID | None,
    now: datetime,
    about: About,
) -> str | None:
    """Puts the message into its group. Returns why not: a person has to look."""
    key, written = writing.write(rt, row, about, now)
    group = groups.get(key)
    if group is None:
        try:
            group = _Group(writing.text_for(rt, tx, row, key, about))
        except (RenderError, KeyError):
            return "render_error"
        groups[key] = group
    if any(not written.values.get(name) for name in group.content.names):
        return "missing_value"
    written, calendar = _enclosed(rt, row, written, now)
    group.ready.append(_Ready(row, consent_id, written, _useful_until(facts, now), calendar))
    return None


def _enclosed(rt: Runtime, row: FactsRow, written: Letter, now: datetime) -> tuple[Letter, Calendar | None]:
    """The letter with its calendar file, where it is an email that has one."""
    if written.calendar is None or KINDS[row.kind].channel != "email":
        return written, None
    return enclose(rt, written, now)


def _useful_until(facts: Facts, now: datetime) -> datetime:
    """The end of use, or of decent hours where that is earlier: no queue of texts at the sender may keep it longer."""
    if facts.decent is None or KINDS[facts.kind].channel != "sms":
        return facts.not_after
    end = ends_at(facts.decent, now)
    return facts.not_after if end is None else min(facts.not_after, end)


def _record(rt: Runtime, tx: Connection, sender: Sender, groups: Sequence[_Group], size: int) -> list[Batch]:
    batches: list[Batch] = []
    claimed: list[Claimed] = []
    mailto = rt.clinic.sender.unsubscribe_mailto
    for group in groups:
        if not group.ready:
            continue
        shared = _shared(rt, sender, group)
        parts = list(_split(group.ready, size))
        for attempt_id, part in zip(new_ids(len(parts)), parts, strict=True):
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
            entries = [
                Entry(
                    r.row.id,
                    r.letter.to,
                    r.letter.values,
                    list_headers(r.letter.values, mailto),
                    r.until,
                    r.calendar,
                )
                for r in part
            ]
            batches.append(Batch(attempt_id, part[0].row.kind, shared, entries))
    attempts.open_many(tx, opened(sender, batches), rt.settings.lease_seconds)
    pipe.mark_claimed(tx, claimed)
    return batches


def opened(sender: Sender, batches: Sequence[Batch]) -> list[Opened]:
    """The attempts of these batches, as they are written down."""
    return [
        Opened(
            batch.attempt_id,
            sender.name,
            sender.channel,
            [entry.message_id for entry in batch.entries],
            LANES[KINDS[batch.kind].purpose],
        )
        for batch in batches
    ]


def _shared(rt: Runtime, sender: Sender, group: _Group) -> Shared:
    return shared_of(
        rt, sender.channel, KINDS[group.ready[0].row.kind], content_id(rt, group.content), group.content
    )


def _segments(rt: Runtime, groups: Iterable[_Group]) -> int:
    """Segments of all texts that are to leave."""
    return sum(
        segments(rt.library.plan(group.content).text.fill(ready.letter.values)).count
        for group in groups
        for ready in group.ready
    )


def _split(ready: Sequence[_Ready], size: int) -> Iterator[list[_Ready]]:
    """Parts of at most ``size`` in which no two go to one address, or each would learn of the other. One with a
    calendar file goes alone: a vendor attaches it to the whole request."""
    in_company = [item for item in ready if item.calendar is None]
    for tries, share in enumerate(COMPANY):
        waiting = [item for item in in_company if max(item.row.tries, 0) == tries]
        yield from _apart(waiting, max(1, size // share))
    yield from ([item] for item in ready if item.row.tries >= len(COMPANY) or item.calendar is not None)


def _apart(waiting: Sequence[_Ready], size: int) -> Iterator[list[_Ready]]:
    """The second message to an address goes into the second layer, and so on; layers are cut into parts."""
    layers: list[list[_Ready]] = []
    seen: dict[object, int] = {}
    for item in waiting:
        # Of two messages to one address one may have a contact, and so an index, and the other none.
        index, to = item.row.address_index, item.letter.to.lower()
        layer = max(seen.get(index, 0) if index is not None else 0, seen.get(to, 0))
        if layer == len(layers):
            layers.append([])
        layers[layer].append(item)
        seen[to] = layer + 1
        if index is not None:
            seen[index] = layer + 1
    for one in layers:
        yield from (one[start : start + size] for start in range(0, len(one), size))
