"""Audiences on staff pages: built and counted without a script, refused with a sentence, saved, and looked through."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from engage.domain.segments import Rules, read
from engage.runtime import Runtime
from engage.services import authorizations, segments, tags
from engage.storage.database import run
from engage.web.staff import segments as pages
from tests.audience import STAFF, person, visit
from tests.web.staff_world import Desk, hidden, new_member, refused
from tests.world import World

NEW = "/staff/segments/new"


@pytest.fixture
def world(rt: Runtime) -> World:
    """The clinic's people as of now, since the pages are of now."""
    return World(rt, rt.now())


@pytest.fixture
def desk(rt: Runtime) -> Desk:
    return at_desk(rt)


def at_desk(rt: Runtime, role: str = "administrator") -> Desk:
    desk = new_member(rt, f"{role}@example.org", "Sam", role)  # type: ignore[arg-type]
    desk.sign_in()
    return desk


def words(answer: TestResponse) -> str:
    """What a page says, without its marks."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", answer.text.partition("<main")[2], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


def count(desk: Desk, **query: Any) -> str:
    return words(desk.client.get(NEW, query_string={"channel": "email", **query}))


def save(desk: Desk, address: str = NEW, **typed: Any) -> TestResponse:
    form = {"csrf": hidden(desk.get("/staff/account"))["csrf"], "channel": "email", **typed}
    return desk.client.post(address, data=form, follow_redirects=True)


def test_the_count_button_counts_with_the_reasons_in_words(world: World, desk: Desk) -> None:
    person(world)
    person(world, "Ben", "ben@example.org", agreed=())
    assert "Choose rules, then count." in words(desk.get(NEW))
    page = count(desk)
    assert "1 person would get it by email." in page
    assert "Left out: 1 1: They did not agree to news and offers by email." in page
    assert "Nobody would get it." in count(desk, channel="sms")
    part = desk.client.get(NEW, query_string={"channel": "email", "part": "counted"})
    assert part.text.strip().startswith("<p") and "<html" not in part.text
    # Nothing was seen of anybody by counting.
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM audit WHERE person_id IS NOT NULL").scalar_one() == 0


def test_nobody_at_all_is_said_in_a_sentence(world: World, desk: Desk) -> None:
    person(world)
    page = count(desk, stage="consulting")
    assert "Nobody would get it. No person fits all of these rules: please take one out." in page
    person(world, agreed=())
    assert "each is left out for a reason below" in count(desk, stage="subscriber", channel="sms")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"stage": ["past", "subscriber"]}, "past patients"),
        ({"location": "Larkspur Lane"}, "place of the visits"),
        ({"within_days": "30"}, "last visit"),
    ],
)
def test_treatment_without_an_authorization_is_refused_with_the_reason(
    world: World, desk: Desk, query: dict[str, Any], named: str
) -> None:
    for page in (count(desk, **query), words(save(desk, name="Patients", **query))):
        assert f"These rules choose patients by treatment or visit ({named})." in page
        assert "signed an authorization for marketing (45 CFR 164.508)" in page
    assert refused(save(desk, name="Patients", **query))
    assert segments.listing(world.rt) == []
    assert "Nobody would get it." in count(desk, **query, authorized="yes")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"before_days": "a week"}, "Please give 1 to 3650 days."),
        (
            {"before_days": "30", "within_days": "30"},
            "No visit is both more than 30 and at most 30 days ago.",
        ),
        ({"course": "sleep"}, "There is no course “sleep”"),
        ({"course": "chronic-pain", "least_lessons": "-1"}, "Please give 0 to 1000 lessons."),
        ({"stage": "gone"}, "There is no stage “gone”"),
        ({"tags_any": "x"}, "A tag is given by its id."),
    ],
)
def test_what_can_not_be_counted_is_named_at_its_field(
    desk: Desk, query: dict[str, Any], sentence: str
) -> None:
    page = desk.client.get(NEW, query_string={"channel": "email", **query})
    assert page.status_code == 200
    assert sentence in words(page)
    assert "<title>Error: " in page.text
    link = re.search(r'<li><a href="#(\w+)">', page.text)
    assert link is not None and f'id="{link[1]}"' in page.text


def test_what_was_counted_is_saved_and_shown_again(world: World, desk: Desk) -> None:
    tag = tags.add(world.rt, STAFF, "Evenings")
    yes, no = person(world, email="yes@example.org"), person(world, email="no@example.org")
    for id in (yes, no):
        tags.put(world.rt, STAFF, id, "Evenings")
        visit(world, id, -3)
    authorizations.record(world.rt, STAFF, yes, "granted", "paper")
    saved = save(
        desk,
        name="Evening people",
        stage=["in_treatment", "maintenance"],
        tags_any=str(tag),
        within_days="30",
        authorized="yes",
    )
    page = words(saved)
    for sentence in (
        "Saved.",
        "Stage: in treatment, maintenance.",
        "Tagged Evenings.",
        "1 person would get it by email.",
        "1: They are or were patients without a written authorization for marketing.",
        "by you",
    ):
        assert sentence in page
    (segment,) = segments.listing(world.rt)
    form = desk.get(f"/staff/segments/{segment.id}/change")
    for field in (
        'value="in_treatment" checked',
        f'value="{tag}" checked',
        'value="30"',
        'value="yes" checked',
    ):
        assert field in form.text
    assert "1 person would get it" in words(form)
    assert "Evening people" in words(desk.get("/staff/segments"))
    assert "Nobody would get it." in words(desk.get(f"/staff/segments/{segment.id}?channel=sms"))


def test_two_editors_see_each_other(world: World, desk: Desk) -> None:
    id = segments.save(world.rt, STAFF, "Readers", Rules())
    address = f"/staff/segments/{id}/change"
    mine = desk.get(address)
    assert hidden(mine)["seen"] == "1"
    segments.save(world.rt, STAFF, "Readers", read({"stages": ["consulting"]}), id, 1)
    clash = save(desk, address, name="Readers", stage="subscriber", seen="1")
    assert clash.status_code == 409
    assert "Nothing was saved yet: somebody saved version 2 meanwhile" in words(clash)
    assert "Stage: asked for a consultation." in words(clash)
    assert 'value="subscriber" checked' in clash.text
    assert hidden(clash)["seen"] == "2"
    assert "Saved." in words(save(desk, address, name="Readers", stage="subscriber", seen="2"))
    assert [version.words for version in segments.versions(world.rt, id)] == [
        ["Stage: subscribers."],
        ["Stage: asked for a consultation."],
        ["Everybody who agreed to news and offers."],
    ]


def test_a_name_is_asked_for_and_used_once(world: World, desk: Desk) -> None:
    assert "Please give it a name." in words(save(desk, name=" "))
    save(desk, name="Readers")
    again = save(desk, name="readers", stage="subscriber")
    assert again.status_code == 422
    assert segments.NAME_TAKEN in words(again)
    assert 'value="subscriber" checked' in again.text


def test_an_audience_is_put_away(world: World, desk: Desk) -> None:
    id = segments.save(world.rt, STAFF, "Readers", Rules())
    done = save(desk, f"/staff/segments/{id}/archive")
    assert "It was put away." in words(done) and "No audience was saved yet." in words(done)
    assert "put away: no campaign can choose it" in words(desk.get(f"/staff/segments/{id}"))
    assert desk.get(f"/staff/segments/{id}/change").status_code == 303
    assert save(desk, f"/staff/segments/{id}/change", name="Readers", seen="1").status_code == 404
    assert "it was put away before" in words(save(desk, f"/staff/segments/{id}/archive"))


def test_people_are_looked_through_page_by_page_and_that_is_noted(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SHOWN", 2)
    ids = [person(world, f"Reader {n}", f"{n}@example.org") for n in range(3)]
    left_out = person(world, "Nemo", "nemo@example.org", agreed=())
    first = desk.client.get("/staff/segments/people", query_string={"channel": "email"})
    assert "Reader 0 Reader 1 Show the next ones" in words(first)
    following = re.search(r'href="([^"]+after=[^"]+)"', first.text)
    assert following is not None
    second = desk.get(unescape(following[1]))
    assert "Reader 2" in words(second) and "next ones" not in words(second)
    other = desk.client.get(
        "/staff/segments/people", query_string={"channel": "email", "reason": "no_consent"}
    )
    assert "Nemo" in words(other) and "They did not agree" in words(other) and "Reader" not in words(other)
    with world.rt.transaction() as tx:
        seen = run(tx, "SELECT person_id FROM audit WHERE what = 'person in a list'").scalars().all()
    assert sorted(seen) == sorted([*ids, left_out])
    refused_rules = desk.client.get(
        "/staff/segments/people", query_string={"channel": "email", "stage": "past"}
    )
    assert refused_rules.status_code == 303
    assert desk.get("/staff/segments/people?after=x").status_code == 404


def test_a_reader_counts_and_changes_nothing(world: World, rt: Runtime) -> None:
    person(world)
    id = segments.save(rt, STAFF, "Readers", Rules())
    reader = at_desk(rt, "reader")
    page = reader.client.get(NEW, query_string={"channel": "email"})
    assert "1 person would get it" in words(page)
    assert 'formmethod="post"' not in page.text
    assert 'method="post"' not in reader.get(f"/staff/segments/{id}").text.partition("<main")[2]
    assert save(reader, name="X").status_code == 403


def test_no_token_is_ever_in_an_address(desk: Desk) -> None:
    form = desk.get(NEW).text.partition("<main")[2]
    assert 'type="hidden" name="csrf"' not in form
    assert re.search(r'<button[^>]+formmethod="post" name="csrf" value="[\w=-]+">', form)


def test_what_others_called_things_is_shown_as_words(world: World, desk: Desk) -> None:
    tags.add(world.rt, STAFF, "<script>alert(1)</script>")
    save(desk, name="<b>Readers</b>")
    for address in (NEW, "/staff/segments"):
        assert "<script>alert" not in desk.get(address).text
        assert "<b>Readers" not in desk.get(address).text


Marks = Callable[..., TestResponse]


@pytest.fixture
def mark(desk: Desk) -> Marks:
    def act(id: UUID, what: str, **typed: str) -> TestResponse:
        form = hidden(desk.get("/staff/account")) | typed
        return desk.client.post(f"/staff/people/{id}/{what}", data=form, follow_redirects=True)

    return act


def test_tags_are_put_on_and_taken_off_on_the_persons_page(world: World, mark: Marks) -> None:
    id = person(world)
    done = mark(id, "tags", tag="Evenings")
    assert "Done: the tag is on." in words(done) and "Take off: Evenings" in words(done)
    assert "it was so already" in words(mark(id, "tags", tag="evenings"))
    (tag,) = tags.listing(world.rt)
    assert "Done: the tag is off." in words(mark(id, f"tags/{tag.id}/off"))
    wrong = mark(id, "tags", tag=" ")
    assert wrong.status_code == 422 and "Please give it a name." in words(wrong)
    assert mark(UUID(int=7), "tags", tag="Evenings").status_code == 404


def test_an_authorization_is_recorded_with_how_it_was_given(world: World, mark: Marks, desk: Desk) -> None:
    id = person(world)
    assert "None in force" in words(desk.get(f"/staff/people/{id}"))
    done = words(mark(id, "authorization", said="granted-paper", until="2099-12-31", note="Blue folder"))
    assert "Campaigns that are chosen by treatment or visit may reach this person now." in done
    assert "Signed until Thursday, December 31, 2099" in done
    assert "Given: signed on paper at the clinic, until Thursday, December 31, 2099" in done
    assert "Blue folder" in done
    back = words(mark(id, "authorization", said="withdrawn-telephone"))
    assert "None in force" in back and "Taken back: told by telephone" in back
    for typed, sentence in (
        ({"until": "2020-01-01"}, "That day is over."),
        ({"until": "soon"}, "Please give a day"),
        ({"note": "x" * 501}, "Please keep the message under 500 characters"),
    ):
        wrong = mark(id, "authorization", said="granted-paper", **typed)
        assert wrong.status_code == 422 and sentence in words(wrong)
    for said in ("", "granted-telephone", "withdrawn-paper", "x-y"):
        assert mark(id, "authorization", said=said).status_code == 422
