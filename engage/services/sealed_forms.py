"""Values that go through a form and come back: sealed, so that only we can read or make them."""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from engage.runtime import Runtime
from engage.storage.sealed import SealError

# More than any form of ours makes; a small value must not unpack into a large one.
_LARGEST = 1_000_000


def seal(rt: Runtime, purpose: str, id: UUID, value: dict[str, Any]) -> str:
    """``value`` (JSON) for a hidden field, bound to ``purpose`` and ``id``, with the time."""
    packed = urlsafe_b64encode(zlib.compress(orjson.dumps(value))).decode("ascii")
    sealed = rt.sealer.seal(purpose, id, {"at": int(datetime.now(UTC).timestamp()), "value": packed})
    return urlsafe_b64encode(id.bytes + sealed).decode("ascii")


def unseal(rt: Runtime, purpose: str, text: str, seconds: int) -> tuple[UUID, dict[str, Any]] | None:
    """The id and the value; None when it is not ours, of another purpose, or older than ``seconds``."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii"))
        id = UUID(bytes=raw[:16])
        kept = rt.sealer.open(purpose, id, raw[16:])
    except (Base64Error, ValueError, SealError):
        return None
    if datetime.now(UTC).timestamp() - kept["at"] > seconds:
        return None
    unpacked = zlib.decompressobj().decompress(urlsafe_b64decode(kept["value"]), _LARGEST)
    value: dict[str, Any] = orjson.loads(unpacked)
    return id, value
