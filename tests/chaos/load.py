"""What is to be sent: messages of every lane and channel, each to an address of its own, planned as the product plans."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from engage.domain.messages import CHANNELS, LANES, TESTS, Channel, Purpose
from engage.domain.people import normal_email
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.storage import messages
from engage.storage.arrays import Blobs, Texts, Uuids
from engage.storage.database import run
from engage.storage.messages import Plan

YEARS = timedelta(days=700)


@dataclass(frozen=True)
class Planned:
    """One message as the harness wants it: to whom, and when it is due (real seconds since 1970). ``until``: its end
    of use. ``key`` is the cause by which the product tells it apart."""

    key: str
    channel: Channel
    purpose: Purpose
    to: str
    due: float
    until: float
    person: bool = False
    deadly: bool = False


@dataclass
class Load:
    """Makes messages. Two loads with different names never share an address."""

    name: str
    seed: int
    made: list[Planned] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.dice = random.Random(f"{self.name}/{self.seed}")
        # Twelve digits after the plus: the name's own block, then the number within it.
        self.block = random.Random(self.name).randrange(100_000, 1_000_000)

    def make(
        self,
        size: int,
        *,
        channel: Channel | None = None,
        purpose: Purpose | None = None,
        useful: float = YEARS.total_seconds(),
        within: float = 0.0,
        person: bool | None = None,
    ) -> list[Planned]:
        """``size`` messages, of every lane and channel unless told, due ``within`` so many seconds."""
        now, fresh = time.time(), []
        for n in (next(self.numbers) for _ in range(size)):
            what = self.dice.choice(CHANNELS) if channel is None else channel
            why = self.dice.choice(tuple(LANES)) if purpose is None else purpose
            to = f"{self.name}.{n}@example.org" if what == "email" else f"+{self.block}{n:06}"
            due = now + self.dice.uniform(0, within)
            known = self.dice.random() < 0.5 if person is None else person
            fresh.append(Planned(f"chaos/{self.name}/{n}", what, why, to, due, due + useful, known))
        self.made += fresh
        return fresh


def write(rt: Runtime, planned: Sequence[Planned]) -> dict[str, UUID]:
    """Plans them in one transaction, half of them to people with a contact. Returns the new ids by key.

    New ids each time, as the product makes them: planned twice, only the causes' keys keep it to one.
    """
    rows = list(zip(planned, new_ids(len(planned)), strict=True))
    with rt.transaction() as tx:
        now, real = rt.now(tx), time.time()
        people = known(rt, tx, [one for one in planned if one.person], now)
        plans = []
        for one, id in rows:
            person, contact = people.get(one.key, (None, None))
            values = {"chaos-deadly": "yes"} if one.deadly else {}
            plans.append(
                Plan(
                    id=id,
                    kind=TESTS[one.channel, one.purpose],
                    cause="staff",
                    cause_id=id,
                    person_id=person,
                    contact_id=contact,
                    dedup_key=one.key,
                    due_at=now + timedelta(seconds=one.due - real),
                    not_after=now + timedelta(seconds=one.until - real),
                    sealed=rt.sealer.seal("messages", id, {"to": one.to, "values": values, "headers": {}}),
                )
            )
        messages.plan(tx, plans, now)
    return {one.key: id for one, id in rows}


def insist(rt: Runtime, planned: Sequence[Planned], keep: Any, seconds: float = 60.0) -> None:
    """Plans them however often the database dies: whoever did not hear of the commit says it again."""
    end = time.monotonic() + seconds
    while True:
        try:
            write(rt, planned)
        except (SQLAlchemyError, OSError):
            if time.monotonic() > end:
                raise
            keep()
            time.sleep(0.05)
        else:
            return


def known(rt: Runtime, tx: Any, planned: Sequence[Planned], now: Any) -> dict[str, tuple[UUID, UUID]]:
    """People with a contact for each of these; (person, contact) by key."""
    if not planned:
        return {}
    people, contacts = new_ids(len(planned)), new_ids(len(planned))
    run(
        tx,
        """INSERT INTO people (id, sealed, zone, created_at, updated_at)
        SELECT v.id, v.sealed, %(zone)s, %(now)s, %(now)s FROM unnest(%(ids)b::uuid[], %(sealeds)b::bytea[]) AS v(id, sealed)""",
        {
            "ids": Uuids(people),
            "sealeds": Blobs(rt.sealer.seal("people", id, {"given_name": "Ada"}) for id in people),
            "zone": rt.clinic.zone,
            "now": now,
        },
    )
    run(
        tx,
        """INSERT INTO contacts (id, person_id, channel, address_index, sealed, created_at)
        SELECT v.id, v.person, v.channel, v.index, v.sealed, %(now)s FROM unnest(%(ids)b::uuid[], %(people)b::uuid[],
            %(channels)b::text[], %(indexes)b::bytea[], %(sealeds)b::bytea[]) AS v(id, person, channel, index, sealed)""",
        {
            "ids": Uuids(contacts),
            "people": Uuids(people),
            "channels": Texts(one.channel for one in planned),
            "indexes": Blobs(index_of(rt, one) for one in planned),
            "sealeds": Blobs(
                rt.sealer.seal("contacts", id, {"address": one.to})
                for id, one in zip(contacts, planned, strict=True)
            ),
            "now": now,
        },
    )
    return {one.key: pair for one, pair in zip(planned, zip(people, contacts, strict=True), strict=True)}


def index_of(rt: Runtime, one: Planned) -> bytes:
    """The blind index of its address."""
    address = normal_email(one.to) if one.channel == "email" else one.to
    return bytes(rt.sealer.index(one.channel, address))


def listed(rt: Runtime, keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Where the product says that these are: (status, reason) by key, of all copies of a key."""
    sql = """SELECT dedup_key, status, coalesce(reason, '') FROM messages WHERE dedup_key = ANY(%(keys)b::text[])"""
    with rt.transaction() as tx:
        return {row[0]: (row[1], row[2]) for row in run(tx, sql, {"keys": list(keys)})}
