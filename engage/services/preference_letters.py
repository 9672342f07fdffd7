"""Letters that a person's own acts bring: that choices were changed, a new link, an address to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import (
    ADDRESS_CHANGED,
    ADDRESS_CONFIRM,
    MY_DATA_LINK,
    NEWS_AGREED,
    NOT_ME,
    PREFERENCES_CHANGED,
    PREFERENCES_LINK,
    Kind,
)
from engage.domain.people import normal_email
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services.texts import preferences_url
from engage.storage import messages, people, suppressions
from engage.storage import preferences as rows
from engage.storage.messages import Plan

# Changes within this time are told together.
APART = timedelta(minutes=5)
USEFUL = timedelta(days=1)
A_DAY = timedelta(days=1)
# Letters to one address that ask whether it is somebody's, whoever typed it.
BUDGET, BUDGET_DAYS = 3, 30
MY_DATA_LASTS = timedelta(hours=1)
MY_DATA_APART = timedelta(minutes=10)


def tell_of_change(rt: Runtime, tx: Connection, person: UUID, now: datetime) -> None:
    """Plans the letter that says that something was changed; nothing when one waits. The caller holds the lock."""
    last = rows.last_of_kind(tx, person, PREFERENCES_CHANGED.name)
    if last is not None and last.status == "planned":
        return
    due = max(now, last.due_at + APART) if last is not None else now
    _to_the_known(rt, tx, person, PREFERENCES_CHANGED, f"{due:%Y%m%dT%H%M%S}", due, now)


def tell_of_news(rt: Runtime, tx: Connection, person: UUID, now: datetime) -> None:
    """Plans the letter that says that staff noted a yes to news. The caller holds the lock."""
    _to_the_known(rt, tx, person, NEWS_AGREED, f"{now:%Y%m%dT%H%M%S}", now, now)


def send_link(rt: Runtime, tx: Connection, person: UUID, now: datetime) -> None:
    """Plans a letter with a new link; one in a day. The caller holds the lock."""
    last = rows.last_of_kind(tx, person, PREFERENCES_LINK.name)
    if last is None or last.due_at <= now - A_DAY:
        _to_the_known(rt, tx, person, PREFERENCES_LINK, f"{now:%Y%m%dT%H%M%S}", now, now)


def send_my_data_link(rt: Runtime, tx: Connection, person: UUID, now: datetime) -> None:
    """Plans a letter with the link to a copy of everything; one in ten minutes. The caller holds the lock."""
    last = rows.last_of_kind(tx, person, MY_DATA_LINK.name)
    if last is None or last.due_at <= now - MY_DATA_APART:
        own = {"my_data_url": rt.links.url("my-data", person, now + MY_DATA_LASTS)}
        _to_the_known(rt, tx, person, MY_DATA_LINK, f"{now:%Y%m%dT%H%M%S}", now, now, own)


def ask_to_confirm(
    rt: Runtime, tx: Connection, person: UUID, contact: UUID, address: str, index: bytes, now: datetime
) -> None:
    """Plans the letter to a new address; one in a day and three in 30 days, whoever asked, and none to an address that
    wants none."""
    if suppressions.standing(tx, "email", [index], ADDRESS_CONFIRM.purpose, now):
        return
    # Hashed with the day, so that it can't be told from the row whose address it was.
    keys = [_day_key(rt, address, now - n * A_DAY) for n in range(BUDGET_DAYS + 1)]
    asked = [at for at in messages.due_of_keys(tx, keys) if at > now - BUDGET_DAYS * A_DAY]
    if len(asked) >= BUDGET or any(at > now - A_DAY for at in asked):
        return
    until = now + timedelta(days=rt.clinic.signup.confirm_link_days)
    values = {
        "address_url": rt.links.url("confirm-address", contact, until),
        "not_my_address_url": rt.links.url("not-my-address", contact),
    }
    plan = _plan(rt, ADDRESS_CONFIRM, person, contact, keys[0], address, values, now, until, contact)
    messages.plan(tx, [plan], now)


def tell_old_address(
    rt: Runtime, tx: Connection, person: UUID, old: Any, contact: UUID, now: datetime
) -> None:
    """Plans the last letter to an address that ``contact`` replaced."""
    address = rt.sealer.open("contacts", old.id, old.sealed)["address"]
    index = bytes(old.address_index)
    if suppressions.standing(tx, "email", [index], ADDRESS_CHANGED.purpose, now, but=[NOT_ME]):
        return
    values = {"preferences_url": preferences_url(rt, person, now)}
    key = f"person/{person}/address-changed/{old.id}/{now:%Y%m%dT%H%M%S}"
    plan = _plan(rt, ADDRESS_CHANGED, person, contact, key, address, values, now, now + USEFUL)
    messages.plan(tx, [plan], now)


def _to_the_known(
    rt: Runtime,
    tx: Connection,
    person: UUID,
    kind: Kind,
    mark: str,
    due: datetime,
    now: datetime,
    own: Mapping[str, str] | None = None,
) -> None:
    """A letter to the person's own confirmed address; none when there is no such."""
    known = [
        row for row in people.contacts_of(tx, person) if row.channel == "email" and row.state == "confirmed"
    ]
    if not known:
        return
    address = rt.sealer.open("contacts", known[0].id, known[0].sealed)["address"]
    values = {"preferences_url": preferences_url(rt, person, now), **(own or {})}
    key = f"person/{person}/{kind.name}/{mark}"
    plan = _plan(rt, kind, person, person, key, address, values, due, due + USEFUL, known[0].id)
    messages.plan(tx, [plan], now)


def _plan(
    rt: Runtime,
    kind: Kind,
    person: UUID,
    cause: UUID,
    key: str,
    to: str,
    values: Mapping[str, str],
    due: datetime,
    not_after: datetime,
    contact: UUID | None = None,
) -> Plan:
    id = new_id()
    return Plan(
        id=id,
        kind=kind,
        cause="person",
        cause_id=cause,
        dedup_key=key,
        due_at=due,
        not_after=not_after,
        person_id=person,
        contact_id=contact,
        sealed=rt.sealer.seal("messages", id, {"to": to, "values": dict(values)}),
    )


def _day_key(rt: Runtime, address: str, day: datetime) -> str:
    mark = rt.sealer.index("address-day", f"{day:%Y%m%d} {normal_email(address)}")
    return f"address/{mark.hex()}"
