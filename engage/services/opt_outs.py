"""The end of texts to a number, and their coming back: for everybody who has the number, in one transaction. What one
STOP ended comes back with the START that answers it; what ended otherwise does not.

The locks are those that a claim needs (people, then contacts), so nothing is claimed after a STOP has committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.inbound import STOP_SOURCE
from engage.domain.messages import COURSE_LESSON, KINDS, OPT_OUTS
from engage.runtime import Runtime
from engage.services import courses
from engage.services.opening import opened
from engage.storage import consents, opt_outs, suppressions

# The suppression of a STOP, and what is left of it where reminders stay.
ALL, KEPT_AWAY = "all", ("education", "marketing")
REASON = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Holders:
    """A locked number: who has it. ``contacts`` of living people, oldest first; ``standing`` suppressions."""

    index: bytes
    contacts: list[Any]
    standing: list[Any]

    @property
    def people(self) -> list[UUID]:
        """Everybody who has the number, each once."""
        return list(dict.fromkeys(row.person_id for row in self.contacts))

    @property
    def sure(self) -> list[UUID]:
        """Those whose number it surely is."""
        return list(dict.fromkeys(row.person_id for row in self.contacts if row.state == "confirmed"))

    @property
    def present(self) -> list[UUID]:
        """Those who have not told us of another number since."""
        return list(dict.fromkeys(row.person_id for row in self.contacts if row.state != "replaced"))

    @property
    def stopped(self) -> list[Any]:
        """What the number's holder has against all texts."""
        return [row for row in self.standing if row.scope == ALL and row.reason in OPT_OUTS]

    def only(self) -> UUID | None:
        """The person, where it is one."""
        return self.people[0] if len(self.people) == 1 else None


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a STOP did. ``episode`` is the suppression that it made, None when texts had ended before; ``care`` says
    that somebody agreed to reminders and may keep them."""

    episode: UUID | None
    care: bool
    withdrawn: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Started:
    """What a START did: the episode that it ended, and (person, purpose) that it brought back."""

    episode: UUID | None
    resumed: list[tuple[UUID, str]] = field(default_factory=list)


def lock(tx: Connection, index: bytes, now: datetime) -> Holders:
    """The number with all who have it, locked until the transaction ends."""
    contacts = opt_outs.lock_holders(tx, "sms", index)
    return Holders(index, contacts, opt_outs.standing(tx, "sms", index, now))


def stop(
    tx: Connection, holders: Holders, how: str, actor: str, now: datetime, cause: UUID | None = None
) -> Stopped:
    """Ends all texts to the number. ``how`` is the ledger's source, such as "by text message". Twice does no harm.

    A course that came by text alone ends with them. Whoever had the number once and has another now keeps what they agreed to: it is not about this number any more.
    """
    granted = opt_outs.granted(tx, "sms", holders.present)
    for person, purpose in granted:
        source = STOP_SOURCE + how
        consents.enter(
            tx, person, "sms", purpose, "withdrawn", actor=actor, source=source, now=now, message=cause
        )
        if purpose == COURSE_LESSON.purpose:
            courses.leave(tx, person, "sms", now)
    limited = any(row.scope in KEPT_AWAY and row.reason == REASON for row in holders.standing)
    suppressions.add(tx, "sms", holders.index, ALL, REASON, now, cause)
    made = [row for row in opt_outs.standing(tx, "sms", holders.index, now) if row.scope == ALL]
    # One confirmation an episode: what the vendor told us counts too, since it has answered there.
    episode = None if holders.stopped else next((row.id for row in made if row.reason == REASON), None)
    contacts = [row.id for row in holders.contacts]
    but = [kind.name for kind in KINDS.values() if kind.despite_opt_out]
    cancelled = opt_outs.cancel_texts(tx, holders.index, holders.people, contacts, but, now)
    care = any(purpose == "care" for _, purpose in granted) and not limited
    return Stopped(episode, care, len(granted), cancelled)


def start(
    rt: Runtime,
    tx: Connection,
    holders: Holders,
    how: str,
    actor: str,
    now: datetime,
    cause: UUID | None = None,
    by: str = "the number's holder",
) -> Started:
    """Lets the number have texts again: what was agreed to before the STOP and ended by it, courses that came by text
    alone among them, and nothing else.

    Only for people whose number it surely is: a stranger's START brings nothing of theirs back.
    """
    # Of a single purpose and by no text: somebody's choice on their page, which they take back there.
    lifted = [
        row
        for row in holders.standing
        if row.reason in OPT_OUTS and (row.scope == ALL or row.message_id is not None)
    ]
    opt_outs.lift(tx, [row.id for row in lifted], by, now)
    chosen = {row.scope for row in holders.standing if row not in lifted}
    ended = [row for row in _ended_by(tx, holders, lifted) if row.purpose not in chosen]
    resumed = resume(tx, "sms", ended, how, actor, now, cause)
    for row in ended:
        if row.purpose == COURSE_LESSON.purpose:
            courses.take_up(rt, tx, row.person_id, row.at, now)
    return Started(lifted[0].id if lifted else None, resumed)


def keep_care(tx: Connection, holders: Holders, how: str, actor: str, now: datetime, cause: UUID) -> Started:
    """After a STOP that asked: reminders of visits stay, nothing else."""
    stopped = holders.stopped
    opt_outs.lift(tx, [row.id for row in stopped], "the number's holder", now)
    for scope in KEPT_AWAY:
        # It is still that STOP which ended these.
        suppressions.add(tx, "sms", holders.index, scope, REASON, now, stopped[0].message_id)
    care = [row for row in _ended_by(tx, holders, stopped) if row.purpose == "care"]
    return Started(stopped[0].id, resume(tx, "sms", care, how, actor, now, cause))


def _ended_by(tx: Connection, holders: Holders, episode: Sequence[Any]) -> list[Any]:
    """What these suppressions' STOP ended for people whose number it surely is, as ``opt_outs.stopped_by`` has it."""
    ids = [row.id for row in episode]
    return opt_outs.stopped_with(tx, holders.sure, STOP_SOURCE, holders.index, ids)


def resume(
    tx: Connection,
    channel: str,
    rows: Sequence[Any],
    how: str,
    actor: str,
    now: datetime,
    cause: UUID | None = None,
) -> list[tuple[UUID, str]]:
    """Enters in the ledger that people agree again, in the words to which they once agreed. (person, purpose)."""
    resumed = []
    for row in rows:
        consents.enter(
            tx,
            row.person_id,
            channel,
            row.purpose,
            "granted",
            actor=actor,
            source=f"start, {how}",
            now=now,
            wording=bytes(row.wording_hash) if row.wording_hash is not None else None,
            message=cause,
        )
        resumed.append((row.person_id, row.purpose))
    return resumed


def names(rt: Runtime, holders: Holders, people: Sequence[UUID]) -> list[str]:
    """The given names of some of the number's people, each once, oldest contact first."""
    found = {row.person_id: row for row in holders.contacts if row.person_id in people}
    told = (opened(rt, "people", row.person_id, row.sealed).get("given_name", "") for row in found.values())
    return [name for name in dict.fromkeys(told) if name]
