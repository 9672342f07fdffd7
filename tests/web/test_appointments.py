"""A visit's page: what it shows, what it takes, and that looking changes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import icalendar
import pytest
from werkzeug.test import TestResponse

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import appointments, follow_ups
from tests.apps import app_of
from tests.visits import DESK, PRAIRIE, book, move, page_url, pass_time, patient
from tests.web.test_link_scanners import snapshot
from tests.world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# The world begins on Monday, November 2, 10 AM in Albany.
VISIT = date(2026, 11, 12)


@dataclass
class Visitor:
    """Somebody with the link to a visit's page."""

    world: World
    visit: UUID
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = page_url(self.world, self.visit).rsplit("/", 1)[1]

    def asks(self, path: str = "", method: str = "GET", **form: Any) -> TestResponse:
        client = app_of(self.world.rt).test_client(use_cookies=False)
        return client.open(f"/appointments/{self.token}{path}", method=method, data=form or None)

    def reads(self, path: str = "") -> str:
        """The page in words only."""
        return words(self.asks(path))

    def sends(self, act: str, **form: Any) -> TestResponse:
        """Presses a button of the page as it is now."""
        seen = re.search(r'name="seen" value="(\d+)"', self.asks().text)
        return self.asks(f"/{act}", "POST", **{"seen": seen[1] if seen else "1", **form})

    @property
    def found(self) -> appointments.Appointment:
        found = appointments.one(self.world.rt, self.visit)
        assert found is not None
        return found

    def waiting(self) -> list[str]:
        return [one.kind for one in follow_ups.listing(self.world.rt)]


def words(answer: TestResponse) -> str:
    main = answer.text.split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture
def world(rt: Runtime) -> World:
    """With a real database, other than for the pages that need none."""
    return World(rt)


@pytest.fixture
def ada(world: World) -> Visitor:
    return Visitor(world, book(world, patient(world), VISIT))


def test_the_page_tells_when_and_where_and_nothing_private(ada: Visitor) -> None:
    page = ada.reads()
    assert "Hello Ada Your appointment" in page
    assert "Thursday, November 12, 2:00 PM New York time, until about 3:00 PM" in page
    assert "Larkspur Lane 120 Larkspur Lane, Suite 4, Albany, NY 12207" in page
    html = ada.asks().text
    assert 'href="tel:+15550100140"' in html
    assert (
        'href="https://www.openstreetmap.org/search?query=120+Larkspur+Lane%2C+Suite+4%2C+Albany%2C+NY+12207"'
        in html
    )
    assert not re.search(r"acupunct|pain|needle|doctor|practitioner", page, re.IGNORECASE)
    assert "ada@example.org" not in html and "5550123" not in html


def test_it_is_kept_nowhere_and_found_by_nobody(ada: Visitor) -> None:
    for path in ("", ".ics"):
        headers = ada.asks(path).headers
        assert headers.getlist("Cache-Control") == ["no-store"]
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Referrer-Policy"] == "no-referrer" and "Set-Cookie" not in headers


def test_looking_changes_nothing(ada: Visitor) -> None:
    before = snapshot(ada.world.base)
    for path in ("", ".ics", "/confirm", "/move", "/cancel", "?done=confirm"):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert ada.asks(path, method).status_code in (200, 405)
    assert snapshot(ada.world.base) == before


def test_whoever_presses_the_button_is_coming(ada: Visitor) -> None:
    answer = ada.sends("confirm")
    assert answer.status_code == 303
    assert "Thank you. We look forward to seeing you." in words(
        ada.asks(answer.headers["Location"].split(ada.token)[1])
    )
    assert ada.found.reply == "confirmed" and ada.waiting() == []
    assert ada.sends("confirm").status_code == 303


def test_another_time_is_asked_for_with_what_would_suit(ada: Visitor) -> None:
    ada.sends("move", times=["saturday", "weekday-morning"], words="not before 10,\r\nplease")
    assert ada.found.reply == "wants_move"
    assert ada.found.wishes.spoken == ["Weekday mornings", "Saturdays"]
    assert ada.found.wishes.words == "not before 10,\nplease"
    page = ada.reads()
    assert "Until you hear from us, the appointment stays as it is above." in page
    assert "What you told us Weekday mornings, Saturdays not before 10, please" in page
    (asked,) = follow_ups.listing(ada.world.rt)
    assert asked.kind == "visit_move" and asked.asked == "Weekday mornings, Saturdays: not before 10,\nplease"
    ada.sends("move", times=["weekday-evening"])
    assert ada.found.wishes.spoken == ["Weekday evenings"] and ada.waiting() == ["visit_move"]


def test_what_was_wished_for_is_sealed(ada: Visitor) -> None:
    ada.sends("move", words="a word that nobody may read")
    for name, (_, rows) in snapshot(ada.world.base).items():
        assert "nobody may read" not in rows, name
    with ada.world.base.transaction() as tx:
        dump = tx.exec_driver_sql(
            "SELECT string_agg(a::text || f::text, '') FROM appointments a, follow_ups f"
        ).scalar()
    assert "nobody may read" not in str(dump)


def test_asking_to_cancel_leaves_the_visit_to_staff(ada: Visitor) -> None:
    ada.sends("cancel")
    assert (ada.found.reply, ada.found.status) == ("wants_cancel", "booked")
    assert ada.waiting() == ["visit_cancel"]
    assert "The front desk does that for you. Until you hear from us, the appointment stays" in ada.reads()
    ada.sends("confirm")
    assert ada.found.reply == "confirmed" and ada.waiting() == []


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"words": "x" * 501}, "Please keep the message under 500 characters; it has 501 now."),
        ({"words": "a\x07b"}, "Please remove the characters that can’t be shown"),
        ({"times": "midnight"}, "Please choose from the list"),
    ],
)
def test_what_cannot_be_used_is_said_and_kept_in_the_form(
    ada: Visitor, form: dict[str, str], sentence: str
) -> None:
    answer = ada.sends("move", **form)
    assert answer.status_code == 422 and sentence in words(answer)
    assert form.get("words", "")[:400] in unescape(answer.text)
    assert ada.found.reply is None and ada.waiting() == []


def test_the_page_shows_the_visit_as_it_is_now_and_confirms_no_other(ada: Visitor) -> None:
    move(ada.world, ada.visit, date(2026, 11, 13), "09:30", PRAIRIE)
    answer = ada.asks("/confirm", "POST", seen="1")
    assert answer.status_code == 409
    page = words(answer)
    assert "Nothing was sent: the appointment was changed in the meantime." in page
    assert "Friday, November 13, 9:30 AM Chicago time" in page and "Prairie Street" in page
    assert ada.found.reply is None
    assert ada.sends("confirm").status_code == 303 and ada.found.reply == "confirmed"


def test_a_cancelled_visit_says_so_and_whom_to_call(ada: Visitor) -> None:
    appointments.cancel(ada.world.rt, DESK, ada.visit)
    page = ada.reads()
    assert "This appointment is cancelled" in page and "please call us at +1 555 010 0140" in page
    assert "<form" not in ada.asks().text
    assert ada.asks("/confirm", "POST", seen="2").status_code == 409
    assert ada.asks(".ics").status_code == 303


@pytest.mark.parametrize("status", [None, "fulfilled", "noshow"])
def test_a_visit_that_is_over_says_so(ada: Visitor, status: Any) -> None:
    ada.world.now += 10 * DAY + 5 * HOUR
    if status:
        appointments.mark(ada.world.rt, DESK, ada.visit, status)
    assert "This appointment is over" in ada.reads() and "<form" not in ada.asks().text
    assert ada.asks("/cancel", "POST", seen="1").status_code == 409
    assert ada.found.reply is None


@pytest.mark.parametrize("status", ["arrived", "checked-in"])
def test_whoever_is_there_has_nothing_to_answer(ada: Visitor, status: Any) -> None:
    appointments.mark(ada.world.rt, DESK, ada.visit, status)
    assert "You are here" in ada.reads() and "<form" not in ada.asks().text


def test_the_link_works_until_a_month_after_the_visit(ada: Visitor) -> None:
    ada.world.now += 10 * DAY + 30 * DAY
    assert ada.asks().status_code == 200
    ada.world.now += 2 * DAY
    for path, method in (("", "GET"), (".ics", "GET"), ("/confirm", "POST")):
        answer = ada.asks(path, method, **({"seen": "1"} if method == "POST" else {}))
        assert answer.status_code == 410 and "page is closed" in answer.text


def test_a_link_that_we_never_made_opens_nothing(ada: Visitor) -> None:
    ada.token = ada.token[:-2] + ("AA" if ada.token[-2:] != "AA" else "BB")
    assert [ada.asks(path).status_code for path in ("", ".ics")] == [404, 404]
    ada.token = ada.world.rt.links.token("lesson", ada.visit)
    assert ada.asks().status_code == 404
    ada.token = ada.world.rt.links.token("appointment", new_id())
    assert ada.asks().status_code == 410


def test_nobodys_page_is_left_of_somebody_who_was_forgotten(ada: Visitor) -> None:
    with ada.world.base.transaction() as tx:
        tx.exec_driver_sql("UPDATE people SET state = 'erased', sealed = NULL")
    assert ada.asks().status_code == 410 and ada.asks("/confirm", "POST", seen="1").status_code == 410


def test_the_calendar_file_is_the_visit_as_it_is_now(ada: Visitor) -> None:
    move(ada.world, ada.visit, date(2026, 11, 13), "09:30", PRAIRIE)
    answer = ada.asks(".ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.headers["Content-Disposition"] == "attachment; filename=appointment.ics"
    file: Any = icalendar.Calendar.from_ical(answer.data)
    (event,) = file.walk("VEVENT")
    assert file["method"] == "PUBLISH" and "attendee" not in event and event["sequence"] == 1
    assert event["dtstart"].dt.astimezone(UTC) == datetime(2026, 11, 13, 15, 30, tzinfo=UTC)
    assert event["summary"] == "Appointment, Harmonia Health"
    assert str(event["url"]).endswith(f"/appointments/{ada.token}")
    assert "Ada" not in answer.text


def test_the_file_is_the_same_entry_as_the_letters_one(ada: Visitor) -> None:
    pass_time(ada.world, 8 * DAY)
    (mail,) = [mail for mail in ada.world.mail("ada@example.org") if mail.kind == "visit-reminder"]
    token = ada.world.token("appointments", mail)
    assert token == ada.token
    uid = re.search(r"UID:(\S+)", ada.asks(".ics").text)
    assert uid is not None and uid[1].startswith(str(ada.visit))


@pytest.mark.parametrize("act", ["confirm", "move", "cancel"])
def test_a_form_from_elsewhere_without_what_the_page_showed_does_nothing(ada: Visitor, act: str) -> None:
    assert ada.asks(f"/{act}", "POST", words="x").status_code == 409
    assert ada.found.reply is None and ada.waiting() == []
