"""Leaving: by the page, by the one click of RFC 8058, or by mail. It works for ever and twice does no harm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from engage.domain.messages import COURSE_LESSON, Channel
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import check_in_letters, check_ins
from engage.services.audit import PERSON
from engage.services.courses import leave
from engage.services.texts import preferences_url_beside
from engage.storage import consents, enrolments, merges, messages, people, suppressions

How = Literal["one-click", "page", "mail"]
OTHER: dict[str, Channel] = {"email": "sms", "sms": "email"}


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """What the page shows. ``beside``: lessons come by the other channel too, and go on there unless both are stopped.
    ``check_ins``: it is about questions how the person is, and nothing else."""

    state: Literal["subscribed", "unsubscribed"]
    course_title: str
    channel: Channel
    beside: bool
    preferences_url: str
    check_ins: bool = False
    purpose: str = "education"


def page(rt: Runtime, token: str) -> UnsubscribePage:
    """What GET shows; it changes nothing. Raises BadLink."""
    with rt.transaction() as tx:
        message = _message(rt, tx, token)
        id = merges.kept(tx, message.person_id)
        asks = message.kind in check_in_letters.NAMES
        if asks:
            agreed = check_ins.agreed(tx, id) is not None
        else:
            agreed = consents.granted(tx, id, message.channel, message.purpose)
        enrolment = enrolments.one(tx, message.cause_id) if message.cause == "enrolment" else None
        course = rt.library.courses.get(enrolment.course) if enrolment is not None else None
        beside = not asks and consents.granted(tx, id, OTHER[message.channel], message.purpose)
        state: Literal["subscribed", "unsubscribed"] = "subscribed" if agreed else "unsubscribed"
        person = people.one(tx, id)
        since = person.links_since if person is not None else None
        preferences = preferences_url_beside(rt, message, since, rt.now(tx))
        title = course.title if course else ""
        return UnsubscribePage(state, title, message.channel, beside, preferences, asks, message.purpose)


def unsubscribe(rt: Runtime, token: str, how: How, *, both: bool = False) -> None:
    """Withdraws the consent, suppresses the address for the purpose, ends what was planned.

    Each channel has its own consent: the other one's is withdrawn only when ``both`` are said. All in one
    transaction under the locks that a claim needs, so nothing of it is claimed after this has committed.
    Raises BadLink.
    """
    with rt.transaction() as tx:
        message = _message(rt, tx, token)
        person = merges.lock_kept(tx, message.person_id)
        if message.kind in check_in_letters.NAMES:
            # Whoever wants no questions still wants to know of their visits.
            check_ins.set_wish(rt, tx, person, None, f"unsubscribe, {how}", PERSON, rt.now(tx))
            return
        contact = people.contact(tx, message.contact_id)
        assert contact is not None
        index = bytes(contact.address_index)
        people.lock_contacts_at(tx, message.channel, index)
        now = rt.now(tx)
        for channel in (message.channel, OTHER[message.channel]) if both else (message.channel,):
            if not consents.granted(tx, person, channel, message.purpose):
                continue
            consents.enter(
                tx,
                person,
                channel,
                message.purpose,
                "withdrawn",
                actor="person",
                source=f"unsubscribe, {how}",
                now=now,
                message=message.id,
            )
        suppressions.add(tx, message.channel, index, message.purpose, "unsubscribed", now, message.id)
        if message.purpose == COURSE_LESSON.purpose:
            # Whoever wants no news may still want the rest of their course.
            leave(tx, person, message.channel, now)


def _message(rt: Runtime, tx: Connection, token: str) -> Any:
    message = messages.one(tx, rt.links.read("unsubscribe", token, rt.now(tx)))
    if message is None or message.person_id is None or message.contact_id is None:
        raise BadLink("expired")
    return message
