"""The preference page: what it shows, what each act does to what a person gets, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engage.runtime import Runtime
from engage.storage import suppressions
from tests.web.reader import ADA, Reader
from tests.world import World

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@pytest.fixture
def world(rt: Runtime) -> World:
    """With a real database, other than for the pages that need none."""
    return World(rt)


@pytest.fixture
def ada(world: World) -> Reader:
    return Reader.enrolled(world)


def test_every_lesson_leads_to_the_page_and_so_does_its_web_page(ada: Reader) -> None:
    lesson = ada.world.lessons()[0]
    assert "/preferences/" in lesson.text and "/preferences/" in lesson.html
    page = ada.asks(f"/lessons/{ada.world.token('lessons', lesson)}")
    assert "/preferences/" in page.text
    leaving = ada.asks(f"/unsubscribe/{ada.world.token('unsubscribe', lesson)}")
    assert "/preferences/" in leaving.text


def test_the_page_shows_what_was_agreed_and_what_was_not(ada: Reader) -> None:
    shown = ada.get()
    assert shown.status_code == 200 and "Set-Cookie" not in shown.headers
    assert shown.headers["Cache-Control"] == "no-store"
    assert ada.choice("education", "email").startswith("By email On You agreed on November 2, 2026.")
    assert ada.choice("marketing", "email").startswith("By email Off You have not asked for it.")
    assert ada.choice("care", "email").startswith("By email Off")
    assert "no mobile number" in ada.choice("education", "sms")
    assert ADA not in shown.text and "a…@example.org" in shown.text
    assert "What comes next" in shown.text and "Lesson: " in shown.text


def test_what_is_stopped_comes_no_more_and_a_letter_says_that_something_changed(ada: Reader) -> None:
    assert "None of that comes" in ada.notice(ada.post("/stop", purpose="education", channel="email"))
    assert ada.choice("education", "email").startswith("By email Off You stopped it on")
    assert ada.ledger()[-1] == ("email", "education", "withdrawn", "unsubscribe, preference page")
    assert ada.rows("SELECT scope, reason FROM suppressions") == [("education", "unsubscribed")]
    assert ada.rows("SELECT state FROM enrolments") == [("unsubscribed",)]
    had = len(ada.world.lessons())
    ada.world.pass_time(60 * DAY)
    assert len(ada.world.lessons()) == had
    (letter,) = ada.letters("preferences-changed")
    assert "Ada" not in letter.text and "esson" not in letter.text
    assert ada.get(token=ada.world.token("preferences", letter)).status_code == 200


def test_stopping_twice_does_no_harm(ada: Reader) -> None:
    for _ in range(2):
        ada.post("/stop", purpose="education", channel="email")
        ada.world.pass_time(timedelta(hours=1))
    assert [entry[2] for entry in ada.ledger()] == ["granted", "withdrawn"]
    assert len(ada.rows("SELECT id FROM suppressions")) == 1
    assert len(ada.letters("preferences-changed")) == 1


def test_what_was_never_agreed_may_be_stopped_too(ada: Reader) -> None:
    ada.post("/stop", purpose="marketing", channel="email")
    assert len(ada.ledger()) == 1
    assert ada.rows("SELECT scope FROM suppressions") == [("marketing",)]
    ada.world.pass_time(60 * DAY)
    assert ada.rows("SELECT state FROM enrolments") == [("completed",)]


def test_what_waited_for_its_time_ends_in_the_same_moment(ada: Reader) -> None:
    ada.plan("email", "marketing")
    ada.plan("email", "care")
    ada.asks(f"/preferences/{ada.token}/stop", "POST", purpose="marketing", channel="email")
    waiting = "SELECT purpose, status, reason FROM messages WHERE cause = 'staff' ORDER BY purpose"
    assert ada.rows(waiting) == [("care", "planned", None), ("marketing", "cancelled", "unsubscribed")]


def test_all_of_it_can_be_stopped_at_once(ada: Reader) -> None:
    ada.agree("marketing", "email")
    ada.has_number()
    ada.agree("care", "sms")
    assert "Nothing comes any more" in ada.notice(ada.post("/stop-all"))
    assert ada.rows("SELECT 1 FROM consent_states WHERE granted") == []
    assert len(ada.rows("SELECT 1 FROM suppressions")) == 6
    assert "Stop all of this" not in ada.get().text
    had = len(ada.world.lessons())
    ada.world.pass_time(60 * DAY)
    assert len(ada.world.lessons()) == had


def test_agreeing_keeps_the_words_that_were_read(ada: Reader) -> None:
    assert "It comes from now on" in ada.notice(ada.agree("marketing", "email"))
    assert ada.ledger()[-1] == ("email", "marketing", "granted", "preference page")
    (words,) = ada.rows(
        """SELECT w.wording FROM consents c JOIN wordings w ON w.hash = c.wording_hash
        WHERE c.purpose = 'marketing'"""
    )
    assert words[0].startswith("Yes, please email me news and offers from Harmonia")
    assert words[0] in ada.asks(f"/preferences/{ada.token}").text or "On" in ada.choice("marketing", "email")
    assert len(ada.letters("preferences-changed")) == 1


def test_who_stopped_may_agree_again_and_what_stood_against_it_is_lifted(ada: Reader) -> None:
    ada.post("/stop", purpose="marketing", channel="email")
    ada.agree("marketing", "email")
    assert ada.rows("SELECT 1 FROM suppressions WHERE lifted_at IS NULL") == []
    ada.plan("email", "marketing")
    ada.world.pass_time(2 * DAY)
    assert len(ada.letters("test-email-marketing")) == 1


def test_agreeing_to_words_that_changed_meanwhile_is_asked_again(ada: Reader) -> None:
    answer = ada.post("/agree", purpose="marketing", channel="email", mark="0123456789abcdef")
    assert answer.status_code == 422 and "These words have changed" in answer.text
    assert len(ada.ledger()) == 1


def test_texts_need_a_confirmed_number(ada: Reader) -> None:
    answer = ada.post("/agree", purpose="education", channel="sms", mark="x")
    assert answer.status_code == 422 and "no confirmed mobile number" in answer.text
    ada.has_number()
    assert ada.agree("education", "sms").status_code == 303
    assert ada.choice("education", "sms").startswith("By text On")


@pytest.mark.parametrize(
    ("channel", "reason", "cure"),
    [
        ("sms", "opted_out", "text START to"),
        ("email", "complaint", "reported as spam"),
        ("email", "hard_bounce", "came back"),
    ],
)
def test_what_a_page_can_not_lift_is_said_with_its_cure(
    ada: Reader, channel: str, reason: str, cure: str
) -> None:
    ada.has_number()
    address = ADA if channel == "email" else "+15185550123"
    with ada.world.rt.transaction() as tx:
        index = ada.world.rt.sealer.index(channel, address)
        suppressions.add(tx, channel, index, "all", reason, ada.world.now)
    assert cure in ada.choice("marketing", channel)
    assert ada.post("/agree", purpose="marketing", channel=channel, mark="x").status_code == 422


def test_a_course_that_comes_by_text_too_does_not_end_with_its_emails(ada: Reader) -> None:
    ada.has_number()
    ada.agree("education", "sms")
    ada.post("/stop", purpose="education", channel="email")
    assert ada.rows("SELECT state FROM enrolments") == [("active",)]
    ada.post("/stop", purpose="education", channel="sms")
    assert ada.rows("SELECT state FROM enrolments") == [("unsubscribed",)]


def test_fewer_messages_are_wished_for_and_taken_back(ada: Reader) -> None:
    assert "You get fewer" in ada.notice(ada.post("/fewer", fewer="yes"))
    assert ada.rows("SELECT fewer FROM people") == [(True,)]
    assert "at most 5 lessons and news in a week" in ada.get().text
    ada.post("/fewer", fewer="no")
    assert ada.rows("SELECT fewer FROM people") == [(False,)]


def test_another_time_zone_moves_the_next_lesson_to_its_morning(ada: Reader) -> None:
    assert "your clock" in ada.notice(ada.post("/zone", zone="America/Los_Angeles"))
    had = len(ada.world.lessons())
    ada.world.pass_time(WEEK)
    following = ada.world.lessons()[had]
    assert ada.world.local(following, "America/Los_Angeles").strftime("%H:%M") == "09:00"


def test_hours_of_ones_own_are_kept_shown_and_let_go(ada: Reader) -> None:
    form: dict[str, Any] = {"days": ["mon", "tue", "sat"], "from": "17:00", "to": "20:00"}
    assert "keep to these hours" in ada.notice(ada.post("/hours", **form))
    lines = ["mon-tue 17:00-20:00", "sat 17:00-20:00"]
    assert ada.rows("SELECT contact_hours FROM people") == [(lines,)]
    shown = ada.get().text
    assert "Monday to Tuesday, 5 PM to 8 PM; Saturday, 5 PM to 8 PM" in shown
    assert 'value="sat" checked' in shown and 'value="sun" checked' not in shown
    ada.post("/any-hour")
    assert ada.rows("SELECT contact_hours FROM people") == [([],)]


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/pause", {"until": ""}, "Please give a day, such as"),
        ("/pause", {"until": "2020-01-01"}, "after today"),
        ("/zone", {"zone": "Mars/Olympus"}, "choose your time zone"),
        ("/zone", {}, "choose your time zone"),
        ("/hours", {"from": "17:00", "to": "20:00"}, "at least one day"),
        ("/hours", {"days": ["mon"], "from": "20:00", "to": "17:00"}, "a later time"),
        ("/hours", {"days": ["mon"], "from": "02:00", "to": "05:00"}, "do not write at those hours"),
        ("/hours", {"days": ["mon"], "from": "<b>", "to": "17:00"}, "a time from the list"),
        ("/address", {"email": ""}, "Please give an email address"),
        ("/address", {"email": "ada@"}, "Please give an email address"),
        ("/address", {"email": "a" * 300 + "@example.org"}, "Please give an email address"),
        ("/address", {"email": "eve@example.org\r\nBcc: x@example.org"}, "Please give an email address"),
        ("/address", {"email": "ADA@example.org"}, "to this address already"),
        ("/stop", {"purpose": "service", "channel": "email"}, "Please check what you typed"),
        ("/stop", {"purpose": "education", "channel": "fax"}, "Please check what you typed"),
        ("/agree", {}, "Please check what you typed"),
        ("/fewer", {"fewer": "maybe"}, "Please check what you typed"),
    ],
)
def test_what_can_not_be_used_is_refused_in_words_and_changes_nothing(
    ada: Reader, path: str, form: dict[str, Any], said: str
) -> None:
    before = ada.rows("SELECT p::text FROM people p"), ada.ledger(), len(ada.rows("SELECT id FROM contacts"))
    answer = ada.post(path, **form)
    assert answer.status_code == 422 and said in answer.text
    assert (
        ada.rows("SELECT p::text FROM people p"),
        ada.ledger(),
        len(ada.rows("SELECT id FROM contacts")),
    ) == before
    assert ada.letters("preferences-changed") == []


def test_changes_in_quick_succession_are_told_in_one_letter_and_the_last_is_always_told(ada: Reader) -> None:
    for fewer in ("yes", "no", "yes", "no", "yes"):
        ada.post("/fewer", fewer=fewer)
    assert len(ada.letters("preferences-changed")) == 1
    ada.world.pass_time(timedelta(minutes=5))
    assert len(ada.letters("preferences-changed")) == 2
    ada.world.pass_time(DAY)
    assert len(ada.letters("preferences-changed")) == 2


def test_looking_changes_nothing_and_every_act_is_a_post(ada: Reader) -> None:
    link = ada.my_data()
    before = ada.rows("SELECT p::text, xmin::text FROM people p")
    assert ada.get().status_code == 200
    assert ada.asks(link).status_code == ada.asks(f"{link}/delete").status_code == 200
    assert ada.asks(f"{link}/everything").status_code == 405
    assert ada.rows("SELECT p::text, xmin::text FROM people p") == before
    for act in (
        "/stop",
        "/stop-all",
        "/agree",
        "/pause",
        "/go-on",
        "/go-on-course",
        "/fewer",
        "/zone",
        "/hours",
        "/my-data",
    ):
        assert ada.get(act).status_code == 405
