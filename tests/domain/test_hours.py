"""Decent hours: tables of edges for zones, states, holidays, changes of clocks, and where a message is put."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engage.clinic import load
from engage.domain.hours import (
    Decent,
    Policy,
    Rule,
    ends_at,
    is_decent,
    last_decent_before,
    next_decent,
    place,
    windows_for,
)
from engage.domain.messages import CHANNELS, LANES, Channel, Purpose
from engage.domain.timing import zone
from engage.domain.weeks import week
from engage.domain.whereabouts import Where, whereabouts
from tests.conftest import PROJECT

DELIVERED = load(PROJECT / "clinic.toml").decent_hours.policy
NEW_YORK, CHICAGO, LOS_ANGELES = "America/New_York", "America/Chicago", "America/Los_Angeles"
COLORADO = frozenset({"CO"})


def there(text: str, name: str = NEW_YORK) -> datetime:
    """What the clocks in the zone show, as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone(name)).astimezone(UTC)


def decent(purpose: Purpose, channel: Channel, *zones: str, states: frozenset[str] = COLORADO) -> Decent:
    return windows_for(DELIVERED, purpose, channel, Where(frozenset(zones or {NEW_YORK}), states))


def open_always_but(hours: str) -> Policy:
    """A policy with one window for marketing texts."""
    return Policy({("marketing", "sms"): Rule(week([hours]))})


CARE = decent("care", "sms")


@pytest.mark.parametrize(
    ("purpose", "channel", "when", "expected"),
    [
        ("service", "sms", "2026-11-26T03:00", True),
        ("service", "email", "2026-11-26T03:00", True),
        ("care", "sms", "2026-11-22T07:59", False),  # a Sunday
        ("care", "sms", "2026-11-22T08:00", True),
        ("care", "sms", "2026-11-26T19:59", True),  # Thanksgiving
        ("care", "sms", "2026-11-22T20:00", False),
        ("education", "email", "2026-11-22T06:59", False),
        ("education", "email", "2026-11-22T07:00", True),
        ("education", "email", "2026-11-22T20:59", True),
        ("education", "sms", "2026-11-22T08:59", False),
        ("education", "sms", "2026-11-22T09:00", True),
        ("marketing", "sms", "2026-11-24T09:59", False),  # a Tuesday
        ("marketing", "sms", "2026-11-24T10:00", True),
        ("marketing", "sms", "2026-11-24T16:59", True),
        ("marketing", "sms", "2026-11-24T17:00", False),
        ("marketing", "sms", "2026-11-21T12:00", False),  # Saturday
        ("marketing", "sms", "2026-11-26T12:00", False),  # Thanksgiving
        ("marketing", "sms", "2026-07-03T12:00", False),  # the Friday before July 4
        ("marketing", "email", "2026-11-24T19:59", True),
        ("marketing", "email", "2026-11-26T12:00", False),
    ],
)
def test_each_purpose_has_its_hours_on_each_channel(
    purpose: Purpose, channel: Channel, when: str, expected: bool
) -> None:
    assert is_decent(decent(purpose, channel), there(when)) is expected


@pytest.mark.parametrize(
    ("state", "when", "expected"),
    [
        ("FL", "2026-11-22T19:59", True),
        ("FL", "2026-11-22T20:00", False),
        ("OK", "2026-11-22T08:00", True),
        ("CO", "2026-11-22T20:59", True),
        ("CO", "2026-11-22T21:00", False),
        ("CO", "2026-11-22T07:59", False),
        ("AL", "2026-11-21T08:00", True),
        ("AL", "2026-11-22T12:00", False),  # Sunday
        ("AL", "2026-04-27T12:00", False),  # Confederate Memorial Day, there
        ("FL", "2026-04-27T12:00", True),
        ("LA", "2026-02-17T12:00", False),  # Mardi Gras
        ("MS", "2026-02-17T12:00", True),
        ("CT", "2026-11-22T08:59", False),
        ("CT", "2026-11-22T09:00", True),
        ("NV", "2026-11-22T20:00", False),
        ("MN", "2026-11-22T20:59", True),
        ("KY", "2026-11-22T09:59", False),
        ("KY", "2026-11-22T10:00", True),
        ("TX", "2026-11-21T09:00", True),
        ("TX", "2026-11-22T11:59", False),  # Sunday before noon
        ("TX", "2026-11-22T12:00", True),
        ("RI", "2026-11-20T17:59", True),
        ("RI", "2026-11-20T18:00", False),
        ("RI", "2026-11-21T09:59", False),
        ("RI", "2026-11-21T17:00", False),
        ("ME", "2026-11-20T16:59", True),
        ("ME", "2026-11-20T17:00", False),
        ("ME", "2026-11-21T12:00", False),
        # No Sundays in Pennsylvania from 18 October 2026, itself a Sunday.
        ("PA", "2026-10-11T12:00", True),
        ("PA", "2026-10-18T12:00", False),
        ("PA", "2026-10-24T12:00", True),
        ("PA", "2027-01-03T12:00", False),
    ],
)
def test_states_are_as_strict_as_the_table_says(state: str, when: str, expected: bool) -> None:
    policy = Policy({("marketing", "sms"): Rule(week(["any time"]))}, DELIVERED.rules, DELIVERED.holidays)
    recipient = Where(frozenset({NEW_YORK}), frozenset({state}))
    assert is_decent(windows_for(policy, "marketing", "sms", recipient), there(when)) is expected


def test_an_unknown_state_may_be_any_state() -> None:
    lesson = decent("education", "sms", states=frozenset())
    assert not is_decent(lesson, there("2026-11-20T09:59"))  # Kentucky
    assert not is_decent(lesson, there("2026-11-20T17:00"))  # Maine
    assert not is_decent(lesson, there("2026-11-21T12:00"))
    assert is_decent(lesson, there("2026-11-20T16:59"))


def test_no_states_rule_holds_abroad() -> None:
    toronto = whereabouts(number="+14165550123")
    assert is_decent(windows_for(DELIVERED, "education", "sms", toronto), there("2026-11-22T19:59"))


def test_states_rules_are_for_texts_that_advertise_or_teach() -> None:
    maine = frozenset({"ME"})
    assert is_decent(decent("care", "sms", states=maine), there("2026-11-22T19:59"))
    assert is_decent(decent("education", "email", states=maine), there("2026-11-22T20:59"))
    assert not is_decent(decent("education", "sms", states=maine), there("2026-11-22T12:00"))


@pytest.mark.parametrize(
    ("zones", "when", "expected"),
    [
        ([NEW_YORK, LOS_ANGELES], "2026-11-24T12:59", False),  # 9:59 in Los Angeles
        ([NEW_YORK, LOS_ANGELES], "2026-11-24T13:00", True),
        ([NEW_YORK, LOS_ANGELES], "2026-11-24T16:59", True),
        ([NEW_YORK, LOS_ANGELES], "2026-11-24T17:00", False),
        ([NEW_YORK, CHICAGO], "2026-11-24T10:59", False),
        ([NEW_YORK, CHICAGO], "2026-11-24T11:00", True),
        ([NEW_YORK, "Pacific/Honolulu"], "2026-11-24T14:59", False),
        ([NEW_YORK, "Pacific/Honolulu"], "2026-11-24T15:00", True),
        ([NEW_YORK, "Pacific/Honolulu"], "2026-07-24T15:59", False),
        ([NEW_YORK, "Pacific/Honolulu"], "2026-07-24T16:00", True),
    ],
)
def test_a_moment_has_to_be_decent_in_every_zone(zones: list[str], when: str, expected: bool) -> None:
    assert is_decent(decent("marketing", "sms", *zones), there(when)) is expected


def test_a_person_of_whom_nothing_is_known_still_has_decent_hours() -> None:
    nobody = windows_for(DELIVERED, "marketing", "sms", whereabouts())
    found = next_decent(nobody, there("2026-07-23T00:00"))
    assert found == there("2026-07-23T16:00")
    assert ends_at(nobody, there("2026-07-23T16:00")) == there("2026-07-23T17:00")


def test_where_two_zones_never_agree_nothing_is_decent() -> None:
    torn = decent("marketing", "sms", NEW_YORK, "Pacific/Guam")
    now = there("2026-11-24T12:00")
    assert next_decent(torn, now) is None
    assert last_decent_before(torn, now) is None
    assert place(torn, now, None, now) is None
    assert place(torn, now, now + timedelta(days=1), now) is None


def test_the_hours_that_a_person_asked_for_narrow_all_but_service() -> None:
    evenings = Where(frozenset({NEW_YORK}), COLORADO, week(["every day 17:00-19:00"]))
    for purpose, expected in (("service", True), ("care", False), ("education", False)):
        found = windows_for(DELIVERED, purpose, "email", evenings)
        assert is_decent(found, there("2026-11-24T12:00")) is expected
        assert is_decent(found, there("2026-11-24T18:00"))


def test_a_rule_holds_from_its_first_day_by_the_local_clock() -> None:
    late = Rule(
        week(["every day 12:00-13:00"]),
        since=date(2026, 11, 24),
        purposes=frozenset({"marketing"}),
        channels=frozenset({"sms"}),
    )
    policy = Policy({("marketing", "sms"): Rule(week(["any time"]))}, (late,))
    found = windows_for(policy, "marketing", "sms", Where(frozenset({"Pacific/Honolulu"})))
    assert ends_at(found, there("2026-11-20T12:00")) == there("2026-11-24T00:00", "Pacific/Honolulu")
    assert next_decent(found, there("2026-11-24T00:00", "Pacific/Honolulu")) == there(
        "2026-11-24T12:00", "Pacific/Honolulu"
    )


@pytest.mark.parametrize(
    ("hours", "name", "when", "starts", "ends"),
    [
        # The night on which clocks go forward: hours that do not exist are not waited for.
        ("every day 02:30-12:00", NEW_YORK, "2026-03-08T06:00", "2026-03-08T07:00", "2026-03-08T16:00"),
        ("every day 01:00-02:30", NEW_YORK, "2026-03-08T05:00", "2026-03-08T06:00", "2026-03-08T07:00"),
        ("every day 02:15-02:45", NEW_YORK, "2026-03-08T06:00", "2026-03-09T06:15", "2026-03-09T06:45"),
        # The night on which they go back: the hour that is there twice is decent twice, and what lies between is not.
        ("every day 01:30-03:00", NEW_YORK, "2026-11-01T05:00", "2026-11-01T05:30", "2026-11-01T06:00"),
        ("every day 01:30-03:00", NEW_YORK, "2026-11-01T06:00", "2026-11-01T06:30", "2026-11-01T08:00"),
        # Ordinary hours are as long as ever, and begin by the clock.
        ("every day 08:00-20:00", NEW_YORK, "2026-03-08T02:00", "2026-03-08T12:00", "2026-03-09T00:00"),
        ("every day 08:00-20:00", NEW_YORK, "2026-11-01T02:00", "2026-11-01T13:00", "2026-11-02T01:00"),
        ("every day 08:00-20:00", "America/Phoenix", "2026-03-08T04:00", "2026-03-08T15:00", "2026-03-09T03:00"),
        ("every day 08:00-20:00", "America/Indiana/Indianapolis", "2026-03-08T02:00", "2026-03-08T12:00", "2026-03-09T00:00"),
        ("every day 08:00-20:00", "America/Indiana/Indianapolis", "2005-07-01T02:00", "2005-07-01T13:00", "2005-07-02T01:00"),
        ("every day 08:00-20:00", "America/Indiana/Tell_City", "2026-03-08T02:00", "2026-03-08T13:00", "2026-03-09T01:00"),
        ("every day 08:00-20:00", "America/Anchorage", "2026-03-08T06:00", "2026-03-08T16:00", "2026-03-09T04:00"),
        ("every day 08:00-20:00", "America/Anchorage", "2026-11-01T05:00", "2026-11-01T17:00", "2026-11-02T05:00"),
        ("every day 08:00-20:00", "Pacific/Honolulu", "2026-11-01T10:00", "2026-11-01T18:00", "2026-11-02T06:00"),
        ("every day 08:00-20:00", "America/Adak", "2026-11-01T10:00", "2026-11-01T18:00", "2026-11-02T06:00"),
        ("every day 00:00-08:00", "America/Havana", "2026-10-31T20:00", "2026-11-01T04:00", "2026-11-01T13:00"),
        # The whole day, clock change or not.
        ("sun 00:00-24:00", NEW_YORK, "2026-03-05T00:00", "2026-03-08T05:00", "2026-03-09T04:00"),
        ("sun 00:00-24:00", NEW_YORK, "2026-10-27T00:00", "2026-11-01T04:00", "2026-11-02T05:00"),
    ],
)  # fmt: skip
def test_when_clocks_change_hours_begin_and_end_by_the_clock(
    hours: str, name: str, when: str, starts: str, ends: str
) -> None:
    found = windows_for(open_always_but(hours), "marketing", "sms", Where(frozenset({name})))
    start = next_decent(found, datetime.fromisoformat(when).replace(tzinfo=UTC))
    assert start == datetime.fromisoformat(starts).replace(tzinfo=UTC)
    assert ends_at(found, start) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


def test_hours_that_run_through_midnight_have_no_seam() -> None:
    found = windows_for(
        open_always_but("fri-sun 00:00-24:00"),
        "marketing",
        "sms",
        Where(frozenset({NEW_YORK})),
    )
    start, end = there("2026-11-20T00:00"), there("2026-11-23T00:00")
    assert ends_at(found, start) == end
    assert last_decent_before(found, there("2026-11-25T12:00"), timedelta(days=10)) == start


def test_what_is_always_decent_never_ends() -> None:
    answer = decent("service", "sms")
    now = there("2026-11-26T03:00")
    assert ends_at(answer, now) is None
    assert next_decent(answer, now) == now
    assert last_decent_before(answer, now) == now - timedelta(minutes=1)


def test_decent_hours_end_for_what_is_not_decent_at_once() -> None:
    assert ends_at(CARE, there("2026-11-24T21:00")) == there("2026-11-24T21:00")
    assert ends_at(CARE, there("2026-11-24T20:00")) == there("2026-11-24T20:00")
    assert ends_at(CARE, there("2026-11-24T19:59")) == there("2026-11-24T20:00")


@pytest.mark.parametrize(
    ("before", "room", "expected"),
    [
        ("2026-11-24T23:00", 30, "2026-11-24T19:30"),
        ("2026-11-25T08:00", 30, "2026-11-24T19:30"),
        ("2026-11-25T08:10", 30, "2026-11-25T08:00"),
        ("2026-11-25T08:30", 30, "2026-11-25T08:00"),
        ("2026-11-25T08:31", 30, "2026-11-25T08:01"),
        ("2026-11-25T12:00", 1, "2026-11-25T11:59"),
        ("2026-11-25T20:00", 1, "2026-11-25T19:59"),
        ("2026-11-25T20:01", 1, "2026-11-25T19:59"),
    ],
)
def test_the_last_decent_moment_leaves_room_before_hours_end(before: str, room: int, expected: str) -> None:
    assert last_decent_before(CARE, there(before), timedelta(minutes=room)) == there(expected)


@pytest.mark.parametrize(
    ("due", "before", "now", "expected"),
    [
        # Decent: it stays.
        ("2026-11-24T12:00", "2026-11-25T09:00", "2026-11-20T12:00", "2026-11-24T12:00"),
        ("2026-11-24T12:00", None, "2026-11-20T12:00", "2026-11-24T12:00"),
        # Not decent: earlier before a visit, later without one.
        ("2026-11-25T06:30", "2026-11-25T08:30", "2026-11-20T12:00", "2026-11-24T19:30"),
        ("2026-11-25T06:30", None, "2026-11-20T12:00", "2026-11-25T08:00"),
        ("2026-11-24T22:00", "2026-11-25T09:00", "2026-11-20T12:00", "2026-11-24T19:30"),
        # Too late to be earlier: now if that is decent, else the next morning if that is before the visit.
        ("2026-11-25T06:30", "2026-11-25T08:30", "2026-11-24T19:50", "2026-11-24T19:50"),
        ("2026-11-25T06:30", "2026-11-25T08:30", "2026-11-24T20:00", "2026-11-25T08:00"),
        ("2026-11-25T06:30", "2026-11-25T08:00", "2026-11-24T20:00", None),
        ("2026-11-25T06:30", "2026-11-25T07:30", "2026-11-24T23:00", None),
        # Late already: at once, or never.
        ("2026-11-24T12:00", "2026-11-25T09:00", "2026-11-24T15:00", "2026-11-24T15:00"),
        ("2026-11-24T12:00", "2026-11-24T14:00", "2026-11-24T15:00", None),
        ("2026-11-24T12:00", None, "2026-11-24T21:00", "2026-11-25T08:00"),
        # Due when the visit has begun: as late as can be before it.
        ("2026-11-25T09:30", "2026-11-25T09:00", "2026-11-20T12:00", "2026-11-25T08:30"),
        # Exactly at its end is too late.
        ("2026-11-24T12:00", "2026-11-24T12:00", "2026-11-24T12:00", None),
    ],
)
def test_a_message_is_put_where_it_is_decent_and_of_use(
    due: str, before: str | None, now: str, expected: str | None
) -> None:
    limit = there(before) if before else None
    assert place(CARE, there(due), limit, there(now)) == (there(expected) if expected else None)


def test_recipients_for_whom_the_hours_are_alike_share_them() -> None:
    assert decent("care", "sms", states=frozenset({"FL"})) is decent("care", "sms", states=frozenset({"TX"}))


def test_every_purpose_has_hours_on_every_channel() -> None:
    for purpose in LANES:
        for channel in CHANNELS:
            assert next_decent(decent(purpose, channel), there("2026-11-24T00:00")) is not None


def test_a_moment_without_a_zone_is_refused_and_any_aware_one_is_understood() -> None:
    naive = datetime(2026, 11, 24, 12)  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware UTC"):
        is_decent(CARE, naive)
    evening = datetime(2026, 11, 24, 19, 59, tzinfo=zone(NEW_YORK))
    assert is_decent(CARE, evening)
    found = next_decent(CARE, evening)
    assert found == evening
    assert found is not None and found.tzinfo is UTC
