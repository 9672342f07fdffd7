"""What anonymous visitors may do, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engage.domain.abuse import (
    Asked,
    answer,
    client_network,
    seconds_left_of_hour,
    weight,
)
from engage.domain.signups import Limits

NOW = datetime(2026, 11, 24, 12, 20, 30, tzinfo=UTC)
LIMITS = Limits(10, 1, 3)
A, B, C = b"a", b"b", b"c"


@pytest.mark.parametrize(
    ("ip", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", None),
        ("127.8.8.8", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("0.0.0.0", None),  # noqa: S104
        ("", None),
        ("unix:", None),
        ("192.0.2.7, 192.0.2.8", None),
    ],
)
def test_forms_are_counted_for_an_address_or_a_network_and_never_for_this_machine(
    ip: str, client: str | None
) -> None:
    assert client_network(ip) == client


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), 10),
        (timedelta(milliseconds=999), 10),
        (timedelta(seconds=1), 1),
        (timedelta(days=3), 1),
        (timedelta(seconds=-5), 10),
        (None, 3),
    ],
)
def test_a_form_that_came_back_at_once_or_without_its_stamp_counts_for_more(
    age: timedelta | None, expected: int
) -> None:
    assert weight(None if age is None else NOW - age, NOW) == expected


def test_the_count_is_over_with_the_hour() -> None:
    assert seconds_left_of_hour(NOW) == 39 * 60 + 30
    assert seconds_left_of_hour(NOW.replace(minute=59, second=59)) == 1
    assert seconds_left_of_hour(NOW.replace(minute=0, second=0)) == 3600


def test_of_many_forms_for_one_address_the_first_gets_its_mail() -> None:
    answered = answer([Asked(A), Asked(B), Asked(A), Asked(A)], {}, set(), 100, LIMITS, NOW)
    assert answered.verdicts == ["sent", "sent", "limited", "limited"]
    assert not answered.capped


def test_the_button_gets_a_second_mail_where_a_second_form_gets_none() -> None:
    sent = {A: [NOW - timedelta(minutes=11)], B: [NOW - timedelta(minutes=11)]}
    answered = answer([Asked(A), Asked(B, resend=True), Asked(B, resend=True)], sent, set(), 9, LIMITS, NOW)
    assert answered.verdicts == ["limited", "sent", "limited"]


def test_the_days_last_mail_goes_to_whoever_came_first() -> None:
    answered = answer([Asked(A), Asked(A), Asked(B), Asked(C)], {}, {C}, 1, LIMITS, NOW)
    assert answered.verdicts == ["sent", "limited", "limited", "suppressed"]
    assert answered.capped


def test_a_spent_day_is_not_told_when_nobody_would_have_got_mail_anyway() -> None:
    answered = answer([Asked(A)], {A: [NOW - timedelta(hours=1)]}, set(), 0, LIMITS, NOW)
    assert (answered.verdicts, answered.capped) == (["limited"], False)


def test_weighing_changes_nothing_that_was_handed_in() -> None:
    sent = {A: [NOW - timedelta(days=2)]}
    answer([Asked(A)], sent, set(), 5, LIMITS, NOW)
    assert sent == {A: [NOW - timedelta(days=2)]}
