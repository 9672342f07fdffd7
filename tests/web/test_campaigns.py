"""Campaigns at a desk: written in steps, approved by somebody else, started, watched; what is left of one."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest

from engage.domain.segments import read
from engage.services import campaign_run, campaigns, segments
from engage.services.audit import CLI
from engage.services.campaigns import Written
from tests.campaigns import AUTHOR, BODY, Steps, draft, got, readers, sent, wait
from tests.web.campaign_desk import approver, author, choose, place, told, value, world, write
from tests.web.front_desk import at_desk, send, trail, words
from tests.web.staff_acts import scalar
from tests.web.staff_world import Desk
from tests.world import World

__all__ = ["approver", "author", "world"]


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


def test_after_a_test_the_preview_is_where_it_was(world: World, author: Desk) -> None:
    readers(world, 3)
    steps = draft(world)
    second = re.search(r'rel="next" href="([^"]+)"', author.get(place(steps, "preview")).text)
    assert second is not None
    page = author.get(unescape(second[1]) + "&theme=dark")
    assert "2 of the first 3" in words(page)
    again = author.get(send(author, page, place(steps, "test")).location)
    assert "2 of the first 3" in words(again) and "The test is on its way" in words(again)
    assert "gets it, on a wide screen, dark" in again.text


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


@pytest.mark.parametrize(
    ("role", "draft_says", "waiting_says", "ready_says"),
    [
        ("author", "Save and go on", "opens this very page", "Send to 12 people"),
        ("approver", "somebody whose role allows it", "Approve it for 12 people", "Send to 12 people"),
        ("front_desk", "somebody whose role allows it", "opens this very page", "whose role allows it"),
        ("reader", "somebody whose role allows it", "opens this very page", "whose role allows it"),
    ],
)
def test_each_role_has_the_buttons_of_what_it_may_do(
    world: World, role: str, draft_says: str, waiting_says: str, ready_says: str
) -> None:
    readers(world, 12)
    desk = at_desk(world, "kim@example.org", role)
    shown = {
        "content": (draft(world), draft_says),
        "check": (draft(world, subject="Waiting").submit(), waiting_says),
        "send": (draft(world, subject="Ready").ready(), ready_says),
    }
    for step, (steps, sentence) in shown.items():
        assert sentence in words(desk.get(place(steps, step)))
    assert ("Send it back" in words(desk.get(place(shown["check"][0], "check")))) == (
        role in ("author", "approver")
    )


def test_who_may_not_write_reads_the_text_in_fields_that_do_not_change(world: World) -> None:
    steps = draft(world)
    reader = at_desk(world, "rita@example.org", "reader")
    page = reader.get(place(steps, "content"))
    fields = re.findall(r'<(?:input id|textarea id)="(?:name|subject|preheader|body)"[^>]*>', page.text)
    assert len(fields) == 4 and all(" readonly" in field for field in fields)
    assert "Save" not in words(page)
