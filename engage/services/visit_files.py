"""The calendar file of a visit. With a message it is made at the claim, and again whenever it is to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engage.content.calendar import METHODS, Event, calendar
from engage.delivery.provider import Calendar
from engage.runtime import Runtime
from engage.services.texts import Letter


def enclose(rt: Runtime, letter: Letter, now: datetime) -> tuple[Letter, Calendar]:
    """The file of a letter that has one, and the letter with the moment at which it was made: with that the same bytes
    can be made again.

    ``letter.calendar``: ``method`` (REQUEST or CANCEL), ``uid``, ``sequence`` (0, 1, ...), ``start`` (ISO 8601 with an
    offset), ``zone`` (IANA), ``minutes``, ``summary``, ``location``, ``url``. Raises KeyError, TypeError or ValueError
    where that can't be read or written.
    """
    told = {**(letter.calendar or {}), "stamp": now.isoformat()}
    return letter._replace(calendar=told), _made(rt, letter.to, told)


def as_sent(rt: Runtime, told: Mapping[str, Any]) -> str:
    """The file of a message, from what is sealed with it (``Letter.kept``). Empty where it had none, where it was not
    made yet, and where it can't be made any more."""
    calendar = told.get("calendar") or {}
    if "stamp" not in calendar:
        return ""
    try:
        return _made(rt, told["to"], calendar).content.decode()
    except (KeyError, TypeError, ValueError):
        return ""


def published(rt: Runtime, told: Mapping[str, Any], now: datetime) -> bytes:
    """The file of a visit for whoever opens its page: to nobody in particular. ``told`` as ``enclose`` has it."""
    return calendar(_event(rt, "", {**told, "stamp": now.isoformat()}), "PUBLISH")


def _made(rt: Runtime, to: str, told: Mapping[str, Any]) -> Calendar:
    method = METHODS[METHODS.index(told["method"])]
    return Calendar(method, calendar(_event(rt, to, told), method))


def _event(rt: Runtime, to: str, told: Mapping[str, Any]) -> Event:
    return Event(
        uid=told["uid"],
        sequence=told["sequence"],
        start=datetime.fromisoformat(told["start"]),
        zone=told["zone"],
        minutes=told["minutes"],
        summary=told["summary"],
        location=told["location"],
        organizer=rt.clinic.sender.email,
        organizer_name=rt.clinic.sender.email_name,
        attendee=to,
        url=told["url"],
        stamp=datetime.fromisoformat(told["stamp"]),
    )
