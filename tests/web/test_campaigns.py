"""Campaigns at a desk: written in steps, approved by somebody else, started, watched; every refusal says what to do."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from engage.domain.segments import read
from engage.runtime import Runtime
from engage.services import campaign_run, campaigns, segments
from engage.services.audit import CLI
from engage.services.campaigns import Written
from tests.campaigns import AUTHOR, BODY, Steps, draft, got, readers, sent, wait
from tests.web.staff_acts import scalar
from tests.web.staff_world import Desk
from tests.web.test_front_desk import at_desk, send, trail, words
from tests.world import World

GOOD = {"name": "Winter", "subject": "Winter hours", "preheader": "When we are open", "body": BODY}


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


@pytest.fixture
def author(world: World) -> Desk:
    """Somebody who may write; the drafts of these tests are somebody else's."""
    return at_desk(world, "sam@example.org", "administrator")


@pytest.fixture
def approver(world: World, author: Desk) -> Desk:
    return at_desk(world, "lee@example.org", "administrator")


def place(steps: Steps, step: str = "") -> str:
    return f"/staff/campaigns/{steps.id}{'/' if step else ''}{step}"


def write(desk: Desk, steps: Steps, shown: TestResponse | None = None, /, **typed: str) -> TestResponse:
    """Sends the form of the content with what is typed, over a text that is fine."""
    page = shown or desk.get(place(steps, "content"))
    return send(desk, page, place(steps, "content"), **(GOOD | typed))


def choose(
    desk: Desk, steps: Steps, page: TestResponse, then: str = "", /, **typed: str | list[str]
) -> TestResponse:
    """Presses a button that saves the audience."""
    csrf = re.search(r'formmethod="post"[^>]* name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    form = {"csrf": csrf[1], "version": value(page, "version")}
    return desk.client.post(place(steps, "audience") + then, data=form | typed)


def told(page: TestResponse) -> bool:
    """Whether the page says first, and in its title, that something is wrong, with the focus there."""
    return "<title>Error: " in page.text and 'role="alert" tabindex="-1" autofocus' in page.text


def value(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


# the way of one


def test_a_campaign_goes_from_a_name_to_its_report(world: World, author: Desk, approver: Desk) -> None:
    readers(world, 12)
    assert "No campaign has been written yet" in words(author.get("/staff/campaigns"))
    made = send(
        author, author.get("/staff/campaigns/new"), "/staff/campaigns/new", name="Winter", channel="email"
    )
    steps = Steps(world, UUID(made.location.split("/")[-2]))
    page = author.get(made.location)
    assert "12 people would get it by email" in words(page)
    chosen = choose(author, steps, page, "?then=content", audience="everybody")
    assert chosen.location == place(steps, "content")
    assert write(author, steps, then="check").location == place(steps, "check")
    page = author.get(place(steps, "check"))
    assert "Submit it for approval: 12 people" in words(page)
    assert "Hello Sandra," in page.text and "Hello there," in page.text
    assert send(author, page, place(steps, "submit")).location == place(steps, "check")
    assert "Who gets it is being written down" in words(author.get(place(steps, "check")))
    campaign_run.run(world.rt)

    mine = words(author.get(place(steps, "check")))
    assert "Somebody else has to look at it now" in mine and "Approve it for" not in mine
    page = approver.get(place(steps, "check"))
    assert "Written by Sam, submitted by Sam." in words(page)
    assert send(approver, page, place(steps, "approve")).status_code == 303
    page = author.get(place(steps, "send"))
    assert "Send to 12 people" in words(page) and "Approved by Lee" in words(page)
    assert send(author, page, place(steps, "start")).status_code == 303
    page = author.get(place(steps))
    assert "It begins in 60 seconds" in words(page) and "Undo" in words(page)
    assert send(author, page, place(steps, "undo")).status_code == 303
    wait(world, timedelta(minutes=2))
    assert not sent(world)

    send(author, author.get(place(steps, "send")), place(steps, "start"))
    wait(world, timedelta(minutes=2))
    page = author.get(place(steps))
    assert "10 of 12 sent" in words(page) and "The first 10" in words(page)
    send(author, page, place(steps, "pause"))
    page = author.get(place(steps))
    assert "Somebody paused it." in words(page)
    send(author, page, place(steps, "resume"))
    wait(world, timedelta(minutes=30))
    report = words(author.get(place(steps)))
    assert "12 of 12 got it" in report and "Opens and clicks are not tracked" in report
    assert "Approved by Lee" in report and "Taken back before anything left by you" in report
    assert set(got(world).values()) == {1} and len(got(world)) == 12


def test_running_ones_stand_first_in_the_list_and_drafts_after_what_waits(world: World, author: Desk) -> None:
    readers(world, 12)
    for name, to in (("Idea", ""), ("Sent", "begun"), ("Asked", "submit")):
        steps = draft(world, subject=name)
        row = steps.row
        campaigns.edit(world.rt, AUTHOR, steps.id, row.version, Written(name, {}, name, "p", BODY))
        if to:
            getattr(steps, to)()
    said = words(author.get("/staff/campaigns"))
    assert said.index("Under way Sent") < said.index("Waiting Asked") < said.index("Drafts Idea")


# what is refused


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


# out of time, out of place


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


# whom it is for, how it looks, what is left of it


def test_a_saved_audience_is_chosen_with_its_version(world: World, author: Desk) -> None:
    readers(world, 3)
    rules = read({"stages": ["consulting"]})
    saved = segments.save(world.rt, CLI, "Asked us", rules)
    steps = draft(world)
    page = author.get(place(steps, "audience"))
    assert "3 people would get it" in words(page)
    assert choose(author, steps, page, audience=str(saved)).status_code == 303
    page = author.get(place(steps, "audience"))
    assert "Nobody would get it." in words(page)
    assert (steps.row.segment_id, steps.row.segment_version) == (saved, 1)
    answer = choose(author, steps, page, audience=str(uuid4()))
    assert answer.status_code == 422 and "Please choose whom it is for." in words(answer)
    segments.save(world.rt, CLI, "Asked us", read({}), saved, 1)
    assert "in its version 1, which was changed since" in words(author.get(place(steps, "audience")))


def test_rules_of_its_own_are_counted_before_they_are_kept(world: World, author: Desk) -> None:
    readers(world, 3)
    steps = draft(world)
    asked = author.get(place(steps, "audience?audience=own&stage=subscriber"))
    assert "3 people would get it by email." in words(asked)
    part = author.get(place(steps, "audience?part=counted&audience=own&stage=consulting"))
    assert "Nobody would get it." in part.text and "<html" not in part.text
    assert steps.row.rules == {}
    assert choose(author, steps, asked, audience="own", stage="subscriber").status_code == 303
    assert steps.row.rules == {"stages": ["subscriber"]}
    assert "Stage: subscribers." in words(author.get(place(steps, "check")))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"stage": ["past"]}, "Tick “Only patients with a written authorization”"),
        ({"before_days": "soon"}, "Please give 1 to 3650 days."),
        ({"course": "none-such"}, "There is no course “none-such”"),
    ],
)
def test_rules_that_can_not_be_used_are_told_at_their_field_and_stay_chosen(
    world: World, author: Desk, typed: dict[str, list[str]], sentence: str
) -> None:
    steps = draft(world)
    answer = choose(author, steps, author.get(place(steps, "audience")), audience="own", **typed)
    assert answer.status_code == 422 and told(answer)
    assert sentence in words(answer)
    assert re.search(r'value="own" checked', answer.text)
    assert steps.row.rules == {}


def test_previews_walk_from_person_to_person(world: World, author: Desk) -> None:
    readers(world, 1, name="Ada")
    readers(world, 1, name="")
    steps = draft(world)
    first = author.get(place(steps, "preview"))
    assert "As Ada gets it" in words(first) and "is 1 of the first 2" in words(first)
    onward = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert onward is not None
    second = author.get(onward[1])
    assert "As somebody without a name gets it" in words(second) and "Hello there," in second.text
    assert "theme=dark" in author.get(place(steps, "preview?theme=dark")).text


def test_a_test_goes_to_oneself_and_counts_nowhere(world: World, author: Desk) -> None:
    readers(world, 2)
    steps = draft(world)
    page = author.get(place(steps, "preview"))
    assert send(author, page, place(steps, "test")).status_code == 303
    world.work()
    (mail,) = world.mail("sam@example.org")
    assert mail.subject == "TEST: Winter hours" and not sent(world)
    texted = draft(world, channel="sms", body="Hello. We are open.")
    page = author.get(place(texted, "preview"))
    answer = send(author, page, place(texted, "test"), to="12")
    assert answer.status_code == 422 and told(answer) and value(answer, "to") == "12"
    assert send(author, page, place(texted, "test"), to="(518) 555-0123").status_code == 303


def test_a_text_is_counted_as_it_is_typed(world: World, author: Desk) -> None:
    readers(world, 100, "sms")
    steps = draft(world, channel="sms", body="Hello. We are open.")
    page = author.get(place(steps, "content"))
    form = {"csrf": value(page, "csrf"), "people": value(page, "people")}

    def counted(body: str) -> str:
        answer = author.client.post(place(steps, "content/count"), data=form | {"body": body})
        return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())

    assert "1 segment" in counted("Hello.") and "$0.83 for 100 people" in counted("Hello.")
    assert "Unicode because of 🌱" in counted("Hello 🌱")
    assert "$1.66 for 100 people" in counted("Hello 🌱, we are open until seven from Monday on.")
    assert "once there is a text" in counted("{{ nmae }}")
    assert steps.row.body == "Hello. We are open."


def test_the_copy_and_the_download(world: World, author: Desk) -> None:
    readers(world, 3)
    steps = draft(world).begun()
    wait(world, timedelta(minutes=30))
    page = author.get(place(steps))
    sheet = send(author, page, place(steps, "export.csv"))
    assert sheet.mimetype == "text/csv" and sheet.text.count("\n") == 4
    assert "Handed over to the sender" in sheet.text and "@" not in sheet.text
    assert ("export", "campaign", None) in trail(world)
    copy = send(author, page, place(steps, "clone"))
    assert copy.status_code == 303 and copy.location.endswith("/audience?done=cloned#done")
    assert scalar(world, "SELECT name FROM campaigns WHERE state = 'draft'") == "Winter (again)"


def test_an_automatic_pause_says_why_in_words(world: World, author: Desk) -> None:
    readers(world, 3)
    steps = draft(world).ready().start()
    world.now += timedelta(hours=9)
    campaign_run.run(world.rt)
    assert "It should have gone on hours ago." in words(author.get(place(steps)))


def test_cancelling_says_before_what_it_means(world: World, author: Desk) -> None:
    readers(world, 30)
    steps = draft(world).begun()
    page = author.get(place(steps, "cancel"))
    assert "10 have it, and keep it" in re.sub(r"(have it, and keep it) (10)", r"\2 \1", words(page))
    assert "Yes, cancel it for 20 people" in words(page)
    send(author, page, place(steps, "cancel"))
    wait(world, timedelta(minutes=30))
    assert "Cancelled after 10 of 30" in words(author.get(place(steps)))
    assert len(got(world)) == 10


def test_the_part_that_changes_by_itself_stops_when_it_is_over(world: World, author: Desk) -> None:
    readers(world, 3)
    steps = draft(world).begun()
    wait(world, timedelta(minutes=1))
    part = author.get(place(steps, "progress"))
    assert part.status_code == 200 and "<html" not in part.text
    wait(world, timedelta(minutes=30))
    assert 'data-moves=""' in author.get(place(steps, "progress")).text


def test_who_may_only_read_sees_no_buttons_and_can_not_press_them(world: World, author: Desk) -> None:
    readers(world, 3)
    steps = draft(world).ready()
    reader = at_desk(world, "rory@example.org", "reader")
    page = reader.get(place(steps, "send"))
    assert "Send it to 3 people?" in words(page) and "Send to 3 people" not in words(page)
    assert place(steps, "start") not in page.text
    form = {"version": "1", "csrf": value(page, "csrf")}
    for act in ("start", "cancel", "clone", "export.csv"):
        assert reader.client.post(place(steps, act), data=form).status_code == 403
    assert steps.state == "approved"
