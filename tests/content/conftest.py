"""A small clinic and a small course, made anew for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from engage.content.clinic_text import ClinicText
from engage.domain.courses import MAIN_PAINS

REPOSITORY = Path(__file__).parents[2]

COURSE = """\
title = "Better mornings"
tagline = "Two short lessons about waking up well."
hour = "09:00"
weekdays = ["mon", "tue", "wed", "thu", "fri"]
window = ["08:00", "20:00"]
terms = ["ventilation"]

[[lessons]]
slug = "welcome"
title = "Welcome"
summary = "What to expect."
day = 0

[[lessons]]
slug = "your-own"
title = "Your own morning"
summary = "A part for you."
day = 3
branch = "main-pain"
"""

WELCOME = {
    "subject.txt": "Your first lesson, {{ given_name }}\n",
    "preheader.txt": "Lesson {{ lesson.number }} of {{ lesson.total }}\n",
    "body.md": """\
Hello {{ given_name }},

This is *{{ course.title }}* by {{ clinic.name }}.

[Open the lesson]({{ lesson_url }} "button")

## Light & air

- Open a window.
- Read [the guide](https://example.org/guide?a=1&b=2).
""",
}


@pytest.fixture(scope="session")
def clinic() -> ClinicText:
    return ClinicText(
        name="Harmonia Health Solutions",
        short_name="Harmonia Health",
        telephone="+1 555 010 0140",
        postal_address="120 Larkspur Lane, Suite 4, Albany, NY 12207",
        website="https://harmonia.example",
        email="hello@harmonia.example",
    )


@pytest.fixture
def real_templates() -> Path:
    return REPOSITORY / "templates"


@pytest.fixture
def templates(tmp_path: Path, real_templates: Path) -> Path:
    """A templates' folder with the real layout, one message and the course ``mornings``."""
    shutil.copytree(real_templates / "email", tmp_path / "email")
    course = tmp_path / "courses" / "mornings"
    write_files(course / "welcome", WELCOME)
    write_files(
        course / "your-own",
        {
            "subject.txt": "Your own morning\n",
            "preheader.txt": "A part that is only for you\n",
            "body.md": "Hello {{ given_name }},\n\nBefore.\n\n{{ branch_part }}\n\nAfter.\n",
            **{f"parts/{key}.md": f"Part for *{key}*, {{{{ given_name }}}}.\n" for key in MAIN_PAINS},
        },
    )
    (course / "course.toml").write_text(COURSE)
    return tmp_path


@pytest.fixture
def change(templates: Path) -> Callable[[str, str, str], None]:
    """Replaces words in one file of the course."""

    def replace(name: str, old: str, new: str) -> None:
        path = templates / "courses" / "mornings" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return replace


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
