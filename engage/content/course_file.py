"""Reads ``course.toml``: every problem is found in one go and names its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import time
from difflib import get_close_matches
from typing import Any, Final

from engage.content.problems import Problem
from engage.domain.courses import BRANCHES, Course, Lesson

COURSE_KEYS: Final = ("title", "tagline", "hour", "weekdays", "window", "terms", "lessons")
LESSON_KEYS: Final = ("slug", "title", "summary", "day", "hour", "weekdays", "branch")
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HOUR: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def parse_course(text: str, slug: str, path: str) -> tuple[Course | None, list[Problem]]:
    """The course in ``text``, or None with what is wrong. ``slug`` is its folder's name."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        return None, [Problem(path, line, "toml", f"not valid TOML: {error}")]
    reader = _Reader(path, text)
    course = _course(reader, raw, slug)
    return (None if reader.problems else course), reader.problems


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean x?`` when one of ``known`` is close, else the list of them."""
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(choices)}"


@dataclass(slots=True)
class _Reader:
    path: str
    text: str
    problems: list[Problem] = field(default_factory=list)
    first: int = 0
    last: int = 0
    where: str = ""

    def __post_init__(self) -> None:
        self.enter(None)

    def enter(self, index: int | None) -> None:
        """Looks for lines in the head of the file (None) or in the lesson of that index."""
        lines = self.text.splitlines()
        heads = [at for at, line in enumerate(lines) if re.match(r"\s*\[\[\s*lessons\s*\]\]", line)]
        heads.append(len(lines))
        if index is None:
            self.first, self.last, self.where = 0, heads[0], "the course"
        else:
            index = min(index, len(heads) - 2) if len(heads) > 1 else 0
            self.first, self.last = heads[index], heads[min(index + 1, len(heads) - 1)]
            self.where = f"lesson {index + 1}"

    def line(self, key: str) -> int:
        for at, line in enumerate(self.text.splitlines()[self.first : self.last], self.first + 1):
            if re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return at
        return self.first + 1

    def wrong(self, key: str, code: str, message: str) -> None:
        self.problems.append(Problem(self.path, self.line(key), code, message))

    def unknown_keys(self, table: dict[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                self.wrong(key, "unknown-key", f"unknown key {key} in {self.where}{nearest(key, known)}")

    def words(self, table: dict[str, Any], key: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip() or "\n" in value.strip():
            self.wrong(key, "missing-key", f'{self.where} needs {key} = "...", one line of words')
            return ""
        return value.strip()

    def hour(self, value: object, key: str) -> time:
        found = _HOUR.fullmatch(value) if isinstance(value, str) else None
        if not found:
            self.wrong(
                key, "bad-hour", f'{key} of {self.where} must be a time such as "09:00", not {value!r}'
            )
            return time(0, 0)
        return time(int(found[1]), int(found[2]))

    def weekdays(self, value: object) -> frozenset[int]:
        if not isinstance(value, list) or not value:
            self.wrong(
                "weekdays", "bad-weekday", f'weekdays of {self.where} must be a list such as ["mon", "tue"]'
            )
            return frozenset()
        for day in value:
            if day not in WEEKDAYS:
                self.wrong("weekdays", "bad-weekday", f"{day!r} is no weekday{nearest(str(day), WEEKDAYS)}")
        return frozenset(WEEKDAYS.index(day) for day in value if day in WEEKDAYS)


def _course(reader: _Reader, raw: dict[str, Any], slug: str) -> Course:
    reader.unknown_keys(raw, COURSE_KEYS)
    title, tagline = reader.words(raw, "title"), reader.words(raw, "tagline")
    window = _window(reader, raw.get("window", ["08:00", "20:00"]))
    weekdays = reader.weekdays(raw.get("weekdays", list(WEEKDAYS)))
    hour = reader.hour(raw.get("hour", "09:00"), "hour")
    _inside(reader, hour, window)
    terms = raw.get("terms", [])
    if not isinstance(terms, list) or not all(isinstance(term, str) and term.strip() for term in terms):
        reader.wrong("terms", "bad-terms", "terms must be a list of words")
        terms = []
    lessons = _lessons(reader, raw.get("lessons"), hour, weekdays, window)
    return Course(slug, title, tagline, lessons, window, frozenset(term.strip().lower() for term in terms))


def _window(reader: _Reader, value: object) -> tuple[time, time]:
    if not isinstance(value, list) or len(value) != 2:
        reader.wrong("window", "bad-window", 'window must be two times such as ["08:00", "20:00"]')
        return time(0, 0), time(23, 59)
    before = len(reader.problems)
    start, end = (reader.hour(item, "window") for item in value)
    if len(reader.problems) > before:
        return time(0, 0), time(23, 59)
    if start >= end:
        reader.wrong(
            "window", "bad-window", f"the window must open before it closes, not {value[0]} to {value[1]}"
        )
    return start, end


def _inside(reader: _Reader, hour: time, window: tuple[time, time]) -> None:
    said = any(
        problem.code == "bad-hour" and problem.line == reader.line("hour") for problem in reader.problems
    )
    if not said and not window[0] <= hour < window[1]:
        span = f"{window[0]:%H:%M} to {window[1]:%H:%M}"
        reader.wrong("hour", "hour-outside", f"the hour of {reader.where} is outside the window {span}")


def _lessons(
    reader: _Reader, raw: object, hour: time, weekdays: frozenset[int], window: tuple[time, time]
) -> tuple[Lesson, ...]:
    if not isinstance(raw, list) or not raw or not all(isinstance(item, dict) for item in raw):
        reader.wrong("lessons", "no-lessons", "the course has no lessons; begin each with [[lessons]]")
        return ()
    lessons: list[Lesson] = []
    for index, table in enumerate(raw):
        reader.enter(index)
        lesson = _lesson(reader, table, hour, weekdays)
        if "hour" in table:
            _inside(reader, lesson.at, window)
        _in_order(reader, lessons, lesson)
        lessons.append(lesson)
    return tuple(lessons)


def _lesson(reader: _Reader, table: dict[str, Any], hour: time, weekdays: frozenset[int]) -> Lesson:
    reader.unknown_keys(table, LESSON_KEYS)
    slug = reader.words(table, "slug")
    if slug and not SLUG.fullmatch(slug):
        reader.wrong("slug", "bad-slug", f"slug {slug!r} must be small letters, digits and single hyphens")
    day = table.get("day")
    if not isinstance(day, int) or isinstance(day, bool) or day < 0:
        reader.wrong("day", "bad-day", f"day of {reader.where} must be a whole number, 0 for the start")
        day = -1
    branch = table.get("branch")
    if branch is not None and branch not in BRANCHES:
        reader.wrong("branch", "bad-branch", f"unknown branch {branch!r}{nearest(str(branch), BRANCHES)}")
    return Lesson(
        slug=slug,
        title=reader.words(table, "title"),
        summary=reader.words(table, "summary"),
        day=day,
        at=reader.hour(table["hour"], "hour") if "hour" in table else hour,
        weekdays=reader.weekdays(table["weekdays"]) if "weekdays" in table else weekdays,
        branch=branch if isinstance(branch, str) else None,
    )


def _in_order(reader: _Reader, earlier: list[Lesson], lesson: Lesson) -> None:
    if lesson.slug and any(other.slug == lesson.slug for other in earlier):
        reader.wrong("slug", "duplicate-slug", f"slug {lesson.slug} is used twice")
    if earlier and 0 <= lesson.day <= earlier[-1].day:
        reader.wrong(
            "day", "day-order", f"day {lesson.day} of {lesson.slug} must come after day {earlier[-1].day}"
        )
    if lesson.branch and any(other.branch for other in earlier):
        reader.wrong("branch", "bad-branch", "only one lesson of a course may have a branch")
