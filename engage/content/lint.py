"""Reads all courses and messages as an editor would: what is broken, and what should be put better."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it.token import Token

from engage.content.clinic_text import ClinicText
from engage.content.letters import Found
from engage.content.library import Library, load_all
from engage.content.markdown import parse
from engage.content.merge import MARK, URL_NAMES, mark
from engage.content.problems import Problem
from engage.content.readability import Grades, grades, is_sources, prose_of
from engage.content.render import LAYOUT, Content, Letter, Renderer
from engage.content.template import Source, render
from engage.content.text import plain
from engage.content.wording import first_seen, private_words, promises, unsourced_claims, visible_html
from engage.domain.messages import KINDS, LISTED

__all__ = ["LessonReport", "Problem", "lint", "report"]

LONGEST_SUBJECT: Final = 70
HIGHEST_GRADE: Final = 8.0
# Gmail cuts a letter off at 102 KB.
MOST_HTML_BYTES: Final = 102_000
# The grade of a handful of words says nothing.
FEWEST_WORDS: Final = 40
# Letters other than lessons that are no answers, by their folders.
NO_ANSWERS: Final = frozenset(KINDS[name].text for name in LISTED)
_SAFE_LINK: Final = re.compile(r"https://|mailto:|tel:")
_RAW_HTML: Final = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>")


@dataclass(frozen=True, slots=True)
class LessonReport:
    """One lesson's numbers: words of its body, both reading grades, size of its HTML."""

    course: str
    slug: str
    words: int
    grade: float
    grade_with_terms: float
    html_bytes: int


def lint(root: Path, clinic: ClinicText, no_answers: Container[str] = NO_ANSWERS) -> list[Problem]:
    """Every problem below ``root``, sorted by place: first of all what ``Library.load`` would refuse, and
    for all that could be rendered what should be written in another way. Lessons, and letters named in
    ``no_answers``, need the clinic's postal address and a link to leave (CAN-SPAM, 16 CFR 316)."""
    library, found = load_all(root, clinic)
    problems = list(found.problems)
    if library is not None:
        renderer = Renderer(root, clinic)
        for (course, name), letter in found.letters.items():
            content = library.lesson(course, name) if course else library.message(name)
            listed = bool(course) or name in no_answers
            problems += _Reading(found, renderer, course, listed, letter, content).problems()
    return sorted(set(problems))


def report(root: Path, clinic: ClinicText) -> list[LessonReport]:
    """The numbers of every lesson, in the order of the course; none when something can't be rendered."""
    library, found = load_all(root, clinic)
    if library is None:
        return []
    renderer = Renderer(root, clinic)
    return [_report(library, found, renderer, course, lesson.slug)
            for course in library.courses for lesson in library.courses[course].lessons]  # fmt: skip


def _report(library: Library, found: Found, renderer: Renderer, course: str, slug: str) -> LessonReport:
    tokens = renderer.tokens(found.letters[course, slug].body, found.letters[course, slug])
    of = grades(prose_of(tokens), library.courses[course].terms)
    size = len(library.lesson(course, slug).html.encode())
    return LessonReport(course, slug, of.words, of.raw, of.with_terms, size)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One letter under the eyes of an editor."""

    found: Found
    renderer: Renderer
    course: str
    listed: bool
    letter: Letter
    content: Content

    def problems(self) -> Iterator[Problem]:
        letter = self.letter
        body = self.renderer.tokens(letter.body, letter)
        sourced = _has_sources(body)
        yield from self._subject()
        yield from self._first_seen()
        yield from self._prose(letter.body, body, sourced)
        for part in letter.parts.values():
            tokens = parse(render(part, letter.values))
            yield from self._prose(part, tokens, sourced or _has_sources(tokens))
        yield from self._links(letter.footer, self.renderer.tokens(letter.footer, letter))
        if letter.plain:
            yield from self._wording(letter.plain, letter.plain.text.split("\n\n"))
        if (size := len(self.content.html.encode())) > MOST_HTML_BYTES:
            yield Problem(
                letter.body.path, 0, "html-size", f"the HTML has {size} bytes; Gmail cuts it at 102 KB"
            )
        if self.listed:
            yield from self._unsubscribe()
            yield from self._postal_address()

    def _subject(self) -> Iterator[Problem]:
        # A given name of six letters stands for all.
        length = len(MARK.sub("Sandra", self.content.subject))
        if length > LONGEST_SUBJECT:
            message = f"the subject has {length} characters; {LONGEST_SUBJECT} is the most that is shown"
            yield Problem(self.letter.subject.path, 1, "subject-length", message)

    def _first_seen(self) -> Iterator[Problem]:
        letter = self.letter
        # The letter's own start counts too: an inbox may leave the clinic's name out.
        start = plain(self.renderer.tokens(letter.body, letter))
        seen = (
            (letter.subject, "the subject", self.content.subject),
            (letter.preheader, "the preheader", self.renderer.line(letter.preheader, letter)),
            (letter.body, "the first 40 characters of the HTML", first_seen(visible_html(self.content.html))),
            (
                letter.plain or letter.body,
                "the first 40 characters of the text",
                first_seen(self.content.text),
            ),
            (letter.body, "the first 40 characters", first_seen(start)),
        )
        for source, where, text in seen:
            for word in private_words(text):
                message = f"{where} must not name a condition, body part or treatment: {word}"
                yield Problem(source.path, _line_of(source, word), "private-word", message)

    def _prose(self, source: Source, tokens: Sequence[Token], sourced: bool) -> Iterator[Problem]:
        prose = prose_of(tokens)
        yield from self._links(source, tokens)
        yield from self._wording(source, prose)
        of = self._grades(prose)
        if of.with_terms > HIGHEST_GRADE and of.words >= FEWEST_WORDS:
            message = (
                f"reading grade {of.with_terms} is above {HIGHEST_GRADE:g} ({of.raw} with terms in full); "
                "use shorter sentences and words"
            )
            yield Problem(source.path, 0, "grade", message)
        claims = [] if sourced else unsourced_claims(prose)
        for claim in claims[:1]:
            message = f'a claim with a number needs its source under a heading "Sources": {claim[:60]}'
            yield Problem(source.path, _line_of(source, claim), "no-sources", message)
        for number, line in enumerate(source.text.splitlines(), 1):
            if found := _RAW_HTML.search(line):
                yield Problem(
                    source.path, number, "raw-html", f"{found[0]} would be shown as it stands; use Markdown"
                )

    def _grades(self, prose: list[str]) -> Grades:
        course = self.found.courses.get(self.course)
        return grades((MARK.sub("Sam", block) for block in prose), course.terms if course else ())

    def _wording(self, source: Source, prose: Sequence[str]) -> Iterator[Problem]:
        for words in promises(prose):
            message = f'"{words}" promises too much; say what may happen, or that it is not so'
            yield Problem(source.path, _line_of(source, words), "promise", message)

    def _links(self, source: Source, tokens: Sequence[Token]) -> Iterator[Problem]:
        addresses = {mark(name) for name in URL_NAMES}
        for token in tokens:
            line = token.map[0] + 1 if token.map else 0
            for part in [token, *(token.children or [])]:
                if part.type == "image":
                    yield Problem(source.path, line, "image", "letters carry no images; say it in words")
                href = part.attrGet("href")
                if href is None or _SAFE_LINK.match(str(href)):
                    continue
                # A choice in one tap is the same for everybody: "...?score=7".
                if str(href).partition("?")[0] not in addresses:
                    yield Problem(source.path, line, "link", f"the link {href} must begin with https://")

    def _unsubscribe(self) -> Iterator[Problem]:
        link = mark("unsubscribe_url")
        for part, text in (("HTML", self.content.html), ("plain text", self.content.text)):
            if link not in text:
                message = f"the {part} has no unsubscribe link; put {{{{ unsubscribe_url }}}} into the footer"
                yield Problem(self.letter.footer.path, 0, "unsubscribe", message)

    def _postal_address(self) -> Iterator[Problem]:
        address = _spaced(self.renderer.postal_address)
        for name, text in (("base.html", visible_html(self.content.html)), ("base.txt", self.content.text)):
            if address not in _spaced(text):
                message = "the clinic's postal address is missing; the law wants it in every letter that is no answer"
                yield Problem(f"{LAYOUT}/{name}", 0, "postal-address", message)


def _spaced(text: str) -> str:
    """The text with each run of white space as one space, since plain text is wrapped."""
    return " ".join(text.split())


def _has_sources(tokens: Sequence[Token]) -> bool:
    return any(
        is_sources(tokens[at + 1].content.strip("* "))
        for at, token in enumerate(tokens)
        if token.type in {"heading_open", "paragraph_open"}
    )


def _line_of(source: Source, words: str) -> int:
    """Where ``words`` stand, by their first that fit on one line; 1 when the line can't be told."""
    start = words.lower().split()[:4]
    for length in range(len(start), 0, -1):
        for number, line in enumerate(source.text.splitlines(), 1):
            if " ".join(start[:length]) in line.lower():
                return number
    return 1
