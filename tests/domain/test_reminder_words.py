"""The rules of reminders as people say them."""

from __future__ import annotations

import pytest

from engage.clinic_reminders import DEFAULT
from engage.domain import reminder_words
from engage.domain.reminders import Policy

POLICY = Policy(tuple(rule.rule for rule in DEFAULT))


def test_each_rule_is_a_line_that_anybody_understands() -> None:
    assert [reminder_words.words(rule) for rule in POLICY.rules] == [
        "Reminder of a visit, 3 days before, by email",
        "Reminder of a visit, 1 day before, by text, else by email",
        "How to prepare for a first visit, 2 days before, by email",
        "Short reminder, 2 hours before, by text",
        "After a missed visit, 2 hours later, by text, else by email",
        "After the last visit of a plan, 1 day later, by email",
    ]


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("text-1-day", "Reminder of a visit, 1 day before"),
        ("moved", "Notice of another time"),
        ("cancelled", "Notice that the visit is off"),
        ("resent-2", "Sent again by staff"),
        ("of-last-year", "By a rule that is gone"),
    ],
)
def test_what_brought_a_message_has_a_name(slug: str, expected: str) -> None:
    assert reminder_words.name_of(slug, POLICY) == expected
