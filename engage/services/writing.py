"""What one claimed message says: which shared text it has, and its personal part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.content.render import Content, RenderError
from engage.runtime import Runtime
from engage.services import campaign_facts, campaign_letters, visit_letters
from engage.services.texts import Letter, letter, text_of
from engage.storage.claim_facts import FactsRow
from engage.storage.visit_facts import VisitFacts

# Messages of one key share one rendered text.
Key = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class About:
    """What messages of a claim are about: visits by message, campaigns by id."""

    visits: Mapping[UUID, VisitFacts] = field(default_factory=dict)
    campaigns: Mapping[UUID, Any] = field(default_factory=dict)


def write(rt: Runtime, row: FactsRow, about: About, now: datetime) -> tuple[Key, Letter]:
    """The personal part, and whose text it goes with. Raises SealError."""
    if row.kind in campaign_facts.NAMES:
        written = campaign_letters.letter(rt, row, now)
        variant = campaign_letters.variant_of(written.values.get("given_name", ""))
        return (row.kind, str(row.cause_id), variant), written
    visit = about.visits.get(row.id)
    written = letter(rt, row, now) if visit is None else visit_letters.letter(rt, row, [visit], now)
    return (row.kind, row.course, row.step), written


def text_for(rt: Runtime, tx: Connection, row: FactsRow, key: Key, about: About) -> Content:
    """The shared text. Raises RenderError, KeyError."""
    if row.kind in campaign_facts.TESTS:
        return _kept(campaign_facts.content_of(rt, tx, UUID(row.step)), row)
    if row.kind not in campaign_facts.NAMES:
        return text_of(rt, row.kind, row.course, row.step)
    campaign = about.campaigns[row.cause_id]
    # Who has no name where the text needs one gets that text's own gap, and so is held.
    named = campaign_facts.text_of(rt, tx, campaign, "named")
    return _kept(campaign_facts.text_of(rt, tx, campaign, key[2]) or named, row)


def _kept(found: Content | None, row: FactsRow) -> Content:
    if found is None:
        raise RenderError("the campaign has no text", str(row.cause_id), 0, "empty")
    return found
