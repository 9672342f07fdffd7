"""SendGrid's event webhook: whether a request is SendGrid's, and its events in our words."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from engage.delivery.provider import read_mark
from engage.delivery.sendgrid_codes import DROPPED, blocked, dropped
from engage.domain.failures import Failure
from engage.domain.receipts import Event, What

if TYPE_CHECKING:
    from sendgrid.helpers.eventwebhook import EventWebhook

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
# SendGrid tries for 24 hours to hand over what we did not take.
OLDEST_SECONDS = 25 * 3600
EARLIEST_SECONDS = 300

WHAT: dict[str, What] = {
    "processed": "accepted",
    "deferred": "deferred",
    "delivered": "delivered",
    "bounce": "failed",
    "blocked": "failed",
    "dropped": "failed",
    "spamreport": "complaint",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
    "group_resubscribe": "resubscribed",
}
_CODE = re.compile(r"[\w.-]{1,40}", re.ASCII)
_PROVIDER_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_STAMP = re.compile(r"[0-9]{1,11}")


def genuine(body: bytes, signature: str, timestamp: str, keys: Sequence[str], now: datetime) -> bool:
    """Whether SendGrid signed this very body with one of ``keys``, at a time that fits ``now`` (aware UTC, real)."""
    if not _STAMP.fullmatch(timestamp):
        return False
    age = now.timestamp() - int(timestamp)
    return -EARLIEST_SECONDS <= age <= OLDEST_SECONDS and any(
        _signed(body, signature, timestamp, key) for key in keys
    )


def _signed(body: bytes, signature: str, timestamp: str, key: str) -> bool:
    try:
        b64decode(signature, validate=True)  # The vendor's own decoder skips what is not base64.
        return _verifier(key).verify_signature(body.decode("utf-8"), signature, timestamp) is True
    except Exception:
        return False


@lru_cache(maxsize=8)
def _verifier(key: str) -> EventWebhook:
    from sendgrid.helpers.eventwebhook import EventWebhook

    return EventWebhook(key)


def read(told: Mapping[str, Any], _attempt: UUID | None) -> list[Event]:
    """The events of a stored request. Raises ValueError when it is no list of events at all."""
    return parse(told["body"].encode())


def parse(body: bytes) -> list[Event]:
    """The events about our messages. Anything unknown in one of them is normal. Raises ValueError."""
    items = orjson.loads(body)
    if not isinstance(items, list):
        raise ValueError("no list of events")  # noqa: TRY004  (it is the body's value that is wrong)
    return list(_events(items))


def _events(items: Sequence[Any]) -> Iterator[Event]:
    for item in items:
        if not isinstance(item, dict):
            continue
        mark = item.get("mid")
        place = read_mark(mark) if isinstance(mark, str) else None
        if place is None:
            continue
        name = item.get("event")
        what = WHAT.get(name, "other") if isinstance(name, str) else "other"
        reason, code, failure = _failure(item) if what == "failed" else (None, _matching(_CODE, name), None)
        yield Event(
            key=_key(item),
            attempt_id=place[0],
            place=place[1],
            provider_id=_message_id(item.get("sg_message_id")),
            what=what,
            reason=reason,
            code=code,
            failure=failure,
            at=moment(item.get("timestamp")),
        )


def _failure(item: Mapping[str, Any]) -> tuple[str, str | None, Failure]:
    """Our reason, the vendor's code, and the class of a bounce, a block or a drop."""
    if item["event"] == "dropped":
        said = item.get("reason")
        words = said[:60] if isinstance(said, str) else ""
        failure = dropped(words)
        # What somebody told SendGrid is about a purpose; it is no class of failure (see domain.receipts.objection).
        return "dropped", _drop(words), "filtered" if failure == "opted_out" else failure
    code = _matching(_CODE, item.get("status"))
    if "blocked" in (item["event"], item.get("type")):
        return "blocked", code, blocked(item.get("bounce_classification"))
    return "bounced", code, "bad_address"


def _drop(words: str) -> str:
    """A drop's code: the beginning of its text that we know, as one word."""
    told = words.strip().lower()
    known = [start for start in DROPPED if told.startswith(start)]
    return max(known, key=len).replace(" ", "_") if known else "dropped"


def _key(item: Mapping[str, Any]) -> bytes:
    """SendGrid repeats events heavily; each copy has the same id. Without one, the same words are the same event."""
    id = item.get("sg_event_id")
    told = (
        id.encode("utf-8", "replace")
        if isinstance(id, str) and id
        else orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
    )
    return sha256(b"sendgrid\0" + told).digest()


def _message_id(value: object) -> str | None:
    """``sg_message_id`` begins with the X-Message-Id of the answer, a dot and more."""
    return _matching(_PROVIDER_ID, value.partition(".")[0]) if isinstance(value, str) else None


def _matching(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def moment(seconds: object) -> datetime | None:
    """A Unix time, aware UTC; None for anything that can't be one of this century."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 9.4e8 < seconds < 4.2e9:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
