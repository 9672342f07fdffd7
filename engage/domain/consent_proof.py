"""Proof of consent: what the ledger says now, and whether each message that left had the consent it needed. Pure.

All moments but ``Sent.clinic_at`` and ``Shut.expires`` are the database's real clock, read while the person's lock was
held, as the claim holds it too: of a withdrawal and a claim the earlier by this clock is the one that came first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from engage.domain.messages import KINDS, passes

# A person, channel and purpose: what consent is about.
About = tuple[UUID, str, str]
Fault = Literal[
    "no_attempt",
    "names_no_consent",
    "not_in_ledger",
    "of_another_person",
    "of_another_channel",
    "of_another_purpose",
    "not_a_grant",
    "granted_later",
    "withdrawn_before",
    "suppressed",
]
FAULTS: dict[Fault, str] = {
    "no_attempt": "nothing tells when it was claimed: its attempt is not on record",
    "names_no_consent": "it names no entry of the ledger",
    "not_in_ledger": "the entry that it names is not in the ledger",
    "of_another_person": "the entry that it names is another person's",
    "of_another_channel": "the entry that it names is for another channel",
    "of_another_purpose": "the entry that it names is for another purpose",
    "not_a_grant": "the entry that it names is a withdrawal",
    "granted_later": "the entry that it names is younger than the claim",
    "withdrawn_before": "the consent was withdrawn between the entry that it names and the claim",
    "suppressed": "the address was suppressed when it was claimed",
}
Difference = Literal["no_state", "no_entry", "other_answer", "other_entry"]
DIFFERENCES: dict[Difference, str] = {
    "no_state": "the ledger has entries, the current state has none",
    "no_entry": "the current state has no entry in the ledger",
    "other_answer": "the current state is the opposite of what the ledger says",
    "other_entry": "the current state names another entry than the ledger's last",
}
# What comes back from a mail server or a carrier is written down without the locks that a claim holds, so for so long
# a claim may not have seen it. The same goes for addresses of nobody yet: they have no contact to lock.
UNSEEN = timedelta(seconds=2)
WITHOUT_LOCK = frozenset({"hard_bounce", "opted_out"})


class Entry(NamedTuple):
    """An entry of the ledger."""

    id: UUID
    person_id: UUID
    channel: str
    purpose: str
    granted: bool
    at: datetime


class State(NamedTuple):
    """What is kept as the current state."""

    person_id: UUID
    channel: str
    purpose: str
    granted: bool
    consent_id: UUID


class Shut(NamedTuple):
    """A suppression of an address: from ``since`` until it was lifted (``until``) or, by the clinic's clock, ran out."""

    scope: str
    reason: str
    since: datetime
    until: datetime | None
    expires: datetime | None


class Sent(NamedTuple):
    """A message that left, is leaving, or may have left.

    ``claimed_at``: when the rules let it go, None when no attempt is on record; ``clinic_at`` is the same moment by the
    clinic's clock. ``contact_id`` is None where the address was nobody's yet.
    """

    id: UUID
    kind: str
    channel: str
    purpose: str
    person_id: UUID | None
    contact_id: UUID | None
    consent_id: UUID | None
    address_index: bytes | None
    claimed_at: datetime | None
    clinic_at: datetime | None


def needed(kind: str, purpose: str) -> str | None:
    """The purpose that the person must have agreed to, None for answers. A kind that is gone needs its purpose's."""
    known = KINDS.get(kind)
    if known is not None:
        return known.consent
    return None if purpose == "service" else purpose


def missing(
    sent: Sent, named: Entry | None, history: Sequence[Entry], shut: Sequence[Shut]
) -> tuple[Fault, ...]:
    """What a message lacked when it was claimed; nothing when all was in order.

    ``named`` is the entry that it names, None when there is none; ``history`` all entries of its person, channel and
    needed purpose; ``shut`` all suppressions of its address. Order does not matter.
    """
    purpose = needed(sent.kind, sent.purpose)
    if sent.claimed_at is None:
        return ("no_attempt",)
    found = list(_consent(sent, purpose, named, history, sent.claimed_at)) if purpose is not None else []
    if shut and any(_stands(one, sent, sent.claimed_at) for one in shut):
        found.append("suppressed")
    return tuple(found)


def _consent(
    sent: Sent, purpose: str, named: Entry | None, history: Sequence[Entry], claimed_at: datetime
) -> Iterator[Fault]:
    if named is None:
        yield "names_no_consent" if sent.consent_id is None else "not_in_ledger"
        return
    if named.person_id != sent.person_id:
        yield "of_another_person"
    if named.channel != sent.channel:
        yield "of_another_channel"
    if named.purpose != purpose:
        yield "of_another_purpose"
    if not named.granted:
        yield "not_a_grant"
    if named.at >= claimed_at:
        yield "granted_later"
    elif any(_between(entry, named, claimed_at) for entry in history):
        yield "withdrawn_before"


def _between(entry: Entry, named: Entry, claimed_at: datetime) -> bool:
    return not entry.granted and (entry.at, entry.id) > (named.at, named.id) and entry.at <= claimed_at


def _stands(shut: Shut, sent: Sent, claimed_at: datetime) -> bool:
    if shut.scope not in ("all", sent.purpose):
        return False
    known = KINDS.get(sent.kind)
    if known is not None and passes(known, shut.reason):
        return False
    unseen = sent.contact_id is None or shut.reason in WITHOUT_LOCK
    if shut.since > (claimed_at - UNSEEN if unseen else claimed_at):
        return False
    if shut.until is not None and shut.until <= (claimed_at + UNSEEN if unseen else claimed_at):
        return False
    return shut.expires is None or shut.expires > (sent.clinic_at or claimed_at)


def by_subject(entries: Iterable[Entry]) -> dict[About, list[Entry]]:
    """Entries by what they are about."""
    found: dict[About, list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.person_id, entry.channel, entry.purpose), []).append(entry)
    return found


def differences(
    ledger: Mapping[About, Sequence[Entry]], states: Iterable[State]
) -> list[tuple[About, Difference]]:
    """Where the current states are not what the ledger's last entries say."""
    kept = {(state.person_id, state.channel, state.purpose): state for state in states}
    found: list[tuple[About, Difference]] = [(about, "no_entry") for about in kept if about not in ledger]
    for about, entries in ledger.items():
        last, state = max(entries, key=lambda entry: (entry.at, entry.id)), kept.get(about)
        if state is None:
            found.append((about, "no_state"))
        elif state.granted != last.granted:
            found.append((about, "other_answer"))
        elif state.consent_id != last.id:
            found.append((about, "other_entry"))
    return found
