"""``engage consent verify``: the ledger against the current state and against every message that left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.consent_proof import (
    DIFFERENCES,
    FAULTS,
    About,
    Entry,
    Sent,
    Shut,
    by_subject,
    differences,
    missing,
    needed,
)
from engage.runtime import Runtime
from engage.storage import consent_proof as store

# Evidence is kept for at least six years (45 CFR 164.316(b)(2)(i)); an older message's entry may be gone.
KEPT = timedelta(days=6 * 365)
# People, and messages of nobody, that are in memory at once.
PEOPLE = 500
MESSAGES = 5000


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not in order. ``what`` are codes, ``words`` the same in plain words; ids only."""

    about: str
    message_id: UUID | None
    person_id: UUID | None
    channel: str
    purpose: str
    claimed_at: datetime | None
    consent_id: UUID | None
    what: tuple[str, ...]
    words: str


@dataclass(slots=True)
class Proof:
    """The totals: ``needed`` of the ``messages`` needed a consent, ``proven`` of them had it and an open address."""

    people: int = 0
    entries: int = 0
    states: int = 0
    messages: int = 0
    needed: int = 0
    proven: int = 0
    wrong_states: int = 0
    wrong_messages: int = 0
    by_fault: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """True when nothing was found."""
        return not self.wrong_states and not self.wrong_messages


def verify(rt: Runtime, tell: Callable[[Finding], None], since: datetime | None = None) -> Proof:
    """Goes through the whole ledger, and the messages claimed at or after ``since`` (aware real time, None for as far
    back as the ledger is sure to be kept).

    One reading transaction sees one moment, so that nothing that happens meanwhile looks like a fault. ``tell`` gets
    each finding as it is found: memory holds one batch, however much there is.
    """
    proof = Proof()
    since = since or datetime.now(UTC) - KEPT
    with rt.transaction() as tx:
        store.freeze(tx)
        after = store.FIRST
        while people := store.people_after(tx, after, PEOPLE):
            after = people[-1]
            proof.people += len(people)
            _people(tx, people, since, proof, tell)
        after = store.FIRST
        while sent := store.sent_to_nobody(tx, after, MESSAGES, since):
            after = sent[-1].id
            _messages(tx, sent, {}, proof, tell)
    return proof


def _people(
    tx: Connection,
    people: Sequence[UUID],
    since: datetime,
    proof: Proof,
    tell: Callable[[Finding], None],
) -> None:
    ledger = by_subject(store.ledger(tx, people))
    states = store.states(tx, people)
    proof.entries += sum(map(len, ledger.values()))
    proof.states += len(states)
    for (person, channel, purpose), what in differences(ledger, states):
        proof.wrong_states += 1
        proof.by_fault[what] = proof.by_fault.get(what, 0) + 1
        words = DIFFERENCES[what]
        tell(Finding("state", None, person, channel, purpose, None, None, (what,), words))
    _messages(tx, store.sent_to(tx, people, since), ledger, proof, tell)


def _messages(
    tx: Connection,
    sent: Sequence[Sent],
    ledger: dict[About, list[Entry]],
    proof: Proof,
    tell: Callable[[Finding], None],
) -> None:
    named = {entry.id: entry for entries in ledger.values() for entry in entries}
    # An entry that is not its person's.
    strange = {one.consent_id for one in sent if one.consent_id is not None} - named.keys()
    named |= {entry.id: entry for entry in store.entries(tx, list(strange))}
    shut: dict[tuple[str, bytes], list[Shut]] = {}
    indexes = {one.address_index for one in sent if one.address_index is not None}
    for row in store.shut(tx, list(indexes)):
        shut.setdefault((row.channel, row.address_index), []).append(row.shut)
    proof.messages += len(sent)
    for one in sent:
        purpose = needed(one.kind, one.purpose)
        history = ledger.get((one.person_id, one.channel, purpose), ()) if one.person_id and purpose else ()
        against = shut.get((one.channel, one.address_index), ()) if one.address_index is not None else ()
        found = missing(one, named.get(one.consent_id) if one.consent_id else None, history, against)
        if purpose is not None:
            proof.needed += 1
            proof.proven += not found
        if found:
            proof.wrong_messages += 1
            for what in found:
                proof.by_fault[what] = proof.by_fault.get(what, 0) + 1
            tell(_finding(one, found))


def _finding(sent: Sent, found: Sequence[str]) -> Finding:
    return Finding(
        "message",
        sent.id,
        sent.person_id,
        sent.channel,
        sent.purpose,
        sent.claimed_at,
        sent.consent_id,
        tuple(found),
        "; ".join(FAULTS[what] for what in found),  # type: ignore[index]
    )
