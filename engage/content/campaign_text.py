"""What staff write for a campaign, and the two texts that come of it: for people with a name, and without.

A text is rendered once for everyone, so that ``{% if name %}`` can't be asked for each person; it makes two texts
instead, and who gets which is decided by whether there is a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from engage.content.campaign_flaws import CampaignTextError, Field, Flaw
from engage.content.campaign_parser import Parsed, parse
from engage.content.campaign_sms import signed
from engage.content.clinic_text import ClinicText
from engage.content.markdown import parse as parse_markdown
from engage.content.merge import mark
from engage.content.render import CAMPAIGN_NAMES, Content, Renderer, content_of
from engage.content.template import literal
from engage.domain.messages import Channel

Variant = Literal["named", "nameless"]
NAME: Final = "given_name"


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed. A text message has a body only; its subject and preheader are not looked at."""

    channel: Channel
    subject: str
    preheader: str
    body: str


@dataclass(frozen=True, slots=True)
class Texts:
    """One variant before layout: lines of plain words, and a body of Markdown, or for a text message the whole text."""

    subject: str
    preheader: str
    body: str


@dataclass(frozen=True, slots=True)
class Fields:
    """A draft whose variables are understood."""

    channel: Channel
    subject: Parsed
    preheader: Parsed
    body: Parsed

    @property
    def needs_name(self) -> bool:
        """Whether people without a name can't be written to."""
        return any(one.needs_name for one in (self.subject, self.preheader, self.body))

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Those that there are, and differ."""
        asks = any(one.asks for one in (self.subject, self.preheader, self.body))
        return ("named", "nameless") if asks and not self.needs_name else ("named",)

    def printable(self, variant: Variant) -> frozenset[str]:
        """The personal values that may stand in this variant's text."""
        named = any(one.prints_name(variant == "named") for one in (self.subject, self.preheader, self.body))
        footer = CAMPAIGN_NAMES if self.channel == "email" else ()
        return frozenset({*footer, *((NAME,) if named else ())})

    def texts(self, variant: Variant, clinic: ClinicText, name: str = mark(NAME)) -> Texts:
        """The words of one variant, with ``name`` where the name goes."""
        named = variant == "named"
        if self.channel == "sms":
            values = {"name": name, "clinic": clinic.short_name, "telephone": clinic.telephone}
            return Texts("", "", signed(self.body.text(named, values), clinic.short_name))
        plain = {"name": name, "clinic": clinic.name, "telephone": clinic.telephone}
        marked_down = {key: value if key == "name" else literal(value) for key, value in plain.items()}
        return Texts(
            _line(self.subject, named, plain),
            _line(self.preheader, named, plain),
            self.body.text(named, marked_down).strip("\n"),
        )


def understood(draft: Draft) -> tuple[Fields | None, list[Flaw]]:
    """The draft's fields, or None with all that is wrong with their variables and characters."""
    texts: dict[Field, str] = {"subject": draft.subject, "preheader": draft.preheader, "body": draft.body}
    if draft.channel == "sms":
        texts |= {"subject": "", "preheader": ""}
    parsed: dict[Field, Parsed] = {}
    flaws: list[Flaw] = []
    for name, typed in texts.items():
        found, wrong = parse(name, typed)
        flaws += wrong
        if found:
            parsed[name] = found
    if flaws:
        return None, flaws
    return Fields(draft.channel, parsed["subject"], parsed["preheader"], parsed["body"]), []


def variants(draft: Draft, renderer: Renderer) -> dict[Variant, Content | None]:
    """What people get who have a name, and what those get who have none: None where such people can't be written to.

    Both are the same where the draft never asks for the name. Raises CampaignTextError: a draft without a problem under
    ``campaign_check.check`` never does.
    """
    fields, flaws = understood(draft)
    if fields is None:
        raise CampaignTextError(flaws)
    found = {variant: content(fields, variant, renderer) for variant in fields.variants}
    return {
        "named": found["named"],
        "nameless": None if fields.needs_name else found.get("nameless", found["named"]),
    }


def content(fields: Fields, variant: Variant, renderer: Renderer) -> Content:
    """One variant, laid out, with its marks in. Raises CampaignTextError where nothing is left to say, and where
    something else than a name would be filled in."""
    texts = fields.texts(variant, renderer.clinic)
    if empty := missing(texts, fields.channel, variant):
        raise CampaignTextError(empty)
    if fields.channel == "sms":
        found = content_of("", "", texts.body)
    else:
        found = renderer.written(texts.subject, texts.preheader, parse_markdown(texts.body))
    if found.names - fields.printable(variant):
        raise CampaignTextError([forged("body", 0, 0)])
    return found


def missing(texts: Texts, channel: Channel, variant: Variant) -> list[Flaw]:
    """A flaw for each field that has to say something and does not."""
    wanted: list[tuple[Field, str]] = [("body", texts.body)]
    if channel == "email":
        wanted.append(("subject", texts.subject))
    cure = "write it" if variant == "named" else "write something for people without a name after {% else %}"
    who = "" if variant == "named" else " for people without a name"
    return [
        Flaw(field, 0, 0, "empty", f"the {field} is empty{who}", cure)
        for field, text in wanted
        if not text.strip()
    ]


def forged(field: Field, line: int, column: int) -> Flaw:
    """What is said of a text that turns into a mark of ours on its way."""
    return Flaw(
        field, line, column, "literal-mark", "this would turn into a mark of ours", "put it in other words"
    )


def _line(parsed: Parsed, named: bool, values: Mapping[str, str]) -> str:
    return " ".join(parsed.text(named, values).split())
