"""Mail to the address for leaving (the ``mailto:`` of List-Unsubscribe), as a mail server pipes it."""

from __future__ import annotations

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from hashlib import sha256
from typing import Literal

from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import follow_ups, unsubscribe
from engage.services.consultation_work import deadline
from engage.storage import inbound

Taken = Literal["unsubscribed", "asked", "known"]
# What is longer is cut: nobody needs it to leave.
LONGEST = 256 * 1024
_KEPT = 4000
# Where mail programs and servers keep the address that was written to.
_ADDRESSED = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_TOKEN = re.compile(r"(?<![\w-])[\w-]{48}(?![\w-])", re.ASCII)


def take(rt: Runtime, raw: bytes) -> Taken:
    """Unsubscribes whom the first good token in subject or addresses names; anything else becomes a follow-up.

    Never raises for what is in the mail, whatever that is. The same mail twice changes nothing: "known".
    """
    told = _read(raw[:LONGEST])
    # A copy may come by another way, so what servers add to it does not count.
    same = "\0".join((told["id"], told["from"], told["subject"], told["words"])).encode()
    digest = sha256(same if told["id"] else raw[:LONGEST]).digest()
    done = _left(rt, told)
    id = new_id()
    sealed = None if done else rt.sealer.seal("inbound_mails", id, told)
    with rt.transaction() as tx:
        now = rt.now(tx)
        outcome = "unsubscribed" if done else "asked"
        if not inbound.keep_mail(tx, id, digest, outcome, sealed, now):
            return "known"
        if not done:
            key = f"mailed/{id}"
            follow_ups.add(tx, rt, "mailed", "inbound-mail", id, None, deadline(rt, now), key)
    return "unsubscribed" if done else "asked"


def _left(rt: Runtime, told: dict[str, str]) -> bool:
    for token in dict.fromkeys(_TOKEN.findall(f"{told['subject']} {told['to']}")):
        try:
            unsubscribe.unsubscribe(rt, token, "mail")
        except BadLink:
            continue
        return True
    return False


def _read(raw: bytes) -> dict[str, str]:
    """id, from, to, subject, words: what can be read of it."""
    try:
        mail = BytesParser(policy=policy.default).parsebytes(raw)
    except Exception:
        return {"id": "", "from": "", "to": "", "subject": "", "words": _plain(raw)}
    told = {
        "id": _header(mail, "Message-ID"),
        "from": _header(mail, "From"),
        "to": " ".join(_header(mail, name) for name in _ADDRESSED),
        "subject": _header(mail, "Subject"),
    }
    return {**told, "words": _words(mail)}


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return " ".join(_safe(str(value)) for value in mail.get_all(name, []))
    except Exception:
        return ""


def _words(mail: EmailMessage) -> str:
    try:
        body = mail.get_body(("plain", "html"))
        return _safe(str(body.get_content()))[:_KEPT] if body is not None else ""
    except Exception:
        return ""


def _plain(raw: bytes) -> str:
    return _safe(raw[:_KEPT].decode("utf-8", "replace"))


def _safe(text: str) -> str:
    # Lone surrogates stand for bytes that are no text; they can't be sealed.
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
