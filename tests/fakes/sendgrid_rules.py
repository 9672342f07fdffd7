"""What SendGrid refuses in a mail/send body, as its documentation and its answers have it. Pure."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Iterator
from typing import Any

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#"
MOST = 1000
MOST_BYTES = 10_000
RESERVED = {
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
}
ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@(?=.{3,254}$)([A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")
# A type is bare, but that a calendar may say what it asks for (people's findings; the documents forbid any ";").
TYPE = re.compile(r"[^;\r\n]+|text/calendar; ?method=[A-Za-z]+")
Error = dict[str, str | None]


def error(message: str, field: str | None = None, topic: str | None = None) -> Error:
    return {"message": message, "field": field, "help": f"{HELP}{topic}" if topic else None}


def refusals(mail: Any, refused: frozenset[str] = frozenset()) -> list[Error]:
    """All that is wrong with the body; nothing when SendGrid would take it. ``refused`` are addresses it dislikes."""
    if not isinstance(mail, dict):
        return [error("Bad Request")]
    return [*_envelope(mail), *_content(mail), *_attachments(mail), *_personalizations(mail, refused)]


def _envelope(mail: dict[str, Any]) -> Iterator[Error]:
    sender = mail.get("from")
    if not isinstance(sender, dict) or not sender.get("email"):
        yield error(
            "The from object must be provided for every email send. It is an object that requires the email parameter, "
            'but may also contain a name parameter.  e.g. {"email" : "example@example.com"}  or '
            '{"email" : "example@example.com", "name" : "Example Recipient"}.',
            "from.email",
            "message.from",
        )
    elif not _is_address(sender["email"]):
        yield error("Does not contain a valid address.", "from.email", "message.from")
    reply_to = mail.get("reply_to")
    if reply_to is not None and not (isinstance(reply_to, dict) and _is_address(reply_to.get("email"))):
        yield error("Does not contain a valid address.", "reply_to.email", "message.reply-to")
    categories = mail.get("categories", [])
    if len(categories) > 10 or len(set(categories)) != len(categories):
        yield error(
            "You may have up to 10 unique categories per message.", "categories", "message.categories"
        )
    send_at = mail.get("send_at")
    if send_at is not None and (not isinstance(send_at, int) or send_at > time.time() + 72 * 3600):
        yield error("Scheduling more than 72 hours in advance is forbidden.", "send_at", "message.send_at")
    yield from _headers(mail.get("headers"), "headers")
    yield from _arguments(mail.get("custom_args"), "custom_args")


def _content(mail: dict[str, Any]) -> Iterator[Error]:
    if mail.get("template_id"):
        return
    content = mail.get("content")
    if not isinstance(content, list) or not content:
        yield error(
            "Unless a valid template_id is provided, the content parameter is required. There must be at least one "
            "defined content block.",
            "content",
            "message.content",
        )
        return
    types = []
    for place, part in enumerate(content):
        part = part if isinstance(part, dict) else {}
        if not isinstance(part.get("value"), str) or not part["value"]:
            yield error(
                "The content value must be a string at least one character in length.",
                f"content.{place}.value",
                "message.content.value",
            )
        types.append(part.get("type"))
        if not part.get("type"):
            yield error("The content type is required.", f"content.{place}.type", "message.content.type")
        elif not TYPE.fullmatch(part["type"]):
            yield error(
                "The content type cannot contain ';', or CRLF characters.",
                f"content.{place}.type",
                "message.content.type",
            )
    order = [kind for kind in types if kind in ("text/plain", "text/html")]
    if (
        order not in (["text/plain"], ["text/html"], ["text/plain", "text/html"], [])
        or types != order + types[len(order) :]
    ):
        yield error(
            "If present, text/plain and text/html may only be provided once.  If both are provided, text/plain must "
            "be first, followed by text/html, followed by any other content.",
            "content",
            "message.content",
        )


def _attachments(mail: dict[str, Any]) -> Iterator[Error]:
    for place, given in enumerate(mail.get("attachments", ())):
        where = f"attachments.{place}"
        if not _is_base64(given.get("content")):
            yield error(
                "The attachment content must be base64 encoded.",
                f"{where}.content",
                "message.attachments.content",
            )
        if not given.get("filename"):
            yield error(
                "The attachment filename is required.", f"{where}.filename", "message.attachments.filename"
            )
        if not TYPE.fullmatch(given.get("type", "application/octet-stream")):
            yield error(
                "The attachment type cannot contain ';', or CRLF characters.",
                f"{where}.type",
                "message.attachments.type",
            )
        if given.get("disposition", "attachment") not in ("attachment", "inline"):
            yield error(
                'The disposition of your attachment can be either "inline" or "attachment".',
                f"{where}.disposition",
                "message.attachments.disposition",
            )


def _is_base64(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(base64.b64decode(value, validate=True))
    except binascii.Error:
        return False


def _personalizations(mail: dict[str, Any], refused: frozenset[str]) -> Iterator[Error]:
    people = mail.get("personalizations")
    topic = "-Personalizations-Errors"
    if not isinstance(people, list) or not people:
        yield error(
            "The personalizations field is required and must have at least one personalization.",
            "personalizations",
            topic,
        )
        return
    if len(people) > MOST:
        yield error(f"The personalizations field may hold at most {MOST} objects.", "personalizations", topic)
    everyone = 0
    for place, person in enumerate(people):
        where = f"personalizations.{place}"
        if not isinstance(person, dict):
            yield error("Invalid type. Expected: object.", where, topic)
            continue
        addresses: list[str] = []
        for kind in ("to", "cc", "bcc"):
            yield from _recipients(person, kind, where, refused, addresses)
        everyone += len(addresses)
        if len(set(addresses)) != len(addresses):
            yield error(
                "Each email address in the personalization block should be unique between to, cc, and bcc. We found "
                "the first duplicate instance in the personalizations field.",
                where,
                "message.recipient-errors",
            )
        subject = person.get("subject", mail.get("subject"))
        if not mail.get("template_id") and (not isinstance(subject, str) or not subject):
            yield error(
                "The subject is required. You can get around this requirement if you use a template with a subject "
                "defined or if every personalization has a subject defined.",
                "subject",
                "message.subject",
            )
        yield from _headers(person.get("headers"), f"{where}.headers")
        yield from _arguments(person.get("custom_args"), f"{where}.custom_args")
        yield from _strings(person.get("substitutions"), f"{where}.substitutions", "substitutions")
    if everyone > MOST:
        yield error(f"The total number of recipients must be no more than {MOST}.", "personalizations", topic)


def _recipients(
    person: dict[str, Any], kind: str, where: str, refused: frozenset[str], addresses: list[str]
) -> Iterator[Error]:
    topic = f"message.personalizations.{kind}"
    given = person.get(kind)
    if kind == "to" and (not isinstance(given, list) or not given):
        yield error(
            "The to array is required for all personalization objects, and must have at least one email object with a "
            "valid email address.",
            f"{where}.to",
            topic,
        )
        return
    for place, recipient in enumerate(given or ()):
        address = recipient.get("email") if isinstance(recipient, dict) else None
        field = f"{where}.{kind}.{place}.email"
        if not address:
            yield error(f"The {kind} email parameter is required.", field, topic)
        elif not isinstance(address, str):
            yield error("Invalid type. Expected: string.", field, topic)
        elif not _is_address(address) or address.lower() in refused:
            yield error("Does not contain a valid address.", field, topic)
        else:
            addresses.append(address.lower())


def _headers(headers: Any, where: str) -> Iterator[Error]:
    yield from _strings(headers, where, "headers", most=None)
    for name in headers if isinstance(headers, dict) else ():
        if name.lower() in RESERVED:
            yield error(
                f"The {name} header is a reserved header and may not be set.",
                f"{where}.{name}",
                "message.headers",
            )
        elif not name.isascii():
            yield error("Header names must be ASCII.", f"{where}.{name}", "message.headers")


def _arguments(arguments: Any, where: str) -> Iterator[Error]:
    yield from _strings(arguments, where, "custom_args")


def _strings(given: Any, where: str, what: str, most: int | None = MOST_BYTES) -> Iterator[Error]:
    topic = f"message.{what}"
    if given is None:
        return
    if not isinstance(given, dict):
        yield error("Invalid type. Expected: object.", where, topic)
        return
    size = 0
    for key, value in given.items():
        if not isinstance(value, str):
            yield error("Invalid type. Expected: string.", f"{where}.{key}", topic)
        else:
            size += len(key.encode()) + len(value.encode())
    if most is not None and size > most:
        yield error(f"The {what} are larger than {most} bytes.", where, topic)


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and ADDRESS.fullmatch(value) is not None
