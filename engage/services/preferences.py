"""The preference page: what a person agreed to and wished for, behind a signed link and without a sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage import links
from engage.domain import preferences
from engage.domain.messages import BULK, KINDS, Channel, Purpose
from engage.domain.mobile import spoken
from engage.domain.preferences import TOPICS, WAYS, Topic
from engage.domain.timing import local, usable
from engage.domain.weeks import week
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import preference_letters
from engage.services.numbers import page_token
from engage.services.opening import UNREADABLE, opened
from engage.services.preference_letters import MY_DATA_LASTS
from engage.services.texts import PREFERENCES_LINK_DAYS
from engage.services.timeline import Entry, timeline
from engage.storage import check_ins, consents, enrolments, merges, people, person_page
from engage.storage import preferences as rows

# What stands in the way of a choice: no confirmed address or number at all, one that can't be reached any more, or
# one that is on the suppression list for another reason than that its owner left just this.
Hindrance = Literal["", "no_address", "unreachable", "blocked"]
# How long each link works from the moment that it was made.
LASTS = {"preferences": timedelta(days=PREFERENCES_LINK_DAYS), "my-data": MY_DATA_LASTS}
# Of any link, also one that has run out: only its signature counts.
_BEFORE_ALL_LINKS = datetime(1970, 1, 1, tzinfo=UTC)


class Forgotten(Exception):
    """The link is whole, but the person asked to be forgotten, and was."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One purpose on one channel. ``since`` is aware, in the person's zone; None when nobody ever asked."""

    purpose: Purpose
    channel: Channel
    way: str
    agreed: bool
    since: datetime | None
    hindrance: Hindrance
    wording: str
    mark: str

    @property
    def key(self) -> str:
        """Its name in a form and on the page."""
        return f"{self.purpose}-{self.channel}"


@dataclass(frozen=True, slots=True)
class CoursePause:
    """A course that waits by itself, as its lesson page or a request for a consultation made it. ``until`` is aware, in
    the person's zone."""

    course: str
    title: str
    until: datetime


@dataclass(frozen=True, slots=True)
class CheckIns:
    """Whether and how the person is asked how they are, and by which ways they could be, with the words beside each
    button."""

    way: Channel | None
    ways: dict[Channel, str]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. Times are aware, in the person's zone; ``to`` are masked addresses by channel;
    ``texts_token`` opens the page that adds a number, ``write_to`` is the number that texts come from."""

    topics: list[tuple[Topic, list[Choice]]]
    to: dict[str, str]
    waiting_address: str
    zone: str
    now: datetime
    paused_until: datetime | None
    course_pauses: list[CoursePause]
    fewer: bool
    hours: list[str]
    lines: list[str]
    coming: Entry | None
    texts_token: str
    write_to: str
    check_ins: CheckIns

    @property
    def anything(self) -> bool:
        """Whether the person agrees to anything at all."""
        return any(choice.agreed for _, choices in self.topics for choice in choices)


def page(rt: Runtime, token: str) -> Page:
    """What GET shows; it changes nothing. Raises BadLink, Forgotten."""
    with rt.transaction() as tx:
        person = open_link(rt, tx, token)
        now = rt.now(tx)
        zone = usable(person.zone, rt.clinic.zone)
        wished = rows.of(tx, person.id)
        contacts = people.contacts_of(tx, person.id)
        pause = wished.paused_until
        topics = [(topic, _choices(rt, tx, person.id, topic, contacts, zone, now)) for topic in TOPICS]
        return Page(
            topics=topics,
            to={row.channel: _masked(rt, row) for row in reversed(contacts) if row.state == "confirmed"},
            waiting_address=next(
                (_masked(rt, row) for row in reversed(contacts) if row.state == "pending"), ""
            ),
            zone=zone,
            now=local(now, zone),
            paused_until=local(pause, zone) if pause is not None and pause > now else None,
            course_pauses=_course_pauses(rt, tx, person.id, pause, zone, now),
            fewer=wished.fewer,
            hours=preferences.spoken_week(week(wished.contact_hours)) if wished.contact_hours else [],
            lines=list(wished.contact_hours),
            coming=_coming(rt, tx, person.id, zone, contacts, now),
            texts_token=page_token(rt, person.id, now),
            write_to=spoken(rt.clinic.sender.sms),
            check_ins=_check_ins(tx, person.id, [choice for _, choices in topics for choice in choices]),
        )


def open_link(
    rt: Runtime, tx: Connection, token: str, *, lock: bool = False, purpose: links.Purpose = "preferences"
) -> Any:
    """The person's row, locked when asked: of a merged one, whom they were merged into. Raises BadLink, also for a link from before the address changed; Forgotten."""
    id = rt.links.read(purpose, token, rt.now(tx))
    named = people.one(tx, id)
    kept = merges.lock_kept(tx, id) if lock else merges.kept(tx, id)
    person = people.one(tx, kept)
    if named is None or person is None:
        raise BadLink("expired")
    if person.state == "erased":
        raise Forgotten
    expires = rt.links.expires(token)
    for since in filter(None, (named.links_since, person.links_since)):
        if expires is None or expires < since + LASTS[purpose]:
            raise BadLink("expired")
    return person


def send_new_link(rt: Runtime, token: str) -> None:
    """Sends a new link to the address on file of a link that may have run out; the caller is told nothing of it.

    Raises BadLink("invalid") when we never made the link.
    """
    id = rt.links.read("preferences", token, _BEFORE_ALL_LINKS)
    with rt.transaction() as tx:
        kept = merges.lock_kept(tx, id)
        person = people.one(tx, kept)
        if person is not None and person.state != "erased":
            preference_letters.send_link(rt, tx, kept, rt.now(tx))


def wording(rt: Runtime, purpose: Purpose, channel: Channel) -> str:
    """The sentence that a person agrees to."""
    return preferences.wording(purpose, channel, rt.clinic.name, rt.clinic.caps.marketing_per_week)


def mark_of(words: str) -> str:
    """Which words a form was made with, so that what is kept is what was read."""
    return sha256(words.encode()).hexdigest()[:16]


def hindrance(
    tx: Connection, contacts: list[Any], channel: Channel, purpose: Purpose, now: datetime
) -> Hindrance:
    """What would keep a message of this purpose from the person, though they agreed."""
    own = [
        row
        for row in contacts
        if row.channel == channel
        and row.state not in ("replaced", "pending")
        and not (row.care_only and channel == "sms" and purpose in BULK)
    ]
    confirmed = [bytes(row.address_index) for row in own if row.state == "confirmed"]
    if not own:
        return "no_address"
    if not confirmed:
        return "unreachable"
    return "blocked" if rows.hindrances(tx, channel, confirmed, purpose, now) else ""


def _choices(
    rt: Runtime, tx: Connection, person: UUID, topic: Topic, contacts: list[Any], zone: str, now: datetime
) -> list[Choice]:
    states = {(row.channel, row.purpose): row for row in person_page.consent_states(tx, person)}
    choices = []
    for channel, way in WAYS.items():
        state = states.get((channel, topic.purpose))
        words = wording(rt, topic.purpose, channel)
        choices.append(
            Choice(
                purpose=topic.purpose,
                channel=channel,
                way=way,
                agreed=state is not None and state.granted,
                since=local(state.at, zone) if state is not None else None,
                hindrance=hindrance(tx, contacts, channel, topic.purpose, now),
                wording=words,
                mark=mark_of(words),
            )
        )
    return choices


def _check_ins(tx: Connection, person: UUID, choices: list[Choice]) -> CheckIns:
    """Whoever is reminded of visits by a way can be asked by it."""
    found = check_ins.wish(tx, person)
    open_ways = {one.channel for one in choices if one.purpose == "care" and one.agreed and not one.hindrance}
    return CheckIns(
        way=found.channel if found is not None and found.agreed else None,
        ways={way: words for way, words in preferences.CHECK_IN_WORDINGS.items() if way in open_ways},
    )


def _masked(rt: Runtime, row: Any) -> str:
    address = opened(rt, "contacts", row.id, row.sealed).get("address", UNREADABLE)
    return preferences.masked(row.channel, address)


def _course_pauses(
    rt: Runtime, tx: Connection, person: UUID, pause: datetime | None, zone: str, now: datetime
) -> list[CoursePause]:
    return [
        CoursePause(row.course, rt.library.courses[row.course].title, local(row.paused_until, zone))
        for row in enrolments.living(tx, person)
        if row.course in rt.library.courses and row.paused_until and row.paused_until > now
        # What ends no later than a pause of everything is no news.
        if pause is None or row.paused_until > max(pause, now)
    ]


def _coming(
    rt: Runtime, tx: Connection, person: UUID, zone: str, contacts: list[Any], now: datetime
) -> Entry | None:
    """The next message that was not just asked for here."""
    indexes = [bytes(row.address_index) for row in contacts]
    enrolled = person_page.courses(tx, person)
    answers = {kind.words for kind in KINDS.values() if kind.purpose == "service"}
    told = timeline(rt, tx, person, zone, indexes, enrolled, now)
    return next((entry for entry in told.coming if entry.goes and entry.what not in answers), None)


def agreed(tx: Connection, person: UUID, purpose: Purpose) -> list[Channel]:
    """The channels on which the person agrees to a purpose and has a confirmed address or number."""
    contacts = people.contacts_of(tx, person)
    there = {row.channel for row in contacts if row.state == "confirmed"}
    return [
        channel for channel in WAYS if channel in there and consents.granted(tx, person, channel, purpose)
    ]
