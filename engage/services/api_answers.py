"""Sending the same request twice does it once: answers are kept for a day under the name that the sender gave.

The answer is written in the transaction of the act. A crash leaves both or neither, so whoever got no answer may
always ask again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection

from engage.ids import new_id
from engage.runtime import Runtime
from engage.storage import api_answers as rows

KEPT = timedelta(hours=24)
BATCH = 5000


class OtherRequest(Exception):
    """The name was used for another request already."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given. ``headers`` are those of this answer alone, ``person`` whom it tells of."""

    status: int
    headers: Mapping[str, str]
    body: str
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """A name that this transaction's request has taken."""

    id: UUID


def claim(rt: Runtime, tx: Connection, key_id: UUID, name: str, request: bytes) -> Name | Given:
    """Takes ``name`` for ``request`` (method, address and body), or gives the answer that it got before.

    A request under the same name that is under way is waited for. Raises OtherRequest.
    """
    name_hash, body_hash = rt.sealer.index("api-name", name), _mark(rt, request)
    now = datetime.now(UTC)
    while True:
        id = new_id()
        if rows.claim(tx, id, key_id, name_hash, body_hash, now, now - KEPT):
            return Name(id)
        found = rows.one(tx, key_id, name_hash)
        if found is not None:
            break
    if bytes(found.body_hash) != body_hash:
        raise OtherRequest
    told = rt.sealer.open("api_answers", found.id, found.sealed)
    return Given(found.status, told["headers"], told["body"])


def keep(rt: Runtime, tx: Connection, name: Name, given: Given) -> None:
    """Writes the answer down, to be given again."""
    value = {"headers": dict(given.headers), "body": given.body}
    rows.keep(tx, name.id, given.status, rt.sealer.seal("api_answers", name.id, value), given.person)


def forget(rt: Runtime) -> int:
    """Lets go of answers that are older than a day, by real time. Returns how many."""
    with rt.transaction() as tx:
        return rows.forget(tx, datetime.now(UTC) - KEPT, BATCH)


def _mark(rt: Runtime, request: bytes) -> bytes:
    # Keyed: a body is a few known fields, and a bare hash of those could be guessed.
    return rt.sealer.index("api-body", sha256(request).hexdigest())
