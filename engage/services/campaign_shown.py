"""A campaign as it is looked at before it leaves: whom it would reach, some of them, and the text without a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from engage.content import campaign_text
from engage.content.campaign_check import SAMPLE
from engage.content.campaign_flaws import CampaignTextError
from engage.content.campaign_sms import Estimate
from engage.content.campaign_text import NAME, Variant
from engage.content.render import ContentPlan
from engage.content.sms import Segments, merged
from engage.domain.campaigns import State
from engage.domain.messages import Channel
from engage.domain.segments import EXCLUDED_WORDS, read
from engage.runtime import Runtime
from engage.services import audit, person_page, segments
from engage.services.audit import Actor
from engage.services.campaign_letters import draft_of
from engage.services.campaign_report import Reason
from engage.storage import campaign_report

# States in which whom it is for is still a matter of rules.
OPEN: frozenset[State] = frozenset({"draft", "freezing"})
WALKED = 50


@dataclass(frozen=True, slots=True)
class Whom:
    """``people`` get it, ``left_out`` do not, each with the reason; ``fixed``: both are written down by ids, else they
    are as things are now. ``waiting``: people about whom something has just changed, so that figures may still move."""

    people: int
    left_out: list[Reason]
    fixed: bool
    waiting: int = 0

    @property
    def excluded(self) -> int:
        return sum(one.count for one in self.left_out)


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the texts, with a sample's name or without; in words only."""

    variant: Variant
    subject: str
    text: str


def whom(rt: Runtime, row: Any) -> Whom:
    """Whom it is for: counted while it is written, as fixed afterwards."""
    channel = cast(Channel, row.channel)
    if row.state in OPEN or row.audience is None:
        counted = segments.count(rt, row.rules, channel)
        return Whom(counted.chosen, reasons(counted.excluded, channel), False, counted.waiting)
    with rt.transaction() as tx:
        found = campaign_report.left_out(tx, row.id)
    return Whom(row.audience, reasons(found, channel), True)


def reasons(counts: Mapping[Any, int], channel: Channel) -> list[Reason]:
    """Why so many are left out, the most frequent reason first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return [Reason(EXCLUDED_WORDS[slug][channel], count) for slug, count in ordered if count]


def some(rt: Runtime, row: Any, limit: int = WALKED) -> list[UUID]:
    """Some of those who get it, in a steady order."""
    if row.state in OPEN or row.audience is None:
        return segments.sample(rt, row.rules, cast(Channel, row.channel), limit)
    with rt.transaction() as tx:
        return campaign_report.first(tx, row.id, limit)


def texts(rt: Runtime, row: Any) -> list[Shown]:
    """The text for somebody called SAMPLE, and where that is another one, for people without a name. Empty where it
    can't be rendered yet."""
    try:
        found = campaign_text.variants(draft_of(row), rt.library.renderer)
    except CampaignTextError:
        return []
    link = f"{rt.settings.public_url}/..."
    values = {NAME: SAMPLE, "unsubscribe_url": link, "preferences_url": link}
    told: list[Shown] = []
    for variant, content in found.items():
        if content is None or (variant == "nameless" and content == found["named"]):
            continue
        if row.channel == "sms":
            told.append(Shown(variant, "", merged(content.text, values)))
        else:
            subject, _, text = ContentPlan.of(content).fill(values)
            told.append(Shown(variant, subject, text))
    return told


def cost(rt: Runtime, counted: Segments, people: int) -> Estimate:
    """What a text of so many segments to so many people may cost."""
    each, cents = counted.count, rt.clinic.campaigns.cost_cents_per_segment
    return Estimate(people, each, each * people, cents * each * people)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom the rules choose, in words. ``name`` is that of the saved audience that they came from, in its ``version``;
    ``newest``: those are its rules still."""

    words: list[str]
    name: str = ""
    version: int = 0
    newest: bool = False


def audience_words(rt: Runtime, row: Any) -> Audience:
    """What a campaign's rules say."""
    with rt.transaction() as tx:
        words = segments.words(rt, tx, read(row.rules))
    saved = segments.one(rt, row.segment_id) if row.segment_id is not None else None
    if saved is None:
        return Audience(words)
    newest = not saved.archived and saved.now.version == row.segment_version
    return Audience(words, saved.name, row.segment_version or 0, newest)


@dataclass(frozen=True, slots=True)
class Known:
    """One of the people, as far as a list shows them."""

    id: UUID
    name: str


def sample(rt: Runtime, actor: Actor, row: Any, limit: int = 8) -> list[Known]:
    """Some of those who would get it. That their names were seen is written down."""
    ids = some(rt, row, limit)
    with rt.transaction() as tx:
        names = person_page.name_of(rt, tx, set(ids))
        audit.note_each(tx, actor, "view", "person in a list", ids)
    return [Known(id, names.get(id, "")) for id in ids]
