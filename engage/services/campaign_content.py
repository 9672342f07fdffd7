"""A campaign's text on its way: what must be mended, what may be waived, and the rendered texts that are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.content import campaign_check, campaign_text
from engage.content.campaign_characters import MOST_BYTES
from engage.content.campaign_check import SAMPLE, Checked
from engage.content.campaign_flaws import CampaignTextError, Field, Flaw
from engage.content.campaign_text import Variant
from engage.content.render import Content, content_of
from engage.domain.forms import InvalidInput
from engage.runtime import Runtime
from engage.services.campaign_letters import draft_of
from engage.storage import contents

TEST_MARK = "TEST: "


def check(rt: Runtime, row: Any) -> Checked:
    """All that can be said about its text."""
    return campaign_check.check(
        draft_of(row), rt.library.renderer, rt.clinic.campaigns.link_hosts, row.waived
    )


def blocking(rt: Runtime, row: Any) -> tuple[Flaw, ...]:
    """What has to be mended, or waived, before it can be submitted."""
    return check(rt, row).problems


def by_field(flaws: Iterable[Flaw]) -> dict[str, str]:
    """What is wrong, for each field of the form."""
    errors: dict[str, str] = {}
    for flaw in flaws:
        errors[flaw.field] = f"{errors[flaw.field]} {flaw}." if flaw.field in errors else f"{flaw}."
    return errors


def private_words(rt: Runtime, row: Any) -> set[str]:
    """Words of the private list in its text that nobody has answered for yet."""
    return {flaw.word for flaw in blocking(rt, row) if flaw.word}


def refuse_hopeless(subject: str, preheader: str, body: str, errors: dict[str, str]) -> None:
    """Adds an error for each field that can't even be kept as a draft: too long, or with a NUL."""
    texts: dict[Field, str] = {"subject": subject, "preheader": preheader, "body": body}
    for name, text in texts.items():
        size, most = len(text.encode("utf-8", "replace")), MOST_BYTES[name]
        if size > most:
            errors[name] = f"The {name} has {size:,} bytes; at most {most:,} are kept. Please shorten it."
        elif "\0" in text:
            errors[name] = f"The {name} holds a NUL character, which no mail can carry. Please type it anew."


def keep(rt: Runtime, tx: Connection, row: Any, now: datetime) -> dict[str, str]:
    """Renders both variants and keeps them; their ids by variant. Raises InvalidInput."""
    kept: dict[str, str] = {}
    for variant, content in _variants(rt, row).items():
        if content is not None:
            kept[variant] = str(_keep(tx, content, now))
    return kept


def for_test(rt: Runtime, tx: Connection, row: Any, now: datetime) -> tuple[UUID, dict[str, str]]:
    """The text with its mark as a test, kept, and the values that fill it. Raises InvalidInput."""
    content = _variants(rt, row)["named"]
    assert content is not None
    marked = (
        content_of("", "", TEST_MARK + content.text)
        if row.channel == "sms"
        else content_of(TEST_MARK + content.subject, content.html, content.text)
    )
    # A test has no links of anybody's: leaving a list one is not on would be a surprise.
    page = f"{rt.settings.public_url}/staff/campaigns/{row.id}"
    values = {"given_name": SAMPLE, "unsubscribe_url": page, "preferences_url": page}
    return _keep(tx, marked, now), {name: values[name] for name in marked.names}


def _variants(rt: Runtime, row: Any) -> dict[Variant, Content | None]:
    try:
        return campaign_text.variants(draft_of(row), rt.library.renderer)
    except CampaignTextError as error:
        raise InvalidInput(by_field(error.flaws)) from None


def _keep(tx: Connection, content: Content, now: datetime) -> UUID:
    return contents.keep(tx, content.hash, content.subject, content.html, content.text, now)
