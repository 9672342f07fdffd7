"""Numbers as people type them: taken, or refused with one sentence that says why and what to do."""

from __future__ import annotations

import pytest

from engage.domain.mobile import BadNumber, mobile, prefix_of, spoken

HERE = ("US", "CA")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("(518) 555-0123", "+15185550123"),
        ("518.555.0123", "+15185550123"),
        ("  +1 518 555 0123 ", "+15185550123"),
        ("1-518-555-0123", "+15185550123"),
        ("416-967-1111", "+14169671111"),
        ("٥١٨٥٥٥٠١٢٣", "+15185550123"),
    ],
)
def test_a_mobile_number_may_be_written_in_many_ways(typed: str, number: str) -> None:
    assert mobile(typed, HERE) == number


@pytest.mark.parametrize(
    ("typed", "why", "cure"),
    [
        ("", "Please give your mobile number", "with its area code"),
        ("   ", "Please give your mobile number", "with its area code"),
        ("555-0123", "There is no such number", "Please check its digits"),
        ("518 555 012", "There is no such number", "Please check its digits"),
        ("518 155 1234", "There is no such number", "Please check its digits"),
        ("911", "There is no such number", "Please check its digits"),
        ("my number", "There is no such number", "Please check its digits"),
        ("5185550123" * 9, "There is no such number", "Please check its digits"),
        ("518\x00555 0123", "There is no such number", "Please check its digits"),
        ("518 555 0123 ext 4", "A number with an extension can’t", "without one"),
        ("+44 7911 123456", "only numbers of the United States and Canada", "give one of those"),
        ("011 44 20 7946 0958", "only numbers of the United States and Canada", "give one of those"),
        ("+1 876 555 0123", "only numbers of the United States and Canada", "give one of those"),
        ("787 555 0123", "only numbers of the United States and Canada", "give one of those"),
        ("800 234 5678", "a toll-free number", "give a mobile number"),
        ("1-800-FLOWERS", "a toll-free number", "give a mobile number"),
        ("900 555 0123", "a premium-rate number", "give a mobile number"),
        ("500 234 5678", "no mobile number", "give a mobile number"),
        ("+1 600 234 5678", "an internet telephone number", "give a mobile number"),
    ],
)
def test_what_can_not_be_texted_is_refused_with_a_cure(typed: str, why: str, cure: str) -> None:
    with pytest.raises(BadNumber) as caught:
        mobile(typed, HERE)
    assert why in str(caught.value)
    assert cure in str(caught.value)
    assert not any(digits in str(caught.value) for digits in ("7911", "2345", "0958"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [("020 7946 0958", "a landline"), ("+1 212 555 0123", "only numbers of GB and IE")],
)
def test_where_landlines_can_be_told_they_are_refused(typed: str, said: str) -> None:
    with pytest.raises(BadNumber, match=said):
        mobile(typed, ("GB", "IE"))
    assert mobile("07911 123456", ("GG", "GB")) == "+447911123456"


def test_a_number_has_an_area_and_is_written_as_people_write_it() -> None:
    assert prefix_of("+15185550123") == "+1518"
    assert spoken("+15185550123") == "+1 518-555-0123"
