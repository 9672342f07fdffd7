"""Times and places as pages say them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engage.web.context import tel, when

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/New_York", "Tuesday, November 24, 12:00 PM, New York time"),
        ("America/Indiana/Knox", "Tuesday, November 24, 11:00 AM, Knox time"),
        ("Pacific/Auckland", "Wednesday, November 25, 6:00 AM, Auckland time"),
        ("UTC", "Tuesday, November 24, 5:00 PM, UTC"),
    ],
)
def test_a_time_is_said_with_its_zone(zone: str, words: str) -> None:
    assert when(NOON.astimezone(ZoneInfo(zone))) == words


def test_a_time_in_plain_utc_is_said_too() -> None:
    assert when(NOON) == "Tuesday, November 24, 5:00 PM, UTC"


def test_a_telephone_number_can_be_dialled() -> None:
    assert tel("+1 555 010-0140") == "tel:+15550100140"
