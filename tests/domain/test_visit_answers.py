"""Which visit an answer is about: every edge in one table each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.domain.appointments import Status, When
from engage.domain.inbound import Ask
from engage.domain.visit_answers import (
    About,
    Asks,
    Candidate,
    Context,
    Meant,
    Mention,
    Question,
    Vain,
    Which,
    meant,
    numbers,
    picked,
)

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANA, LEO = UUID(int=1), UUID(int=2)


def visit(
    n: int, starts_in: timedelta, status: Status = "booked", person: UUID = ANA, minutes: int = 60
) -> Candidate:
    return Candidate(
        UUID(int=100 + n), person, When(NOW + starts_in, "America/New_York", minutes, "here"), status
    )


def told(*visits: Candidate, ago: timedelta = HOUR, when: Any = ...) -> Context:
    mentions = tuple(Mention(one.id, one.when if when is ... else when) for one in visits)
    return Context(NOW - ago, mentions)


def said(found: Meant) -> Any:
    """The finding in short: which numbers, or why in vain."""
    match found:
        case About(visits):
            return [one.id.int - 100 for one in visits]
        case Which(visits):
            return {one.id.int - 100 for one in visits}
        case Vain(why, one):
            return why, one.id.int - 100
    return None


SOON, LATER, LEOS = visit(1, DAY), visit(2, 7 * DAY), visit(3, 2 * DAY, person=LEO)
OVER, LONG_OVER = visit(4, -2 * HOUR), visit(5, -8 * DAY)
OFF, FAR, LONG = visit(6, DAY, "cancelled"), visit(7, 61 * DAY), visit(8, -11 * HOUR, minutes=720)
TODAY, MISSED, HERE = visit(9, 3 * HOUR), visit(10, -DAY, "noshow"), visit(11, -HOUR / 2, "arrived")


@pytest.mark.parametrize(
    ("visits", "context", "expected"),
    [
        ([], None, None),
        ([SOON], None, [1]),
        ([SOON, LATER], None, {1, 2}),
        ([SOON, LEOS], None, {1, 3}),
        ([LEOS, SOON], None, {1, 3}),
        ([SOON, OVER], None, [1]),
        ([SOON, OFF], None, [1]),
        ([OVER], None, ("over", 4)),
        ([OVER, MISSED], None, ("over", 4)),
        ([MISSED], None, ("over", 10)),
        ([LONG_OVER], None, None),
        ([OFF], None, None),
        ([FAR], None, None),
        ([FAR, OVER], None, None),
        ([LONG], None, [8]),
        ([HERE], None, None),
        ([SOON, LATER], told(LATER), [2]),
        ([SOON, LEOS], told(SOON), [1]),
        ([SOON, LEOS], told(SOON, LEOS), {1, 3}),
        ([SOON, LATER, LEOS], told(SOON, LEOS), {1, 3}),
        ([SOON, OFF], told(OFF, when=None), ("off", 6)),
        ([SOON, OFF], told(SOON, OFF), [1]),
        ([SOON, OVER], told(OVER), ("over", 4)),
        ([SOON, OVER], told(OVER, SOON), [1]),
        ([FAR], told(FAR), [7]),
        ([HERE], told(HERE), None),
        ([SOON], told(SOON, when=LATER.when), ("changed", 1)),
        ([SOON], told(SOON, when=None), ("changed", 1)),
        ([SOON], told(LATER), [1]),
    ],
)
def test_what_a_confirmation_is_about(
    visits: list[Candidate], context: Context | None, expected: object
) -> None:
    assert said(meant("confirm", visits, context, NOW)) == expected


@pytest.mark.parametrize("asks", ["reschedule", "cancel"])
def test_a_wish_is_about_the_visit_whatever_time_was_told(asks: Asks) -> None:
    assert said(meant(asks, [SOON], told(SOON, when=LATER.when), NOW)) == [1]


@pytest.mark.parametrize(
    ("visits", "context", "expected"),
    [
        ([TODAY], None, [9]),
        ([TODAY, LATER], None, [9]),
        ([TODAY, LATER], told(LATER), [9]),
        ([TODAY, SOON], told(SOON), [9]),
        ([TODAY, SOON], None, [9]),
        ([SOON], None, [1]),
        ([SOON], told(SOON), [1]),
        ([SOON, LATER], told(LATER), [1]),
        ([SOON, visit(12, 25 * HOUR, person=LEO)], None, {1, 12}),
        ([visit(12, 37 * HOUR)], None, [12]),
        ([visit(12, 39 * HOUR)], None, None),
        ([LEOS], told(LEOS), None),
        ([LATER], None, None),
        ([LONG], None, [8]),
        ([TODAY, visit(12, 4 * HOUR, person=LEO)], None, {9, 12}),
        ([OVER], None, ("over", 4)),
        ([OVER, LATER], None, None),
    ],
)
def test_whoever_is_late_is_late_for_a_visit_of_that_day_or_else_of_the_next(
    visits: list[Candidate], context: Context | None, expected: object
) -> None:
    assert said(meant("late", visits, context, NOW)) == expected


def asked(*visits: Candidate, ago: timedelta = HOUR, chosen: Candidate | None = None) -> Question:
    listed = tuple(Mention(one.id, one.when) for one in visits)
    last = Mention(chosen.id, chosen.when) if chosen else None
    return Question("confirm", NOW - ago, listed, last, NOW if chosen else None)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ([1], [1]),
        ([2], [3]),
        ([1, 2], [1, 3]),
        ([3], {1, 3}),
        ([0], {1, 3}),
        ([1, 3], {1, 3}),
    ],
)
def test_what_a_digit_chooses(digits: list[int], expected: object) -> None:
    assert said(picked("confirm", asked(SOON, LEOS), digits, [SOON, LEOS], NOW)) == expected


@pytest.mark.parametrize(
    ("listed", "now", "expected"),
    [
        (SOON, visit(1, DAY, "cancelled"), ("off", 1)),
        (SOON, visit(1, 2 * DAY), ("changed", 1)),
        (SOON, visit(1, -2 * HOUR), ("over", 1)),
        (SOON, visit(1, -HOUR / 2, "arrived"), None),
    ],
)
def test_a_digit_chooses_the_visit_as_it_is_now(listed: Candidate, now: Candidate, expected: object) -> None:
    assert said(picked("confirm", asked(listed, LEOS), [1], [now, LEOS], NOW)) == expected


@pytest.mark.parametrize(
    ("question", "stands", "context"),
    [
        (asked(SOON, LEOS), True, 2),
        (asked(SOON), False, 1),
        (asked(SOON, LEOS, ago=DAY), False, None),
        (asked(SOON, LEOS, chosen=LEOS), True, 1),
        (asked(SOON, LEOS, ago=DAY, chosen=LEOS), False, 1),
    ],
)
def test_how_long_a_question_stands(question: Question, stands: bool, context: int | None) -> None:
    assert question.stands(NOW) is stands
    left = question.context(NOW)
    assert (len(left.about) if left else None) == context


@pytest.mark.parametrize(
    ("text", "number", "asks", "expected"),
    [
        ("1", 1, "score", [1]),
        ("#2", 2, "score", [2]),
        (" 2. ", 2, "score", [2]),
        ("11", None, "other", [11]),
        ("two", 2, "score", [2]),
        ("number two please", 2, "score", [2]),
        ("1 and 2", None, "other", [1, 2]),
        ("2,1", None, "other", [2, 1]),
        ("1 2 2", None, "other", [1, 2]),
        ("both", None, "other", [1, 2, 3]),
        ("all of them!", None, "other", [1, 2, 3]),
        ("ambas", None, "other", [1, 2, 3]),
        ("C both", None, "confirm", [1, 2, 3]),
        ("the second one", 1, "other", [2]),
        ("the second one", 2, "other", [2]),
        ("C 2", 2, "confirm", [2]),
        ("R", None, "reschedule", []),
        ("option 3", 3, "other", [3]),
        ("my pain is 2", 2, "score", []),
        ("pain 2 today", 2, "score", []),
        ("call me about all my bills", None, "other", []),
        ("hello", None, "other", []),
        ("1" + " and 2" * 20, None, "other", []),
        ("stop 2", 2, "stop", []),
    ],
)
def test_which_words_choose(text: str, number: int | None, asks: Ask, expected: list[int]) -> None:
    assert numbers(text, number, asks, 3) == expected
