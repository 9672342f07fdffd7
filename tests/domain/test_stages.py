"""Where a person stands: one stage each, by what visited, is booked, was asked for and agreed to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engage.domain.stages import APART, LAPSED, MEANINGS, NUMBERS, STAGES, WORDS, Facts, stage

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def days(count: float) -> datetime:
    return NOW + timedelta(days=count)


CASES: list[tuple[str, dict[str, Any], str | None, datetime | None]] = [
    ("nothing is known", {}, None, None),
    ("takes a course", {"agreed": True}, "subscriber", None),
    ("asks for a consultation", {"asked": True}, "consulting", None),
    ("takes a course and asks", {"agreed": True, "asked": True}, "consulting", None),
    ("first visit to come", {"next": days(3)}, "booked", days(3)),
    ("asked and is booked", {"asked": True, "agreed": True, "next": days(3)}, "booked", days(3)),
    ("the first visit was yesterday", {"last": days(-1)}, "in_treatment", days(27)),
    ("the first visit is beginning", {"last": NOW}, "in_treatment", days(28)),
    ("weekly visits", {"last": days(-3), "before": days(-10), "next": days(4)}, "in_treatment", days(4)),
    ("weekly, none booked", {"last": days(-3), "before": days(-10)}, "in_treatment", days(25)),
    ("weekly, and none for four weeks", {"last": days(-28), "before": days(-35)}, "maintenance", days(154)),
    ("a moment before that", {"last": days(-28) + MOMENT}, "in_treatment", NOW + MOMENT),
    ("monthly visits", {"last": days(-3), "before": days(-33), "next": days(27)}, "maintenance", days(27)),
    ("monthly, none booked", {"last": days(-3), "before": days(-31)}, "maintenance", days(179)),
    ("a moment nearer than monthly", {"last": days(-3), "before": days(-31) + MOMENT}, "in_treatment", days(25)),
    ("comes back soon after a break", {"last": days(-3), "before": days(-90), "next": days(4)}, "in_treatment", days(4)),
    ("comes back after months", {"last": days(-170), "next": days(30)}, "maintenance", days(12)),
    ("last visit half a year ago", {"last": NOW - LAPSED}, "past", None),
    ("a moment before that", {"last": NOW - LAPSED + MOMENT}, "maintenance", NOW + MOMENT),
    ("long ago, and reads the course", {"last": days(-400), "agreed": True}, "past", None),
    ("long ago, and asks again", {"last": days(-400), "asked": True}, "consulting", None),
    ("long ago, and is booked again", {"last": days(-400), "next": days(2)}, "booked", days(2)),
    ("in treatment, and asks something", {"last": days(-3), "asked": True}, "in_treatment", days(25)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "expected", "look_again"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_everybody_stands_at_one_stage(
    facts: dict[str, Any], expected: str | None, look_again: datetime | None
) -> None:
    standing = stage(Facts(**facts), NOW)
    assert (standing.stage, standing.look_again) == (expected, look_again)


@pytest.mark.parametrize("facts", [c[1] for c in CASES], ids=[c[0] for c in CASES])
def test_time_alone_changes_a_stage_only_when_it_was_foretold(facts: dict[str, Any]) -> None:
    now, given = NOW, Facts(**facts)
    for _ in range(6):
        standing = stage(given, now)
        if standing.look_again is None:
            assert stage(given, now + timedelta(days=4000)).stage == standing.stage
            return
        assert standing.look_again > now
        assert stage(given, standing.look_again - MOMENT).stage == standing.stage
        now = standing.look_again
        if given.next is not None and given.next <= now:
            given = Facts(given.next, given.last, None, given.asked, given.agreed)
    pytest.fail("it never comes to rest")


def test_numbers_and_words_are_complete() -> None:
    assert sorted(NUMBERS.values()) == [1, 2, 3, 4, 5, 6]
    assert set(WORDS) == set(MEANINGS) == set(STAGES)
    assert APART < LAPSED
