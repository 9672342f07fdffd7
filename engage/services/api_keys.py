"""Keys of other systems: made once, shown once, recognised, limited, revoked."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any
from uuid import UUID

from engage.domain import api_keys as rules
from engage.domain.api_keys import SCOPES, Scope
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.storage import api_keys as rows

_SECRET_LETTERS = string.ascii_letters + string.digits


class NoSuchKey(Exception):
    """No key that works has this prefix or id."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key. ``key`` can't be shown again: only its hash is kept."""

    id: UUID
    name: str
    scopes: list[Scope]
    prefix: str
    key: str


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key as it is listed. Times are aware UTC, ``last_used_on`` the day in UTC."""

    id: UUID
    name: str
    scopes: list[str]
    prefix: str
    created_at: datetime
    created_by: str
    last_used_on: date | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the key behind a request, and what it may do."""

    key_id: UUID
    prefix: str
    scopes: frozenset[str]

    @property
    def actor(self) -> Actor:
        """The same for the audit trail."""
        return Actor(None, "api", self.prefix)


def create(rt: Runtime, actor: Actor, name: str, scopes: Iterable[Scope]) -> MadeKey:
    """A new key. Raises ValueError, with a sentence, for a name or a scope that can't be."""
    wanted = [scope for scope in SCOPES if scope in set(scopes)]
    if not wanted:
        raise ValueError(f"a key needs at least one scope of: {', '.join(SCOPES)}")
    id, name = new_id(), rules.clean_name(name)
    prefix = "".join(secrets.choice(rules.PREFIX_LETTERS) for _ in range(rules.PREFIX_LENGTH))
    secret = "".join(secrets.choice(_SECRET_LETTERS) for _ in range(rules.SECRET_LENGTH))
    key = rules.written(prefix, secret)
    with rt.transaction() as tx:
        rows.add(tx, id, name, wanted, rules.digest(key), prefix, actor.label, datetime.now(UTC))
        note(tx, rt, actor, "change", "api key", id)
    return MadeKey(id, name, wanted, prefix, key)


def listing(rt: Runtime) -> list[KnownKey]:
    """All keys, oldest first, revoked ones too."""
    with rt.transaction() as tx:
        return [KnownKey(*row) for row in rows.listing(tx)]


def revoke(rt: Runtime, actor: Actor, which: str) -> UUID:
    """Ends a key, named by its prefix or id, from its next request on. Raises NoSuchKey."""
    with rt.transaction() as tx:
        id = rows.revoke(tx, which, datetime.now(UTC))
        if id is None:
            raise NoSuchKey
        note(tx, rt, actor, "change", "api key", id)
        return id


def recognise(rt: Runtime, key: str) -> Caller | None:
    """Whose key this is; None for one that is wrong or revoked. Writes at most once a day for a right one."""
    prefix = rules.prefix_of(key)
    if prefix is None:
        return None
    row: Any | None = rt.once(lambda tx: rows.living(tx, prefix))
    if not rules.is_key(key, bytes(row.hash) if row is not None else bytes(32)) or row is None:
        return None
    today = datetime.now(UTC).date()
    if row.last_used_on != today:
        rt.once(lambda tx: rows.used(tx, row.id, today))
    return Caller(row.id, row.prefix, frozenset(row.scopes))


@dataclass(slots=True)
class _Share:
    """What this process may still let through of a key's minute; the limit is reached when it is the ``last``."""

    minute: datetime
    left: int
    last: bool


@dataclass(slots=True)
class Limiter:
    """Holds each key to so many requests a minute, in all processes together.

    A process takes shares of a fiftieth from the count in the database, so that counting costs next to nothing. A few
    of a minute's requests may be refused while another process has some of its share left.
    """

    per_minute: int
    _shares: dict[UUID, _Share] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admit(self, rt: Runtime, caller: Caller) -> int | None:
        """None when the request may go on, else the seconds until the next minute."""
        now = datetime.now(UTC)
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            share = self._shares.get(caller.key_id)
            if share is None or share.minute != minute or (share.left == 0 and not share.last):
                share = self._shares[caller.key_id] = self._take(rt, caller, minute)
            if share.left == 0:
                return 60 - now.second
            share.left -= 1
            return None

    def _take(self, rt: Runtime, caller: Caller, minute: datetime) -> _Share:
        wanted = max(1, self.per_minute // 50)
        index = rt.sealer.index("api-key", str(caller.key_id))
        before = rt.once(lambda tx: rows.count(tx, index, minute, wanted)) - wanted
        left = max(0, min(wanted, self.per_minute - before))
        return _Share(minute, left, last=left < wanted)
