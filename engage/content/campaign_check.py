"""Reads a campaign's text as a careful colleague would: what must not leave like this, and what could be better."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import unquote

from engage.content.campaign_characters import named, odd, plain_letters
from engage.content.campaign_flaws import Field, Flaw, found_at, in_order
from engage.content.campaign_links import Wrong, bare_links, hosts_of, links, visible, wrong_link
from engage.content.campaign_sms import FEW_SEGMENTS, MOST_CHARACTERS, STOP
from engage.content.campaign_text import Draft, Fields, Texts, Variant, content, forged, missing, understood
from engage.content.lint import FEWEST_WORDS, HIGHEST_GRADE, LONGEST_SUBJECT, MOST_HTML_BYTES
from engage.content.markdown import parse, to_html
from engage.content.merge import MARK
from engage.content.readability import Grades, grades, prose_of
from engage.content.render import Renderer
from engage.content.sms import Segments, segments
from engage.content.text import plain
from engage.content.wording import FIRST_SEEN, private_words, promises, unsourced_claims

# A given name of six letters stands for all.
SAMPLE: Final = "Sandra"
_RAW_HTML: Final = re.compile(
    r"<[A-Za-z/!?][^<>]*>|<!--|<(?:script|style|iframe|object|embed|img|svg|form|link|meta|base)\b",
    re.IGNORECASE,
)
_NO_LINK: Final = re.compile(r"\]\s?\(\S{0,40}")
_MARKDOWN: Final = re.compile(r"\*\*\S|__\S|^#{1,6} |\]\(", re.MULTILINE)
_SHOWN: Final = 40
# Of one sort in one paragraph; who pasted a whole page of it has understood by then.
_MOST_ALIKE: Final = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """``problems`` must be mended, or waived where they have a ``word``; ``hints`` are told. ``grade`` is the reading
    grade (US school years) of ``words`` words; ``html_bytes`` of the larger variant; ``segments`` of a text to somebody
    named SAMPLE; ``holds_nameless``: people without a name can't be written to."""

    problems: tuple[Flaw, ...]
    hints: tuple[Flaw, ...] = ()
    grade: float = 0.0
    words: int = 0
    html_bytes: int = 0
    segments: Segments | None = None
    holds_nameless: bool = False

    @property
    def ready(self) -> bool:
        """Whether nothing stands against sending it."""
        return not self.problems


def check(
    draft: Draft, renderer: Renderer, link_hosts: Collection[str] = (), waived: Collection[str] = ()
) -> Checked:
    """All that can be said about a draft. ``link_hosts``: where links may lead, the website's host by default;
    ``waived``: words (of ``Flaw.word``, in any case) that somebody answers for."""
    fields, flaws = understood(draft)
    if fields is None:
        return Checked(in_order(flaws))
    hosts = hosts_of(link_hosts, renderer.clinic.website)
    let = frozenset(word.lower() for word in waived)
    found: list[Flaw] = []
    sizes, grade = [0], Grades(0.0, 0.0, 0, 0)
    shown: Segments | None = None
    for variant in fields.variants:
        reading = _Reading(fields, variant, renderer, hosts, let)
        found += reading.flaws()
        sizes.append(reading.html_bytes)
        grade = max(grade, reading.grade, key=lambda one: one.with_terms)
        counted = segments(reading.sample.body) if fields.channel == "sms" else None
        shown = max(shown, counted, key=lambda one: one.units) if shown and counted else shown or counted
    if fields.needs_name:
        found.append(_held(fields))
    flaws = [*in_order(found)]
    return Checked(
        problems=tuple(flaw for flaw in flaws if flaw.blocks),
        hints=tuple(flaw for flaw in flaws if not flaw.blocks),
        grade=grade.with_terms,
        words=grade.words,
        html_bytes=max(sizes),
        segments=shown,
        holds_nameless=fields.needs_name,
    )


def _held(fields: Fields) -> Flaw:
    parts: dict[Field, bool] = {
        "subject": fields.subject.needs_name,
        "preheader": fields.preheader.needs_name,
        "body": fields.body.needs_name,
    }
    field = next(name for name, needs in parts.items() if needs)
    cure = "ask with {% if name %} and write {% else %} for them, or they are held and listed"
    return Flaw(field, 0, 0, "name-needed", "people without a name can't be written to", cure, blocks=False)


class _Reading:
    """One variant under the eyes of a colleague: ``sample`` as somebody named SAMPLE would get it."""

    def __init__(
        self,
        fields: Fields,
        variant: Variant,
        renderer: Renderer,
        hosts: Collection[str],
        waived: Collection[str],
    ) -> None:
        self.fields, self.variant, self.renderer = fields, variant, renderer
        self.hosts, self.waived = hosts, waived
        self.sample: Texts = fields.texts(variant, renderer.clinic, SAMPLE)
        self.html_bytes = 0
        self.grade = Grades(0.0, 0.0, 0, 0)

    def flaws(self) -> Iterator[Flaw]:
        empty = missing(self.sample, self.fields.channel, self.variant)
        yield from empty
        if empty:
            return
        if self.fields.channel == "sms":
            yield from self._text()
        else:
            yield from self._line("subject", self.sample.subject)
            yield from self._line("preheader", self.sample.preheader)
            yield from self._subject()
            yield from self._letter()

    def _at(self, field: Field, code: str, message: str, cure: str, *words: str, blocks: bool = True,
            word: str = "") -> Flaw:  # fmt: skip
        line, column = found_at(getattr(self.fields, field).typed, *words)
        return Flaw(field, line, column, code, message, cure, blocks, word)

    def _line(self, field: Field, text: str) -> Iterator[Flaw]:
        yield from self._words(field, [text], text)
        yield from self._bare(field, [text])
        if MARK.search(text):
            yield forged(field, *found_at(getattr(self.fields, field).typed, "-mt"))
        if found := _RAW_HTML.search(text):
            yield self._raw_html(field, found[0])

    def _subject(self) -> Iterator[Flaw]:
        length = len(self.sample.subject)
        if length > LONGEST_SUBJECT:
            message = f"the subject has {length} characters, and {LONGEST_SUBJECT} is the most that is shown"
            yield self._at("subject", "subject-length", message, "shorten it", blocks=False)
        if not self.sample.preheader:
            message = "mail programs show no words beside the subject"
            yield self._at(
                "preheader", "no-preheader", message, "write what the letter is about", blocks=False
            )

    def _letter(self) -> Iterator[Flaw]:
        tokens = parse(self.sample.body)
        blocks = visible(tokens)
        if MARK.search(to_html(tokens)) or MARK.search(plain(tokens)):
            yield forged("body", *found_at(self.fields.body.typed, "-mt"))
            return
        addresses = links(parse(self.fields.texts(self.variant, self.renderer.clinic).body))
        refused = ((one, wrong) for one in dict.fromkeys(addresses) if (wrong := wrong_link(one, self.hosts)))
        for address, wrong in islice(refused, _MOST_ALIKE):
            yield self._link("body", wrong, address, unquote(address))
        yield from self._bare("body", blocks)
        yield from self._blocks(blocks)
        titles = [
            str(one.attrGet("title"))
            for token in tokens
            for one in token.children or []
            if one.attrGet("title")
        ]
        told = [*blocks, *titles, *(unquote(address) for address in addresses)]
        yield from self._words("body", told, " ".join(blocks))
        for token in tokens:
            if token.type in {"fence", "code_block"} and token.content.strip():
                cure = "take the spaces at the beginning of the line away"
                words = token.content.strip()[:_SHOWN]
                yield self._at(
                    "body", "code", f"{words} would be shown as program text", cure, words, blocks=False
                )
            if any(child.type == "image" for child in token.children or []):
                yield self._at("body", "image", "letters carry no pictures", "say it in words", "![")
        yield from self._prose(prose_of(tokens))
        yield from self._size(len(to_html(tokens)))

    def _size(self, bare: int) -> Iterator[Flaw]:
        """``bare``: bytes without the layout; where they are too many already, nothing is laid out."""
        self.html_bytes = bare
        if bare <= MOST_HTML_BYTES:
            self.html_bytes = len(content(self.fields, self.variant, self.renderer).html.encode())
        if self.html_bytes > MOST_HTML_BYTES:
            message = (
                f"the letter has {self.html_bytes:,} bytes, and Gmail cuts off its end, with the way to leave"
            )
            yield self._at("body", "html-size", message, f"shorten it: {MOST_HTML_BYTES:,} is the most")

    def _text(self) -> Iterator[Flaw]:
        text = self.sample.body
        if MARK.search(text):
            yield forged("body", *found_at(self.fields.body.typed, "-mt", "mt"))
            return
        yield from self._bare("body", [self.fields.texts(self.variant, self.renderer.clinic).body])
        yield from self._blocks([text])
        yield from self._words("body", [unquote(text)], text)
        if len(text) > MOST_CHARACTERS:
            message = f"the text has {len(text):,} characters, and {MOST_CHARACTERS:,} is the most"
            yield self._at("body", "too-long", message, "shorten it, or send it by email")
            return
        if found := _MARKDOWN.search(text):
            cure = "telephones show no bold words and titles: write plain words"
            yield self._at(
                "body", "markdown", f"{found[0]} is shown as it stands", cure, found[0], blocks=False
            )
        yield from self._segments(segments(text))
        yield from self._prose([text.removesuffix(STOP)])

    def _segments(self, counted: Segments) -> Iterator[Flaw]:
        for char in counted.culprits[:_MOST_ALIKE]:
            message = f"{char} is {named(char)}: it makes the whole text Unicode, 70 characters a segment and not 160"
            yield self._at("body", "unicode", message, "write it with another character", char, blocks=False)
        if counted.count > FEW_SEGMENTS:
            message = f"the text is sent as {counted.count} segments, and each is paid for"
            yield self._at(
                "body", "segments", message, f"shorten it to {FEW_SEGMENTS} or fewer", blocks=False
            )

    def _blocks(self, blocks: Sequence[str]) -> Iterator[Flaw]:
        """What Markdown did not understand, and what it made of codes for characters."""
        for block in blocks:
            tags = dict.fromkeys(tag[0] for tag in _RAW_HTML.finditer(block))
            yield from (self._raw_html("body", tag) for tag in islice(tags, _MOST_ALIKE))
            if (found := _NO_LINK.search(block)) and self.fields.channel == "email":
                cure = "write [words](https://...), without spaces in the address"
                yield self._at("body", "link-odd", f"{found[0]} is no link that can be sent", cure, found[0])
            for at, name in odd(block):
                cure = "delete it"
                yield self._at("body", "control", f"a code makes the character {name}", cure, block[at])

    def _raw_html(self, field: Field, found: str) -> Flaw:
        shown = found if len(found) <= _SHOWN else found[:_SHOWN] + "..."
        message = f"{shown} would be shown as it stands, and does nothing"
        return self._at(
            field, "raw-html", message, "delete it; Markdown has links, titles, lists and bold words", found
        )

    def _bare(self, field: Field, blocks: Sequence[str]) -> Iterator[Flaw]:
        for block in blocks:
            for address, wrong in islice(bare_links(block, self.hosts), _MOST_ALIKE):
                yield self._link(field, wrong, address)

    def _link(self, field: Field, wrong: Wrong, *addresses: str) -> Flaw:
        return self._at(
            field, wrong.code, wrong.message, wrong.cure, *addresses, *(a[:30] for a in addresses)
        )

    def _words(self, field: Field, told: Sequence[str], shown: str) -> Iterator[Flaw]:
        """Words that tell of health, and sentences that promise. ``shown`` is what lists show the beginning of."""
        seen = plain_letters(shown if field != "body" else " ".join(shown.split())[:FIRST_SEEN]).lower()
        folded = [plain_letters(one) for one in told]
        for word in private_words(" \n ".join(folded)):
            where = "on locked telephones" if word.lower() in seen else "to whoever reads along"
            message = f'"{word}" may tell {where} of a condition or treatment'
            if word.lower() not in self.waived:
                cure = "use another word, or waive this one by name"
                yield self._at(field, "private-word", message, cure, word, word=word.lower())
            elif word.lower() in seen:
                cure = "better let the letter begin with other words"
                yield self._at(field, "waived", f"{message}, though it is waived", cure, word, blocks=False)
        for words in promises(folded):
            if words.lower() not in self.waived:
                cure = "say what may happen, or waive these words by name"
                yield self._at(
                    field, "promise", f'"{words}" promises too much', cure, words, word=words.lower()
                )

    def _prose(self, prose: Sequence[str]) -> Iterator[Flaw]:
        self.grade = grades(prose)
        if self.grade.with_terms > HIGHEST_GRADE and self.grade.words >= FEWEST_WORDS:
            message = f"the reading grade is {self.grade.with_terms}, and {HIGHEST_GRADE:g} is the most that all can read"
            yield self._at("body", "grade", message, "use shorter sentences and words", blocks=False)
        for claim in unsourced_claims(prose)[:1]:
            cure = "say where it comes from, with a link"
            message = f"a number about studies needs its source: {claim[:_SHOWN]}"
            yield self._at("body", "no-sources", message, cure, claim, claim[:20], blocks=False)
