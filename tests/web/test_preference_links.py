"""Links to the preference page that are no use any more, a copy of everything, and being forgotten."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from engage.runtime import Runtime
from tests.web.reader import ADA, Reader
from tests.world import World

DAY = timedelta(days=1)
NEW = "ada.new@example.org"


@pytest.fixture
def world(rt: Runtime) -> World:
    """With a real database, other than for the pages that need none."""
    return World(rt)


@pytest.fixture
def ada(world: World) -> Reader:
    return Reader.enrolled(world)


def changed(ada: Reader) -> Reader:
    """An hour later her address changes; the link that she has then is that of the letter to the old one."""
    ada.world.now += timedelta(hours=1)
    ada.post("/address", email=NEW)
    link = f"/confirm-address/{ada.world.token('confirm-address', ada.letters('address-confirm', NEW)[0])}"
    ada.asks(link, "POST")
    ada.world.work()
    return Reader(ada.world, ada.world.token("preferences", ada.letters("address-changed", ADA)[0]), NEW)


def test_links_from_before_the_address_changed_open_nothing_and_bring_no_new_one(ada: Reader) -> None:
    letter = ada.world.lessons(ADA)[0]
    lesson, leave = ada.world.token("lessons", letter), ada.world.token("unsubscribe", letter)
    assert "/preferences/" in ada.asks(f"/lessons/{lesson}").text
    now = changed(ada)
    assert ada.get().status_code == 410
    assert ada.post("/stop-all").status_code == 410
    for page in (f"/lessons/{lesson}", f"/unsubscribe/{leave}"):
        shown = ada.asks(page)
        assert shown.status_code == 200 and "/preferences/" not in shown.text
    # Whoever has the old address can put it right.
    assert "It counts once" in now.notice(now.post("/address", email=ADA))


def test_for_a_week_after_the_address_changed_nobody_gets_a_copy(ada: Reader) -> None:
    now = changed(ada)
    said = now.notice(now.post("/my-data"))
    assert "did not change in the last week" in said
    assert [mail for mail in ada.world.mail() if mail.kind == "my-data-link"] == []
    ada.world.pass_time(8 * DAY)
    assert now.my_data()


def test_a_person_may_have_a_copy_of_everything(ada: Reader) -> None:
    link = ada.my_data()
    answer = ada.asks(f"{link}/everything", "POST", **{"as": "json"})
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=about-me-2026-11-0")
    told = json.loads(answer.data)
    assert told["person"]["given_name"] == "Ada" and told["contacts"][0]["address"] == ADA
    readable = ada.asks(f"{link}/everything", "POST", **{"as": "page"})
    assert readable.mimetype == "text/html" and "attachment" in readable.headers["Content-Disposition"]
    assert ADA in readable.text
    assert ("person", "export") in ada.rows("SELECT actor, action FROM audit")
    assert ada.asks(f"{link}/everything", "POST", **{"as": "pdf"}).status_code == 422


@pytest.mark.parametrize("path", ["/everything", "/delete"])
def test_the_link_that_a_forwarded_letter_holds_gives_no_copy_and_deletes_nothing(
    ada: Reader, path: str
) -> None:
    assert ada.post(path, **{"as": "json"}).status_code == 404
    assert ada.asks(f"/my-data/{ada.token}{path}", "POST", **{"as": "json"}).status_code == 404
    assert ada.rows("SELECT state FROM people") == [("active",)]
    assert "on its way there" in ada.notice(ada.post("/my-data"))
    # Only the person's own address learns of it.
    assert {mail.to for mail in ada.world.mail() if mail.kind == "my-data-link"} == {ADA}


def test_the_link_to_a_copy_works_for_an_hour_and_is_sent_once_in_ten_minutes(ada: Reader) -> None:
    link = ada.my_data()
    ada.post("/my-data")
    assert len(ada.letters("my-data-link")) == 1
    ada.world.now += timedelta(minutes=59)
    assert "What we keep about you" in ada.asks(link).text
    ada.world.now += timedelta(minutes=2)
    for answer in (ada.asks(link), ada.asks(f"{link}/everything", "POST", **{"as": "json"})):
        assert answer.status_code == 410
    assert ada.my_data() != link


def test_who_asks_to_be_forgotten_is_asked_once_more_and_then_forgotten(ada: Reader) -> None:
    link = ada.my_data()
    assert "Delete everything about you?" in ada.asks(f"{link}/delete").text
    assert ada.rows("SELECT state FROM people") == [("active",)]
    done = ada.asks(f"{link}/delete", "POST")
    assert done.status_code == 200 and "We have forgotten you" in done.text
    assert ada.rows("SELECT state, sealed FROM people") == [("erased", None)]
    before = len(ada.world.mail())
    ada.world.pass_time(60 * DAY)
    assert len(ada.world.mail()) == before


def test_the_links_of_somebody_forgotten_say_so_kindly(ada: Reader) -> None:
    link = ada.my_data()
    ada.asks(f"{link}/delete", "POST")
    for answer in (
        ada.get(),
        ada.post("/fewer", fewer="yes"),
        ada.post("/my-data"),
        ada.asks(link),
        ada.asks(f"{link}/delete"),
        ada.asks(f"{link}/delete", "POST"),
    ):
        assert answer.status_code == 410
        assert "We have forgotten you, as you asked" in answer.text


def test_a_link_that_ran_out_offers_a_new_one_to_the_address_on_file(ada: Reader) -> None:
    old = ada.world.rt.links.token("preferences", ada.id, ada.world.now)
    page = ada.get(token=old)
    assert page.status_code == 410 and "Send me a new link" in page.text
    sent = ada.post("/new-link", token=old)
    assert "If we still have an address of yours" in ada.asks(sent.headers["Location"]).text
    (letter,) = ada.letters("preferences-link")
    assert ada.get(token=ada.world.token("preferences", letter)).status_code == 200
    for _ in range(3):
        ada.post("/new-link", token=old)
    assert len(ada.letters("preferences-link")) == 1
    ada.world.pass_time(25 * timedelta(hours=1))
    ada.post("/new-link", token=old)
    assert len(ada.letters("preferences-link")) == 2


def test_nobody_learns_from_an_old_link_whether_there_still_is_somebody(ada: Reader) -> None:
    nobody = ada.world.rt.links.token("preferences", uuid4(), ada.world.now)
    known = ada.world.rt.links.token("preferences", ada.id, ada.world.now)

    def seen(token: str) -> list[tuple[int, str]]:
        answers = [ada.get(token=token), ada.post("/new-link", token=token), ada.get("?sent=", token=token)]
        return [(answer.status_code, answer.text.replace(token, "")) for answer in answers]

    assert seen(nobody) == seen(known)
    ada.forget()
    assert seen(nobody) == seen(known)


@pytest.mark.parametrize("path", ["/stop-all", "/go-on", "/my-data", "/new-link"])
def test_a_link_that_we_never_made_does_nothing(ada: Reader, path: str) -> None:
    forged = ada.token[:-4] + "AAAA"
    assert ada.post(path, token=forged).status_code == 404
    other = ada.world.rt.links.token("lesson", ada.id)
    assert ada.post(path, token=other).status_code == 404


def test_a_link_works_for_a_year(ada: Reader) -> None:
    ada.world.now += 364 * DAY
    assert ada.get().status_code == 200
    ada.world.now += 2 * DAY
    assert ada.get().status_code == 410
