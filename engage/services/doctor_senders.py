"""The doctor's look at senders: who carries what, what proves their callbacks, and who rests."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from engage.content.sms import segments
from engage.domain.breaker import TOLD, Breaker
from engage.domain.messages import COURSE_LESSON_TEXT
from engage.runtime import Runtime
from engage.services.health import Check
from engage.storage import senders

NAMES = {"sendgrid": "SendGrid", "twilio": "Twilio", "smtp": "SMTP"}
# Where to look when a sender refuses us.
ACCOUNTS = {
    "sendgrid": "check SENDGRID_API_KEY, its rights, the verified sender and the credits",
    "twilio": "check TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, the messaging service and its registration",
    "smtp": "check SMTP_URL's user and password and whether the server lets us send from this address",
}


def examine(rt: Runtime) -> list[Check]:
    """Routes, webhooks, the care route, whether From tells who writes, and breakers."""
    found = [routes(rt)]
    if (name := from_name(rt)) is not None:
        found.append(name)
    if (hooks := webhooks(rt)) is not None:
        found.append(hooks)
    if (care := care_route(rt)) is not None:
        found.append(care)
    return [*found, texts(rt), breakers(rt)]


def routes(rt: Runtime) -> Check:
    """Who carries which messages."""
    chosen = {"email": rt.settings.email, "care email": rt.settings.care_email, "sms": rt.settings.sms}
    local = [name for name, sender in chosen.items() if sender == "local"]
    told = ", ".join(f"{name} by {sender}" for name, sender in chosen.items())
    if local and not rt.settings.development:
        return Check("senders", False, f"{told}: `local` keeps messages here, nothing leaves")
    return Check("senders", True, told + ("; local messages are at /dev/mailbox" if local else ""))


def from_name(rt: Runtime) -> Check | None:
    """From must say who writes (CAN-SPAM): noted where its name shares no word with the clinic's; None where it does."""
    told = rt.clinic.sender.email_name
    if _words(told) & (_words(rt.clinic.name) | _words(rt.clinic.short_name)):
        return None
    words = (
        f"mails come from “{told}”, which does not name the clinic: [sender] email_name in the clinic's file"
    )
    return Check("from", True, words, note=True)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{3,}", text.casefold()))


def texts(rt: Runtime) -> Check:
    """Whether the text beside a lesson is one segment with this clinic's name and this address."""
    content = rt.library.text_message(COURSE_LESSON_TEXT.text)
    link = rt.links.url("lesson", UUID(int=0))
    found = segments(rt.library.plan(content).text.fill({"lesson_url": link}))
    told = (
        f"the text beside a lesson has {found.units} characters of {found.encoding}, {found.count} segment(s)"
    )
    if found.count > 1:
        return Check(
            "texts",
            False,
            f"{told}, each paid for: a shorter short_name in the clinic's file, or a shorter host in ENGAGE_BASE_URL",
        )
    return Check("texts", True, told)


def webhooks(rt: Runtime) -> Check | None:
    """What proves that a callback is the vendor's; None where no vendor is used."""
    settings = rt.settings
    keys = {"sendgrid": len(settings.sendgrid_public_keys), "twilio": len(settings.twilio_auth_tokens)}
    used = {name: count for name, count in keys.items() if name in settings.senders}
    if not used:
        return None
    if missing := [NAMES[name] for name, count in used.items() if not count]:
        return Check(
            "webhooks",
            False,
            f"{' and '.join(missing)} can't be verified, so what it tells is refused and doubtful mail stays"
            " unknown: set SENDGRID_WEBHOOK_PUBLIC_KEY (docs/providers.md)",
        )
    told = ", ".join(f"{NAMES[name]}: {_keys(count)}" for name, count in used.items())
    rotating = any(count > 1 for count in used.values())
    return Check(
        "webhooks",
        True,
        told + ("; take the old one out when the new one is in use everywhere" if rotating else ""),
        note=rotating,
    )


def _keys(count: int) -> str:
    return "one key" if count == 1 else f"{count} keys, a rotation is under way"


def care_route(rt: Runtime) -> Check | None:
    """In production, plainly, when care mail leaves by a sender that no agreement covers."""
    if rt.settings.development or rt.settings.care_email != "sendgrid":
        return None
    return Check(
        "care email",
        True,
        "goes by SendGrid, which signs no HIPAA business-associate agreement. These mails name no condition and no"
        " treatment; where the law asks for an agreement, set ENGAGE_CARE_EMAIL=smtp and a server under one",
        note=True,
    )


def breakers(rt: Runtime) -> Check:
    """Who rests, why and until when."""
    try:
        with rt.transaction() as tx:
            rows = senders.everyone(tx)
    except SQLAlchemyError:
        return Check("breakers", False, "unknown: the database can't be reached or has no tables yet")
    resting = [_resting(row.sender, senders.breaker_of(row), row.now) for row in rows if row.rest_until]
    if resting:
        return Check("breakers", False, "; ".join(resting))
    failing = [f"{row.sender}: the last {row.failures} failed" for row in rows if row.failures]
    return Check("breakers", True, "; ".join(failing) or "no sender rests", note=bool(failing))


def _resting(key: str, breaker: Breaker, now: datetime) -> str:
    channel, _, name = key.partition(":")
    who = f"{channel} by {name}"
    assert breaker.until is not None
    rest = (
        f"rests until {breaker.until:%H:%M:%S} UTC"
        if breaker.until > now
        else "is tried with one message now"
    )
    if breaker.refuses:
        why = "it refuses our account" + (", by receipts of what it takes" if breaker.reason == TOLD else "")
        return f"{who} {rest} (time {breaker.rests}), since {why}: {ACCOUNTS.get(name, 'check its settings')}"
    return (
        f"{who} {rest} (time {breaker.rests}), since {breaker.failures} requests in a row failed: see its status page,"
        " and whether this machine reaches it; it goes on by itself"
    )
