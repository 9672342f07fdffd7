"""A campaign as a real person would get it. Nothing is sent and nothing logged; each look leaves a row of the audit
trail, since staff see the person's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.content.campaign_text import NAME, Draft, Variant, variants
from engage.content.render import ContentPlan
from engage.content.sms import Segments, merged, segments
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.services.campaign_letters import draft_of, name_in, variant_of
from engage.storage import campaigns, people
from engage.storage.sealed import SealError

Held = Literal["", "missing_value", "unreadable"]


@dataclass(frozen=True, slots=True)
class Preview:
    """What one person would get. Where ``held`` (a reason of domain/message_words.py) they would get nothing, and the
    texts are empty. ``segments`` are those of a text message with this person's values in it."""

    person_id: UUID
    given_name: str
    variant: Variant
    held: Held = ""
    subject: str = ""
    html: str = ""
    plain: str = ""
    segments: Segments | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """A preview on a walk through people: ``place`` counts from 1, ``previous`` and ``next`` are None at the ends."""

    preview: Preview
    place: int
    total: int
    previous: UUID | None
    next: UUID | None


def preview(rt: Runtime, actor: Actor, campaign: UUID, draft: Draft, person: UUID) -> Preview | None:
    """What this person would get, None when there is nobody of that id any more. Raises CampaignTextError."""
    with rt.transaction() as tx:
        found = _of(rt, tx, draft, person)
        if found is not None:
            note(tx, rt, actor, "view", "campaign preview", campaign, person)
        return found


def walk(
    rt: Runtime, actor: Actor, campaign: UUID, draft: Draft, sample: Sequence[UUID], at: UUID | None = None
) -> Walk | None:
    """What the person ``at`` would get, or the first of ``sample`` (as services/segments.py gives it) where they are
    not in it; somebody who is gone meanwhile is passed over. None when nobody is left. Raises CampaignTextError."""
    start = sample.index(at) if at in sample else 0
    for place in (*range(start, len(sample)), *range(start)):
        found = preview(rt, actor, campaign, draft, sample[place])
        if found is not None:
            before = sample[place - 1] if place else None
            after = sample[place + 1] if place + 1 < len(sample) else None
            return Walk(found, place + 1, len(sample), before, after)
    return None


def html(rt: Runtime, actor: Actor, campaign: UUID, person: UUID) -> str | None:
    """The letter's HTML for the frame, None when there is none: no such campaign or person, a text message, or somebody
    who would get nothing. Raises CampaignTextError."""
    with rt.transaction() as tx:
        row = campaigns.one(tx, campaign)
        found = _of(rt, tx, draft_of(row), person) if row is not None and row.channel == "email" else None
        if found is None or not found.html:
            return None
        note(tx, rt, actor, "view", "campaign preview", campaign, person)
        return found.html


def _of(rt: Runtime, tx: Connection, draft: Draft, person: UUID) -> Preview | None:
    row = people.one(tx, person)
    if row is None or row.state != "active":
        return None
    both = variants(draft, rt.library.renderer)
    try:
        name = name_in(rt.sealer.open("people", person, row.sealed)) if row.sealed else ""
    except SealError:
        return Preview(person, "", "nameless", "unreadable")
    variant = variant_of(name)
    content = both[variant]
    if content is None:
        return Preview(person, name, variant, "missing_value")
    values = _links(rt) | ({NAME: name} if name else {})
    if draft.channel == "sms":
        text = merged(content.text, values)
        return Preview(person, name, variant, plain=text, segments=segments(text))
    subject, document, plain = ContentPlan.of(content).fill(values)
    return Preview(person, name, variant, subject=subject, html=document, plain=plain)


def _links(rt: Runtime) -> dict[str, str]:
    """Links that look like the person's and open nothing: who looks at a preview must not end what they get."""
    base = rt.settings.public_url
    return {
        "unsubscribe_url": f"{base}/unsubscribe/preview",
        "preferences_url": f"{base}/preferences/preview",
    }
