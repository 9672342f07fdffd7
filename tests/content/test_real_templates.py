from __future__ import annotations

import time
from pathlib import Path

import pytest

from engage.content.clinic_text import ClinicText
from engage.content.library import Library
from engage.content.lint import HIGHEST_GRADE, MOST_HTML_BYTES, lint, report
from engage.content.merge import NAMES
from engage.content.sms import segments
from engage.content.wording import private_words
from engage.domain.courses import MAIN_PAINS

VALUES = {name: f"https://clinic.example/{name}" for name in NAMES} | {"given_name": "Ana"}


@pytest.fixture
def library(real_templates: Path, clinic: ClinicText) -> Library:
    return Library.load(real_templates, clinic)


def test_everything_that_we_send_reads_well(real_templates: Path, clinic: ClinicText) -> None:
    assert [str(problem) for problem in lint(real_templates, clinic)] == []


def test_every_letter_of_every_course_is_rendered(library: Library) -> None:
    assert "chronic-pain" in library.courses
    for course in library.courses.values():
        for lesson in course.lessons:
            content = library.lesson(course.slug, lesson.slug)
            assert content.names == {"given_name", "lesson_url", "unsubscribe_url", "preferences_url"}
            texts = library.plan(content).fill(VALUES)
            assert not [text for text in texts if "-mt-" in text or "{{" in text]
            assert "https://clinic.example/unsubscribe_url" in texts[1]
            assert "https://clinic.example/unsubscribe_url" in texts[2]


def test_every_text_message_is_one_cheap_segment_with_nothing_private_in_it(library: Library) -> None:
    assert "test-message" in library.texts
    for name in library.texts:
        text = library.text_message(name).text
        assert (segments(text).encoding, segments(text).count) == ("GSM-7", 1), text
        assert not private_words(text)


def test_the_course_is_long_enough_and_easy_to_read(real_templates: Path, clinic: ClinicText) -> None:
    lessons = [lesson for lesson in report(real_templates, clinic) if lesson.course == "chronic-pain"]
    assert len(lessons) >= 10
    assert [lesson for lesson in lessons if lesson.grade_with_terms > HIGHEST_GRADE] == []
    assert [lesson for lesson in lessons if lesson.html_bytes > MOST_HTML_BYTES] == []


def test_one_lesson_has_a_part_for_each_main_pain(library: Library) -> None:
    course = library.courses["chronic-pain"]
    (branching,) = [lesson for lesson in course.lessons if lesson.branch]
    pages = {library.lesson_page(course.slug, branching.slug, key).html for key in MAIN_PAINS}
    without = library.lesson_page(course.slug, branching.slug, None).html
    assert len(pages | {without}) == len(MAIN_PAINS) + 1


def test_the_confirmation_repeats_nothing_that_a_visitor_typed(library: Library) -> None:
    content = library.message("signup-confirm")
    assert content.names == {"confirm_url", "not_me_url"}
    assert content.subject == "Please confirm your email address"
    assert "Confirm my address: -mt-confirm_url-" in content.text
    assert 'href="-mt-not_me_url-"' in content.html


def test_filling_a_letter_is_quick(library: Library) -> None:
    plan = library.plan(library.lesson("chronic-pain", library.courses["chronic-pain"].lessons[0].slug))

    def one_round() -> float:
        start = time.perf_counter()
        for _ in range(200):
            plan.fill(VALUES)
        return (time.perf_counter() - start) / 200

    # Some 5 microseconds on a quiet machine; the bound only tells it from rendering, which takes thousands.
    assert min(one_round() for _ in range(5)) < 0.0005


def test_a_lessons_web_page_neither_repeats_its_title_nor_links_to_itself(library: Library) -> None:
    for course in library.courses.values():
        for lesson in course.lessons:
            page = library.lesson_page(course.slug, lesson.slug, None)
            assert "-mt-lesson_url-" not in page.html
            assert f"<h2>{page.title}</h2>" not in page.html
            assert page.html.count("<p></p>") == 0
