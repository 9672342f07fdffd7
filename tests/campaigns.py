"""Campaigns in a test: people who agreed to news and offers, two members of staff, and time that passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from engage.domain.messages import Channel
from engage.domain.people import normal_email
from engage.ids import new_id
from engage.services import campaign_run, campaigns, profiles
from engage.services.audit import Actor
from engage.services.campaigns import Written
from engage.services.mailbox import Mail
from engage.storage import consents, messages, people
from tests.world import World

AUTHOR = Actor(UUID(int=1), "staff")
APPROVER = Actor(UUID(int=2), "staff")
BODY = """Hello {% if name %}{{ name }}{% else %}there{% endif %},

Our winter hours begin on Monday. We are open until seven.
"""


def readers(
    world: World, count: int, channel: Channel = "email", name: str = "Ada", zone: str = "America/New_York"
) -> list[str]:
    """People who agreed to news and offers on a channel; their addresses or numbers, in no order."""
    rt, made = world.rt, []
    with rt.transaction() as tx:
        now = rt.now(tx)
        for n in range(count):
            person, contact = new_id(), new_id()
            place = f"{zone.rsplit('/', 1)[-1].lower()}-{(name or 'nobody').lower()}"
            address = f"{place}-{n}@example.org" if channel == "email" else f"+1518555{1000 + n:04}"
            fields = {"given_name": name} if name else {}
            people.add(tx, person, rt.sealer.seal("people", person, fields), zone, now)
            index = rt.sealer.index(channel, normal_email(address) if channel == "email" else address)
            sealed = rt.sealer.seal("contacts", contact, {"address": address})
            people.add_contact(tx, contact, person, channel, index, sealed, now)
            consents.enter(
                tx, person, channel, "marketing", "granted", actor="person", source="test", now=now
            )
            made.append(address)
    while profiles.sweep(world.rt):
        pass
    return made


@dataclass
class Steps:
    """One campaign and who does what with it."""

    world: World
    id: UUID

    @property
    def row(self) -> Any:
        return campaigns.one(self.world.rt, self.id)

    @property
    def state(self) -> str:
        return str(self.row.state)

    def submit(self) -> Steps:
        """The author submits it, and workers fix its audience."""
        campaigns.submit(self.world.rt, AUTHOR, self.id, self.row.version)
        campaign_run.run(self.world.rt)
        return self

    def approve(self) -> Steps:
        """A second person says yes, where one is needed."""
        if self.state == "checking":
            campaigns.approve(self.world.rt, APPROVER, self.id, self.row.version)
        return self

    def start(self, typed: str = "") -> Steps:
        """The author starts it."""
        campaigns.start(self.world.rt, AUTHOR, self.id, self.row.version, typed)
        return self

    def ready(self) -> Steps:
        """Submitted and approved."""
        return self.submit().approve()

    def begun(self) -> Steps:
        """Started, and the minute to take it back is over."""
        self.ready().start()
        wait(self.world, timedelta(minutes=1))
        return self


def draft(
    world: World,
    subject: str = "Winter hours",
    body: str = BODY,
    channel: Channel = "email",
    rate: int | None = None,
    rules: dict[str, Any] | None = None,
) -> Steps:
    """A draft to everybody who agreed."""
    id = campaigns.create(world.rt, AUTHOR, "Winter", channel)
    written = Written("Winter", rules or {}, subject, "When we are open", body, rate_per_minute=rate)
    campaigns.edit(world.rt, AUTHOR, id, 1, written)
    return Steps(world, id)


def work(world: World) -> None:
    """What workers do until nothing of this moment is left."""
    while True:
        planned = campaign_run.run(world.rt)
        world.work()
        if not planned:
            return


def wait(world: World, span: timedelta, every: timedelta = timedelta(minutes=5)) -> None:
    """Lets time pass, in steps short enough for whatever a campaign waits for."""
    until = world.now + span
    work(world)
    while world.now < until:
        step = min(until, world.now + every)
        with world.base.transaction() as tx:
            world.now = messages.next_due(tx, world.now, step) or step
        # Counting is put off for some seconds of real time, which does not pass here.
        with world.base.transaction() as tx:
            tx.execute(text("UPDATE campaigns SET tallied_at = NULL"))
        work(world)


def got(world: World) -> Counter[str]:
    """How many messages of campaigns each address has got."""
    return Counter(mail.to for mail in sent(world))


def sent(world: World) -> Sequence[Mail]:
    """The messages of campaigns that arrived."""
    return [mail for mail in world.mail() if mail.kind in ("campaign", "campaign-text")]
