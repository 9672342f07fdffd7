"""What people were told of their visits, in words: each message with its state, and why what did not go did not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OFF, Reply, Status, When
from engage.domain.message_words import REASONS
from engage.domain.messages import KINDS
from engage.domain.reminder_words import name_of
from engage.domain.reminders import Policy
from engage.domain.run_sheet import About, Standing, standing
from engage.domain.timing import local
from engage.domain.visit_words import clock
from engage.services.appointments import when_of
from engage.services.visit_plans import SAYS_NO_TIME, SAYS_OFF
from engage.storage import front_desk
from engage.storage.front_desk import Sent

_WAY = {"email": "Email", "sms": "Text"}
_STATES = {
    "delivered": "delivered",
    "accepted": "handed over",
    "claimed": "being sent now",
    "planned": "goes",
    "held": "waits for a person",
    "unknown": "nobody can tell whether it left",
    "failed": "failed",
    "expired": "was too late to be of use",
    "cancelled": "taken back before it was sent",
}
_TIMED = frozenset({"delivered", "accepted", "planned", "failed"})
# Reasons that belong to a rule and tell nothing about whether the person can be reached.
_BY_THE_RULE = frozenset(
    {"not_first", "booked_late", "another_soon", "told_already", "switched_off", "passed", "no_such_text"}
)


@dataclass(frozen=True, slots=True)
class Told:
    """One message about a visit. ``at`` is aware, by the clocks at the visit: when it arrived, left, ended or is due,
    whichever came last; ``due_at`` aware UTC. ``state``: "Text: delivered"; ``words``: the same with its time, "Text:
    delivered 2:02 PM". ``true``: it says what is true now; ``tells``: it says when the visit is, or that it is off;
    ``earlier``: it is about a version of the visit that is over."""

    id: UUID
    rule: str
    name: str
    kind_words: str
    channel: str
    status: str
    state: str
    words: str
    why: str
    at: datetime
    due_at: datetime
    version: int
    true: bool
    tells: bool
    earlier: bool

    @property
    def line(self) -> str:
        """All of it: "Text: failed 2:02 PM. The number does not exist. (about version 1)"."""
        why = f". {self.why}" if self.why else ""
        return f"{self.words}{why}{f' (about version {self.version})' if self.earlier else ''}"

    @property
    def counts(self) -> bool:
        """Whether it is worth a line where there is little room."""
        return self.status != "cancelled"


@dataclass(frozen=True, slots=True)
class NotSent:
    """Why a rule brings no message on a channel. ``no_way``: the person can't be reached there."""

    rule: str
    name: str
    channel: str
    why: str
    no_way: bool

    @property
    def line(self) -> str:
        """As ``Told.line``."""
        return f"Not sent. {self.why}"


@dataclass(frozen=True, slots=True)
class VisitTold:
    """All that a visit brought and brings, in the order of time, and why the rest of the policy does not apply."""

    messages: Sequence[Told] = ()
    not_sent: Sequence[NotSent] = ()

    @property
    def all(self) -> list[Told | NotSent]:
        """What was told first."""
        return [*self.messages, *self.not_sent]


def of_visit(tx: Connection, row: Any, policy: Policy) -> VisitTold:
    """Of one visit (its row)."""
    return VisitTold(of_visits(tx, [row], policy).get(row.id, []), not_sent(row.unplanned, policy))


def of_visits(tx: Connection, rows: Iterable[Any], policy: Policy) -> dict[UUID, list[Told]]:
    """The messages of these visits (rows of appointments), in one statement, in the order of ``at``."""
    visits = {row.id: row for row in rows}
    people = list({row.person_id for row in visits.values()})
    found: dict[UUID, list[Told]] = defaultdict(list)
    for sent in front_desk.messages(tx, people, list(visits)):
        found[sent.visit_id].append(_told(sent, visits[sent.visit_id], policy))
    for told in found.values():
        told.sort(key=lambda one: (one.at, one.id))
    return found


def known(messages: Iterable[Told], reply: Reply | None) -> Standing:
    """What the person knows of the visit."""
    told = [About(one.channel, one.status, one.true, one.at) for one in messages if one.tells]
    return standing(told, reply)


def not_sent(unplanned: Mapping[str, str], policy: Policy) -> list[NotSent]:
    """Why what is not planned is not, by rule and channel."""
    found = []
    for key, reason in sorted(unplanned.items()):
        rule, _, channel = key.partition("/")
        why = REASONS.get(reason, reason)
        found.append(NotSent(rule, name_of(rule, policy), channel, why, reason not in _BY_THE_RULE))
    return found


def no_ways(unplanned: Mapping[str, str]) -> list[str]:
    """Which ways are closed and why: "Email and text: The person has not agreed ..."."""
    ways: dict[str, dict[str, None]] = defaultdict(dict)
    for key, reason in sorted(unplanned.items()):
        if reason not in _BY_THE_RULE:
            ways[REASONS.get(reason, reason)][_WAY.get(key.rpartition("/")[2], "")] = None
    return [f"{' and '.join(names).capitalize()}: {why}" for why, names in ways.items()]


def _told(sent: Sent, row: Any, policy: Policy) -> Told:
    moment = _at(sent)
    at = local(moment, row.zone)
    way, why = _WAY[sent.channel], REASONS.get(sent.reason, sent.reason) if sent.reason else ""
    return Told(
        id=sent.id,
        rule=sent.rule,
        name=name_of(sent.rule, policy, sent.kind),
        kind_words=KINDS[sent.kind].words if sent.kind in KINDS else sent.kind,
        channel=sent.channel,
        status=sent.status,
        state=f"{way}: {_STATES.get(sent.status, 'not sent')}",
        words=f"{way}: {_state(sent.status, at, local(row.starts_at, row.zone))}",
        why=why,
        at=at,
        due_at=sent.due_at,
        version=sent.version,
        true=_true(sent, row),
        tells=sent.kind not in SAYS_NO_TIME,
        earlier=sent.version != row.version,
    )


def _at(sent: Sent) -> datetime:
    if sent.status == "accepted":
        return sent.sent_at or sent.due_at
    if sent.status in ("planned", "held", "claimed"):
        return sent.due_at
    return sent.ended_at or sent.sent_at or sent.due_at


def _true(sent: Sent, row: Any) -> bool:
    if cast(Status, row.status) in OFF:
        return sent.kind in SAYS_OFF
    said = When(sent.starts_at, sent.zone, sent.minutes, sent.location)
    return sent.kind not in SAYS_OFF and said == when_of(row)


def _state(status: str, at: datetime, visit: datetime) -> str:
    state = _STATES.get(status, "not sent")
    if status not in _TIMED:
        return state
    return f"{state} {clock(at) if at.date() == visit.date() else f'{at:%a} {at:%b} {at.day}, {clock(at)}'}"
