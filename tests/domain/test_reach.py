"""Whether marketing reaches somebody: the first reason that applies is the one that is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engage.domain.reach import UNREACHED, Reach, Way, reach

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
GOOD = {"state": "confirmed", "agreed": True}


@pytest.mark.parametrize(
    ("way", "paused", "expected"),
    [
        ({}, None, Reach("no_address")),
        ({"agreed": True, "suppressed": True}, LATER, Reach("no_address")),
        ({**GOOD, "state": "replaced"}, None, Reach("no_address")),
        ({**GOOD, "state": "pending"}, None, Reach("not_confirmed")),
        ({**GOOD, "state": "quarantined"}, None, Reach("not_confirmed")),
        ({**GOOD, "care_only": True}, None, Reach("not_confirmed")),
        ({"state": "confirmed"}, None, Reach("no_consent")),
        ({"state": "confirmed", "suppressed": True}, LATER, Reach("no_consent")),
        ({"state": "bad"}, None, Reach("no_consent")),
        ({**GOOD, "state": "bad"}, None, Reach("suppressed")),
        ({**GOOD, "suppressed": True}, LATER, Reach("suppressed")),
        ({**GOOD, "suppressed": True, "suppressed_until": LATER}, None, Reach("suppressed", LATER)),
        (GOOD, LATER, Reach("paused", LATER)),
        (GOOD, NOW, Reach(None)),
        (GOOD, None, Reach(None)),
    ],
)
def test_the_first_reason_is_told(way: dict[str, Any], paused: datetime | None, expected: Reach) -> None:
    assert reach(Way(**way), paused, NOW) == expected


def test_a_number_stands_for_each_reason() -> None:
    assert [Reach(None).number, *(Reach(one).number for one in UNREACHED)] == [0, 1, 2, 3, 4, 5]
