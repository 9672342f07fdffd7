"""What a message says to one person: the shared text, the merge values, the headers that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from engage.content.render import Content
from engage.content.sms import fold
from engage.domain.messages import COURSE_LESSON, COURSE_LESSON_TEXT, KINDS, SIGNUP_CONFIRM
from engage.runtime import Runtime
from engage.services import check_in_letters
from engage.storage import contents
from engage.storage.claim_facts import FactsRow

LESSON_LINK_DAYS = 365
PREFERENCES_LINK_DAYS = 365
# What a letter says where the name is missing.
NAMELESS = "there"


class Letter(NamedTuple):
    """The personal part of a message: address, plain merge values, and the visit that its calendar file is to show
    (services/visit_files.py), where it has one."""

    to: str
    values: dict[str, str]
    calendar: dict[str, Any] | None = None

    def kept(self) -> dict[str, Any]:
        """What is sealed with the message, so that the exact text can always be shown."""
        told: dict[str, Any] = {"to": self.to, "values": self.values}
        if self.calendar is not None:
            told["calendar"] = self.calendar
        return told


def list_headers(values: Mapping[str, str], mailto: str) -> dict[str, str]:
    """The headers of a mail that can be left with one click (RFC 8058), and by mail to ``mailto`` unless that is
    empty (RFC 2369): they follow from its merge values."""
    unsubscribe = values.get("unsubscribe_url")
    if unsubscribe is None:
        return {}
    ways = f"<{unsubscribe}>"
    if mailto:
        ways += f", <mailto:{mailto}?subject=unsubscribe%20{unsubscribe.rpartition('/')[2]}>"
    return {
        "List-Unsubscribe": ways,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def text_of(rt: Runtime, kind: str, course: str | None, step: str) -> Content:
    """The rendered text that everyone who gets this message shares."""
    if kind in (COURSE_LESSON.name, COURSE_LESSON_TEXT.name) and course is not None:
        lesson = rt.library.lesson(course, step)
        return lesson if kind == COURSE_LESSON.name else rt.library.text_message(COURSE_LESSON_TEXT.text)
    known = KINDS[kind]
    return rt.library.text_message(known.text) if known.channel == "sms" else rt.library.message(known.text)


def content_id(rt: Runtime, content: Content) -> UUID:
    """The id of the text's row. Kept in a transaction of its own, so that it may be remembered."""
    known = rt.content_ids.get(content.hash)
    if known is None:
        with rt.transaction() as tx:
            known = contents.keep(tx, content.hash, content.subject, content.html, content.text, rt.now(tx))
        rt.content_ids[content.hash] = known
    return known


def letter(rt: Runtime, row: FactsRow, now: datetime) -> Letter:
    """Opens what is sealed and makes the links. Raises SealError when a value is not its row's."""
    if row.kind == SIGNUP_CONFIRM.name:
        return _confirmation(rt, row, now)
    if row.kind == COURSE_LESSON.name:
        return _lesson(rt, row, now)
    if row.kind == COURSE_LESSON_TEXT.name:
        return _lesson_text(rt, row, now)
    if row.kind in check_in_letters.NAMES and row.contact_id is not None:
        return _check_in(rt, row, now)
    assert row.message_sealed is not None
    told = rt.sealer.open("messages", row.id, row.message_sealed)
    values = told.get("values", {})
    if KINDS[row.kind].channel == "sms":
        values = {name: fold(value) for name, value in values.items()}
    return Letter(told["to"], values, told.get("calendar"))


def _confirmation(rt: Runtime, row: FactsRow, now: datetime) -> Letter:
    assert row.signup_sealed is not None
    typed = rt.sealer.open("signups", row.cause_id, row.signup_sealed)
    expires = now + timedelta(days=rt.clinic.signup.confirm_link_days)
    values = {
        "confirm_url": rt.links.url("confirm", row.cause_id, expires),
        "not_me_url": rt.links.url("not-me", row.cause_id),
    }
    return Letter(typed["email"], values)


def _lesson(rt: Runtime, row: FactsRow, now: datetime) -> Letter:
    assert row.contact_sealed is not None and row.contact_id is not None and row.person_id is not None
    address = rt.sealer.open("contacts", row.contact_id, row.contact_sealed)["address"]
    person = rt.sealer.open("people", row.person_id, row.person_sealed) if row.person_sealed else {}
    values = {
        "given_name": person.get("given_name") or NAMELESS,
        "lesson_url": rt.links.url("lesson", row.id, now + timedelta(days=LESSON_LINK_DAYS)),
        "unsubscribe_url": rt.links.url("unsubscribe", row.id),
        "preferences_url": preferences_url(rt, row.person_id, now),
    }
    return Letter(address, values)


def _lesson_text(rt: Runtime, row: FactsRow, now: datetime) -> Letter:
    assert row.contact_sealed is not None and row.contact_id is not None
    number = rt.sealer.open("contacts", row.contact_id, row.contact_sealed)["address"]
    link = rt.links.url("lesson", row.id, now + timedelta(days=LESSON_LINK_DAYS))
    return Letter(number, {"lesson_url": link})


def _check_in(rt: Runtime, row: FactsRow, now: datetime) -> Letter:
    assert row.contact_sealed is not None and row.contact_id is not None and row.person_id is not None
    address = rt.sealer.open("contacts", row.contact_id, row.contact_sealed)["address"]
    if KINDS[row.kind].channel == "sms":
        return Letter(address, {})
    person = rt.sealer.open("people", row.person_id, row.person_sealed) if row.person_sealed else {}
    values = {
        "given_name": person.get("given_name") or NAMELESS,
        "check_in_url": check_in_letters.url(rt, row.cause_id, now),
        "unsubscribe_url": rt.links.url("unsubscribe", row.id),
        "preferences_url": preferences_url(rt, row.person_id, now),
    }
    return Letter(address, values)


def preferences_url_beside(rt: Runtime, message: Any, links_since: datetime | None, now: datetime) -> str:
    """As ``preferences_url``, for a page that a letter's own link opened; empty where the letter went to an address that
    is not the person's any more, or may have been forwarded before the address changed."""
    old = links_since is not None and (message.sent_at or message.created_at) < links_since
    return "" if old else preferences_url(rt, message.person_id, now)


def preferences_url(rt: Runtime, person: UUID, now: datetime) -> str:
    """The address of a person's preference page, good for a year."""
    return rt.links.url("preferences", person, now + timedelta(days=PREFERENCES_LINK_DAYS))
