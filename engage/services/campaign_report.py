"""What staff see of a campaign: how far it is, how fast it goes, and in the end what came of it. Nobody is watched:
whether somebody opened or clicked is not known and not asked."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import Any, Protocol
from uuid import UUID

from engage.domain import campaigns as rules
from engage.domain.message_words import REASONS, STATUS_WORDS
from engage.domain.segments import EXCLUDED_WORDS
from engage.runtime import Runtime
from engage.services import audit
from engage.services.audit import Actor
from engage.services.campaign_run import NEVER_KNOWN
from engage.services.campaigns import NoSuchCampaign
from engage.storage import campaign_report, campaigns

_ENDED = ("failed", "expired", "cancelled", "skipped", NEVER_KNOWN)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is. ``sent`` have left (delivered among them), ``waiting`` are planned or under way, ``ended``
    are those that will not be reached, ``to_come`` have no message yet; together they are ``audience``. ``per_minute``
    is the rate lately, ``left`` how long the rest takes at it (None where nothing can be said)."""

    audience: int
    sent: int
    delivered: int
    waiting: int
    ended: int
    to_come: int
    per_minute: float
    left: timedelta | None

    @property
    def done(self) -> int:
        """Those of whom it is known what became of them."""
        return self.sent + self.ended


@dataclass(frozen=True, slots=True)
class Reason:
    """So many people were not reached for this reason, in words."""

    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it, so far. ``booked_within_days``: how long after its leaving a visit counts as booked."""

    progress: Progress
    bounced: int
    complaints: int
    opted_out: int
    replied: int
    booked: int
    booked_within_days: int
    left_out: list[Reason]
    not_reached: list[Reason]


class Counted(Protocol):
    """As much of a campaign's row as its progress needs."""

    @property
    def state(self) -> str: ...
    @property
    def phase(self) -> str: ...
    @property
    def audience(self) -> int | None: ...
    @property
    def tally(self) -> dict[str, Any]: ...


def progress(row: Counted) -> Progress:
    """How far it is, from its row (``row.tally`` is counted every few seconds while it runs)."""
    statuses: Mapping[str, int] = (row.tally or {}).get("statuses", {})
    delivered = statuses.get("delivered", 0)
    sent = delivered + statuses.get("accepted", 0)
    waiting = sum(statuses.get(status, 0) for status in ("planned", "claimed", "unknown", "held"))
    ended = sum(statuses.get(status, 0) for status in _ENDED)
    audience = row.audience or 0
    to_come = max(0, audience - sent - waiting - ended)
    # While the first few are watched, the rate says nothing about the rest.
    running = row.state == "running" and row.phase == "all"
    rate = float((row.tally or {}).get("per_minute", 0.0)) if running else 0.0
    return Progress(
        audience,
        sent,
        delivered,
        waiting,
        ended,
        to_come,
        rate,
        rules.time_left(to_come, waiting, rate),
    )


def report(rt: Runtime, id: UUID) -> Report:
    """All that can be said of it now. Raises NoSuchCampaign."""
    days = rt.clinic.campaigns.booked_within_days
    with rt.transaction() as tx:
        row = campaigns.one(tx, id)
        if row is None:
            raise NoSuchCampaign(str(id))
        began = row.begins_at or row.created_at
        after = campaign_report.after(tx, id, row.channel, began, timedelta(days=days))
        reasons: Mapping[str, int] = (row.tally or {}).get("reasons", {})
        far = progress(row)
        return Report(
            progress=far,
            bounced=reasons.get("failed/bounced", 0),
            complaints=campaign_report.complaints(tx, id),
            opted_out=after.opted_out,
            replied=after.replied,
            booked=after.booked,
            booked_within_days=days,
            left_out=[
                Reason(_left_out(slug, row.channel), count)
                for slug, count in campaign_report.left_out(tx, id).items()
            ],
            not_reached=_not_reached(row, far),
        )


def _not_reached(row: Any, far: Progress) -> list[Reason]:
    reasons: Mapping[str, int] = (row.tally or {}).get("reasons", {})
    found = []
    for key, count in sorted(reasons.items(), key=lambda item: -item[1]):
        status, _, slug = key.partition("/")
        if status in (*_ENDED, "held"):
            found.append(Reason(REASONS.get(slug, slug), count))
    if far.to_come and row.state in ("done", "cancelled"):
        words = "It was cancelled before their turn." if row.state == "cancelled" else REASONS["too_late"]
        found.append(Reason(words, far.to_come))
    return found


BATCH = 2000
COLUMNS = ("person", "message", "what became of it", "why", "sent at (UTC)")


def export(rt: Runtime, actor: Actor, id: UUID) -> Iterator[str]:
    """A table of everybody that it was about as CSV, in pieces: ids only, no names or addresses. Written down in the
    audit trail before the first piece. Raises NoSuchCampaign."""
    with rt.transaction() as tx:
        row = campaigns.one(tx, id)
        if row is None:
            raise NoSuchCampaign(str(id))
        audit.note(tx, rt, actor, "export", "campaign", id)
    return _lines(rt, id, row.channel)


def _lines(rt: Runtime, id: UUID, channel: str) -> Iterator[str]:
    yield _line(COLUMNS)
    place, found = 0, []
    while True:
        # Whoever reads slowly keeps no transaction open.
        with rt.transaction() as tx:
            found = campaign_report.recipients(tx, id, place, BATCH)
        if not found:
            return
        yield "".join(_line(_row(one, channel)) for one in found)
        place = found[-1].place


def _left_out(slug: str, channel: str) -> str:
    words: Mapping[str, Mapping[str, str]] = EXCLUDED_WORDS  # type: ignore[assignment]
    return words.get(slug, {}).get(channel, slug)


def _row(one: Any, channel: str) -> tuple[str, ...]:
    if one.excluded is not None:
        return (str(one.person_id), "", "Left out", _left_out(one.excluded, channel), "")
    if one.status is None:
        return (str(one.person_id), "", "Not sent", "Its turn has not come.", "")
    why = REASONS.get(one.reason, one.reason) if one.reason else ""
    at = one.sent_at.strftime("%Y-%m-%d %H:%M:%S") if one.sent_at else ""
    return (str(one.person_id), str(one.message_id), STATUS_WORDS[one.status], why, at)


def _line(cells: tuple[str, ...]) -> str:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
