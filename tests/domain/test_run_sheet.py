"""What a person knows of a visit, and whom somebody has to telephone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engage.domain.appointments import Reply
from engage.domain.run_sheet import About, Group, Standing, group, standing, to_call, totals

AT = datetime(2026, 11, 11, 19, tzinfo=UTC)


def about(status: str, true: bool = True, channel: str = "sms") -> About:
    return About(channel, status, true, AT)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], "untold"),
        ([about("planned")], "waits"),
        ([about("claimed")], "told"),
        ([about("accepted")], "told"),
        ([about("delivered")], "told"),
        ([about("failed")], "untold"),
        ([about("cancelled"), about("expired"), about("skipped")], "untold"),
        ([about("failed"), about("planned", channel="email")], "waits"),
        ([about("failed"), about("delivered", channel="email")], "told"),
        ([about("unknown")], "doubtful"),
        ([about("held")], "doubtful"),
        ([about("held"), about("planned")], "waits"),
        ([about("delivered", true=False)], "wrong"),
        ([about("unknown", true=False)], "wrong"),
        ([about("planned", true=False)], "untold"),
        ([about("delivered", true=False), about("planned")], "waits"),
        ([about("delivered", true=False), about("failed")], "wrong"),
        ([about("delivered", true=False), about("accepted")], "told"),
    ],
)
def test_only_what_says_the_present_time_and_left_tells_a_person(
    messages: list[About], expected: Standing
) -> None:
    assert standing(messages) == expected


def test_whoever_answered_knows() -> None:
    assert standing([about("failed")], "confirmed") == "told"


@pytest.mark.parametrize(
    ("known", "reply", "expected", "call"),
    [
        ("told", None, "told", False),
        ("waits", None, "waits", False),
        ("told", "confirmed", "told", False),
        ("untold", None, "call", True),
        ("wrong", None, "call", True),
        ("doubtful", None, "call", True),
        ("told", "wants_move", "move", True),
        ("told", "wants_cancel", "cancel", True),
    ],
)
def test_who_is_telephoned(known: Standing, reply: Reply | None, expected: Group, call: bool) -> None:
    found = group(known, reply)
    assert (found, to_call(found)) == (expected, call)


def test_nobody_is_told_of_what_has_begun() -> None:
    assert group("untold", None, begun=True) == "begun"
    assert not to_call("begun")


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([], "No visits"),
        (["told"], "1 visit: 1 told"),
        (["told"] * 12 + ["call", "move"], "14 visits: 12 told, 1 to call, 1 asks to move"),
        (["waits", "move", "move", "cancel"], "4 visits: 1 will be told, 2 ask to move, 1 asks to cancel"),
        (["told", "begun"], "2 visits: 1 begun, 1 told"),
        (["cancel"] * 3 + ["call"] * 2, "5 visits: 2 to call, 3 ask to cancel"),
    ],
)
def test_a_day_in_one_line(groups: list[Group], expected: str) -> None:
    assert totals(groups) == expected
