"""What a claim has to know of the campaigns whose messages it is about to decide on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.content.merge import MARK
from engage.content.render import Content
from engage.domain.messages import CAMPAIGN_TESTS, CAMPAIGNS
from engage.domain.segments import read
from engage.runtime import Runtime
from engage.storage import campaigns, contents
from engage.storage.claim_facts import FactsRow

NAMES = frozenset(kind.name for kind in CAMPAIGNS)
TESTS = frozenset(kind.name for kind in CAMPAIGN_TESTS)
TWICE, UNAUTHORIZED = "one_person", "not_authorized"
# So many texts a process remembers.
MOST_KEPT = 64
# Why what was planned waits, or does not go. Of a campaign that is done, what a person let go on may still leave.
_STATES = {
    "paused": "campaign_paused",
    "cancelled": "campaign_cancelled",
    "running": "running",
    "done": "running",
}


def facts(tx: Connection, rows: Sequence[FactsRow]) -> dict[UUID, Any]:
    """The campaigns of these claimed messages, by id, held as they are until the claim is over: what pauses or cancels
    one waits for that, and nothing is claimed after it has committed."""
    ids = {row.cause_id for row in rows if row.kind in NAMES}
    return campaigns.shared(tx, sorted(ids)) if ids else {}


def judged(
    tx: Connection, rows: Sequence[FactsRow], found: Mapping[UUID, Any], now: datetime
) -> list[FactsRow]:
    """The same rows, each with the state of its campaign as its cause's; of two for one person the other one ends, and
    so does one to a patient who has taken back what an audience of patients needs (45 CFR 164.508(b)(5))."""
    ours = [row for row in rows if row.kind in NAMES]
    if not ours:
        return list(rows)
    needs = {id for id, campaign in found.items() if read(campaign.rules).needs_authorization}
    ends = dict.fromkeys(campaigns.twice(tx, [row.id for row in ours]), TWICE)
    ends |= dict.fromkeys(
        campaigns.unauthorized(tx, [row.id for row in ours if row.cause_id in needs], now), UNAUTHORIZED
    )
    states = {row.id: ends.get(row.id) or _state(found.get(row.cause_id)) for row in ours}
    return [row._replace(cause_state=states[row.id]) if row.id in states else row for row in rows]


def _state(campaign: Any | None) -> str | None:
    # One that was taken back before it began leaves nothing planned; whatever is left of it waits.
    return None if campaign is None else _STATES.get(campaign.state, "campaign_paused")


def text_of(rt: Runtime, tx: Connection, campaign: Any, variant: str) -> Content | None:
    """The rendered text of a campaign for people with a given name ("named") or without; None where there is none."""
    id = (campaign.contents or {}).get(variant)
    return content_of(rt, tx, UUID(id)) if id else None


def content_of(rt: Runtime, tx: Connection, id: UUID) -> Content | None:
    """A kept text with its marks in. It never changes, so a process reads it once."""
    known = rt.kept_contents.get(id)
    if known is None:
        row = contents.one(tx, id)
        if row is None:
            return None
        if len(rt.kept_contents) >= MOST_KEPT:
            rt.kept_contents.clear()
        names = frozenset(name for text in (row.subject, row.html, row.body) for name in MARK.findall(text))
        known = rt.kept_contents[id] = Content(bytes(row.hash), row.subject, row.html, row.body, names)
        rt.content_ids[known.hash] = id
    return known
