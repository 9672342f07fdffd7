"""Every email that is no answer: postal address, a link to leave, honest headers. All kinds, all lessons."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from engage.content.campaign_text import Draft, variants
from engage.content.render import Content
from engage.domain.messages import CAMPAIGN, CAMPAIGN_TEST, KINDS, LISTED, TESTS, WITHOUT_FILE, Kind
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import doctor_senders, unsubscribe
from engage.services.envelope import shared_of
from engage.services.texts import list_headers
from tests.world import World

LINK = "https://clinic.example/unsubscribe/" + "t" * 48
MAILTO = "unsubscribe@mail.harmonia.example"
ONE_CLICK = "List-Unsubscribe=One-Click"


def letters(rt: Runtime) -> list[tuple[Kind, Content]]:
    """Every text of every email kind."""
    found = [
        (KINDS["course-lesson"], rt.library.lesson(course.slug, lesson.slug))
        for course in rt.library.courses.values()
        for lesson in course.lessons
    ]
    campaign = variants(
        Draft("email", "Open on Saturdays", "", "Hello {{ name }}, we are open."), rt.library.renderer
    )
    assert campaign["named"] is not None
    found += [(kind, campaign["named"]) for kind in (CAMPAIGN, CAMPAIGN_TEST)]
    others = [kind for kind in KINDS.values() if kind.channel == "email" and kind not in WITHOUT_FILE]
    return found + [(kind, rt.library.message(kind.text)) for kind in others]


def spaced(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_every_email_that_is_no_answer_has_address_way_out_and_honest_sender(rt: Runtime) -> None:
    checked = 0
    for kind, content in letters(rt):
        shared = shared_of(rt, "email", kind, new_id(), content)
        assert shared.sender_address == rt.clinic.sender.email
        assert rt.clinic.short_name in shared.sender_name
        assert shared.reply_to == rt.clinic.email
        if kind.name not in LISTED:
            assert "List-Id" not in shared.headers
            continue
        for text in (content.html, content.text):
            assert rt.clinic.postal_address in spaced(text), kind.name
            assert "-mt-unsubscribe_url-" in text, kind.name
        assert shared.headers["List-Id"] == "<letters.mail.harmonia.example>"
        headers = list_headers({"unsubscribe_url": LINK}, rt.clinic.sender.unsubscribe_mailto)
        assert headers["List-Unsubscribe"] == f"<{LINK}>, <mailto:{MAILTO}?subject=unsubscribe%20{'t' * 48}>"
        assert headers["List-Unsubscribe-Post"] == ONE_CLICK
        checked += 1
    assert checked >= sum(len(course.lessons) for course in rt.library.courses.values())


@pytest.mark.parametrize(
    ("name", "noted"),
    [("Harmonia Health", False), ("The people at HARMONIA", False), ("Dr Lee", True), ("Best Deals", True)],
)
def test_a_sender_whose_name_is_not_the_clinics_is_noted(rt: Runtime, name: str, noted: bool) -> None:
    sender = rt.clinic.sender.model_copy(update={"email_name": name})
    other = replace(rt, clinic=rt.clinic.model_copy(update={"sender": sender}))
    check = doctor_senders.from_name(other)
    assert (check is not None and check.note) == noted


def test_only_answers_and_tests_go_without() -> None:
    for kind in KINDS.values():
        answer = kind.purpose == "service" or kind in TESTS.values()
        assert (kind.name in LISTED) == (kind.channel == "email" and not answer), kind.name


@pytest.mark.parametrize(
    ("values", "mailto", "header"),
    [
        ({"unsubscribe_url": LINK}, "", f"<{LINK}>"),
        ({"unsubscribe_url": LINK}, "u@x.example", f"<{LINK}>, <mailto:u@x.example?subject=unsubscribe%20{'t' * 48}>"),
        ({"confirm_url": LINK}, "u@x.example", None),
    ],
)  # fmt: skip
def test_the_header_names_mail_only_where_somebody_reads_it(
    values: dict[str, str], mailto: str, header: str | None
) -> None:
    assert list_headers(values, mailto).get("List-Unsubscribe") == header


def test_a_lesson_arrives_with_both_ways_out_and_each_names_the_same_message(world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=4))
    mail = world.lessons()[-1]
    found = re.fullmatch(
        rf"<\S+/unsubscribe/([\w-]{{48}})>, <mailto:{re.escape(MAILTO)}\?subject=unsubscribe%20([\w-]{{48}})>",
        mail.headers["List-Unsubscribe"],
    )
    assert found is not None and found[1] == found[2]
    assert mail.headers["List-Unsubscribe-Post"] == ONE_CLICK
    assert mail.headers["List-Id"] == "<letters.mail.harmonia.example>"
    assert world.rt.clinic.postal_address in spaced(mail.text)
    unsubscribe.unsubscribe(world.rt, found[2], "one-click")
    assert unsubscribe.page(world.rt, found[1]).state == "unsubscribed"


def test_without_the_setting_there_is_only_the_link(world: World) -> None:
    sender = world.base.clinic.sender.model_copy(update={"unsubscribe_mailto": ""})
    clinic = world.base.clinic.model_copy(update={"sender": sender})
    alone = World(replace(world.base, clinic=clinic))
    alone.enrol()
    alone.pass_time(timedelta(days=4))
    assert re.fullmatch(r"<\S+/unsubscribe/[\w-]{48}>", alone.lessons()[-1].headers["List-Unsubscribe"])
