"""What a campaign says to one person: which of its two texts, and the values that go into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from engage.content.campaign_characters import tidy
from engage.content.campaign_check import Checked, check
from engage.content.campaign_text import NAME, Draft, Variant, variants
from engage.content.render import Content, content_of
from engage.content.sms import fold
from engage.domain.messages import CAMPAIGN_TEXT, Channel
from engage.runtime import Runtime
from engage.services.texts import Letter, content_id, preferences_url
from engage.storage.claim_facts import FactsRow


class Written(Protocol):
    """A campaign's row, as far as its text goes."""

    @property
    def channel(self) -> Channel: ...
    @property
    def subject(self) -> str: ...
    @property
    def preheader(self) -> str: ...
    @property
    def body(self) -> str: ...


class Waivable(Written, Protocol):
    """The same, with the words that somebody answers for."""

    @property
    def waived(self) -> Collection[str]: ...


class Kept(Protocol):
    """A row of ``contents``."""

    @property
    def subject(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def body(self) -> str: ...


def draft_of(row: Written) -> Draft:
    """What staff typed for a campaign."""
    return Draft(row.channel, row.subject, row.preheader, row.body)


def checked(rt: Runtime, row: Waivable, link_hosts: Collection[str] = ()) -> Checked:
    """All that can be said about a campaign's text as it stands; ``link_hosts`` as ``content.campaign_check.check``."""
    return check(draft_of(row), rt.library.renderer, link_hosts, row.waived)


def keep(rt: Runtime, draft: Draft) -> dict[Variant, UUID | None]:
    """Renders both texts and keeps them. The ids of their rows, None where people without a name can't be written to.

    In transactions of its own: the same text is kept once, so that doing it again changes nothing. Raises
    CampaignTextError.
    """
    found = variants(draft, rt.library.renderer)
    return {variant: content_id(rt, content) if content else None for variant, content in found.items()}


def kept_content(row: Kept) -> Content:
    """A text as it was kept, with its marks in."""
    return content_of(row.subject, row.html, row.body)


def variant_of(given_name: str) -> Variant:
    """Which text somebody of this name gets."""
    return "named" if given_name else "nameless"


def name_in(told: Mapping[str, Any]) -> str:
    """The given name in what is sealed of a person, empty where there is none to greet with."""
    return " ".join(tidy(str(told.get(NAME) or "")).split())


def given_name(rt: Runtime, row: FactsRow) -> str:
    """The name of whom a claimed message is for. Raises SealError."""
    if row.person_id is None or row.person_sealed is None:
        return ""
    return name_in(rt.sealer.open("people", row.person_id, row.person_sealed))


def letter(rt: Runtime, row: FactsRow, now: datetime) -> Letter:
    """The address and the values of a claimed message of kind CAMPAIGN or CAMPAIGN_TEXT. Without a name there is no
    value for it, so that a text that prints it is never sent with a gap. Raises SealError."""
    assert row.contact_sealed is not None and row.contact_id is not None and row.person_id is not None
    address = rt.sealer.open("contacts", row.contact_id, row.contact_sealed)["address"]
    name = given_name(rt, row)
    if row.kind == CAMPAIGN_TEXT.name:
        folded = fold(name).strip()
        return Letter(address, {NAME: folded} if folded else {})
    values = {
        "unsubscribe_url": rt.links.url("unsubscribe", row.id),
        "preferences_url": preferences_url(rt, row.person_id, now),
    }
    return Letter(address, values | ({NAME: name} if name else {}))
