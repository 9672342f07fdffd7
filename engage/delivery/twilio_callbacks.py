"""Twilio's webhooks: whether a request is Twilio's, and what it says in our words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from uuid import UUID

from werkzeug.datastructures import MultiDict

from engage.delivery.twilio_codes import meaning_of
from engage.domain.failures import Meaning
from engage.domain.receipts import Event, Inbound, What

if TYPE_CHECKING:
    from twilio.request_validator import RequestValidator

SIGNATURE = "X-Twilio-Signature"
MOST_FIELDS = 500
OPT_OUT_TYPES = frozenset({"STOP", "START", "HELP"})

# accepted < queued < sending < sent < {delivered, undelivered, failed, canceled} < read
WHAT: dict[str, What] = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "accepted",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
_CODE = re.compile(r"[0-9]{1,6}")
_SID = re.compile(r"[\w-]{1,64}", re.ASCII)
_STATUS = re.compile(r"[a-z_-]{1,30}")

Pairs = Sequence[tuple[str, str]]


def fields(body: bytes) -> list[tuple[str, str]]:
    """A form as it was sent: nothing stripped, empty and repeated fields kept. Raises ValueError."""
    return parse_qsl(
        body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
    )


def genuine(url: str, body: bytes, signature: str, tokens: Sequence[str]) -> bool:
    """Whether Twilio signed this form for this address, as it knows it, with one of ``tokens``."""
    return any(_signed(url, body, signature, token) for token in tokens)


def _signed(url: str, body: bytes, signature: str, token: str) -> bool:
    try:
        # The validator tries the address with and without its port.
        return _validator(token).validate(url, MultiDict(fields(body)), signature) is True
    except Exception:
        return False


@lru_cache(maxsize=8)
def _validator(token: str) -> RequestValidator:
    from twilio.request_validator import RequestValidator

    return RequestValidator(token)


def status_mark(pairs: Pairs) -> tuple[str, str, str]:
    """What makes one status callback the same as another: the message's id, its status, the error's code."""
    form = _first(pairs)
    return _sid(form), form.get("MessageStatus", form.get("SmsStatus", "")), form.get("ErrorCode", "")


def inbound_mark(pairs: Pairs) -> str:
    """What makes one incoming message the same as another; empty when it has no id."""
    return _sid(_first(pairs))


def read(told: Mapping[str, Any], attempt: UUID | None) -> list[Event]:
    """The event of a stored status callback."""
    return [_event(*status_mark(told["form"]), attempt)]


def read_fetched(told: Mapping[str, Any], attempt: UUID | None) -> list[Event]:
    """The event that a message as Twilio's API shows it amounts to."""
    sid, status, code = (str(told["message"].get(name) or "") for name in ("sid", "status", "error_code"))
    return [_event(sid, status, code, attempt)]


def _event(sid: str, status: str, code: str, attempt: UUID | None) -> Event:
    status = status.strip().lower()
    what = WHAT.get(status, "other")
    said = code if _CODE.fullmatch(code) else None
    meaning = _class(status, said) if what == "failed" else None
    failure = None if meaning == "ambiguous" else meaning
    if meaning == "ambiguous":
        what = "unclear"
    failed = what == "failed"
    reason = (
        ("cancelled_there" if status == "canceled" else None if said else "not_delivered") if failed else None
    )
    return Event(
        key=sha256("\0".join(("twilio", sid, status, code)).encode("utf-8", "replace")).digest(),
        attempt_id=attempt,
        place=0,
        provider_id=sid if _SID.fullmatch(sid) else None,
        what=what,
        reason=reason,
        code=said if meaning else status if _STATUS.fullmatch(status) else None,
        failure=failure,
    )


def _class(status: str, code: str | None) -> Meaning:
    return "invalid" if status == "canceled" and code is None else meaning_of(code)


def read_inbound(told: Mapping[str, Any], _attempt: UUID | None) -> list[Inbound]:
    """The message of a stored inbound callback. Raises ValueError when it has no id or sender."""
    form = _first(told["form"])
    sid, media = _sid(form), form.get("NumMedia", "0")
    if not _SID.fullmatch(sid) or not form.get("From"):
        raise ValueError("no message")
    kind = form.get("OptOutType", "").upper()
    return [
        Inbound(
            provider_id=sid,
            sender=form["From"],
            to=form.get("To", ""),
            body=form.get("Body", ""),
            media=int(media) if media.isascii() and media.isdigit() and len(media) < 4 else 0,
            opt_out_type=kind if kind in OPT_OUT_TYPES else None,
        )
    ]


def _sid(form: Mapping[str, str]) -> str:
    return form.get("MessageSid") or form.get("SmsSid") or form.get("SmsMessageSid") or ""


def _first(pairs: Iterable[Sequence[str]]) -> dict[str, str]:
    form: dict[str, str] = {}
    for name, value in pairs:
        form.setdefault(name, value)
    return form
