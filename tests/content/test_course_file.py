from __future__ import annotations

from datetime import time

import pytest

from engage.content.course_file import parse_course

GOOD = """\
title = "Better mornings"
tagline = "Short lessons."
hour = "09:00"
weekdays = ["mon", "fri"]
window = ["08:00", "20:00"]
terms = ["Ventilation"]

[[lessons]]
slug = "one"
title = "One"
summary = "First."
day = 0

[[lessons]]
slug = "two"
title = "Two"
summary = "Second."
day = 3
hour = "18:30"
weekdays = ["sat"]
branch = "main-pain"
"""


def test_a_course_is_read() -> None:
    course, problems = parse_course(GOOD, "mornings", "course.toml")
    assert problems == []
    assert course is not None
    assert course.window == (time(8), time(20))
    assert course.terms == {"ventilation"}
    one, two = course.lessons
    assert (one.day, one.at, one.branch) == (0, time(9), None)
    assert (two.day, two.at, two.branch) == (3, time(18, 30), "main-pain")
    assert (sorted(one.weekdays), sorted(two.weekdays)) == ([0, 4], [5])
    assert course.lesson("two") is two
    assert course.lesson("three") is None


@pytest.mark.parametrize(
    ("old", "new", "line", "code", "says"),
    [
        ('title = "Better mornings"', 'titel = "B"', 1, "unknown-key", "titel in the course; did you mean"),
        ('title = "Better mornings"', 'title = " "', 1, "missing-key", "the course needs title"),
        ('hour = "09:00"', 'hour = "9am"', 3, "bad-hour", "must be a time such as"),
        ('hour = "09:00"', 'hour = "24:00"', 3, "bad-hour", "'24:00'"),
        ('hour = "09:00"', 'hour = "07:59"', 3, "hour-outside", "outside the window 08:00 to 20:00"),
        ('hour = "18:30"', 'hour = "20:00"', 19, "hour-outside", "lesson 2"),
        ('["mon", "fri"]', '["mon", "fry"]', 4, "bad-weekday", "'fry' is no weekday; did you mean fri?"),
        ('["sat"]', "[]", 20, "bad-weekday", "weekdays of lesson 2 must be a list"),
        ('["08:00", "20:00"]', '["20:00", "08:00"]', 5, "bad-window", "must open before it closes"),
        ('["08:00", "20:00"]', '"always"', 5, "bad-window", "two times"),
        ('["Ventilation"]', '["Ventilation", 3]', 6, "bad-terms", "list of words"),
        ("day = 3", "day = 0", 18, "day-order", "day 0 of two must come after day 0"),
        ("day = 3", "day = -1", 18, "bad-day", "day of lesson 2"),
        ("day = 3", 'day = "3"', 18, "bad-day", "whole number"),
        ("day = 3", "day = true", 18, "bad-day", "whole number"),
        ("day = 3", "dya = 3", 18, "unknown-key", "unknown key dya in lesson 2; did you mean day?"),
        ('slug = "two"', 'slug = "one"', 15, "duplicate-slug", "slug one is used twice"),
        ('slug = "two"', 'slug = "Two!"', 15, "bad-slug", "small letters"),
        ('summary = "Second."', "", 14, "missing-key", "lesson 2 needs summary"),
        ('"main-pain"', '"main-pan"', 21, "bad-branch", "did you mean main-pain?"),
        ('day = 0\n', 'day = 0\nbranch = "main-pain"\n', 22, "bad-branch", "only one lesson"),
        ("[[lessons]]", "[[lessson]]", 1, "no-lessons", "begin each with [[lessons]]"),
        ('tagline = "Short lessons."', 'tagline = "Short', 2, "toml", "not valid TOML"),
        ("weekdays = [\"sat\"]", "= 5", 20, "toml", "line 20"),
    ],
)  # fmt: skip
def test_a_faulty_course_names_the_line_and_the_cure(
    old: str, new: str, line: int, code: str, says: str
) -> None:
    assert old in GOOD
    course, problems = parse_course(GOOD.replace(old, new), "mornings", "course.toml")
    assert course is None
    found = {(problem.code, problem.line): problem.message for problem in problems}
    assert (code, line) in found, found
    assert says in found[code, line]


def test_every_fault_is_found_at_once() -> None:
    text = GOOD.replace('"09:00"', '"9"').replace("day = 3", "day = -3").replace('["sat"]', '["sa"]')
    assert [problem.code for problem in parse_course(text, "mornings", "course.toml")[1]] == [
        "bad-hour",
        "bad-day",
        "bad-weekday",
    ]


def test_an_empty_file_is_a_list_of_what_it_needs() -> None:
    course, problems = parse_course("", "mornings", "course.toml")
    assert course is None
    assert {problem.code for problem in problems} == {"missing-key", "no-lessons"}
