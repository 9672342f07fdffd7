"""What a person types on the preference page, and the words that it shows."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from engage.domain.forms import InvalidInput
from engage.domain.preferences import (
    TOPICS,
    WAYS,
    Topic,
    fewer_of,
    masked,
    pause_day,
    spoken_time,
    spoken_week,
    wished_hours,
    wording,
)
from engage.domain.weeks import week

TODAY = date(2026, 11, 25)
DECENT = week(["every day 08:00-20:00"])


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-12-24", date(2026, 12, 24)),
        (" 12/24/2026 ", date(2026, 12, 24)),
        ("1/2/2027", date(2027, 1, 2)),
        ("2026-11-26", date(2026, 11, 26)),
        ("2027-11-25", date(2027, 11, 25)),
    ],
)
def test_a_pause_ends_on_a_day_as_people_and_browsers_write_it(typed: str, day: date) -> None:
    assert pause_day(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Please give a day, such as"),
        ("tomorrow", "Please give a day, such as"),
        ("2026-02-30", "Please give a day, such as"),
        ("24/12/2026", "Please give a day, such as"),
        ("2026-12-24T10:00", "Please give a day, such as"),
        ("99999-01-01", "Please give a day, such as"),
        ("٢٠٢٦-١٢-٢٤x", "Please give a day, such as"),
        ("2026-11-25", "after today"),
        ("2020-01-01", "after today"),
        ("2027-11-26", "within the next year"),
        ("9999-12-31", "within the next year"),
    ],
)
def test_what_is_no_day_for_a_pause_is_refused_with_the_cure(typed: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pause_day(typed, TODAY)
    assert said in refused.value.errors["until"]


@pytest.mark.parametrize(
    ("days", "start", "end", "lines"),
    [
        (["mon", "tue", "wed", "thu", "fri"], "17:00", "20:00", ["mon-fri 17:00-20:00"]),
        (["sat"], "9:00", "12:00", ["sat 09:00-12:00"]),
        (
            ["sun", "mon", "wed", "tue", "sat"],
            "08:00",
            "24:00",
            ["mon-wed 08:00-24:00", "sat-sun 08:00-24:00"],
        ),
        (["mon", "wed", "fri"], "10:00", "11:00", [f"{day} 10:00-11:00" for day in ("mon", "wed", "fri")]),
    ],
)
def test_hours_become_lines_that_a_week_is_made_of(
    days: list[str], start: str, end: str, lines: list[str]
) -> None:
    assert wished_hours(days, start, end, DECENT) == lines
    assert week(lines)


@pytest.mark.parametrize(
    ("days", "start", "end", "field", "said"),
    [
        ([], "17:00", "20:00", "days", "at least one day"),
        (["someday"], "17:00", "20:00", "days", "at least one day"),
        (["mon", "mon' --"], "17:00", "20:00", "days", "at least one day"),
        (["mon"], "", "20:00", "from", "a time from the list"),
        (["mon"], "five", "20:00", "from", "a time from the list"),
        (["mon"], "17:00", "24:30", "to", "a time from the list"),
        (["mon"], "17:00", "25:00", "to", "a time from the list"),
        (["mon"], "20:00", "17:00", "to", "a later time"),
        (["mon"], "17:00", "17:00", "to", "a later time"),
        (["mon"], "02:00", "05:00", "from", "Every day, 8 AM to 8 PM"),
        (["mon"], "19:30", "23:00", "from", "at least one of our own"),
    ],
)
def test_hours_that_can_not_be_kept_are_refused_at_their_field(
    days: list[str], start: str, end: str, field: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        wished_hours(days, start, end, DECENT)
    assert said in refused.value.errors[field]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["mon-fri 17:00-20:00"], ["Monday to Friday, 5 PM to 8 PM"]),
        (["every day 08:00-20:00"], ["Every day, 8 AM to 8 PM"]),
        (["sun 12:00-24:00"], ["Sunday, noon to midnight"]),
        (["mon 09:00-12:00", "mon 13:30-17:00"], ["Monday, 9 AM to noon and 1:30 PM to 5 PM"]),
        (["mon 10:00-11:00", "wed 10:00-11:00"], ["Monday, 10 AM to 11 AM", "Wednesday, 10 AM to 11 AM"]),
    ],
)
def test_hours_are_said_in_words(lines: list[str], words: list[str]) -> None:
    assert spoken_week(week(lines)) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "midnight"),
        (30, "12:30 AM"),
        (60, "1 AM"),
        (720, "noon"),
        (750, "12:30 PM"),
        (1439, "11:59 PM"),
        (1440, "midnight"),
    ],
)
def test_a_time_of_day_is_said_as_people_say_it(minutes: int, words: str) -> None:
    assert spoken_time(minutes) == words


def test_every_choice_has_words_of_its_own_to_agree_to() -> None:
    words = [wording(topic.purpose, way, "Harmonia", 2) for topic, way in product(TOPICS, WAYS)]
    assert len(set(words)) == len(TOPICS) * len(WAYS)
    for sentence in words:
        assert sentence.startswith("Yes, ") and "Harmonia" in sentence and "{" not in sentence


@pytest.mark.parametrize("topic", TOPICS)
def test_whoever_agrees_to_texts_reads_what_it_costs_and_how_to_stop(topic: Topic) -> None:
    """47 CFR 64.1200(f)(9): for advertisements also that agreeing is no condition, and that machines may send."""
    words = wording(topic.purpose, "sms", "Harmonia", 2)
    assert "Message and data rates may apply" in words and "STOP" in words and "condition" in words
    if topic.purpose == "marketing":
        assert "automated" in words and "at most 2 a week" in words


def test_an_address_is_shown_only_as_far_as_its_owner_needs() -> None:
    assert masked("email", "ada@example.org") == "a…@example.org"
    assert masked("sms", "+15185550123") == "the number ending in 0123"


@pytest.mark.parametrize(("most", "percent", "left"), [(10, 50, 5), (3, 50, 1), (1, 50, 1), (2, 100, 2)])
def test_fewer_is_never_none(most: int, percent: int, left: int) -> None:
    assert fewer_of(most, percent) == left
