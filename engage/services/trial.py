"""Test messages: each route can be tried by itself, through the whole pipe."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection

from engage.domain.forms import InvalidInput
from engage.domain.message_words import REASONS
from engage.domain.messages import TESTS, Channel, Purpose
from engage.domain.people import normal_email
from engage.ids import new_id
from engage.runtime import Runtime
from engage.storage import messages, suppressions
from engage.storage.messages import Plan

USEFUL = timedelta(hours=1)


def plan_test(rt: Runtime, to: str, channel: Channel, purpose: Purpose) -> UUID:
    """Plans a test message for now. Raises InvalidInput for field ``to``: no address, or one that wants nothing."""
    kind, id = TESTS[channel, purpose], new_id()
    with rt.transaction() as tx:
        now = rt.now(tx)
        address = address_for(rt, tx, to, channel, purpose, now)
        plan = Plan(
            id=id,
            kind=kind,
            cause="staff",
            cause_id=id,
            dedup_key=f"staff/test/{id}",
            due_at=now,
            not_after=now + USEFUL,
            sealed=rt.sealer.seal("messages", id, {"to": address, "values": {}}),
        )
        messages.plan(tx, [plan], now)
    return id


def address_for(
    rt: Runtime, tx: Connection, to: str, channel: Channel, purpose: Purpose, now: datetime
) -> str:
    """The address or number as it is written to. Raises InvalidInput for field ``to``."""
    address = email_of(to) if channel == "email" else _number(rt, to)
    index = rt.sealer.index(channel, normal_email(address) if channel == "email" else address)
    if reason := suppressions.standing(tx, channel, [index], purpose, now).get(index):
        words = REASONS.get(f"suppressed_{reason}", reason)
        raise InvalidInput({"to": f"nothing is sent there. {words}"})
    return address


def await_sent(rt: Runtime, id: UUID, seconds: float = 20.0) -> str:
    """The message's status once it has left or ended, at most ``seconds`` from now."""
    until, status = time.monotonic() + seconds, "planned"
    while time.monotonic() < until and status in ("planned", "claimed"):
        time.sleep(0.1)
        with rt.transaction() as tx:
            row = messages.one(tx, id)
            status = row.status if row is not None else "gone"
    return status


def email_of(to: str) -> str:
    """The address as it is written to. Raises InvalidInput."""
    try:
        return validate_email(to, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise InvalidInput({"to": f"{to} is no email address"}) from None


def _number(rt: Runtime, to: str) -> str:
    try:
        number = phonenumbers.parse(to, rt.clinic.consultation.telephone_countries[0])
        if not phonenumbers.is_valid_number(number):
            raise ValueError("no number")
    except (phonenumbers.NumberParseException, ValueError):
        raise InvalidInput({"to": f"{to} is no telephone number: write +15185550123"}) from None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
