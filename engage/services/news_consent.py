"""News by email, as a person told staff: a yes that was read to them, or no more of it. By text there is no yes: that
needs the person's own agreement in writing (47 CFR 64.1200(a)(2), (f)(9)), which the preference page takes."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.forms import InvalidInput
from engage.domain.inbound import STOP_SOURCE
from engage.domain.messages import CHANNELS, Channel, Purpose
from engage.runtime import Runtime
from engage.services import opt_outs, preferences
from engage.services.audit import Actor, note
from engage.services.preference_letters import tell_of_news
from engage.services.wishes import SOURCES
from engage.storage import consents, people, suppressions
from engage.storage import preferences as rows

CHANNEL: Channel = "email"
PURPOSE: Purpose = "marketing"
# How a yes may have been said: only then can the sentence have been read out.
SPOKEN = ("telephone", "in-person")
_SAID = (
    "A yes to news counts when the sentence was read to the person. In a letter or email they can be told of the page "
    "where they choose it themselves."
)
_CHANGED = "The sentence has changed since this page was opened. Please read it to the person as it is now."
_NO_ADDRESS = (
    "There is no email address that the person confirmed. One that came from a booking system or was typed here is "
    "not enough for news: the person can agree on the page that each of our letters links to."
)
_BLOCKED = (
    "News can’t go to the person’s address: see below what speaks against it. They can give and confirm another on the "
    "page that each of our letters links to."
)
_SHARED = (
    "Somebody else who has this address wants no news there. The person can agree on the page that each of our letters "
    "links to."
)


def wording(rt: Runtime) -> str:
    """The sentence that is read to the person, kept with the consent."""
    return preferences.wording(rt, PURPOSE, CHANNEL)


def agree(rt: Runtime, actor: Actor, person: UUID, source: str, mark: str) -> bool | None:
    """Notes that the person agreed, and tells them so by a letter with the link to change it. ``source`` is a key of
    SOURCES (KeyError else), ``mark`` that of the sentence which was read (``preferences.mark_of``). None when there is no
    such (living) person; False when news could go to them already.

    Raises InvalidInput where no address may get news, or the yes can't count.
    """
    said, words = SOURCES[source], wording(rt)
    if source not in SPOKEN:
        raise InvalidInput({"wish": _SAID})
    if mark != preferences.mark_of(words):
        raise InvalidInput({"wish": _CHANGED})
    with rt.transaction() as tx:
        found = people.lock(tx, person)
        if found is None or found.state != "active":
            return None
        now = rt.now(tx)
        lifted = _open(tx, person, now)
        granted = consents.granted(tx, person, CHANNEL, PURPOSE)
        if granted and not lifted:
            return False
        if not granted:
            digest = sha256(words.encode()).digest()
            consents.keep_wording(tx, digest, words, now)
            consents.enter(
                tx, person, CHANNEL, PURPOSE, "granted", actor="staff", source=said, now=now, wording=digest
            )
        note(tx, rt, actor, "change", "consent", None, person)
        tell_of_news(rt, tx, person, now)
        return True


def _open(tx: Connection, person: UUID, now: datetime) -> bool:
    """Lets news to the person's confirmed addresses again; whether any was shut. Raises InvalidInput."""
    contacts = rows.lock_contacts(tx, person, [CHANNEL])
    own = [row for row in contacts if row.state == "confirmed" and not row.care_only]
    if not own:
        raise InvalidInput({"wish": _NO_ADDRESS})
    if preferences.hindrance(tx, own, CHANNEL, PURPOSE, now):
        raise InvalidInput({"wish": _BLOCKED})
    indexes = [bytes(row.address_index) for row in own]
    shut = list(suppressions.standing(tx, CHANNEL, indexes, PURPOSE, now))
    if shut and _of_others(tx, person, shut):
        raise InvalidInput({"wish": _SHARED})
    for index in shut:
        suppressions.lift(tx, CHANNEL, index, PURPOSE, [opt_outs.REASON], "staff", now)
    return bool(shut)


def _of_others(tx: Connection, person: UUID, indexes: list[bytes]) -> bool:
    return any(
        row.person_id != person for index in indexes for row in people.lock_contacts_at(tx, CHANNEL, index)
    )


def stop(rt: Runtime, actor: Actor, person: UUID, source: str) -> bool | None:
    """Notes that the person wants no more news, by email or text; all else goes on. ``source`` as for ``agree``. None when
    there is no such (living) person; False when none could go to them."""
    said = STOP_SOURCE + SOURCES[source]
    with rt.transaction() as tx:
        found = people.lock(tx, person)
        if found is None or found.state != "active":
            return None
        now = rt.now(tx)
        changed = False
        for row in rows.lock_contacts(tx, person, list(CHANNELS)):
            if row.state not in ("pending", "replaced"):
                suppressions.add(tx, row.channel, bytes(row.address_index), PURPOSE, opt_outs.REASON, now)
        for channel in CHANNELS:
            if consents.granted(tx, person, channel, PURPOSE):
                consents.enter(tx, person, channel, PURPOSE, "withdrawn", actor="staff", source=said, now=now)
                changed = True
            changed = rows.end_planned(tx, person, channel, [PURPOSE], now) > 0 or changed
        note(tx, rt, actor, "change", "consent", None, person)
        return changed
