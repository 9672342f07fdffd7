"""People of an audience in a test: subscribers and patients with what decides whether marketing may reach them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from engage.domain.people import normal_email
from engage.ids import new_id
from engage.services import profiles
from engage.services.audit import Actor
from engage.storage import consents, people
from engage.storage.database import run
from tests.visits import LARKSPUR
from tests.world import World

STAFF = Actor(None, "cli")


def person(
    world: World,
    name: str = "Ada",
    email: str | None = "ada@example.org",
    mobile: str | None = None,
    agreed: Sequence[tuple[str, str]] = (("email", "marketing"),),
    care_only: bool = False,
) -> UUID:
    """Somebody with a confirmed address who agreed to these (channel, purpose). Returns the id."""
    rt = world.rt
    with rt.transaction() as tx:
        now, id = rt.now(tx), new_id()
        people.add(tx, id, rt.sealer.seal("people", id, {"given_name": name}), "America/New_York", now)
        for channel, address in (("email", email), ("sms", mobile)):
            if address is not None:
                contact = new_id()
                normal = normal_email(address) if channel == "email" else address
                sealed = rt.sealer.seal("contacts", contact, {"address": address})
                people.add_contact(tx, contact, id, channel, rt.sealer.index(channel, normal), sealed, now)
        for channel, purpose in agreed:
            consents.enter(tx, id, channel, purpose, "granted", actor="person", source="form", now=now)
        if care_only:
            run(tx, "UPDATE contacts SET care_only = true WHERE person_id = %(id)s", {"id": id})
    return id


def visit(
    world: World,
    person: UUID,
    days: float,
    status: str = "booked",
    location: str = LARKSPUR,
    zone: str = "America/New_York",
) -> UUID:
    """A visit so many days from the world's moment, past or to come, as a booking system tells of one. Returns the id."""
    sql = """INSERT INTO appointments (id, person_id, starts_at, zone, minutes, location, status, since, source,
        created_at, updated_at) VALUES (%(id)s, %(person)s, %(at)s, %(zone)s, 60, %(location)s, %(status)s, %(now)s,
        'bench', %(now)s, %(now)s)"""
    id, at = new_id(), world.now + timedelta(days=days)
    values = {"id": id, "person": person, "at": at, "zone": zone, "location": location, "status": status}
    with world.rt.transaction() as tx:
        run(tx, sql, {**values, "now": world.now})
    return id


def profile(world: World, person: UUID) -> Any | None:
    """A person's profile as it is now; None where there is none."""
    assert profiles.fresh(world.rt, 10)
    with world.rt.transaction() as tx:
        return run(tx, "SELECT * FROM profiles WHERE person_id = %(id)s", {"id": person}).one_or_none()


def do(world: World, sql: str, **values: Any) -> None:
    """A change as any part of the service makes it."""
    with world.rt.transaction() as tx:
        run(tx, sql, {"now": world.now, **values})
