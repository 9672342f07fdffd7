"""Links to a visit's page: each dies with the address that it went to, and with no other."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event

from engage.domain.messages import Channel
from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import desk_contacts, merges, visit_page
from engage.storage.database import run
from tests.apps import app_of
from tests.visits import DESK, book, move, page_url, pass_time, patient
from tests.world import World

DAY = timedelta(days=1)
# The world begins on Monday, November 2, 10 AM in Albany.
VISIT = date(2026, 11, 12)
EMAIL, MOBILE = "ada@example.org", "+15185550123"
ASKED = (("", "GET"), (".ics", "GET"), ("/confirm", "POST"), ("/move", "POST"), ("/cancel", "POST"))


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


@pytest.fixture
def person(world: World) -> UUID:
    return patient(world)


@pytest.fixture
def visit(world: World, person: UUID) -> UUID:
    return book(world, person, VISIT)


def asks(world: World, token: str) -> set[int]:
    """The statuses of all that the link's page does. The visit is another than any page showed."""
    client = app_of(world.rt).test_client(use_cookies=False)
    return {
        client.open(f"/appointments/{token}{path}", method=method, data={"seen": "0"}).status_code
        for path, method in ASKED
    }


OPEN, CLOSED, UNKNOWN = {200, 409}, {410}, {404}


def newest(world: World, to: str) -> str:
    """The token in the newest message to an address about the visit."""
    return world.token("appointments", world.mail(to)[-1])


def correct(world: World, person: UUID, channel: Channel, typed: str) -> None:
    assert desk_contacts.correct(world.rt, DESK, person, channel, typed, "telephone", agreed=False)


def token_of(world: World, visit: UUID, channel: str = "email") -> str:
    return page_url(world, visit, channel).rsplit("/", 1)[1]


def test_an_old_letters_link_is_closed_once_the_desk_corrected_the_address(
    world: World, person: UUID, visit: UUID
) -> None:
    pass_time(world, 9 * DAY)
    went = newest(world, EMAIL)
    assert asks(world, went) == OPEN
    correct(world, person, "email", "lovelace@example.org")
    assert asks(world, went) == CLOSED
    move(world, visit, date(2026, 11, 13))
    pass_time(world, DAY)
    assert asks(world, newest(world, "lovelace@example.org")) == OPEN and asks(world, went) == CLOSED
    # It was right after all.
    correct(world, person, "email", EMAIL)
    assert asks(world, went) == OPEN and asks(world, newest(world, "lovelace@example.org")) == CLOSED


@pytest.mark.parametrize(
    ("channel", "other", "new"), [("email", "sms", "lovelace@example.org"), ("sms", "email", "+15185550177")]
)
def test_the_other_channels_link_works_on(
    world: World, person: UUID, visit: UUID, channel: Channel, other: str, new: str
) -> None:
    went, stays = token_of(world, visit, channel), token_of(world, visit, other)
    correct(world, person, channel, new)
    assert asks(world, went) == CLOSED and asks(world, stays) == OPEN
    assert asks(world, token_of(world, visit, channel)) == OPEN


def test_the_calendar_file_has_the_link_in_hand(world: World, person: UUID, visit: UUID) -> None:
    for channel in ("email", "sms"):
        token = token_of(world, visit, channel)
        file = visit_page.calendar(world.rt, token)
        assert file is not None
        assert f"/appointments/{token}" in file.decode().replace("\r\n ", "")


@pytest.mark.parametrize(
    ("state", "statuses"),
    [("confirmed", OPEN), ("bad", OPEN), ("pending", CLOSED), ("quarantined", CLOSED), ("replaced", CLOSED)],
)
def test_a_link_works_while_its_address_is_the_persons(
    world: World, visit: UUID, state: str, statuses: set[int]
) -> None:
    token = token_of(world, visit)
    with world.base.transaction() as tx:
        run(tx, "UPDATE contacts SET state = %(state)s WHERE channel = 'email'", {"state": state})
    assert asks(world, token) == statuses


def test_a_link_to_somebody_elses_address_was_never_ours(world: World, visit: UUID) -> None:
    bao = patient(world, "Bao", "bao@example.org", None)
    theirs = token_of(world, book(world, bao, VISIT))
    mine = token_of(world, visit)
    made = world.rt.links.token("appointment", visit, world.rt.links.expires(theirs))
    assert asks(world, made) == CLOSED
    assert asks(world, mine[:24] + theirs[24:]) == UNKNOWN


@pytest.mark.parametrize("same", [False, True])
def test_a_link_works_on_after_two_records_were_made_one(world: World, same: bool) -> None:
    """With an address of its own, and with one that both had."""
    keep = patient(world, "Ada", EMAIL, None)
    other = patient(world, "Ada", EMAIL if same else "al@example.org", MOBILE)
    visit = book(world, other, VISIT)
    email, text = token_of(world, visit), token_of(world, visit, "sms")
    merges.merge(world.rt, DESK, keep, other)
    assert asks(world, email) == asks(world, text) == OPEN
    correct(world, keep, "email", "lovelace@example.org")
    assert asks(world, email) == CLOSED and asks(world, text) == OPEN


def test_a_forged_link_is_asked_the_same_of_the_database_for_any_visit_and_locks_nothing(
    world: World, visit: UUID
) -> None:
    asked: list[str] = []
    engine = world.base.engine

    def heard(_c: object, _k: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", heard)
    try:
        told = []
        for id in (visit, new_id()):
            asked.clear()
            forged = world.rt.links.token("lesson", id)
            with pytest.raises(BadLink, match="invalid"):
                visit_page.confirm(world.rt, forged, "1")
            told.append(list(asked))
    finally:
        event.remove(engine, "before_cursor_execute", heard)
    assert told[0] == told[1] and told[0]
    assert not any("FOR UPDATE" in one or "FOR NO KEY UPDATE" in one for one in told[0])
