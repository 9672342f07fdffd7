"""All courses and messages, loaded and rendered once when a process starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from engage.content.clinic_text import ClinicText
from engage.content.letters import Found, find, service_values
from engage.content.problems import ContentErrors
from engage.content.render import (
    Content,
    ContentPlan,
    LessonHtml,
    Renderer,
    RenderError,
    text_content,
)
from engage.content.template import check
from engage.domain.courses import Course

__all__ = ["ClinicText", "ContentErrors", "Library", "UnknownContent", "load_all"]


class UnknownContent(LookupError):
    """There is no such course, lesson or message (any more)."""


class Library:
    """What can be sent and shown. Nothing here is done per message: plans and pages are kept."""

    def __init__(
        self,
        courses: Mapping[str, Course],
        contents: Mapping[tuple[str, str], Content],
        pages: Mapping[tuple[str, str, str | None], LessonHtml],
        texts: Mapping[str, Content],
        renderer: Renderer,
    ) -> None:
        self.courses: Mapping[str, Course] = MappingProxyType(dict(courses))
        self._contents = dict(contents)
        self._pages = dict(pages)
        self._texts = dict(texts)
        self._plans: dict[bytes, ContentPlan] = {}
        # For letters that staff write in a form (content/campaign_text.py).
        self.renderer = renderer

    @classmethod
    def load(cls, root: Path, clinic: ClinicText) -> Library:
        """Everything below ``root`` (the folder that holds ``courses``, ``email`` and ``sms``). Raises ContentErrors
        that lists every missing file, unknown variable and faulty line."""
        library, found = load_all(root, clinic)
        if library is None:
            raise ContentErrors(found.problems)
        return library

    @property
    def kinds(self) -> tuple[str, ...]:
        """The emails that are not lessons."""
        return tuple(name for course, name in self._contents if not course)

    @property
    def texts(self) -> tuple[str, ...]:
        """The text messages."""
        return tuple(self._texts)

    def lesson(self, course: str, slug: str) -> Content:
        """The email of one lesson. Raises UnknownContent."""
        return self._content(course, slug)

    def message(self, kind: str) -> Content:
        """The email of one kind of message. Raises UnknownContent."""
        return self._content("", kind)

    def text_message(self, kind: str) -> Content:
        """The text message of one kind: only its ``text`` is filled. Raises UnknownContent."""
        content = self._texts.get(kind)
        if content is None:
            raise UnknownContent(f"no text message {kind}")
        return content

    def lesson_page(self, course: str, slug: str, branch: str | None) -> LessonHtml:
        """One lesson for the web, with the part for ``branch`` if it has one. Raises UnknownContent."""
        page = self._pages.get((course, slug, branch)) or self._pages.get((course, slug, None))
        if page is None:
            raise UnknownContent(f"no lesson {course}/{slug}")
        return page

    def plan(self, content: Content) -> ContentPlan:
        """The plans of ``content``, made once."""
        plan = self._plans.get(content.hash)
        if plan is None:
            plan = self._plans[content.hash] = ContentPlan.of(content)
        return plan

    def _content(self, course: str, name: str) -> Content:
        content = self._contents.get((course, name))
        if content is None:
            raise UnknownContent(f"no lesson {course}/{name}" if course else f"no message {name}")
        return content


def load_all(root: Path, clinic: ClinicText) -> tuple[Library | None, Found]:
    """The library, or None when ``found.problems`` has any; lint reads the rest from ``found``."""
    found = find(root, clinic)
    if any(problem.path.startswith("email/_layout/") for problem in found.problems):
        return None, found
    renderer = Renderer(root, clinic)
    contents: dict[tuple[str, str], Content] = {}
    pages: dict[tuple[str, str, str | None], LessonHtml] = {}
    problems = set(renderer.check_campaigns())
    for (course, name), letter in found.letters.items():
        faults = renderer.check(letter)
        problems.update(faults)
        if faults:
            continue
        try:
            contents[course, name] = renderer.content(letter)
            if course:
                lesson = found.courses[course].lesson(name)
                title = lesson.title if lesson else name
                for branch in (None, *letter.parts):
                    pages[course, name, branch] = renderer.page(title, letter, branch)
        except RenderError as error:
            problems.add(error.as_problem())
    found.problems += sorted(problems)
    texts = _texts(found, clinic)
    if found.problems:
        return None, found
    return Library(found.courses, contents, pages, texts, renderer), found


def _texts(found: Found, clinic: ClinicText) -> dict[str, Content]:
    contents, values = {}, service_values(clinic)
    for name, source in found.texts.items():
        faults = check(source, values)
        if not faults:
            try:
                contents[name] = text_content(source, values)
            except RenderError as error:
                faults = [error.as_problem()]
        found.problems += faults
    return contents
