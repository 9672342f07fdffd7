from __future__ import annotations

from typing import Any

import pytest

from engage.content.merge import MergeTag
from engage.content.problems import RenderError
from engage.content.template import Ready, Source, check, render

VALUES: dict[str, Any] = {
    "given_name": MergeTag("given_name"),
    "lesson_url": MergeTag("lesson_url"),
    "course": {"title": "A *starred* [title]"},
    "branch_part": Ready("*part*"),
}


def source(text: str, *, markdown: bool = False) -> Source:
    return Source("courses/c/l/body.md", f"one\ntwo\n{text}\n", markdown)


@pytest.mark.parametrize(
    "text",
    [
        "{{ given_name | upper }}",
        "{{ given_name | default('there') }}",
        "{{ given_name ~ '!' }}",
        "{{ given_name + '!' }}",
        "{{ 'x' in given_name }}",
        "{{ given_name == 'Maria' }}",
        "{{ given_name.upper() }}",
        "{{ given_name[0] }}",
        "{% if given_name %}Hi{% endif %}",
        "{% if given_name is defined %}Hi{% endif %}",
        "{% for letter in given_name %}{{ letter }}{% endfor %}",
        "{% set name = given_name %}{{ name }}",
        "{{ given_name if course else '' }}",
        "{% filter upper %}{{ course.title }}{% endfilter %}{{ given_name | e }}",
    ],
)
def test_a_personal_value_may_only_be_printed(text: str) -> None:
    problems = check(source(text), VALUES)
    assert [(problem.code, problem.line) for problem in problems] == [("merge-tag", 3)]
    assert "given_name" in problems[0].message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ given_nam }}", "unknown variable given_nam; did you mean given_name?"),
        ("{{ course.titel }}", "unknown variable course.titel; did you mean title?"),
        ("{{ zzz }}", "unknown variable zzz; known are branch_part, course, given_name, lesson_url"),
        ("{{ range(3) }}", "unknown variable range"),
        ("{{ course.title", "unexpected end"),
        ("{% if %}", "Expected an expression"),
        ("{{ course.title | shout }}", "No filter named 'shout'"),
        ("{% include 'x' %}", "can't include"),
        ("-mt-given_name-", "-mt-given_name- is a mark of ours"),
    ],
)
def test_faults_are_named_with_their_line(text: str, says: str) -> None:
    (problem,) = check(source(text), VALUES)
    assert problem.message.startswith(says) or says in problem.message
    assert (problem.path, problem.line) == ("courses/c/l/body.md", 3)


def test_all_faults_of_a_file_are_found_at_once() -> None:
    assert [problem.line for problem in check(source("{{ a }}\n{{ b }}\n{{ course.c }}"), VALUES)] == [
        3,
        4,
        5,
    ]


def test_a_name_that_the_template_sets_itself_is_known() -> None:
    text = "{% for item in ['a', 'b'] %}{{ item }}{{ loop.index }}{% endfor %}{% set x = 1 %}{{ x }}"
    assert check(source(text), VALUES) == []
    assert render(source(text), VALUES) == "one\ntwo\na1b21\n"


def test_tags_are_printed_as_marks() -> None:
    assert (
        render(source("{{ given_name }}{{ lesson_url }}"), VALUES)
        == "one\ntwo\n-mt-given_name--mt-lesson_url-\n"
    )


def test_a_title_cannot_turn_into_markdown() -> None:
    assert render(source("{{ course.title }}"), VALUES).endswith("A *starred* [title]\n")
    escaped = render(source("{{ course.title }} {{ branch_part }}", markdown=True), VALUES)
    assert escaped.endswith("A \\*starred\\* \\[title\\] *part*\n")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ given_name | upper }}", "merge-tag"),
        ("{{ nothing }}", "unknown-variable"),
        ("{{ course.title + 1 }}", "render"),
        ("{{ course", "syntax"),
    ],
)
def test_what_fails_while_rendering_names_file_and_line(text: str, code: str) -> None:
    with pytest.raises(RenderError, match=r"^courses/c/l/body\.md:3: ") as error:
        render(source(text), VALUES)
    assert (error.value.path, error.value.line, error.value.code) == ("courses/c/l/body.md", 3, code)
