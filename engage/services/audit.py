"""The audit trail: who saw, changed or took out what about whom, and when. Rows hold ids only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.domain.audit_chain import LATEST, Difference, Row, Walk, made_at
from engage.ids import new_id, new_ids
from engage.runtime import Runtime
from engage.storage import audit

logger = log.get(__name__)

Action = Literal["view", "change", "export", "erase", "sign-in", "sign-out"]
# After this many differences the rest is not worth reading.
SHOWN = 20
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``staff_id`` is given exactly when ``name`` is "staff", the prefix of a key when it is "api"."""

    staff_id: UUID | None
    name: Literal["staff", "cli", "system", "person", "api"]
    key: str = ""

    @property
    def label(self) -> str:
        """As it is written down: "staff", "cli", ..., "api:k7m2q9xw"."""
        return f"{self.name}:{self.key}" if self.key else self.name


CLI = Actor(None, "cli")
SYSTEM = Actor(None, "system")
# Whom the data is about, by the signed link in a message.
PERSON = Actor(None, "person")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the whole chain found.

    ``checked`` entries were recomputed; ``unchained`` rows are too new to be covered yet, the oldest
    of them written at ``oldest_unchained`` (aware UTC). ``differences`` are at most SHOWN, the first first.
    """

    checked: int
    unchained: int
    oldest_unchained: datetime | None
    differences: list[Difference]

    @property
    def sound(self) -> bool:
        return not self.differences


def note(
    tx: Connection,
    rt: Runtime,
    actor: Actor,
    action: Action,
    what: str,
    what_id: UUID | None = None,
    person_id: UUID | None = None,
) -> None:
    """One row, in the transaction of what it is about. ``what`` is a noun such as "consultation".

    Its time is the real one: evidence does not move with development's clock.
    """
    row = Row(new_id(), datetime.now(UTC), actor.label, actor.staff_id, action, what, what_id, person_id)
    audit.add(tx, row)


def note_each(tx: Connection, actor: Actor, action: Action, what: str, people: Sequence[UUID]) -> None:
    """As ``note``, a row about each of these people, in one statement. ``what`` is about no other row."""
    at = datetime.now(UTC)
    ids = zip(new_ids(len(people)), people, strict=True)
    audit.add_many(
        tx, [Row(id, at, actor.label, actor.staff_id, action, what, None, person) for id, person in ids]
    )


def chain(rt: Runtime, limit: int = 5000) -> int:
    """Makes new rows part of the chain, in the order of their ids. Returns how many; twice at once is safe.

    A row whose transaction commits late gets a later place, so none is waited for. Nothing is added
    to a chain whose end is not the noted one: that would cover up what was taken out.
    """
    with rt.transaction() as tx:
        if not audit.try_lock_chain(tx):
            return 0
        end = audit.end_of_chain(tx)
        if _head(rt, tx) != (None if end is None else end[:2]):
            logger.error("the audit chain was changed: run `engage audit verify`")
            return 0
        walk = Walk(_sign(rt)) if end is None else Walk(_sign(rt), end[0], end[1])
        rows = audit.unchained(tx, _floor(end[2]) if end is not None else None, limit)
        if rows:
            links = [walk.append(row) for row in rows]
            audit.append(tx, links, _mark(rt, walk.seq, walk.hash))
        return len(rows)


def verify(rt: Runtime) -> Verdict:
    """Recomputes the whole chain from one moment's view of the database."""
    with rt.transaction() as tx:
        tx.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        walk, checked = _begin(rt, tx), 0
        differences: list[Difference] = []
        while links := audit.links_after(tx, walk.seq, BATCH):
            checked += len(links)
            differences += [found for link in links if (found := walk.check(link)) is not None]
        differences += filter(None, [walk.ends_at(_head(rt, tx))])
        unchained, oldest = audit.count_unchained(tx)
        differences += [
            found for row in audit.unchained(tx, None, BATCH) if (found := walk.late(row.id)) is not None
        ]
        return Verdict(checked, unchained, oldest, differences[:SHOWN])


def let_go(rt: Runtime, tx: Connection, before: datetime, limit: int = BATCH) -> int:
    """Deletes the oldest rows, those written before ``before`` (at least six years ago, or the database refuses).

    The chain begins after them then. Nothing goes that is not as it was written, and never the chain's end. Returns
    how many went.
    """
    if not audit.try_lock_chain(tx):
        return 0
    walk = _begin(rt, tx)
    links = audit.links_after(tx, walk.seq, limit + 1)
    last = None
    for link in links[:-1]:
        if link.row is None or link.row.at >= before:
            break
        if walk.check(link) is not None:
            logger.error("the audit chain was changed: run `engage audit verify`")
            break
        last = link
    return audit.let_go(tx, last, _anchor_mark(rt, last.seq, last.hash)) if last is not None else 0


def listing(
    rt: Runtime, person_id: UUID | None = None, staff_id: UUID | None = None, limit: int = 100
) -> list[Row]:
    """The newest rows about a person, or by a member of staff, or all. Reading it writes a row too."""
    with rt.transaction() as tx:
        rows = audit.listing(tx, person_id, staff_id, limit)
        note(tx, rt, CLI, "view", "audit", None, person_id)
        return rows


def _sign(rt: Runtime) -> Callable[[bytes], bytes]:
    # The key is not in the database: who can write there alone can't write a chain that fits.
    return lambda digest: rt.sealer.index("audit", digest.hex())


def _begin(rt: Runtime, tx: Connection) -> Walk:
    """A walk from where the chain begins. A note that is not ours counts as none: then its first entries are missing."""
    found = audit.anchor(tx)
    if found is not None and found[2] == _anchor_mark(rt, found[0], found[1]):
        return Walk(_sign(rt), found[0], found[1])
    return Walk(_sign(rt))


def _anchor_mark(rt: Runtime, seq: int, hash: bytes) -> bytes:
    return rt.sealer.index("audit-anchor", f"{seq}:{hash.hex()}")


def _mark(rt: Runtime, seq: int, hash: bytes) -> bytes:
    return rt.sealer.index("audit-head", f"{seq}:{hash.hex()}")


def _head(rt: Runtime, tx: Connection) -> tuple[int, bytes] | None:
    """The noted end of the chain; a note that is not ours counts as (-1, ...), which fits no chain."""
    found = audit.head(tx)
    if found is None:
        return None
    seq, hash, mark = found
    return (seq, hash) if mark == _mark(rt, seq, hash) else (-1, hash)


def _floor(id: UUID) -> UUID:
    """The smallest id of a row that may still come."""
    stamp = int((made_at(id) - LATEST).timestamp() * 1000)
    return UUID(int=stamp << 80)
