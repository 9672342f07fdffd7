"""A visit as a calendar file: what mail programs show as an invitation, or take out of the calendar again.

Source: RFC 5545 (iCalendar), RFC 5546 (REQUEST and CANCEL in a mail, PUBLISH for a page), RFC 6047 (in mail).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import quote

import icalendar
from icalendar import vCalAddress, vUri

from engage.content.vtimezone import vtimezone
from engage.domain.timing import local

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
# Those that go in a mail; what a page gives is published, to nobody in particular (RFC 5546, 3.2.1).
METHODS: Final[tuple[Method, ...]] = ("REQUEST", "CANCEL")
_PRODUCT: Final = "-//Engage//Visits//EN"
_STATUS: Final[dict[Method, str]] = {"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED", "PUBLISH": "CONFIRMED"}
_TOLD: Final[dict[Method, str]] = {
    "REQUEST": "See, confirm or change it: {url}",
    "CANCEL": "This appointment was cancelled: {url}",
    "PUBLISH": "See, confirm or change it: {url}",
}
# The longest that is still a visit, in minutes.
LONGEST: Final = 24 * 60
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]+")
_NOT_IN_ONE_WORD: Final = re.compile(r"[\x00-\x20\x7f<>\"]")


@dataclass(frozen=True, slots=True)
class Event:
    """One visit as its person's calendar is to show it.

    ``uid`` is the same for every version of a visit, opaque; ``sequence`` counts versions from 0. ``start`` and
    ``stamp`` (when the file was made) are aware; ``zone`` is an IANA name, ``minutes`` from 1 to 1440. ``summary``
    and ``location`` are shown wherever the calendar is, so they name no treatment and no practitioner. ``organizer``
    has to be the address that the mail comes from: mail programs let nobody else change or cancel it. ``attendee`` is
    left out of what is published.
    """

    uid: str
    sequence: int
    start: datetime
    zone: str
    minutes: int
    summary: str
    location: str
    organizer: str
    organizer_name: str
    attendee: str
    url: str
    stamp: datetime


def calendar(event: Event, method: Method) -> bytes:
    """The file: UTF-8, lines of at most 75 octets that end in CRLF, no alarms.

    Raises ValueError where the event can't be written (also UnknownZone).
    """
    _check(event, method)
    start, end = event.start.astimezone(UTC), (event.start + timedelta(minutes=event.minutes)).astimezone(UTC)
    there = local(start, event.zone), local(end, event.zone)
    # A wall time that the clocks show twice means its first time, so that the second can only be written in UTC.
    if any(moment.fold for moment in there):
        before, after = _around(method)
    else:
        before, after = _around(method, event.zone, there[0].year)
        start, end = there
    visit: bytes = _visit(event, method, start, end).to_ical()
    return before + visit + after


@lru_cache(maxsize=256)
def _around(method: Method, zone: str = "", year: int = 0) -> tuple[bytes, bytes]:
    """What stands before and after the visit: it is the same for all of a zone and year."""
    found = icalendar.Calendar()
    found.add("prodid", _PRODUCT)
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", method)
    if zone:
        found.add_component(vtimezone(zone, year))
    before, end, after = found.to_ical().rpartition(b"END:VCALENDAR")
    return before, end + after


def _visit(event: Event, method: Method, start: datetime, end: datetime) -> icalendar.Event:
    visit = icalendar.Event()
    visit.add("uid", event.uid)
    visit.add("sequence", event.sequence)
    visit.add("dtstamp", event.stamp.astimezone(UTC).replace(microsecond=0))
    visit.add("dtstart", start)
    visit.add("dtend", end)
    visit.add("summary", _plain(event.summary))
    visit.add("location", _plain(event.location))
    visit.add("description", _TOLD[method].format(url=event.url))
    visit.add("url", vUri(event.url))
    visit.add("status", _STATUS[method])
    visit.add("transp", "TRANSPARENT" if method == "CANCEL" else "OPAQUE")
    # Whoever shares a calendar shows that the time is taken, not for what.
    visit.add("class", "PRIVATE")
    visit.add("organizer", _organizer(event.organizer, _plain(event.organizer_name)))
    if method != "PUBLISH":
        visit.add("attendee", _attendee(event.attendee))
    return visit


def _check(event: Event, method: Method) -> None:
    if method not in _STATUS:
        raise ValueError(f"method must be one of {', '.join(_STATUS)}")
    if event.start.tzinfo is None or event.stamp.tzinfo is None:
        raise ValueError("start and stamp must be aware")
    if not 1 <= event.minutes <= LONGEST or event.sequence < 0:
        raise ValueError(f"minutes must be 1 to {LONGEST}, sequence 0 or more")
    for name in ("uid", "url", "organizer", *(("attendee",) if method != "PUBLISH" else ())):
        value = getattr(event, name)
        if not value or _NOT_IN_ONE_WORD.search(value):
            raise ValueError(f"{name} must be one word")
    if not event.summary.strip():
        raise ValueError("summary must not be empty")


def _plain(text: str) -> str:
    """Without what no calendar may hold; lines stay."""
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


@lru_cache(maxsize=8)
def _organizer(address: str, name: str) -> vCalAddress:
    found = _mailto(address)
    if name:
        found.params["CN"] = name.replace('"', "'").replace("\n", " ")
    return found


def _attendee(address: str) -> vCalAddress:
    """Somebody who has booked: there is nothing to answer by mail, the page behind the link is for that."""
    found = _mailto(address)
    found.params.update(CUTYPE="INDIVIDUAL", ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED", RSVP="FALSE")
    return found


def _mailto(address: str) -> vCalAddress:
    return vCalAddress("mailto:" + quote(address, safe="@!$'*+-./=^_`{|}~"))
