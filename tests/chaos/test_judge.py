"""The judge itself: it must speak up for each way to break the promise, and be silent about what it allows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from engage.domain.messages import Purpose
from engage.ids import new_id
from tests.chaos import judge
from tests.chaos.load import Planned
from tests.chaos.planted import PLANTS
from tests.chaos.points import COLUMNS, POINTS, Column
from tests.chaos.traps import TRAPS
from tests.fakes.ledger import Received

NOW = 1_800_000_000.0
LETTER = Planned("k/1", "email", "service", "ada@example.org", NOW, NOW + 3600)
TEXT = replace(LETTER, key="k/2", channel="sms", to="+15185550100")


def id_at(seconds: float) -> UUID:
    """One of our ids as it is made at that moment."""
    return UUID(int=(int(seconds * 1000) << 80) | (new_id().int & ((1 << 80) - 1)))


def got(one: Planned, at: float = NOW + 1, made: float | None = None, **more: Any) -> Received:
    mark = id_at(at if made is None else made)
    told: dict[str, Any] = {"mark": f"{mark.hex}-0" if one.channel == "email" else str(mark)} | more
    vendor = "sendgrid" if one.channel == "email" else "twilio"
    return Received(
        one.channel, vendor, one.to, told["mark"], at, told.get("request", str(mark)), None, {}, {}
    )


def said(verdict: judge.Verdict) -> tuple[int, int, int, int, int]:
    return (
        len(verdict.lost),
        len(verdict.doubled),
        len(verdict.wrong),
        len(verdict.extra),
        sum(verdict.listed.values()),
    )


@pytest.mark.parametrize("column", COLUMNS)
def test_one_copy_each_is_right_whatever_callbacks_do(column: Column) -> None:
    verdict = judge.judge([LETTER, TEXT], [got(LETTER), got(TEXT)], column, {})
    assert verdict.ok and said(verdict) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("status", "reason", "lost", "listed"),
    [
        ("missing", "", 1, 0),
        ("planned", "", 1, 0),
        ("planned", "absent", 1, 0),
        ("claimed", "", 1, 0),
        ("accepted", "", 1, 0),
        ("delivered", "", 1, 0),
        ("unknown", "", 1, 0),
        ("unknown", "never_known", 0, 1),
        ("held", "poison", 0, 1),
        ("expired", "too_late", 0, 1),
    ],
)
def test_what_nobody_got_is_lost_unless_the_list_says_why(
    status: str, reason: str, lost: int, listed: int
) -> None:
    verdict = judge.judge([LETTER], [], "ok", {LETTER.key: (status, reason)})
    assert said(verdict) == (lost, 0, 0, 0, listed)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("purpose", ["service", "care", "education", "marketing"])
@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("copies", [2, 3])
def test_a_second_copy_is_allowed_only_by_the_promise(
    column: Column, purpose: Purpose, channel: str, copies: int
) -> None:
    one = replace(LETTER if channel == "email" else TEXT, purpose=purpose)
    verdict = judge.judge([one], [got(one, NOW + n) for n in range(copies)], column, {})
    allowed = column == "lost" and channel == "email" and purpose != "marketing" and copies == 2
    assert said(verdict) == ((0, 0, 0, 1, 0) if allowed else (0, 1, 0, 0, 0))


def test_an_attempt_made_after_stop_is_wrong_and_one_made_before_is_not() -> None:
    stopped = {LETTER.to: NOW}
    late = judge.judge([LETTER], [got(LETTER, NOW + 2, made=NOW + 1)], "ok", {}, stopped)
    assert said(late) == (0, 0, 1, 0, 0)
    on_its_way = judge.judge([LETTER], [got(LETTER, NOW + 0.5, made=NOW - 0.5)], "ok", {}, stopped)
    assert on_its_way.ok


def test_nothing_may_leave_after_its_time_of_use() -> None:
    short = replace(LETTER, until=NOW + 1)
    assert judge.judge([short], [got(short, NOW + 2, made=NOW + 0.5)], "ok", {}).ok
    assert not judge.judge([short], [got(short, NOW + 2, made=NOW + 1.5)], "ok", {}).ok
    assert not judge.judge([short], [got(short, NOW + 9, made=NOW + 0.5)], "ok", {}).ok


def test_one_attempt_sent_twice_is_wrong_in_every_column() -> None:
    mark = f"{id_at(NOW).hex}-0"
    copies = [got(LETTER, NOW, mark=mark), got(LETTER, NOW + 1, mark=mark)]
    assert judge.judge([LETTER], copies, "lost", {}).wrong == [f"attempt {mark} was sent 2 times"]


def test_two_messages_to_one_address_in_one_request_are_wrong() -> None:
    second = replace(LETTER, key="k/3")
    ledger = [got(LETTER, request="r"), got(second, request="r")]
    assert any("r had 2" in what for what in judge.judge([LETTER, second], ledger, "ok", {}).wrong)


def test_lessons_are_counted_for_each_person_and_kept_in_order() -> None:
    def lesson(to: str, title: str, at: float) -> Received:
        shared = {"subject": title}
        return Received("email", "sendgrid", to, f"{id_at(at).hex}-0", at, str(at), None, shared, {})

    right = [lesson("a@x", "One", 1), lesson("a@x", "Two", 2)]
    assert judge.lessons(["a@x"], ["One", "Two"], right, "ok").ok
    assert judge.lessons(["a@x"], ["One", "Two"], right[:1], "ok").lost == ["a@x: Two is missing"]
    held = {("a@x", "Two"): ("held", "poison")}
    assert judge.lessons(["a@x"], ["One", "Two"], right[:1], "ok", held).ok
    swapped = [lesson("a@x", "One", 2), lesson("a@x", "Two", 1)]
    assert judge.lessons(["a@x"], ["One", "Two"], swapped, "ok").wrong
    twice = [*right, lesson("a@x", "One", 3)]
    assert judge.lessons(["a@x"], ["One", "Two"], twice, "ok").doubled
    assert judge.lessons(["a@x"], ["One", "Two"], twice, "lost").extra == ["a@x: One x 2"]


def test_every_planted_bug_has_its_trap_and_every_column_its_points() -> None:
    assert set(TRAPS) == set(PLANTS) and len(PLANTS) >= 10
    assert len(POINTS) >= 35
    for column in COLUMNS:
        assert sum(column in point.columns for point in POINTS.values()) >= 30
