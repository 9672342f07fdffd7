from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.content.merge import (
    NAMES,
    MergeTag,
    MissingValue,
    compile_plan,
    escape_values,
    mark,
    mark_up,
    missing,
)
from engage.content.problems import RenderError


@pytest.mark.parametrize(
    "look",
    [
        bool,
        str,
        len,
        iter,
        list,
        int,
        format,
        lambda tag: f"{tag}",
        lambda tag: "%s" % tag,  # noqa: UP031
        lambda tag: tag + "x",
        lambda tag: "x" + tag,
        lambda tag: tag * 2,
        lambda tag: tag == "Maria",
        lambda tag: tag != "Maria",
        lambda tag: tag < "Maria",
        lambda tag: "a" in tag,
        lambda tag: tag[0],
        lambda tag: tag(),
        operator.attrgetter("upper"),
        operator.attrgetter("__html__"),
    ],
)
def test_a_personal_value_cannot_be_looked_at(look: Callable[[Any], object]) -> None:
    with pytest.raises(RenderError, match="given_name is a personal value"):
        look(MergeTag("given_name"))


def test_each_mark_is_filled_wherever_it_stands() -> None:
    plan = compile_plan("-mt-given_name--mt-lesson_url- and -mt-given_name-")
    assert plan.names == {"given_name", "lesson_url"}
    assert (
        plan.fill({"given_name": "Ana", "lesson_url": "https://example.org/"})
        == "Anahttps://example.org/ and Ana"
    )


def test_a_text_without_marks_is_itself() -> None:
    assert compile_plan("plain - text").fill({}) == "plain - text"


@given(name=st.text())
def test_a_value_that_looks_like_a_mark_is_never_replaced_again(name: str) -> None:
    values = {"given_name": name + mark("lesson_url"), "lesson_url": mark("given_name")}
    filled = compile_plan(f"[{mark('given_name')}|{mark('lesson_url')}]").fill(values)
    assert filled == f"[{name}-mt-lesson_url-|-mt-given_name-]"


def test_a_value_that_is_not_given_is_named_and_no_value_is_shown() -> None:
    with pytest.raises(MissingValue, match="no value for lesson_url") as error:
        compile_plan(mark("given_name") + mark("lesson_url")).fill({"given_name": "Maria"})
    assert "Maria" not in str(error.value)


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("Maria", "Maria"),
        ('<b>O\'Neil & "Co"</b>', "&lt;b&gt;O&#x27;Neil &amp; &quot;Co&quot;&lt;/b&gt;"),
        ("https://example.org/?a=1&b=2", "https://example.org/?a=1&amp;b=2"),
        ("שרה 🌿", "שרה 🌿"),
    ],
)
def test_values_have_a_form_for_html(value: str, escaped: str) -> None:
    assert escape_values({"given_name": value}) == {"given_name": escaped}


def test_absent_and_blank_values_are_missing() -> None:
    values = dict.fromkeys(NAMES, "there") | {"given_name": "Ana", "lesson_url": " ", "confirm_url": ""}
    del values["code"]
    assert missing(NAMES, values) == ["code", "confirm_url", "lesson_url"]


def test_a_provider_gets_other_marks_for_html_than_for_text() -> None:
    texts = ("Hi -mt-given_name-", '<a href="-mt-lesson_url-">-mt-given_name-</a>', "-mt-given_name-")
    marked = mark_up(*texts, random_mark="k7Q")
    values = {"given_name": "O'Neil", "lesson_url": "https://example.org/?a&b"}
    substitutions = marked.substitutions(values)

    def substituted(text: str) -> str:
        for key, value in substitutions.items():
            text = text.replace(key, value)
        return text

    assert "-mt-" not in marked.subject + marked.html + marked.text
    assert substituted(marked.subject) == compile_plan(texts[0]).fill(values) == "Hi O'Neil"
    assert substituted(marked.html) == compile_plan(texts[1]).fill(escape_values(values))
    assert substituted(marked.text) == "O'Neil"


def test_no_mark_of_a_request_is_a_part_of_another() -> None:
    everything = "".join(mark(name) for name in sorted(NAMES))
    marked = mark_up(everything, everything, everything, random_mark="a1")
    marks = [*marked.plain.values(), *marked.escaped.values()]
    assert len(set(marks)) == 2 * len(NAMES)
    assert not [(a, b) for a in marks for b in marks if a != b and a in b]


@pytest.mark.parametrize("bad", ["", "a-b", "é", "a b"])
def test_a_random_mark_is_letters_and_digits(bad: str) -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        mark_up("", "", "", random_mark=bad)
