"""Mail programs and their scanners open every link of a letter, by GET and HEAD, as often as they like: nothing of it
may change anything (RFC 8058, 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from itertools import cycle, islice
from typing import get_args
from uuid import UUID

import pytest

from engage.content.merge import NAMES
from engage.domain.messages import KINDS, WITHOUT_FILE
from engage.ids import new_id
from engage.links import Purpose
from engage.runtime import Runtime
from engage.services import appointments, campaign_tests, consultation_work, preferences, staff
from engage.services.appointments import Booking
from engage.services.audit import CLI
from engage.services.mailbox import Mail
from engage.storage import consents, messages, people
from engage.storage.database import run
from engage.storage.messages import Plan
from tests.apps import app_of
from tests.asked import agrees, go, takes_place
from tests.campaigns import draft, readers, wait
from tests.visits import DESK, book, move, pass_time, patient, when
from tests.web.reader import Reader
from tests.world import World

LOOKS = 1000
AGENTS = ("Mozilla/5.0 (compatible; SafeLinks)", "GoogleImageProxy", "Barracuda Sentinel", "curl/8.0")


@pytest.fixture
def world(rt: Runtime) -> World:
    """With a real database, other than for the pages that need none."""
    return World(rt)


def snapshot(rt: Runtime) -> dict[str, tuple[int, str]]:
    """Of every table how many rows it has and a hash of all their values and versions: a row that was written and
    written back is another version."""
    with rt.transaction() as tx:
        names = run(
            tx, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return {
            name: tuple(
                run(
                    tx,
                    f"SELECT count(*), coalesce(md5(string_agg(t.xmin::text || t::text, '|' ORDER BY t::text)), '') FROM {name} t",
                ).one()
            )
            for (name,) in names.all()
        }


def live(world: World) -> Reader:
    """All that makes letters by itself: a course under way, another address, requests, alerts, an old link."""
    reader = Reader.enrolled(world)
    world.sign_up(email="waiting@example.org")
    world.ask()
    world.work()
    world.pass_time(timedelta(hours=30))
    consultation_work.watch(world.rt)
    reader.post("/fewer", fewer="yes")
    for to in ("ada.new@example.org", "ada.newer@example.org"):
        reader.post("/address", email=to)
    asked = reader.letters("address-confirm", "ada.new@example.org")[0]
    reader.asks(f"/confirm-address/{world.token('confirm-address', asked)}", "POST")
    preferences.send_new_link(world.rt, reader.token)
    world.pass_time(timedelta(minutes=10))
    return reader


def visits(world: World) -> None:
    """All letters that visits bring: one to come, moved and called off; one missed; the last of a plan."""
    rt = world.rt
    person = patient(world, email="visitor@example.org", mobile=None)
    ahead = [(world.now + timedelta(days=days)).date() for days in range(9)]
    plan = new_id()
    with rt.transaction() as tx:
        run(
            tx,
            "INSERT INTO treatment_plans (id, person_id, created_at) VALUES (%(id)s, %(person)s, %(now)s)",
            {"id": plan, "person": person, "now": world.now},
        )
    first = Booking(person, when(rt, ahead[1], "10:00"), plan_id=plan)
    last, missed, moved = (
        appointments.book(rt, DESK, first),
        book(world, person, ahead[1], "12:00"),
        book(world, person, ahead[7]),
    )
    pass_time(world, timedelta(days=2))
    appointments.mark(world.rt, DESK, last, "fulfilled")
    appointments.mark(world.rt, DESK, missed, "noshow")
    pass_time(world, timedelta(days=3))
    move(world, moved, ahead[8])
    pass_time(world, timedelta(days=1))
    appointments.cancel(world.rt, DESK, moved)
    pass_time(world, timedelta(hours=20))


def things(world: World) -> list[UUID]:
    """One id of everything that a link may name."""
    with world.base.transaction() as tx:
        found = [
            run(tx, f"SELECT id FROM {table} ORDER BY id DESC LIMIT 2").scalars().all()
            for table in (
                "people",
                "contacts",
                "messages",
                "signups",
                "enrolments",
                "consultations",
                "appointments",
                "check_ins",
            )
        ]
    return [id for ids in found for id in ids]


def questions(world: World) -> None:
    """The letters that ask how somebody is: before a first visit, and after it."""
    person = patient(world, email="asked@example.org", mobile=None)
    agrees(world, person)
    visit = book(world, person, (world.now + timedelta(days=2)).date())
    go(world, timedelta(days=2, hours=12))
    takes_place(world, visit)
    go(world, timedelta(days=1))


def campaign(world: World) -> None:
    """What staff wrote comes to somebody, and as a test to one of the staff."""
    staff.invite(world.rt, CLI, "sam@example.org", "Sam Rivera", "administrator")
    with world.rt.transaction() as tx:
        run(tx, "UPDATE staff SET state = 'active'")
    readers(world, 1)
    letter = draft(world)
    campaign_tests.send(world.rt, CLI, letter.id, "sam@example.org")
    letter.begun()
    # It is a night, and a Sunday follows.
    wait(world, timedelta(days=2), timedelta(hours=1))


def every_other_kind(world: World) -> None:
    """A letter of each kind that came by no journey above, with links of ours wherever it has one."""
    rt, had = world.rt, {mail.kind for mail in world.mail()}
    person = things(world)[0]
    with rt.transaction() as tx:
        contact = run(
            tx, "SELECT id FROM contacts WHERE person_id = %(id)s AND state = 'confirmed'", {"id": person}
        ).scalar_one()
        people.lock(tx, person)
        consents.enter(
            tx, person, "email", "care", "granted", actor="person", source="at the desk", now=world.now
        )
    for kind in KINDS.values():
        if kind.channel != "email" or kind.name in had or kind in WITHOUT_FILE:
            continue
        id = new_id()
        names = rt.library.message(kind.text).names
        values = {name: value_of(rt, name, person) for name in names}
        one = Plan(
            id=id,
            kind=replace(kind, consent=None),
            cause="staff",
            cause_id=id,
            # What a question about a number is about.
            step=str(contact),
            person_id=person,
            contact_id=contact,
            anytime=True,
            dedup_key=f"scanned/{id}",
            due_at=world.now,
            not_after=world.now + timedelta(days=1),
            sealed=rt.sealer.seal("messages", id, {"to": "ada@example.org", "values": values}),
        )
        with rt.transaction() as tx:
            messages.plan(tx, [one], world.now)
    world.work()


def value_of(rt: Runtime, name: str, id: UUID) -> str:
    """A link of the purpose that the value is named for, or a word."""
    purpose = name.removesuffix("_url").replace("_", "-")
    known = {"address": "confirm-address", "visit": "appointment", **{one: one for one in get_args(Purpose)}}
    if not name.endswith("_url"):
        return "word"
    return rt.links.url(known.get(purpose, "preferences"), id)


def links_of(rt: Runtime, mail: Mail) -> Iterator[str]:
    """Every address of ours in a letter: text, HTML and headers."""
    whole = "\n".join([mail.text, unescape(mail.html), *mail.headers.values()])
    ours = re.escape(rt.settings.public_url)
    yield from (
        found.removeprefix(rt.settings.public_url) for found in re.findall(ours + r"[\w/.?=&%-]*", whole)
    )


@pytest.mark.timeout(300)
def test_a_thousand_looks_at_every_link_of_every_letter_change_nothing(world: World) -> None:
    live(world)
    visits(world)
    questions(world)
    campaign(world)
    every_other_kind(world)
    emailed = {kind.name for kind in KINDS.values() if kind.channel == "email"}
    assert {mail.kind for mail in world.mail()} >= emailed
    links = {link for mail in world.mail() for link in links_of(world.rt, mail)}
    assert {link.split("/")[1] for link in links} >= {
        "confirm",
        "not-me",
        "lessons",
        "unsubscribe",
        "preferences",
        "confirm-address",
        "appointments",
        "check-ins",
    }
    # And a link of every purpose to everything that there is, also to what it was never made for.
    links |= {
        world.rt.links.url(purpose, id, expires).removeprefix(world.rt.settings.public_url)
        for purpose in get_args(Purpose)
        for id in things(world)
        for expires in (None, world.now - timedelta(days=1))
    }
    client = app_of(world.rt).test_client(use_cookies=False)
    before = snapshot(world.base)
    statuses = set()
    for n, link in enumerate(islice(cycle(sorted(links)), max(LOOKS, len(links)))):
        for method in ("HEAD", "GET"):
            headers = {"User-Agent": AGENTS[n % len(AGENTS)], "Sec-Purpose": "prefetch"}
            statuses.add(client.open(link, method=method, headers=headers).status_code)
    assert snapshot(world.base) == before
    assert statuses <= {200, 302, 303, 404, 405, 410} and 200 in statuses


def test_every_value_that_is_a_link_is_looked_at(world: World) -> None:
    """A new kind of link joins the proof by itself; this names one that would not."""
    names = {name for name in NAMES if name.endswith("_url")}
    assert {name for name in names if value_of(world.rt, name, new_id()).count("/") < 3} == set()
