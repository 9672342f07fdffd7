from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engage.content.clinic_text import ClinicText
from engage.content.lint import lint, report
from engage.content.wording import private_words, promises, unsourced_claims

HARD = (
    "Longitudinal observational investigations of multidisciplinary rehabilitation continually demonstrate "
    "considerable heterogeneity across participating institutions, notwithstanding methodological "
    "standardisation, which complicates interpretation. Nevertheless, collaborative investigators "
    "universally recommend individualised consideration of circumstances, expectations, comorbidities, "
    "practicalities, preferences and longstanding availability before any definitive recommendation."
)
HERE = "courses/mornings/"


def test_a_good_course_has_no_problem(templates: Path, clinic: ClinicText) -> None:
    assert lint(templates, clinic) == []


@pytest.mark.parametrize(
    ("name", "text", "place", "code", "says"),
    [
        ("welcome/subject.txt", "x" * 71, "subject.txt:1", "subject-length", "71 characters"),
        ("welcome/subject.txt", "About your pain", "subject.txt:1", "private-word", "the subject must"),
        ("welcome/preheader.txt", "On needles", "preheader.txt:1", "private-word", "needles"),
        ("welcome/body.md", "Hello,\n\nabout migraine.", "body.md:3", "private-word", "first 40 characters"),
        ("welcome/body.md", "Hello,\n\n# The neck", "body.md:3", "private-word", "first 40 characters"),
        ("welcome/body.txt", "Your knee, {{ given_name }}", "body.txt:1", "private-word", "of the text"),
        ("welcome/body.md", f"Hello.\n\n{HARD}", "body.md", "grade", "is above 8"),
        ("welcome/body.md", "Hello you.\n\nIt is a sure\ncure for all.", "body.md:4", "promise", '"cure"'),
        ("welcome/body.md", "Hello.\n\n[x](http://example.org/)", "body.md:3", "link", "must begin with https://"),
        ("welcome/body.md", "Hello.\n\n[x](/lessons)", "body.md:3", "link", "/lessons"),
        ("welcome/body.md", "Hello.\n\n![x](https://example.org/x.png)", "body.md:3", "image", "no images"),
        ("welcome/body.md", "Hello.\n\nOne<br>two", "body.md:3", "raw-html", "<br> would be shown"),
        ("welcome/body.md", "Hello you.\n\nA study of 40 people.", "body.md:3", "no-sources", '"Sources"'),
        ("welcome/body.md", "Hello.\n\n" + "A word. " * 15000, "body.md", "html-size", "Gmail cuts"),
        ("your-own/parts/neck.md", "It will relieve you.", "neck.md:1", "promise", "will relieve"),
        ("your-own/parts/neck.md", "A trial of 20 people.", "neck.md:1", "no-sources", "A trial of 20"),
    ],
)  # fmt: skip
def test_style_is_a_matter_for_lint(
    templates: Path, clinic: ClinicText, name: str, text: str, place: str, code: str, says: str
) -> None:
    (templates / HERE / name).write_text(text + "\n")
    problems = lint(templates, clinic)
    assert [problem.code for problem in problems] == [code]
    assert str(problems[0]).startswith(f"{HERE}{name.rsplit('/', 1)[0]}/{place}: ")
    assert says in problems[0].message


def test_sources_cover_a_claim_in_the_body_and_in_its_parts(templates: Path, clinic: ClinicText) -> None:
    body = templates / HERE / "your-own/body.md"
    body.write_text(
        "Hello.\n\nA study of 40 people.\n\n{{ branch_part }}\n\n## Sources\n\n- Ann Example, 2018\n"
    )
    (templates / HERE / "your-own/parts/neck.md").write_text("A trial of 20 people.\n")
    assert lint(templates, clinic) == []


def test_a_course_letter_without_a_way_out_is_named(templates: Path, clinic: ClinicText) -> None:
    (templates / "email/_layout/footer-course.md").write_text("No way out.\n")
    problems = lint(templates, clinic)
    assert {(problem.path, problem.code) for problem in problems} == {
        ("email/_layout/footer-course.md", "unsubscribe")
    }
    assert len(problems) == 2  # HTML and plain text


def test_a_letter_that_is_no_answer_needs_a_way_out_wherever_it_is(
    templates: Path, clinic: ClinicText
) -> None:
    assert lint(templates, clinic) == []
    problems = lint(templates, clinic, no_answers={"test-message"})
    assert [(problem.path, problem.code) for problem in problems] == [
        ("email/_layout/footer-service.md", "unsubscribe")
    ] * 2


def test_a_course_letter_without_the_postal_address_is_named(templates: Path, clinic: ClinicText) -> None:
    for name, words in (("base.txt", "{{ address }}"), ("base.html", "{{ clinic.postal_address }}")):
        layout = templates / "email/_layout" / name
        assert words in layout.read_text()
        layout.write_text(layout.read_text().replace(words, ""))
    problems = lint(templates, clinic)
    assert [(problem.path, problem.code) for problem in problems] == [
        ("email/_layout/base.html", "postal-address"),
        ("email/_layout/base.txt", "postal-address"),
    ]


def test_lint_lists_what_loading_refuses_too(
    templates: Path, clinic: ClinicText, change: Callable[[str, str, str], None]
) -> None:
    change("welcome/body.md", "given_name", "given_nam")
    change("course.toml", "day = 3", "day = 0")
    assert {problem.code for problem in lint(templates, clinic)} >= {"day-order"}
    change("course.toml", "day = 0\nbranch", "day = 3\nbranch")
    assert [problem.code for problem in lint(templates, clinic)] == ["unknown-variable"]
    assert report(templates, clinic) == []


def test_the_report_has_each_lessons_numbers(templates: Path, clinic: ClinicText) -> None:
    text = "Hello.\n\nGood ventilation is a habit.\n"
    (templates / HERE / "welcome/body.md").write_text(text)
    first, second = report(templates, clinic)
    assert (first.course, first.slug, first.words) == ("mornings", "welcome", 6)
    assert first.grade > first.grade_with_terms
    assert first.html_bytes > 5_000
    assert second.slug == "your-own"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Your next letter is here", []),
        ("Welcome back, and thank you", []),
        ("By the numbers", []),
        ("One question for your health", []),
        ("PAIN and painful aches", ["PAIN", "painful", "aches"]),
        ("Acupuncture’s answer", ["Acupuncture"]),
        ("Your back, your knees", ["Your back", "knees"]),
        ("Electroacupuncture, TENDONITIS", ["Electroacupuncture", "TENDONITIS"]),
    ],
)
def test_private_words(text: str, words: list[str]) -> None:
    assert private_words(text) == words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It may help some people.", []),
        ("This is not a cure.", []),
        ("No one can guarantee that.", []),
        ("Be wary of anyone who speaks of a miracle.", []),
        ("It isn’t risk-free.", []),
        ("Your practitioner will ask about your sleep.", []),
        ("Acupuncture may or may not help.", []),
        ("We guarantee it.", ["guarantee"]),
        ("Acupuncture will help.", ["Acupuncture will"]),
        ("It will quickly relieve you.", ["will quickly relieve"]),
        ("It has no side effects.", ["no side effects"]),
        ("It is completely safe.", ["completely safe"]),
        ("You will be pain-free. It is not hard.", ["will be pain-free", "pain-free"]),
        ("It is clinically proven and 100% effective.", ["100% effective", "clinically proven"]),
    ],
)
def test_promises(text: str, found: list[str]) -> None:
    assert promises([text]) == found


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("A review pooled 39 trials.", 1),
        ("Research goes on.", 0),
        ("Come at 9.", 0),
        ("Studies differ. Come at 9.", 0),
    ],
)
def test_claims_that_need_a_source(text: str, claims: int) -> None:
    assert len(unsourced_claims([text])) == claims
