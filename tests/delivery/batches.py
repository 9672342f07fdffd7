"""Batches as the pipe makes them, of a real lesson and of a text message."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid4

from engage.content.library import Library
from engage.content.render import Content
from engage.delivery.provider import Batch, Entry, Shared
from engage.runtime import texts
from engage.settings import load

PROJECT = Path(__file__).resolve().parents[2]
ATTEMPT = UUID("01923456-789a-7bcd-8ef0-123456789abc")
# Names that somebody typed, to break what can be broken.
NAMES = [
    "Ada",
    "O'Brien & <b>Söhne</b>",
    '-mt-lesson_url- "x"',
    "{{ clinic.name }}",
    "Zoë…\\n%s",
    "-1p-given_name-",
]


@lru_cache(maxsize=1)
def library() -> Library:
    """The clinic's own texts."""
    environ = {"ENGAGE_CLINIC": str(PROJECT / "clinic.toml"), "ENGAGE_TEMPLATES": str(PROJECT / "templates")}
    return texts(load(environ))[1]


def lesson() -> Content:
    """The first lesson of the first course."""
    course = next(iter(library().courses.values()))
    return library().lesson(course.slug, course.lessons[0].slug)


def shared(content: Content, **headers: str) -> Shared:
    return Shared(
        uuid4(),
        content.subject,
        content.html,
        content.text,
        "hello@clinic.example",
        "Oak Street Clinic",
        "desk@clinic.example",
        headers,
    )


def lessons(count: int, **headers: str) -> Batch:
    """One request with the lesson for ``count`` people."""
    entries = [
        Entry(
            uuid4(),
            f"person{n}@example.org",
            {
                "given_name": NAMES[n % len(NAMES)],
                "lesson_url": f"https://clinic.example/lessons/{n}?a=1&b=2",
                "unsubscribe_url": f"https://clinic.example/unsubscribe/{n}",
                "preferences_url": f"https://clinic.example/preferences/{n}",
            },
            {
                "List-Unsubscribe": f"<https://clinic.example/unsubscribe/{n}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        for n in range(count)
    ]
    return Batch(ATTEMPT, "course-lesson", shared(lesson(), **headers), entries)


def sms(
    text: str = "Oak Street: hello -mt-given_name-!",
    values: dict[str, str] | None = None,
    not_after: datetime | None = None,
) -> Batch:
    """One text message."""
    entry = Entry(
        uuid4(),
        "+15185550123",
        {"given_name": "Ada", "note": "x"} if values is None else values,
        not_after=not_after,
    )
    return Batch(
        ATTEMPT, "test-sms-service", Shared(uuid4(), "", "", text, "a@b.example", "Oak", ""), [entry]
    )
