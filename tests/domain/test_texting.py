"""How many texts may ask numbers whose they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engage.domain.texting import Limits, Sent, clean_code, spent, verdict

NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)
LIMITS = Limits(
    minutes_apart=10,
    per_number_per_day=3,
    per_prefix_per_hour=20,
    per_person_per_day=5,
    texts_per_day=200,
    segments_per_day=400,
)


def ago(*minutes: int) -> list[datetime]:
    return [NOW - timedelta(minutes=n) for n in minutes]


@pytest.mark.parametrize(
    ("sent", "barred", "expected"),
    [
        (Sent(), False, "sent"),
        (Sent(), True, "suppressed"),
        (Sent(number=ago(9)), False, "limited"),
        (Sent(number=ago(10)), False, "sent"),
        (Sent(number=ago(20, 60)), False, "sent"),
        (Sent(number=ago(20, 60, 600)), False, "limited"),
        (Sent(prefix=19), False, "sent"),
        (Sent(prefix=20), False, "limited"),
        (Sent(person=4), False, "sent"),
        (Sent(person=5), False, "person"),
        (Sent(person=5), True, "person"),
        (Sent(texts=199), False, "sent"),
        (Sent(texts=200), False, "capped"),
        (Sent(texts=200), True, "capped"),
        (Sent(segments=399), False, "sent"),
        (Sent(segments=400), False, "capped"),
    ],
)
def test_a_text_leaves_while_nobody_had_enough(sent: Sent, barred: bool, expected: str) -> None:
    assert verdict(LIMITS, sent, barred, 1, NOW) == expected


def test_a_text_of_two_segments_meets_the_breaker_before_it_is_over() -> None:
    assert verdict(LIMITS, Sent(segments=399), False, 2, NOW) == "capped"
    assert verdict(LIMITS, Sent(segments=398), False, 2, NOW) == "sent"


def test_a_clinic_may_send_none_at_all() -> None:
    assert spent(Limits(10, 3, 20, 5, texts_per_day=0, segments_per_day=400), Sent())


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("123456", "123456"),
        (" 123 456 ", "123456"),
        ("012-345", "012345"),
        ("12345", None),
        ("1234567", None),
        ("12345a", None),
        ("١٢٣٤٥٦", None),
        ("", None),
    ],
)
def test_a_code_is_six_digits(typed: str, code: str | None) -> None:
    assert clean_code(typed) == code
