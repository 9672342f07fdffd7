"""Calendar files: what two programs that know nothing of each other read in them, in every zone and on every night."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from engage.content.calendar import METHODS, Event, Method, calendar
from engage.content.vtimezone import vtimezone
from engage.domain.timing import changes, local, zone_choices

NEW_YORK = "America/New_York"
VISIT = Event(
    uid="01923456-789a-7bcd-8ef0-123456789abc@clinic.example",
    sequence=0,
    start=datetime(2026, 11, 24, 14, 0, tzinfo=UTC),
    zone=NEW_YORK,
    minutes=45,
    summary="Appointment, Harmonia Health",
    location="120 Larkspur Lane, Suite 4; Albany, NY 12207",
    organizer="letters@mail.harmonia.example",
    organizer_name="Harmonia Health",
    attendee="ada@example.org",
    url="https://clinic.example/appointments/" + "x" * 48,
    stamp=datetime(2026, 11, 1, 12, 30, 5, 678, tzinfo=UTC),
)


def made(method: Method = "REQUEST", **changed: Any) -> bytes:
    return calendar(replace(VISIT, **changed), method)


def lines(file: bytes) -> list[str]:
    """The lines of a file, unfolded."""
    return file.replace(b"\r\n ", b"").decode().split("\r\n")


def unknown_zone(file: bytes) -> bytes:
    """The same under a zone's name that no program knows, so that it has to read what the file says of the zone."""
    return re.sub(rb"TZID([=:])[^:\r]+", rb"TZID\1Nowhere/%d" % (hash(file) % 10**9), file)


def by_icalendar(file: bytes) -> tuple[datetime, datetime]:
    return utc(visit_in(file)["dtstart"].dt), utc(visit_in(file)["dtend"].dt)


def by_vobject(file: bytes) -> tuple[datetime, datetime]:
    found = vobject.readOne(file.decode(), transform=False)
    # Else it reads the visit's times before it knows what the file says of the zone, and takes London for UTC.
    for zone in found.contents.get("vtimezone", ()):
        vobject.icalendar.registerTzid(zone.tzid.value, zone.transformToNative().tzinfo)
    found.vevent.transformChildrenToNative()
    return utc(found.vevent.dtstart.value), utc(found.vevent.dtend.value)


def utc(moment: datetime) -> datetime:
    assert moment.tzinfo is not None, "it found no zone"
    return moment.astimezone(UTC)


def visit_in(file: bytes) -> Any:
    """The one visit of a file, as icalendar reads it."""
    (found,) = icalendar.Calendar.from_ical(file).walk("VEVENT")
    return found


@pytest.mark.parametrize(
    ("zone", "start", "shown"),
    [
        (NEW_YORK, "2026-11-24T14:00", "20261124T090000"),
        (NEW_YORK, "2026-07-24T13:00", "20260724T090000"),
        # Clocks go forward at 2:00 on 8 March 2026.
        (NEW_YORK, "2026-03-08T06:30", "20260308T013000"),
        (NEW_YORK, "2026-03-08T07:00", "20260308T030000"),
        (NEW_YORK, "2026-03-08T07:30", "20260308T033000"),
        (NEW_YORK, "2026-03-08T13:00", "20260308T090000"),
        # And back at 2:00 on 1 November: 1:30 is there twice, and the second needs UTC.
        (NEW_YORK, "2026-11-01T04:30", "20261101T003000"),
        (NEW_YORK, "2026-11-01T05:30", "20261101T053000Z"),
        (NEW_YORK, "2026-11-01T06:30", "20261101T063000Z"),
        (NEW_YORK, "2026-11-01T07:00", "20261101T020000"),
        (NEW_YORK, "2027-01-01T05:00", "20270101T000000"),
        (NEW_YORK, "2027-01-01T04:30", "20261231T233000"),
        ("America/Phoenix", "2026-03-08T16:00", "20260308T090000"),
        ("America/Phoenix", "2026-11-01T16:00", "20261101T090000"),
        ("Pacific/Honolulu", "2026-07-24T19:00", "20260724T090000"),
        ("Europe/London", "2026-03-29T00:30", "20260329T003000"),
        ("Europe/London", "2026-03-29T01:00", "20260329T020000"),
        ("Europe/London", "2026-10-25T00:15", "20261025T001500Z"),
        ("Europe/London", "2026-10-25T01:00", "20261025T010000Z"),
        ("Europe/London", "2026-10-25T02:00", "20261025T020000"),
        # Where clocks are put back in summer's middle, and where by no rule that a calendar knows.
        ("Australia/Lord_Howe", "2026-04-04T16:00", "20260405T023000"),
        ("Africa/Casablanca", "2026-02-15T09:00", "20260215T090000"),
        ("Africa/Casablanca", "2026-03-22T09:00", "20260322T100000"),
        ("America/Santiago", "2026-09-06T13:00", "20260906T100000"),
        ("Asia/Kathmandu", "2026-11-24T03:15", "20261124T090000"),
    ],
)
def test_both_read_the_instant_that_was_meant(zone: str, start: str, shown: str) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    file = made(zone=zone, start=at, minutes=45)
    (line,) = [line for line in lines(file) if line.startswith("DTSTART") and "RRULE" not in line][-1:]
    assert line == (f"DTSTART:{shown}" if shown.endswith("Z") else f"DTSTART;TZID={zone}:{shown}")
    for known in (file, unknown_zone(file)):
        assert by_icalendar(known) == (at, at + timedelta(minutes=45))
        assert by_vobject(known) == (at, at + timedelta(minutes=45))


def test_every_zones_clocks_are_told_right() -> None:
    """All zones, just before and after each change of their clocks, and now and then in between."""
    alike: dict[bytes, str] = {}
    for zone in zone_choices():
        alike.setdefault(vtimezone(zone, 2026).to_ical().replace(zone.encode(), b""), zone)
    assert len(alike) > 50
    for told, zone in alike.items():
        first, last = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
        read = (
            vobject.readOne(told.decode().replace("TZID:", "TZID:X"), transform=False)
            .transformToNative()
            .tzinfo
        )
        near = [
            change.at + timedelta(minutes=n) for change in changes(first, last, zone) for n in (-90, 0, 90)
        ]
        for at in [*near, *(first + timedelta(days=100 * n) for n in range(7))]:
            wall = local(at, zone)
            if not wall.fold:
                assert wall.replace(tzinfo=read).utcoffset() == wall.utcoffset(), (zone, at)


def test_a_zone_that_mail_programs_know_by_its_rule_has_one() -> None:
    told = [
        line for line in lines(made()) if line.startswith(("BEGIN", "DTSTART", "RRULE", "TZOFFSET", "TZID"))
    ]
    assert told[:13] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VTIMEZONE",
        "TZID:America/New_York",
        "BEGIN:DAYLIGHT",
        "DTSTART:20250309T020000",
        "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3",
        "TZOFFSETFROM:-0500",
        "TZOFFSETTO:-0400",
        "BEGIN:STANDARD",
        "DTSTART:20251102T020000",
        "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11",
        "TZOFFSETFROM:-0400",
        "TZOFFSETTO:-0500",
    ]


@pytest.mark.parametrize("zone", ["America/Phoenix", "Pacific/Honolulu"])
def test_a_zone_whose_clocks_never_change_says_so(zone: str) -> None:
    file = made(zone=zone).decode()
    assert file.count("BEGIN:STANDARD") == 1
    assert "BEGIN:DAYLIGHT" not in file and "RRULE" not in file


def test_a_mail_program_is_told_what_it_asks_for_and_nothing_more() -> None:
    event = lines(made())
    at = event.index("BEGIN:VEVENT")
    assert sorted(event[at + 1 : event.index("END:VEVENT")]) == [
        "ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:ada@example.org",
        "CLASS:PRIVATE",
        f"DESCRIPTION:See\\, confirm or change it: {VISIT.url}",
        "DTEND;TZID=America/New_York:20261124T094500",
        "DTSTAMP:20261101T123005Z",
        "DTSTART;TZID=America/New_York:20261124T090000",
        "LOCATION:120 Larkspur Lane\\, Suite 4\\; Albany\\, NY 12207",
        'ORGANIZER;CN="Harmonia Health":mailto:letters@mail.harmonia.example',
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        "SUMMARY:Appointment\\, Harmonia Health",
        "TRANSP:OPAQUE",
        f"UID:{VISIT.uid}",
        f"URL:{VISIT.url}",
    ]
    assert event[:5] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Engage//Visits//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
    ]
    assert "VALARM" not in made().decode()


def test_a_visit_that_is_off_is_taken_out_by_its_uid_and_a_higher_version() -> None:
    asked, off = made(), made("CANCEL", sequence=2)
    assert "METHOD:CANCEL" in lines(off)
    found, first = visit_in(off), visit_in(asked)
    assert (found["uid"], found["organizer"]) == (first["uid"], first["organizer"])
    assert (found["status"], found["sequence"], first["sequence"]) == ("CANCELLED", 2, 0)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_visit_makes_the_same_bytes(method: Method) -> None:
    assert made(method) == made(method)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=4))
def test_whatever_a_clinic_writes_arrives_as_it_was(summary: str, address: list[str]) -> None:
    summary, location = f"A{summary}Z", "\n".join(f"A{line}Z" for line in address)
    file = made(summary=summary, location=location)
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert b"\n" not in file.replace(b"\r\n", b"") and b"\r" not in file.replace(b"\r\n", b"")
    found = visit_in(file)
    assert (str(found["summary"]), str(found["location"])) == (summary, location)


@pytest.mark.parametrize(
    ("location", "read"),
    [
        ("12 Söhne-Straße, Zoë’s house 🏠", "12 Söhne-Straße, Zoë’s house 🏠"),
        ("One\r\nTwo\rThree", "One\nTwo\nThree"),
        ("a\\nb; c, d\x00\x1b", "a\\nb; c, d"),
        ("\r\nATTENDEE:mailto:eve@example.org", "ATTENDEE:mailto:eve@example.org"),
    ],
)
def test_both_read_an_odd_address_alike(location: str, read: str) -> None:
    file = made(location=location)
    assert str(visit_in(file)["location"]) == read
    assert vobject.readOne(file.decode()).vevent.location.value == read


@pytest.mark.parametrize("name", ['Dr "X" & Sons; Inc: a, b', "Zoë’s\r\nX-EVIL:1"])
def test_the_clinics_name_can_not_break_out(name: str) -> None:
    (line,) = [line for line in lines(made(organizer_name=name)) if line.startswith("ORGANIZER")]
    assert line.endswith('":mailto:letters@mail.harmonia.example')
    assert not any(line.startswith("X-EVIL") for line in lines(made(organizer_name=name)))


@pytest.mark.parametrize(
    ("attendee", "uri"),
    [
        ("o'brien+a%b@example.org", "mailto:o'brien+a%25b@example.org"),
        ("a?cc=eve@example.org", "mailto:a%3Fcc=eve@example.org"),
    ],
)
def test_an_address_stays_one(attendee: str, uri: str) -> None:
    assert visit_in(made(attendee=attendee))["attendee"] == uri


@pytest.mark.parametrize(
    "changed",
    [
        {"zone": "America/Nowhere"},
        {"zone": ""},
        {"minutes": 0},
        {"minutes": 1441},
        {"sequence": -1},
        {"start": datetime(2026, 11, 24, 14, 0)},  # noqa: DTZ001
        {"uid": ""},
        {"uid": "a\r\nX-EVIL:1"},
        {"url": "https://x.example/ y"},
        {"url": "https://x.example/\r\nX-EVIL:1"},
        {"attendee": "a@b.example\r\nX-EVIL:1"},
        {"organizer": ""},
        {"summary": " "},
    ],
)
def test_what_can_not_be_written_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must|no time zone"):
        made(**changed)


def test_a_method_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="REQUEST, CANCEL"):
        made("REPLY")  # type: ignore[arg-type]


def test_a_visit_far_ahead_and_one_over_new_year_are_right() -> None:
    for day in (date(2030, 12, 31), date(2027, 12, 31), date(2028, 2, 29)):
        at = datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)
        assert by_vobject(unknown_zone(made(start=at, minutes=1440))) == (at, at + timedelta(days=1))
