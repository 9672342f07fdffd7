"""Booked patients in a test: people with an address and a number who agreed to messages of care, and their visits."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID

from engage.domain.appointments import When
from engage.domain.people import normal_email
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import appointments, visit_letters, visit_merges, visit_plans, visit_times
from engage.services.appointments import Booking
from engage.services.audit import Actor
from engage.services.mailbox import Mail
from engage.storage import consents, messages, people
from tests.world import World

DESK = Actor(None, "cli")
LOOKS = timedelta(hours=12)
LARKSPUR, PRAIRIE = "Larkspur Lane", "Prairie Street"


def patient(
    world: World,
    name: str = "Ada",
    email: str | None = "ada@example.org",
    mobile: str | None = "+15185550123",
    zone: str = "America/New_York",
    agreed: tuple[str, ...] = ("email", "sms"),
) -> UUID:
    """A person as the front desk enters one. Returns the id."""
    rt = world.rt
    with rt.transaction() as tx:
        now = rt.now(tx)
        id = new_id()
        people.add(tx, id, rt.sealer.seal("people", id, {"given_name": name}), zone, now)
        for channel, address in (("email", email), ("sms", mobile)):
            if address is None:
                continue
            contact = new_id()
            normal = normal_email(address) if channel == "email" else address
            sealed = rt.sealer.seal("contacts", contact, {"address": address})
            people.add_contact(tx, contact, id, channel, rt.sealer.index(channel, normal), sealed, now)
        for channel in agreed:
            consents.enter(tx, id, channel, "care", "granted", actor="staff", source="front desk", now=now)
    return id


def when(rt: Runtime, day: date, wall: str, location: str = LARKSPUR, minutes: int = 60) -> When:
    """A visit's time by the clocks of its place."""
    zone = visit_times.place(rt, location).zone
    return When(visit_times.at(rt, day, time.fromisoformat(wall), location), zone, minutes, location)


def book(world: World, person: UUID, day: date, wall: str = "14:00", location: str = LARKSPUR) -> UUID:
    """A visit, entered by the front desk at the world's moment."""
    return appointments.book(world.rt, DESK, Booking(person, when(world.rt, day, wall, location)))


def move(world: World, visit: UUID, day: date, wall: str = "14:00", location: str = LARKSPUR) -> bool:
    """The visit gets another time."""
    return appointments.move(world.rt, DESK, visit, when(world.rt, day, wall, location))


def look(world: World) -> None:
    """What workers do about visits at this moment."""
    visit_plans.sweep(world.rt)
    visit_merges.revive(world.rt)
    world.work()
    visit_plans.ask_to_call(world.rt)


def pass_time(world: World, span: timedelta) -> None:
    """Lets time pass from due moment to due moment, and at least from morning to evening."""
    target = world.now + span
    look(world)
    while world.now < target:
        until = min(target, world.now + LOOKS)
        with world.base.transaction() as tx:
            world.now = messages.next_due(tx, world.now, until) or until
        look(world)


def got(world: World, to: str | None = None) -> list[tuple[str, str]]:
    """What arrived: (kind, when it did by the clocks in New York)."""
    return [(mail.kind, f"{world.local(mail):%a %b %d %H:%M}") for mail in world.mail(to)]


def texts(world: World, to: str = "+15185550123") -> list[Mail]:
    """The texts that a number got."""
    return world.mail(to)


def page_url(world: World, visit: UUID, channel: str = "email") -> str:
    """The address of a visit's page as a message brings it to where the person is reached now."""
    found = appointments.one(world.rt, visit)
    assert found is not None
    with world.rt.transaction() as tx:
        (contact,) = [
            row.id
            for row in people.contacts_of(tx, found.person_id)
            if row.channel == channel and row.state in ("confirmed", "bad")
        ]
    return visit_letters.page_url(world.rt, visit, found.when.starts_at, contact)
