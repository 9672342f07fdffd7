"""What a course is: lessons in order, each with its day and local hour. Loaded from ``course.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType
from typing import Final

MAIN_PAINS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "back": "Back pain",
        "neck": "Neck pain",
        "osteoarthritis": "Osteoarthritis",
        "headache": "Migraine or tension headache",
        "fibromyalgia": "Fibromyalgia",
        "sciatica": "Sciatica",
        "tendon-joint": "Tendonitis or joint inflammation",
        "post-surgical": "Pain after surgery",
        "not-sure": "Not sure",
    }
)
"""Key to label, in the order in which a form shows them."""

BRANCHES: Final = frozenset({"main-pain"})
"""What a lesson's web page may choose a part by."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One letter of a course. ``day`` counts from the start of the course, the first is 0;
    ``at`` is the reader's local hour; ``weekdays`` are those on which it may go, 0 is Monday."""

    slug: str
    title: str
    summary: str
    day: int
    at: time
    weekdays: frozenset[int]
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A course. ``window`` is the decent time of day for a late lesson, from and until, local;
    ``terms`` are the words its subject needs, which the reading grade counts as two syllables."""

    slug: str
    title: str
    tagline: str
    lessons: tuple[Lesson, ...]
    window: tuple[time, time]
    terms: frozenset[str] = frozenset()
    _by_slug: dict[str, Lesson] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_slug", {lesson.slug: lesson for lesson in self.lessons})

    def lesson(self, slug: str) -> Lesson | None:
        """The lesson of that slug, or None when the course has none (any more)."""
        return self._by_slug.get(slug)
