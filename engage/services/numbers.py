"""A mobile number beside the course: asked for on the page, and never texted unless its person confirmed an email."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.content.sms import segments
from engage.domain import texting
from engage.domain.forms import InvalidInput
from engage.domain.messages import NUMBER_CONFIRM
from engage.domain.mobile import BadNumber, mobile, prefix_of, spoken
from engage.domain.texting import CODE_LASTS, DAY, HOUR, Sent, Verdict
from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import forms
from engage.services.alerts import over, raise_alert
from engage.storage import consents, form_counts, merges, messages, numbers, people, suppressions
from engage.storage.database import lock_value
from engage.storage.messages import Plan

CAP_ALERT = ("text_cap", "texts")
_REFUSED: dict[Verdict, str] = {
    "person": "You have asked for as many texts as we send in a day. Please try again tomorrow, or call us.",
    "capped": "We can’t send any more of these texts today. Please try again tomorrow. The course goes on by email.",
}


@dataclass(frozen=True, slots=True)
class TextsPage:
    """What the page shows. ``ending`` are the last two digits of the number in question, "" where there is none;
    ``write_to`` is the number that texts come from, as people write it. ``asked``: a text can be asked for again."""

    state: Literal["form", "waiting", "on"]
    ending: str
    write_to: str
    asked: bool


def consent_wording(rt: Runtime) -> str:
    """The sentence beside the unticked box, kept word for word with the consent (rule L2)."""
    return (
        f"Yes, {rt.clinic.name} may text me at this number when a lesson of my course is ready. "
        "Message frequency varies: about one text for each lesson. Msg & data rates may apply. "
        "Reply HELP for help, STOP to stop. I know that this is not a condition of care."
    )


def page_token(rt: Runtime, person: UUID, now: datetime) -> str:
    """The token of a person's page about texts; it works for a day."""
    return rt.links.token("texts", person, now + DAY)


def page(rt: Runtime, token: str, another: bool = False) -> TextsPage:
    """What GET shows; it changes nothing. ``another``: the form although a number waits. Raises BadLink."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        person = merges.kept(tx, rt.links.read("texts", token, now))
        if not known(tx, person):
            raise BadLink("expired")
        write_to = spoken(rt.clinic.sender.sms)
        asked = numbers.newest(tx, person)
        if asked is not None and not another and waits(asked, now):
            return TextsPage("waiting", _ending(rt, asked), write_to, True)
        contact = number_of(tx, person)
        if contact is not None and not another and consents.granted(tx, person, "sms", "education"):
            return TextsPage("on", _ending(rt, contact, "contacts"), write_to, False)
        return TextsPage("form", "", write_to, False)


def ask(rt: Runtime, token: str, form: Mapping[str, str], ip: str) -> None:
    """Asks a number whether it is this person's, unless it had enough or opted out: what follows looks the same.

    Raises BadLink, InvalidInput naming each field, TooMany.
    """
    person = _read(rt, token)
    typed = _check(rt, form)
    _count(rt, form, ip)
    if form.get("website"):
        return  # Only a program fills in the field that people can't see.
    _ask(rt, person, {"number": typed, "wording": consent_wording(rt), "ip": ip})


def ask_again(rt: Runtime, token: str, form: Mapping[str, str], ip: str) -> bool:
    """As ``ask``, for the number that waits. False when none does. Raises as ``ask``."""
    person = _read(rt, token)
    _count(rt, form, ip)
    if form.get("website"):
        return True
    with rt.transaction() as tx:
        row = numbers.newest(tx, person)
        if row is None or row.sealed is None:
            return False
        told = rt.sealer.open("numbers", row.id, row.sealed)
    _ask(rt, person, told)
    return True


def known(tx: Connection, person: UUID) -> bool:
    """Whether this is a living person who confirmed an email address: nobody else's number is texted."""
    found = people.one(tx, person)
    contacts = people.contacts_of(tx, person) if found is not None and found.state == "active" else []
    return any(contact.channel == "email" and contact.state == "confirmed" for contact in contacts)


def number_of(tx: Connection, person: UUID) -> Any | None:
    """The contact that a person's texts go to."""
    found = [c for c in people.contacts_of(tx, person) if c.channel == "sms" and c.state == "confirmed"]
    return found[-1] if found else None


def waits(row: Any, now: datetime) -> bool:
    """Whether a code for this request may still be typed, or so it must seem."""
    return row.state in ("sent", "limited", "suppressed") and now < row.created_at + CODE_LASTS


def sweep(rt: Runtime) -> int:
    """What was typed goes after a day, and the alert ends when texts may go out again. Returns how many were emptied."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        texts, parts = numbers.sent_today(tx, now - DAY)
        if not texting.spent(rt.clinic.sms.limits.limits, Sent(texts=texts, segments=parts)):
            over(rt, tx, *CAP_ALERT)
        return numbers.forget(tx, now - DAY)


def _read(rt: Runtime, token: str) -> UUID:
    with rt.transaction() as tx:
        return merges.kept(tx, rt.links.read("texts", token, rt.now(tx)))


def _check(rt: Runtime, form: Mapping[str, str]) -> str:
    errors: dict[str, str] = {}
    number = ""
    try:
        number = mobile(form.get("number", ""), rt.clinic.sms.countries)
    except BadNumber as error:
        errors["number"] = str(error)
    if form.get("consent") != "yes":
        errors["consent"] = "Please tick the box if you want a text with each lesson."
    if errors:
        raise InvalidInput(errors)
    return number


def _count(rt: Runtime, form: Mapping[str, str], ip: str) -> None:
    counted = forms.counted(rt, form, ip)
    if counted is None:
        return
    with rt.transaction() as tx:
        within = form_counts.count_only(tx, counted)
    if not within:
        raise forms.too_many()


def _ask(rt: Runtime, person: UUID, told: Mapping[str, str]) -> None:
    index = rt.sealer.index("sms", told["number"])
    with rt.transaction() as tx:
        # In the order of whoever reads a STOP from this number: the number, then people.
        lock_value(tx, index)
        if people.lock(tx, person) is None or not known(tx, person):
            raise BadLink("expired")
        numbers.weigh_alone(tx)
        found = _weigh(rt, tx, person, index, told, rt.now(tx))
    if found in _REFUSED:
        raise InvalidInput({"number": _REFUSED[found]})


def _weigh(
    rt: Runtime, tx: Connection, person: UUID, index: bytes, told: Mapping[str, str], now: datetime
) -> Verdict:
    number = told["number"]
    prefix = rt.sealer.index("sms-prefix", prefix_of(number))
    id, code = new_id(), f"{secrets.randbelow(10**texting.CODE_DIGITS):0{texting.CODE_DIGITS}}"
    parts = segments(rt.library.plan(rt.library.text_message(NUMBER_CONFIRM.text)).text.fill({"code": code}))
    times = numbers.times_of_number(tx, index, now - DAY)
    sent = Sent(times, *numbers.sent_counts(tx, person, prefix, now - DAY, now - HOUR))
    barred = bool(suppressions.standing(tx, "sms", [index], NUMBER_CONFIRM.purpose, now))
    found = texting.verdict(rt.clinic.sms.limits.limits, sent, barred, parts.count, now)
    if found == "capped":
        raise_alert(rt, tx, *CAP_ALERT)
    if found in _REFUSED:
        return found
    earlier = numbers.newest(tx, person)
    if (
        found == "limited"
        and earlier is not None
        and bytes(earlier.number_index) == index
        and waits(earlier, now)
    ):
        return found  # The code that is on its way stays good.
    numbers.replace_waiting(tx, person, now)
    sealed = rt.sealer.seal("numbers", id, dict(told))
    leaves = found == "sent"
    hashed = code_hash(rt, id, code) if leaves else None
    numbers.add(tx, id, person, index, prefix, sealed, found, hashed, parts.count if leaves else 0, now)
    if leaves:
        messages.plan(tx, [_text(rt, id, person, number, code, now)], now)
    return found


def code_hash(rt: Runtime, request: UUID, code: str) -> bytes:
    """A keyed hash of a code: without the key a million tries would find it in a dump."""
    return rt.sealer.index("code", f"{request}\0{code}")


def _text(rt: Runtime, request: UUID, person: UUID, number: str, code: str, now: datetime) -> Plan:
    id = new_id()
    return Plan(
        id=id,
        kind=NUMBER_CONFIRM,
        cause="number",
        cause_id=request,
        person_id=person,
        dedup_key=f"number/{request}/confirm",
        due_at=now,
        not_after=now + CODE_LASTS,
        sealed=rt.sealer.seal("messages", id, {"to": number, "values": {"code": code}}),
    )


def _ending(rt: Runtime, row: Any, table: str = "numbers") -> str:
    if row.sealed is None:
        return ""
    told = rt.sealer.open(table, row.id, row.sealed)
    return str(told["number" if table == "numbers" else "address"])[-2:]
