"""People in a test who agreed to be asked how they are, and what they are asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from engage.domain.messages import CHECK_INS, Channel
from engage.services import appointments, check_ins, outcomes, visit_plans
from engage.services.audit import CLI
from engage.services.check_in_plans import sweep
from engage.services.outcomes import CheckIns
from engage.storage import messages, people
from engage.storage.database import run
from tests.visits import DESK, book, patient
from tests.world import World

DAY = timedelta(days=1)
HALF_A_DAY = timedelta(hours=12)
ADA = "ada@example.org"
# The world begins on Monday, November 2nd, at ten in the morning in New York.
FIRST = date(2026, 11, 5)
KINDS = frozenset(kind.name for kind in CHECK_INS)


def agrees(world: World, person: UUID, way: Channel | None = "email") -> bool:
    """What the person said at the front desk."""
    with world.rt.transaction() as tx:
        people.lock(tx, person)
        return check_ins.set_wish(world.rt, tx, person, way, "told at the clinic", CLI, world.now)


def go(world: World, span: timedelta) -> None:
    """Lets time pass from due moment to due moment, at most half a day at once, with what workers do meanwhile."""
    target = world.now + span
    while world.now < target:
        step = min(world.now + HALF_A_DAY, target)
        with world.rt.transaction() as tx:
            world.now = messages.next_due(tx, world.now, step) or step
        visit_plans.sweep(world.rt)
        sweep(world.rt)
        world.work()


def asked(world: World) -> list[tuple[str, str]]:
    """What asked how somebody is: (kind, when by the clocks in New York)."""
    return [(mail.kind, f"{world.local(mail):%a %b %d %H:%M}") for mail in world.mail() if mail.kind in KINDS]


def takes_place(world: World, visit: UUID) -> None:
    """The front desk notes that somebody was here."""
    appointments.mark(world.rt, DESK, visit, "fulfilled")


def after_a_visit(world: World, way: Channel = "email") -> UUID:
    """Somebody who has just been asked how the visit went down."""
    person = patient(world)
    visit = book(world, person, FIRST)
    go(world, 3 * DAY + timedelta(hours=6))
    agrees(world, person, way)
    takes_place(world, visit)
    go(world, DAY)
    return person


def weeks(world: World, way: Channel = "email", visits: int = 3) -> Iterator[UUID]:
    """Somebody with weekly visits, of which each takes place; yields the person after each, and weeks after the last."""
    person = patient(world)
    agrees(world, person, way)
    for visit in [book(world, person, FIRST + n * 7 * DAY) for n in range(visits)]:
        with world.rt.transaction() as tx:
            sql = "SELECT starts_at FROM appointments WHERE id = %(id)s"
            starts = run(tx, sql, {"id": visit}).scalar_one()
        go(world, starts + timedelta(hours=1) - world.now)
        takes_place(world, visit)
        go(world, DAY)
        yield person
    go(world, 20 * DAY)
    yield person


def link(world: World, kind: str = "") -> str:
    """The address in the newest letter that asks."""
    mail = [mail for mail in world.mail(ADA) if mail.kind in (KINDS if not kind else {kind})][-1]
    return f"/check-ins/{world.token('check-ins', mail)}"


def known(world: World, person: UUID) -> CheckIns:
    """What staff see of it."""
    with world.rt.transaction() as tx:
        return outcomes.of_person(world.rt, tx, person, "America/New_York", world.now)


def answered(world: World, person: UUID) -> list[int | str]:
    """The answers that are kept, newest first."""
    found = [(one.answer, one.feeling) for one in known(world, person).outcomes if one.answer]
    return [answer.score if answer.score is not None else feeling for answer, feeling in found]
