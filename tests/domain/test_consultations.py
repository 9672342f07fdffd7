"""What may be said in a request, and when it is late."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from engage.domain.consultations import MAX_MESSAGE, BadMessage, clean_message, concern
from engage.domain.working_hours import Opening, WorkingHours

HOURS = WorkingHours("UTC", ((Opening(time(9), time(17)),),) * 5 + ((), ()))
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
WARN = timedelta(hours=2)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  hello \r\n there\r", "hello \n there"),
        ("a\tb", "a b"),
        ("a\u2028b", "a\nb"),
        ("👩🏽‍⚕️ 🙏", "👩🏽‍⚕️ 🙏"),
        ("שלום, הגב כואב", "שלום, הגב כואב"),
        ("عندي ألم", "عندي ألم"),
        ("\u202eevil\u202c", "evil"),
        ("\u2066x\u2069", "x"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("", ""),
        (" \n ", ""),
        ("é" * MAX_MESSAGE, "é" * MAX_MESSAGE),
        (" " * 50 + "x" * MAX_MESSAGE, "x" * MAX_MESSAGE),
    ],
)
def test_a_message_is_kept_as_it_was_meant(raw: str, clean: str) -> None:
    assert clean_message(raw) == clean


@pytest.mark.parametrize("raw", ["a\x00b", "\x07", "\x1b[31m", "\x7f", "\x9b", "\ud800"])
def test_a_message_with_a_control_character_is_refused(raw: str) -> None:
    with pytest.raises(BadMessage):
        clean_message(raw)


def test_a_message_that_is_too_long_says_by_how_much() -> None:
    with pytest.raises(BadMessage, match=r"2,000 characters; it has 2,001"):
        clean_message("x" * (MAX_MESSAGE + 1))


@pytest.mark.parametrize(
    ("due", "now", "expected"),
    [
        (MONDAY.replace(hour=17), MONDAY.replace(hour=14, minute=59), None),
        (MONDAY.replace(hour=17), MONDAY.replace(hour=15), "near"),
        (MONDAY.replace(hour=17), MONDAY.replace(hour=16, minute=59), "near"),
        (MONDAY.replace(hour=17), MONDAY.replace(hour=17), "passed"),
        (MONDAY.replace(hour=10), MONDAY - timedelta(days=3) + timedelta(hours=15), None),
        (MONDAY.replace(hour=10), MONDAY - timedelta(days=3) + timedelta(hours=16), "near"),
        (MONDAY.replace(hour=10), MONDAY - timedelta(days=2), "near"),
        (MONDAY.replace(hour=12), MONDAY - timedelta(days=2), None),
    ],
)
def test_a_deadline_is_near_when_little_working_time_is_left(
    due: datetime, now: datetime, expected: str | None
) -> None:
    assert concern(HOURS, due, WARN, now) == expected
