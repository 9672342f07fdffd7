"""The list that is ticked before a new installation writes to everybody: what the system sees, and what people say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Slug = Literal["sender", "webhooks", "address", "hours", "care-email", "texts", "backup"]

# The postal address of the clinic.toml that comes with Engage (a test compares them).
EXAMPLE_ADDRESS = "120 Larkspur Lane, Suite 4, Albany, NY 12207"
NAMES = {"sendgrid": "SendGrid", "smtp": "the mail server (SMTP)", "twilio": "Twilio", "local": "local"}
# Vendors that tell what became of a message, and so need keys here and an address there.
VENDORS = ("sendgrid", "twilio")


@dataclass(frozen=True, slots=True)
class Tick:
    """Who said so, when (aware UTC, real), and of what: once that has changed, the tick counts no more."""

    by: str
    staff_id: str
    at: datetime
    about: str


@dataclass(frozen=True, slots=True)
class Item:
    """``words`` say what is, ``cure`` what is to be done while it is not ``done``. ``about`` is what a tick is about,
    None where nobody is asked, and ``say`` what whoever ticks it says; ``seen`` what the system found, None where only a
    person can tell."""

    slug: Slug
    title: str
    words: str
    cure: str = ""
    seen: bool | None = None
    about: str | None = None
    say: str = ""
    tick: Tick | None = None

    @property
    def done(self) -> bool:
        return self.seen is not False and (self.about is None or self.tick is not None)


@dataclass(frozen=True, slots=True)
class Found:
    """All that the list is made of. Senders by name; ``delivered`` are those that a test message arrived by, as
    (channel, sender); ``keys`` are the vendors whose callbacks can be verified, ``heard`` those that have spoken;
    ``made_up`` what in the clinic's file is still the example's; ``hours`` the clinic's hours in words."""

    email: str
    care_email: str
    sms: str
    delivered: frozenset[tuple[str, str]] = frozenset()
    keys: frozenset[str] = frozenset()
    heard: frozenset[str] = frozenset()
    made_up: Sequence[str] = ()
    hours: str = ""
    ticks: Mapping[str, Tick] = field(default_factory=dict)


def items(found: Found) -> list[Item]:
    """The list, in the order in which it is best worked off."""
    told = [_address(found), _sender(found), _webhooks(found), _texts(found), _care(found), _hours(found)]
    return [*told, _backup(found)]


def tick_of(kept: Mapping[str, Any]) -> Tick:
    """A tick as it was stored."""
    return Tick(kept["by"], kept.get("staff_id") or "", datetime.fromisoformat(kept["at"]), kept["about"])


def _address(found: Found) -> Item:
    title = "The clinic’s own address"
    if found.made_up:
        words = f"Still the example’s: {', '.join(found.made_up)}."
        cure = (
            "Every mail must name where the sender really is (CAN-SPAM): put your own into the clinic’s file."
        )
        return Item("address", title, words, cure, seen=False)
    return Item("address", title, "Postal address and mail addresses are no longer the example’s.", seen=True)


def _sender(found: Found) -> Item:
    title, routes = "Mail arrives", sorted({found.email, found.care_email})
    if "local" in routes:
        words = "Mail is kept here by “local”, and reaches nobody."
        cure = "Set ENGAGE_EMAIL and ENGAGE_CARE_EMAIL (docs/providers.md)."
        return Item("sender", title, words, cure, seen=False)
    missing = [sender for sender in routes if ("email", sender) not in found.delivered]
    if missing:
        lanes = " and ".join(_lane(found, sender) for sender in missing)
        words = f"No test mail has arrived yet by {' or '.join(NAMES[one] for one in missing)}."
        return Item("sender", title, words, f"Send one: {lanes}.", seen=False)
    return Item(
        "sender", title, f"A test mail arrived by {' and by '.join(NAMES[one] for one in routes)}.", seen=True
    )


def _lane(found: Found, sender: str) -> str:
    lane = "service" if sender == found.email else "care"
    return f"`engage messages test --channel email --lane {lane} --to you@example.org`"


def _webhooks(found: Found) -> Item:
    title = "What became of a message comes back"
    used = [vendor for vendor in VENDORS if vendor in (found.email, found.care_email, found.sms)]
    if not used:
        return Item("webhooks", title, "No sender here calls back; there is nothing to set.", seen=True)
    if keyless := [NAMES[vendor] for vendor in used if vendor not in found.keys]:
        words = f"What {' and '.join(keyless)} tells can’t be verified, so it is refused."
        return Item("webhooks", title, words, "Set the webhook’s keys (docs/providers.md).", seen=False)
    if silent := [NAMES[vendor] for vendor in used if vendor not in found.heard]:
        words = f"The keys are set, and nothing has come from {' or '.join(silent)} yet."
        cure = "Give the vendor this server’s address (docs/providers.md), then send a test message."
        return Item("webhooks", title, words, cure, seen=False)
    words = f"{' and '.join(NAMES[vendor] for vendor in used)} called back, and the key was right."
    return Item("webhooks", title, words, seen=True)


def _texts(found: Found) -> Item:
    title = "Texts"
    if found.sms == "local":
        words = "Texts are kept here by “local”, and reach nobody."
        cure = "Set ENGAGE_SMS, or say that this clinic sends no texts."
        return _asked(found, Item("texts", title, words, cure, about="local", say="We send no texts"))
    if ("sms", found.sms) not in found.delivered:
        words = f"No test text has arrived yet by {NAMES[found.sms]}."
        cure = (
            "Send one to your own number: `engage messages test --channel sms --lane care --to +15185550123`."
        )
        return Item("texts", title, words, cure, seen=False)
    return Item("texts", title, f"A test text arrived by {NAMES[found.sms]}.", seen=True)


def _care(found: Found) -> Item:
    title = "The way of mail about visits is decided"
    if found.care_email == "sendgrid":
        words = (
            "Mail about visits goes by SendGrid, which signs no HIPAA business-associate agreement. These mails name no "
            "condition and no treatment; that somebody is a patient here may be health information all the same."
        )
        cure = (
            "Ask your counsel. Then say that this is your decision, or set ENGAGE_CARE_EMAIL=smtp and use a "
            "mail server under an agreement."
        )
    else:
        words = f"Mail about visits goes by {NAMES[found.care_email]}."
        cure = "Say that whoever runs it has signed a business-associate agreement, or that you need none."
    return _asked(found, Item("care-email", title, words, cure, about=found.care_email, say="It is decided"))


def _hours(found: Found) -> Item:
    words = f"As set: {found.hours}. Rules of states narrow them further (docs/hours.md)."
    cure = "Say that these are the hours you want; they stand under [decent_hours] in the clinic’s file."
    return _asked(
        found, Item("hours", "Quiet hours", words, cure, about=found.hours, say="These are our hours")
    )


def _backup(found: Found) -> Item:
    words = "The database is backed up, the keys are kept apart from it, and a restore was tried (docs/backup.md)."
    cure = "Only a person can know: say that it is so."
    return _asked(found, Item("backup", "Backup", words, cure, about="backup", say="There is one"))


def _asked(found: Found, item: Item) -> Item:
    """The item with its tick, unless that was about something else."""
    tick = found.ticks.get(item.slug)
    if tick is None or tick.about != item.about:
        return item
    return replace(item, cure="", tick=tick)
