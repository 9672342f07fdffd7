"""A yes to news by email that a person gave to staff. By text there is none: that needs the person's own agreement in
writing (47 CFR 64.1200(a)(2), (f)(9)), which the preference page takes."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from engage.domain.forms import InvalidInput
from engage.domain.messages import Channel, Purpose
from engage.runtime import Runtime
from engage.services import preferences
from engage.services.audit import Actor, note
from engage.services.preference_letters import tell_of_change
from engage.services.wishes import SOURCES
from engage.storage import consents, people, suppressions
from engage.storage import preferences as rows

CHANNEL: Channel = "email"
PURPOSE: Purpose = "marketing"
_NO_ADDRESS = (
    "There is no email address that the person confirmed. One that came from a booking system or was typed here is "
    "not enough for news: the person can agree on the page that each of our letters links to."
)
_BLOCKED = (
    "Mail to the person’s address came back or was reported as spam, so news can’t go there. Note another address "
    "first; the person then confirms it."
)


def wording(rt: Runtime) -> str:
    """The sentence that is read to the person, kept with the consent."""
    return preferences.wording(rt, PURPOSE, CHANNEL)


def record(rt: Runtime, actor: Actor, person: UUID, source: str) -> bool | None:
    """Notes that the person agreed, and tells them so by a letter with the link to change it. ``source`` is a key of
    SOURCES (KeyError else). None when there is no such (living) person; False when they had agreed already.

    Raises InvalidInput where no address may get news.
    """
    said = SOURCES[source]
    with rt.transaction() as tx:
        found = people.lock(tx, person)
        if found is None or found.state != "active":
            return None
        now = rt.now(tx)
        own = [
            row
            for row in rows.lock_contacts(tx, person, [CHANNEL])
            if row.state == "confirmed" and not row.care_only
        ]
        if not own:
            raise InvalidInput({"wish": _NO_ADDRESS})
        if preferences.hindrance(tx, own, CHANNEL, PURPOSE, now):
            raise InvalidInput({"wish": _BLOCKED})
        if consents.granted(tx, person, CHANNEL, PURPOSE):
            return False
        for row in own:
            suppressions.lift(tx, CHANNEL, bytes(row.address_index), PURPOSE, ["unsubscribed"], "staff", now)
        words = wording(rt)
        digest = sha256(words.encode()).digest()
        consents.keep_wording(tx, digest, words, now)
        consents.enter(
            tx, person, CHANNEL, PURPOSE, "granted", actor="staff", source=said, now=now, wording=digest
        )
        note(tx, rt, actor, "change", "consent", None, person)
        tell_of_change(rt, tx, person, now)
        return True
