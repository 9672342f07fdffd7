"""Trial mode: a new production installation sends only to staff, until an administrator lets it go live."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from engage.domain.messages import CAMPAIGN_TESTS, KINDS, TESTS
from engage.domain.people import normal_email
from engage.runtime import Runtime
from engage.storage import go_live, staff
from engage.storage.claim_facts import FactsRow

_TESTS = frozenset(kind.name for kind in (*TESTS.values(), *CAMPAIGN_TESTS))


@dataclass
class Trial:
    """Who gets messages meanwhile: members of staff who can sign in, and whom the clinic's file names for alerts."""

    rt: Runtime
    tx: Connection

    def lets(self, rt: Runtime, row: FactsRow) -> bool:
        """Whether the message may leave. A test may go where whoever asked for it said."""
        kind = KINDS[row.kind]
        if kind.name in _TESTS:
            return True
        known = self.staff | self.told if kind.purpose == "service" else self.staff
        indexes = {row.address_index} if row.address_index is not None else set()
        if row.message_sealed is not None:
            to = rt.sealer.open("messages", row.id, row.message_sealed).get("to")
            indexes |= {_index(rt, kind.channel, to)} if to else set()
        return bool(indexes) and indexes <= known

    @cached_property
    def staff(self) -> frozenset[bytes]:
        """Blind indexes of the addresses of members who can sign in."""
        rows = (row for row in staff.everyone(self.tx) if row.state == "active")
        fields = (self.rt.sealer.open("staff", row.id, row.sealed) for row in rows)
        return frozenset(_index(self.rt, "email", each["email"]) for each in fields)

    @cached_property
    def told(self) -> frozenset[bytes]:
        """Blind indexes of the addresses that the clinic's file gives for alerts."""
        clinic = self.rt.clinic
        alerts = clinic.alerts
        addresses = (*alerts.staff, *alerts.operators, *alerts.out_of_hours, clinic.email)
        return frozenset(_index(self.rt, "email", address) for address in addresses)


def in_force(rt: Runtime, tx: Connection | None = None) -> bool:
    """Whether only staff get messages now. Costs nothing in development, and once this process has seen that it is
    live."""
    if rt.settings.development or rt.gone_live:
        return False
    if tx is None:
        with rt.transaction() as own:
            return in_force(rt, own)
    return not _noted(rt, go_live.look(tx))


def of_claim(rt: Runtime, tx: Connection) -> Trial | None:
    """Who gets messages, None for everybody. While it is a trial, going live waits for the end of the transaction: so
    nothing is put off by a claim that did not know of it. Must come before any message is locked."""
    if rt.settings.development or rt.gone_live or _noted(rt, go_live.look_and_stay(tx)):
        return None
    return Trial(rt, tx)


def of_now(rt: Runtime, tx: Connection) -> Trial | None:
    """As ``of_claim``, for whoever only tells people."""
    return Trial(rt, tx) if in_force(rt, tx) else None


def _noted(rt: Runtime, standing: go_live.Standing) -> bool:
    if standing.live_at is not None and not rt.gone_live:
        rt.gone_live.append(standing.live_at)
    return standing.live_at is not None


def _index(rt: Runtime, channel: str, address: str) -> bytes:
    return rt.sealer.index(channel, normal_email(address) if channel == "email" else address)
