"""One email as bytes for a mail server, merged by our own function."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from engage.content.merge import Plan, compile_plan, escape_values
from engage.delivery.provider import CALENDAR_NAME, Calendar, Entry, Shared

_HEADER = re.compile(r"[A-Za-z0-9-]+")


class _Policy(EmailPolicy):
    """Refuses line breaks in headers, writes bodies in seven bits, and leaves List-* headers alone: the
    standard folding turns an address longer than a line into encoded words, which no mail program follows."""

    def fold(self, name: str, value: Any) -> str:
        return _as_it_is(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        line = _as_it_is(name, value)
        return line.encode("ascii") if line else super().fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def letter_of(shared: Shared, entry: Entry, message_id: str) -> bytes:
    """The whole message. Raises ValueError when a header or an address holds what it must not, and
    MissingValue when the entry lacks a value of the text."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(shared.sender_name, addr_spec=on_the_wire(shared.sender_address))
    message["To"] = Address(addr_spec=on_the_wire(entry.to))
    if shared.reply_to:
        message["Reply-To"] = Address(addr_spec=on_the_wire(shared.reply_to))
    message["Subject"] = _plan(shared.subject).fill(entry.values)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = message_id
    for name, value in {**shared.headers, **entry.headers}.items():
        if not _HEADER.fullmatch(name) or not value.isascii():
            raise ValueError("a header that can't be written")
        message[name] = value
    message.set_content(_plan(shared.text).fill(entry.values))
    if shared.html:
        message.add_alternative(_plan(shared.html).fill(escape_values(entry.values)), subtype="html")
    if entry.calendar is not None:
        _add_calendar(message, entry.calendar)
    return message.as_bytes()


def _add_calendar(message: EmailMessage, calendar: Calendar) -> None:
    """Twice: as a third form of the letter, which mail programs show as an invitation (RFC 6047), and as a file to
    open."""
    text = calendar.content.decode()
    message.add_alternative(text, subtype="calendar", params={"method": calendar.method})
    message.add_attachment(
        calendar.content, "application", "ics", filename=CALENDAR_NAME, params={"name": CALENDAR_NAME}
    )


def on_the_wire(address: str) -> str:
    """The address in ASCII, as every mail server takes it. Raises ValueError where that can't be."""
    local, _, domain = address.rpartition("@")
    if not local or not local.isascii():
        raise ValueError("no address that every mail server takes")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def message_id_of(mark: str, sender_address: str) -> str:
    """Our own id of the message, at the sender's domain."""
    return f"<{mark}@{on_the_wire(sender_address).rpartition('@')[2]}>"


def _as_it_is(name: str, value: Any) -> str:
    return f"{name}: {value}\r\n" if name.lower().startswith("list-") else ""


@lru_cache(maxsize=256)
def _plan(text: str) -> Plan:
    return compile_plan(text)
