"""From an author's files to what is sent: once for each lesson or message, never per person.

Jinja first, then Markdown, then the layout, then CSS inlined into it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError, select_autoescape
from markdown_it.token import Token

from engage.content.clinic_text import ClinicText
from engage.content.markdown import parse, to_html, without_link, without_title
from engage.content.merge import MARK, Marked, MergeTag, Plan, compile_plan, escape_values, mark, mark_up
from engage.content.problems import Problem, RenderError
from engage.content.sms import fold
from engage.content.template import Ready, Source, check, render
from engage.content.text import plain, wrap

LAYOUT: Final = "email/_layout"
CAMPAIGN_FOOTER: Final = "footer-campaign.md"
# What its footer may print; the name stands in the letter itself.
CAMPAIGN_NAMES: Final = ("unsubscribe_url", "preferences_url")
__all__ = [
    "Content",
    "ContentPlan",
    "LessonHtml",
    "Letter",
    "RenderError",
    "Renderer",
    "content_of",
    "text_content",
    "with_marks",
]


# A sentence with a link to the very page that it would stand on.
_TO_ITSELF = re.compile(
    rf"(?:^|(?<=[.!?] ))[^.!?\n]*\]\({re.escape(mark('lesson_url'))}\)[^.!?\n]*[.!?] ?", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Content:
    """What everyone gets, with the marks of ``names`` still in. ``hash`` is SHA-256 of all three texts."""

    hash: bytes
    subject: str
    html: str
    text: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class ContentPlan:
    """A content cut at its marks, made once; ``fill`` is all the work that a message costs."""

    subject: Plan
    html: Plan
    text: Plan

    @classmethod
    def of(cls, content: Content) -> ContentPlan:
        """The plans of its subject, HTML and text."""
        return cls(compile_plan(content.subject), compile_plan(content.html), compile_plan(content.text))

    def fill(self, values: Mapping[str, str]) -> tuple[str, str, str]:
        """Subject, HTML and text for one person; HTML gets the escaped forms. Raises MissingValue."""
        return self.subject.fill(values), self.html.fill(escape_values(values)), self.text.fill(values)


def with_marks(content: Content, random_mark: str) -> Marked:
    """``content`` for a provider that substitutes by itself; see ``merge.mark_up``."""
    return mark_up(content.subject, content.html, content.text, random_mark)


@dataclass(frozen=True, slots=True)
class LessonHtml:
    """A lesson for its web page: ``html`` goes below the page's own heading; marks of ``names`` are in."""

    title: str
    html: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Letter:
    """The author's files of one lesson or message, and the values that they may use. ``kicker`` is the
    small line above the subject; ``parts`` are what a lesson's page chooses from."""

    subject: Source
    preheader: Source
    body: Source
    plain: Source | None
    footer: Source
    parts: Mapping[str, Source]
    values: Mapping[str, Any]
    kicker: str = ""


class Renderer:
    """Renders letters in the layout of one templates' folder, for one clinic."""

    def __init__(self, root: Path, clinic: ClinicText) -> None:
        self._root = root
        self._clinic = clinic
        self._layout = Environment(
            loader=FileSystemLoader(root / LAYOUT),
            autoescape=select_autoescape(["html"], default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._responsive = (root / LAYOUT / "responsive.css").read_text(encoding="utf-8")
        # base.css goes into style attributes; responsive.css (media queries) stays in the page's <style>.
        self._inliner = CSSInliner(
            extra_css=(root / LAYOUT / "base.css").read_text(encoding="utf-8"),
            keep_style_tags=True,
            minify_css=True,
            load_remote_stylesheets=False,
        )

    @property
    def postal_address(self) -> str:
        """The clinic's, as every letter that is no answer must print it."""
        return self._clinic.postal_address

    def check(self, letter: Letter) -> list[Problem]:
        """Every problem of every file of ``letter``, before anything is rendered."""
        files = [letter.subject, letter.preheader, letter.body, letter.footer, *letter.parts.values()]
        if letter.plain:
            files.append(letter.plain)
        values = {**letter.values, "branch_part": Ready()}
        return [
            problem
            for source in files
            for problem in check(source, values if source in {letter.body, letter.plain} else letter.values)
        ]

    def content(self, letter: Letter) -> Content:
        """The letter with its marks in. Raises RenderError with file and line."""
        subject, preheader = self.line(letter.subject, letter), self.line(letter.preheader, letter)
        body, footer = self.tokens(letter.body, letter), self.tokens(letter.footer, letter)
        words = render(letter.plain, self._values(letter)) if letter.plain else plain(body)
        return self._laid_out(subject, preheader, body, footer, words, letter.kicker)

    def written(self, subject: str, preheader: str, body: Sequence[Token]) -> Content:
        """A letter that staff wrote in a form and not in files, laid out as files are, with the footer of campaigns.
        All three are ready, with marks where a personal value goes: no template language looks at them."""
        footer = parse(render(self.campaign_footer(), self._of_clinic))
        return self._laid_out(subject, preheader, body, footer, plain(body))

    def campaign_footer(self) -> Source:
        """What stands below every campaign by email: why it came, and the ways to leave."""
        path = f"{LAYOUT}/{CAMPAIGN_FOOTER}"
        return Source(path, (self._root / path).read_text(encoding="utf-8-sig"), markdown=True)

    def check_campaigns(self) -> list[Problem]:
        """What is wrong with the footer of campaigns: unknown variables, and no way to leave (CAN-SPAM, 16 CFR 316)."""
        footer = self.campaign_footer()
        problems = check(footer, self._of_clinic)
        if not problems and mark("unsubscribe_url") not in render(footer, self._of_clinic):
            message = "campaigns need a way out; put a link to {{ unsubscribe_url }} into it"
            problems.append(Problem(footer.path, 0, "unsubscribe", message))
        return problems

    @property
    def clinic(self) -> ClinicText:
        """Whose letters these are."""
        return self._clinic

    @property
    def _of_clinic(self) -> dict[str, Any]:
        return {"clinic": self._clinic} | {name: MergeTag(name) for name in CAMPAIGN_NAMES}

    def _laid_out(
        self,
        subject: str,
        preheader: str,
        body: Sequence[Token],
        footer: Sequence[Token],
        words: str,
        kicker: str = "",
    ) -> Content:
        shared = {"clinic": self._clinic, "kicker": kicker, "subject": subject, "preheader": preheader}
        html = self._in_layout(
            "base.html",
            shared | {"css": self._responsive, "body": to_html(body), "footer": to_html(footer)},
        )
        address = wrap(f"{self._clinic.name}, {self._clinic.postal_address}")
        text = self._in_layout(
            "base.txt",
            shared | {"body": words.strip(), "footer": plain(footer).strip(), "address": address},
        )
        return content_of(subject, self._inliner.inline(html), text)

    def page(self, title: str, letter: Letter, branch: str | None) -> LessonHtml:
        """The letter's body for its web page, with the part of ``branch`` (none when unknown or None) where
        the author put ``{{ branch_part }}``, else at the end. Links to the page itself are left out."""
        source = letter.parts.get(branch) if branch else None
        part = render(source, letter.values).strip() if source else ""
        text = render(letter.body, self._values(letter) | {"branch_part": Ready(part)})
        if part and "branch_part" not in letter.body.text:
            text = f"{text.rstrip()}\n\n{part}\n"
        text = _TO_ITSELF.sub("", text)
        html = to_html(without_title(without_link(parse(text), mark("lesson_url"))), web=True)
        return LessonHtml(title, html, _names(html))

    def line(self, source: Source, letter: Letter) -> str:
        """A file of one line. Raises RenderError when it is empty or has more."""
        line = render(source, letter.values).strip()
        name = source.path.rsplit("/", 1)[-1]
        if not line:
            raise RenderError(f"{name} is empty", source.path, 1, "empty")
        if len(line.splitlines()) > 1:
            raise RenderError(f"{name} must be one line", source.path, 2, "newline")
        return line

    def tokens(self, source: Source, letter: Letter) -> Sequence[Token]:
        """The Markdown tokens of a body, footer or part as the email has it. Raises RenderError."""
        tokens = parse(render(source, self._values(letter)))
        if not tokens:
            raise RenderError(f"{source.path.rsplit('/', 1)[-1]} is empty", source.path, 1, "empty")
        return tokens

    def _values(self, letter: Letter) -> dict[str, Any]:
        return {**letter.values, "branch_part": Ready()}

    def _in_layout(self, name: str, values: Mapping[str, Any]) -> str:
        try:
            template: Template = self._layout.get_template(name)
            return template.render(values)
        except TemplateError as error:
            line = getattr(error, "lineno", 0) or 0
            raise RenderError(str(error), f"{LAYOUT}/{name}", line, "layout") from error


def text_content(source: Source, values: Mapping[str, Any]) -> Content:
    """A text message with its marks in, in the cheap alphabet. Raises RenderError when it is empty."""
    text = fold(render(source, values)).strip()
    if not text:
        raise RenderError(f"{source.path.rsplit('/', 1)[-1]} is empty", source.path, 1, "empty")
    return content_of("", "", text)


def content_of(subject: str, html: str, text: str) -> Content:
    """These texts as one content; subject and HTML are empty for a text message."""
    digest = hashlib.sha256(f"{subject}\0{html}\0{text}".encode()).digest()
    return Content(digest, subject, html, text, _names(subject, html, text))


def _names(*texts: str) -> frozenset[str]:
    return frozenset(name for text in texts for name in MARK.findall(text))
