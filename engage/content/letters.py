"""Finds the files of courses and messages below the templates' folder, and what is missing or too many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engage.content.clinic_text import ClinicText
from engage.content.course_file import SLUG, nearest, parse_course
from engage.content.merge import NAMES, MergeTag
from engage.content.problems import Problem, place
from engage.content.render import CAMPAIGN_FOOTER, LAYOUT, Letter
from engage.content.template import Source
from engage.domain.courses import MAIN_PAINS, Course, Lesson
from engage.domain.messages import CHECK_INS, VISITS

LESSON_NAMES: Final = frozenset({"given_name", "lesson_url", "unsubscribe_url", "preferences_url"})
# Letters of care are no answers: each tells how to leave.
CARE: Final = frozenset(kind.text for kind in (*VISITS, *CHECK_INS) if kind.channel == "email")
_FILES: Final = ("subject.txt", "preheader.txt", "body.md")
_MAY_BE: Final = ("body.txt", "footer.md")
LAYOUT_FILES: Final = (
    "base.html",
    "base.txt",
    "base.css",
    "responsive.css",
    CAMPAIGN_FOOTER,
    "footer-care.md",
    "footer-course.md",
    "footer-service.md",
)


@dataclass(slots=True)
class Found:
    """All that was found: courses, letters by (course, slug) or ("", kind), text messages by kind, and
    every problem."""

    root: Path
    clinic: ClinicText
    courses: dict[str, Course] = field(default_factory=dict)
    letters: dict[tuple[str, str], Letter] = field(default_factory=dict)
    texts: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, path: Path, code: str, message: str, line: int = 0) -> None:
        """Notes one problem."""
        self.problems.append(Problem(place(self.root, path), line, code, message))

    def read(self, path: Path) -> str | None:
        """The file's text, or None with the problem noted."""
        try:
            return path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self.wrong(path, "missing-file", f"{path.name} is missing")
        except UnicodeDecodeError:
            self.wrong(path, "not-utf8", f"{path.name} is not UTF-8 text; save it as UTF-8")
        except OSError as error:
            self.wrong(path, "unreadable", f"{path.name} can't be read: {error.strerror}")
        return None

    def source(self, path: Path) -> Source | None:
        """The file as a template, or None with the problem noted."""
        text = self.read(path)
        return None if text is None else Source(place(self.root, path), text, path.suffix == ".md")


def find(root: Path, clinic: ClinicText) -> Found:
    """Reads everything below ``root``; raises nothing, notes all."""
    found = Found(root, clinic)
    for name in LAYOUT_FILES:
        found.read(root / LAYOUT / name)
    for folder in _folders(root / "courses"):
        _course(found, folder)
    for folder in _folders(root / "email"):
        footer = "footer-care.md" if folder.name in CARE else "footer-service.md"
        letter = _letter(found, folder, root / LAYOUT / footer, service_values(clinic))
        if letter:
            found.letters["", folder.name] = letter
    for path in sorted((root / "sms").glob("*.txt")):
        source = found.source(path)
        if source:
            found.texts[path.stem] = source
    return found


def service_values(clinic: ClinicText) -> dict[str, Any]:
    """What the text of a message that is no lesson may use."""
    return {"clinic": clinic} | {name: MergeTag(name) for name in NAMES}


def _course(found: Found, folder: Path) -> None:
    if not SLUG.fullmatch(folder.name):
        found.wrong(
            folder, "bad-slug", "a course's folder is named in small letters, digits and single hyphens"
        )
    path = folder / "course.toml"
    text = found.read(path)
    if text is None:
        return
    course, problems = parse_course(text, folder.name, place(found.root, path))
    found.problems += problems
    if not course:
        return
    found.courses[course.slug] = course
    slugs = {lesson.slug for lesson in course.lessons}
    for extra in _folders(folder):
        if extra.name not in slugs:
            found.wrong(
                extra,
                "extra-lesson",
                f"{extra.name} is not listed in course.toml{nearest(extra.name, slugs)}",
            )
    for number, lesson in enumerate(course.lessons, 1):
        _lesson(found, course, lesson, number, folder / lesson.slug)


def _lesson(found: Found, course: Course, lesson: Lesson, number: int, folder: Path) -> None:
    if not folder.is_dir():
        found.wrong(folder, "missing-lesson", f"course.toml lists {lesson.slug}, but there is no such folder")
        return
    total = len(course.lessons)
    values: dict[str, Any] = {
        "clinic": found.clinic,
        "course": {"title": course.title},
        "lesson": {"title": lesson.title, "number": number, "total": total},
    } | {name: MergeTag(name) for name in LESSON_NAMES}
    footer = found.root / LAYOUT / "footer-course.md"
    parts = _parts(found, lesson, folder / "parts")
    letter = _letter(found, folder, footer, values, parts, f"Lesson {number} of {total}")
    if letter:
        found.letters[course.slug, lesson.slug] = letter


def _parts(found: Found, lesson: Lesson, folder: Path) -> dict[str, Source]:
    files = {path.stem: path for path in sorted(folder.glob("*.md"))} if folder.is_dir() else {}
    if lesson.branch is None:
        if files:
            found.wrong(
                folder, "extra-parts", f'{lesson.slug} has parts but no branch = "main-pain" in course.toml'
            )
        return {}
    for key, path in files.items():
        if key not in MAIN_PAINS:
            found.wrong(path, "unknown-part", f"no main pain has the key {key}{nearest(key, MAIN_PAINS)}")
    for key, label in MAIN_PAINS.items():
        if key not in files:
            found.wrong(folder / f"{key}.md", "missing-part", f"the part for {label} is missing")
    read = {key: found.source(files[key]) for key in MAIN_PAINS if key in files}
    for key, source in read.items():
        if source and not source.text.strip():
            found.wrong(files[key], "empty", f"{key}.md is empty", 1)
    return {key: source for key, source in read.items() if source}


def _letter(
    found: Found,
    folder: Path,
    footer: Path,
    values: dict[str, Any],
    parts: dict[str, Source] | None = None,
    kicker: str = "",
) -> Letter | None:
    subject, preheader, body = (found.source(folder / name) for name in _FILES)
    for path in sorted(folder.iterdir()):
        known = {*_FILES, *_MAY_BE, "parts"}
        if path.name not in known and not path.name.startswith("."):
            found.wrong(
                path, "extra-file", f"{path.name} is not a file of a letter{nearest(path.name, known)}"
            )
    own_footer = folder / "footer.md"
    chosen = found.source(own_footer if own_footer.exists() else footer)
    text = found.source(folder / "body.txt") if (folder / "body.txt").exists() else None
    if not (subject and preheader and body and chosen):
        return None
    return Letter(subject, preheader, body, text, chosen, parts or {}, values, kicker)


def _folders(parent: Path) -> Iterator[Path]:
    if parent.is_dir():
        yield from (path for path in sorted(parent.iterdir()) if path.is_dir() and path.name[0] not in "._")
