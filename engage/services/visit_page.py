"""A visit's page: what is told to whoever has its link, and what that person may answer there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote_plus
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OFF, OPEN, Reply
from engage.domain.forms import ChangedMeanwhile
from engage.domain.timing import local
from engage.domain.visit_wishes import Wishes
from engage.domain.visit_wishes import opened as wishes_of
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import visit_files, visit_letters, visit_wishes
from engage.services.appointments import when_of
from engage.services.opening import opened
from engage.storage import appointments, people, visit_links

# A plain link: nothing is asked of it before somebody follows it, and it learns nothing of the page.
MAP = "https://www.openstreetmap.org/search?query="
# "open": it is to come, and can be answered. "begun": the person is here. "unsure": it is not agreed yet.
State = Literal["open", "begun", "over", "off", "unsure"]


@dataclass(frozen=True, slots=True)
class VisitPage:
    """What the page shows, of the visit as it is now. ``starts`` and ``ends`` are aware, in the visit's zone; ``version``
    is what a form sends back, so that nobody confirms another time than the page showed."""

    state: State
    given_name: str
    starts: datetime
    ends: datetime
    zone: str
    place: str
    address: str
    telephone: str
    map_url: str
    reply: Reply | None
    wishes: Wishes
    version: int


def page(rt: Runtime, token: str) -> VisitPage:
    """What GET shows; it changes nothing. Raises BadLink."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        row, person = _found(rt, tx, token, appointments.one)
        return _page(rt, row, person, now)


def calendar(rt: Runtime, token: str) -> bytes | None:
    """The visit's calendar file; None where there is no visit to come to. Raises BadLink."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        row, _ = _found(rt, tx, token, appointments.one)
        if row.status in OFF:
            return None
        told = visit_letters.calendar_of(
            rt, row.id, row.version, when_of(row), "PUBLISH", rt.links.place("appointment", token)
        )
        return visit_files.published(rt, told, now)


def confirm(rt: Runtime, token: str, seen: str) -> None:
    """The person comes. Twice does no harm. Raises BadLink; ChangedMeanwhile when the visit is not what the page showed
    any more, ``seen``, or can't be answered."""
    _act(rt, token, seen, lambda tx, row, now: visit_wishes.confirm(rt, tx, row, now))


def ask_to_move(rt: Runtime, token: str, seen: str, wishes: Wishes) -> None:
    """The person asks for another time. Raises as ``confirm`` does."""
    _act(rt, token, seen, lambda tx, row, now: visit_wishes.ask_to_move(rt, tx, row, now, wishes))


def ask_to_cancel(rt: Runtime, token: str, seen: str) -> None:
    """The person asks to cancel; the visit stands until staff have cancelled it. Raises as ``confirm`` does."""
    _act(rt, token, seen, lambda tx, row, now: visit_wishes.ask_to_cancel(rt, tx, row, now))


def _act(rt: Runtime, token: str, seen: str, act: Callable[[Connection, Any, datetime], object]) -> None:
    with rt.transaction() as tx:
        now = rt.now(tx)
        row, _ = _found(rt, tx, token, appointments.lock)
        if str(row.version) != seen or _state(row, now) != "open":
            raise ChangedMeanwhile
        act(tx, row, now)


def _found(
    rt: Runtime, tx: Connection, token: str, visit: Callable[[Connection, UUID], Any]
) -> tuple[Any, Any]:
    """The visit's row, as ``visit`` gets it, and its person's."""
    row = visit(tx, _read(rt, tx, token, rt.now(tx)))
    whose = people.one(tx, row.person_id) if row is not None else None
    if whose is None or whose.state != "active":
        raise BadLink("expired")
    return row, whose


def _read(rt: Runtime, tx: Connection, token: str, now: datetime) -> UUID:
    """The visit of a link that went to what is the person's address still. One that went to what is theirs no more has
    run out. A forged one is asked the same of the database whether there is such a visit or not, and locks nothing."""
    went_to = visit_links.went_to(tx, rt.links.unverified(token))
    try:
        return rt.links.read("appointment", token, now, [row.id.bytes for row in went_to if row.theirs])
    except BadLink as error:
        if error.reason == "invalid":
            # Of a visit that there is not nobody knows where a link went.
            rt.links.read("appointment", token, now, [b"", *(row.id.bytes for row in went_to)])
        raise BadLink("expired") from None


def _state(row: Any, now: datetime) -> State:
    if row.status in OFF:
        return "off"
    if row.status in ("fulfilled", "noshow") or when_of(row).ends_at <= now:
        return "over"
    if row.status in ("arrived", "checked-in"):
        return "begun"
    return "open" if row.status in OPEN else "unsure"


def _page(rt: Runtime, row: Any, person: Any, now: datetime) -> VisitPage:
    when, place = when_of(row), visit_letters.place_of(rt, when_of(row))
    wishes = wishes_of(opened(rt, "appointments", row.id, row.sealed).get("wishes"))
    return VisitPage(
        state=_state(row, now),
        given_name=str(opened(rt, "people", person.id, person.sealed).get("given_name", "")),
        starts=local(when.starts_at, when.zone),
        ends=local(when.ends_at, when.zone),
        zone=when.zone,
        place=place.name,
        address=place.address,
        telephone=place.telephone,
        map_url=MAP + quote_plus(place.address),
        reply=row.reply,
        wishes=wishes if row.reply == "wants_move" else Wishes(),
        version=row.version,
    )
