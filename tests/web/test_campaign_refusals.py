"""What the pages of campaigns refuse: each time they say what to do, and nothing that was typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from engage.services import campaign_run, campaigns
from engage.services.audit import CLI
from tests.campaigns import BODY, draft, got, readers, wait
from tests.web.campaign_desk import GOOD, approver, author, place, told, value, world, write
from tests.web.front_desk import send, trail, words
from tests.web.staff_world import PASSWORD, Desk, hidden, sql
from tests.world import World

__all__ = ["approver", "author", "world"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "", "channel": "email"}, "Please give it a name"),
        ({"name": "x" * 101, "channel": "sms"}, "at most 100 characters"),
        ({"name": "Winter"}, "Please choose how it is sent."),
        ({"name": "Winter", "channel": "fax"}, "Please choose how it is sent."),
    ],
)
def test_a_campaign_needs_a_name_and_a_channel(author: Desk, typed: dict[str, str], sentence: str) -> None:
    answer = send(author, author.get("/staff/campaigns/new"), "/staff/campaigns/new", **typed)
    assert answer.status_code == 422 and told(answer)
    assert sentence in words(answer)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"body": "Hello {{ nmae }}"}, "Line 1, character 7: Unknown variable nmae . Did you mean name?"),
        ({"body": "{% for x in y %}"}, "nothing but the name can be asked for|Unknown statement"),
        ({"body": "Hi <script>alert(1)</script>"}, "<script> would be shown as it stands"),
        ({"body": "See [this](https://evil.example/x)"}, "links to evil.example are not allowed"),
        ({"body": "Your knee matters to us."}, "I answer for “ knee ” in this text"),
        ({"subject": ""}, "The subject is empty"),
    ],
)
def test_a_text_with_faults_is_kept_and_each_is_named_with_place_and_cure(
    world: World, author: Desk, typed: dict[str, str], sentence: str
) -> None:
    steps = draft(world)
    answer = write(author, steps, None, **typed)
    assert answer.status_code == 422 and told(answer)
    assert "It is saved, but it can’t go out like this" in words(answer)
    assert re.search(sentence, words(answer), re.IGNORECASE), words(answer)
    assert "<script>alert" not in answer.text
    (name, text), *_ = typed.items()
    assert getattr(steps.row, name) == text


def test_a_text_of_a_megabyte_is_not_kept_but_told_and_shown_again(world: World, author: Desk) -> None:
    steps = draft(world)
    answer = write(author, steps, body="A word. " * 131_072)
    assert answer.status_code == 422 and told(answer)
    assert "The body has 1,048,576 bytes; at most 65,536 are kept." in words(answer)
    assert "A word. A word." in answer.text
    assert steps.row.body == BODY
    assert write(author, steps, body="x" * 5_000_000).status_code == 413


def test_the_second_of_two_editors_is_told_and_sees_both_texts(
    world: World, author: Desk, approver: Desk
) -> None:
    steps = draft(world)
    page = author.get(place(steps, "content"))
    assert write(approver, steps, subject="Theirs").status_code == 303
    answer = write(author, steps, page, subject="Mine", body="My own words.")
    assert answer.status_code == 409 and told(answer)
    said = words(answer)
    assert "Lee changed this campaign after you had opened the page" in said
    assert "The subject as it is saved now: Theirs" in said
    assert value(answer, "subject") == "Mine" and "My own words." in answer.text
    assert steps.row.subject == "Theirs"
    assert write(author, steps, answer, subject="Mine").status_code == 303
    assert steps.row.subject == "Mine"


def test_who_writes_while_another_submits_gets_the_words_back(world: World, author: Desk) -> None:
    readers(world, 2)
    steps = draft(world)
    page = author.get(place(steps, "content"))
    steps.submit()
    answer = write(author, steps, page, body="Words of mine.")
    assert answer.status_code == 409
    assert "Nothing was changed" in words(answer) and "Words of mine." in words(answer)


def test_a_private_word_is_let_pass_by_name_and_asked_for_again_when_the_text_changes(
    world: World, author: Desk
) -> None:
    steps = draft(world)
    body = "We have a new room, and it has much more light than before. Your knee will like it."
    page = write(author, steps, body=body)
    assert page.status_code == 422
    action = place(steps, "content/waive")
    form = {"version": value(page, "version"), "csrf": value(page, "csrf")}
    assert author.client.post(action, data=form | GOOD | {"body": body, "word": "elbow"}).status_code == 422
    done = author.client.post(action, data=form | GOOD | {"body": body, "word": "knee"})
    assert done.status_code == 303
    assert list(steps.row.waived) == ["knee"]
    assert ("change", "campaign waived", None) in trail(world)
    assert "Let pass in this text: “ knee ”" in words(author.get(place(steps, "content")))
    assert write(author, steps, body=body + " Come!").status_code == 422
    assert list(steps.row.waived) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"begin": "at", "day": "", "time": "9"}, "Please choose a day"),
        ({"begin": "at", "day": "2026-11-10", "time": ""}, "Please give the hour"),
        ({"begin": "at", "day": "2020-01-01", "time": "09:00"}, "from now on"),
        ({"begin": "at", "day": "2027-12-01", "time": "09:00"}, "at most 60 days ahead"),
        ({"begin": "now", "rate_per_minute": "many"}, "Please give a number"),
        ({"begin": "now", "rate_per_minute": "0"}, "from 1 to 100,000"),
        ({"begin": "soon"}, "Please choose when it begins"),
    ],
)
def test_a_moment_or_pace_that_can_not_be_is_refused(
    world: World, author: Desk, typed: dict[str, str], sentence: str
) -> None:
    steps = draft(world)
    answer = send(author, author.get(place(steps, "check")), place(steps, "timing"), **typed)
    assert answer.status_code == 422 and told(answer)
    assert sentence in words(answer)
    assert steps.row.begin_wish is None


def test_a_campaign_begins_at_the_chosen_moment_by_the_clinics_clocks(world: World, author: Desk) -> None:
    readers(world, 2)
    steps = draft(world)
    typed = {"begin": "at", "day": "2026-11-03", "time": "15:30", "rate_per_minute": "1,200"}
    assert send(author, author.get(place(steps, "check")), place(steps, "timing"), **typed).status_code == 303
    assert "Not before Tue, Nov 3, 2026, 3:30 PM" in words(author.get(place(steps, "check")))
    assert steps.row.rate_per_minute == 1200
    steps.ready().start()
    said = words(author.get(place(steps)))
    assert "It begins Tue, Nov 3, 2026, 3:30 PM" in said


def test_nobody_to_get_it_is_no_campaign(world: World, author: Desk) -> None:
    steps = draft(world)
    page = author.get(place(steps, "check"))
    assert "It can be submitted once somebody would get it." in words(page)
    answer = author.client.post(
        place(steps, "submit"), data={"version": value(page, "version"), "csrf": value(page, "csrf")}
    )
    assert answer.status_code == 422 and "Nobody would get it" in words(answer)
    assert steps.state == "draft"


def test_the_same_text_to_the_same_people_needs_their_number_typed(world: World, author: Desk) -> None:
    readers(world, 3)
    draft(world).begun()
    wait(world, timedelta(minutes=20))
    again = draft(world).ready()
    page = author.get(place(again, "send"))
    assert "These very people got this very text before , as Winter" in words(page)
    for typed in ("", "4", "three"):
        answer = send(author, page, place(again, "start"), typed=typed)
        assert answer.status_code == 422 and told(answer)
        assert "type how many people that is: 3" in words(answer)
    assert send(author, page, place(again, "start"), typed="3").status_code == 303


def test_an_audience_that_grew_is_asked_about_and_gets_nothing_more(world: World, author: Desk) -> None:
    readers(world, 3)
    steps = draft(world).ready()
    readers(world, 2, name="Late")
    page = author.get(place(steps, "send"))
    assert "2 people more match by now than were approved" in words(page)
    answer = send(author, page, place(steps, "start"))
    assert answer.status_code == 422 and told(answer)
    assert send(author, page, place(steps, "start"), grown="fine").status_code == 303
    wait(world, timedelta(minutes=30))
    assert len(got(world)) == 3 and not any("late" in to for to in got(world))


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ("pause", "pause is not possible: draft"),
        ("resume", "resume is not possible: draft"),
        ("undo", "undo is not possible: draft"),
        ("start", "start is not possible: draft"),
        ("approve", "approve is not possible: draft"),
        ("send-back", "send back is not possible: draft"),
    ],
)
def test_what_is_not_possible_now_says_what_is(world: World, author: Desk, act: str, sentence: str) -> None:
    steps = draft(world)
    page = author.get(place(steps, "check"))
    form = {"version": value(page, "version"), "csrf": value(page, "csrf")}
    answer = author.client.post(place(steps, act), data=form)
    assert answer.status_code == 409
    assert sentence in words(answer) and "possible now: edit, submit, cancel" in words(answer)


@pytest.mark.parametrize("act", ["pause", "resume", "cancel"])
def test_the_same_press_twice_is_one_act(world: World, author: Desk, act: str) -> None:
    readers(world, 30)
    steps = draft(world).begun()
    if act == "resume":
        campaigns.pause(world.rt, CLI, steps.id)
    address = place(steps, "cancel") if act == "cancel" else place(steps)
    page = author.get(address)
    answers = [send(author, page, place(steps, act)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]


def test_submitting_twice_is_one_act_also_when_the_audience_is_fixed_meanwhile(
    world: World, author: Desk
) -> None:
    readers(world, 3)
    steps = draft(world)
    page = author.get(place(steps, "check"))
    assert send(author, page, place(steps, "submit")).status_code == 303
    campaign_run.run(world.rt)
    assert send(author, page, place(steps, "submit")).status_code == 303
    assert steps.state == "approved"


def test_an_approval_that_comes_late_is_told_who_was_faster(
    world: World, author: Desk, approver: Desk
) -> None:
    readers(world, 12)
    steps = draft(world).submit()
    page = approver.get(place(steps, "check"))
    send(author, author.get(place(steps, "check")), place(steps, "send-back"))
    answer = send(approver, page, place(steps, "approve"))
    assert answer.status_code == 409
    assert "Sam changed this campaign after you had opened the page" in words(answer)
    assert steps.state == "draft"


@pytest.mark.parametrize(
    "step", ["", "audience", "content", "check", "send", "preview", "cancel", "progress"]
)
def test_a_campaign_that_is_not_there_is_a_page_that_is_not_there(author: Desk, step: str) -> None:
    assert author.get(f"/staff/campaigns/{uuid4()}/{step}".rstrip("/")).status_code == 404


@pytest.mark.parametrize("version", ["", "-1", "x", "٣", "1" * 20])
def test_a_form_that_is_none_of_ours_is_refused(world: World, author: Desk, version: str) -> None:
    steps = draft(world)
    page = author.get(place(steps, "content"))
    form = GOOD | {"csrf": value(page, "csrf"), "version": version}
    assert author.client.post(place(steps, "content"), data=form).status_code == 422


def test_a_long_letter_outlives_its_session(world: World, author: Desk) -> None:
    steps = draft(world)
    page = author.get(place(steps, "content"))
    body = "\n".join(f"Line {n} of a letter, with ümlauts." for n in range(1500))
    assert len(body.encode()) > 50_000
    sql(world.rt, "UPDATE staff_sessions SET ended_at = clock_timestamp()")
    again = write(author, steps, page, body=body)
    assert again.status_code == 403 and "What you typed is kept" in again.text
    half = author.post("/staff/sign-in", again, email=author.email, password=PASSWORD)
    offered = author.post("/staff/sign-in/code", half, code=author.code())
    assert "Line 1499 of a letter" in offered.text
    answer = author.client.post(place(steps, "content"), data=hidden(offered))
    assert answer.status_code == 303
    assert steps.row.body == body
