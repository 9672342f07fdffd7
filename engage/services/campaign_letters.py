"""What a campaign says to one person: which of its two texts, and the values that go into it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from engage.content.campaign_characters import tidy
from engage.content.campaign_text import NAME, Draft, Variant
from engage.content.sms import fold
from engage.domain.messages import CAMPAIGN_TEXT, Channel
from engage.runtime import Runtime
from engage.services.texts import Letter, preferences_url
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


def draft_of(row: Written) -> Draft:
    """What staff typed for a campaign."""
    return Draft(row.channel, row.subject, row.preheader, row.body)


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
