"""The hours of a message in words: a person who asks why it waits reads the clock, the rule and the hours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engage.clinic import load
from engage.domain.hours import windows_for
from engage.domain.hours_words import against_line, hours_line
from engage.domain.messages import Channel, Purpose
from engage.domain.weeks import week
from engage.domain.whereabouts import whereabouts
from tests.conftest import PROJECT

NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"
# Tuesday, 10:15 PM in New York, 7:15 PM in Los Angeles.
LATE = datetime(2026, 11, 25, 3, 15, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
THANKSGIVING = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


def said(
    purpose: Purpose,
    channel: Channel,
    moment: datetime,
    zone: str = NEW_YORK,
    number: str | None = None,
    wish: str = "",
) -> tuple[str, str]:
    policy = load(PROJECT / "clinic.toml").decent_hours.policy
    where = whereabouts(zone, number, wish=week([wish]) if wish else None)
    decent = windows_for(policy, purpose, channel, where)
    return hours_line(decent, purpose, channel, zone, where, moment), against_line(decent, moment)


def test_a_late_text_names_the_zone_its_clock_and_the_rule() -> None:
    hours, against = said("education", "sms", LATE, number="+15185550123")
    assert hours == (
        "Texts of the purpose education go to this person every day, 9 AM to 8 PM, by the clock in "
        "America/New_York (the zone that the person gave)."
    )
    assert against == (
        "It is then Tuesday, November 24, 10:15 PM in America/New_York: outside the clinic’s own hours "
        "(Every day, 9 AM to 8 PM) and the hours that hold everywhere (Every day, 8 AM to 9 PM)."
    )


def test_a_number_from_elsewhere_brings_its_clock_and_its_states_rules() -> None:
    hours, against = said("education", "sms", LATE, zone=LOS_ANGELES, number="+12145550123")
    assert "America/Chicago (where their number is from)" in hours
    assert "America/Los_Angeles (the zone that the person gave)" in hours
    assert hours.endswith("By where the number is from, the rules of TX count.")
    assert "9:15 PM in America/Chicago: outside" in against and "the hours of TX (" in against
    assert "Los_Angeles" not in against


def test_where_nothing_tells_the_state_the_rules_of_every_state_count() -> None:
    hours, _ = said("marketing", "sms", NOON, number="+18005550123")
    assert hours.endswith("Nothing tells the state, so the rules of every state count.")


def test_a_holiday_is_named() -> None:
    hours, against = said("marketing", "sms", THANKSGIVING, number="+15185550123")
    assert "Monday to Friday, 10 AM to 5 PM, and not on holidays" in hours
    assert "the clinic’s own hours, which keep Thanksgiving Day" in against


def test_hours_that_the_person_asked_for_are_called_theirs() -> None:
    hours, against = said("care", "email", NOON, wish="mon-fri 17:00-20:00")
    assert "Monday to Friday, 5 PM to 8 PM" in hours
    assert against == (
        "It is then Tuesday, November 24, 1:00 PM in America/New_York: outside the hours that the person asked for "
        "(Monday to Friday, 5 PM to 8 PM)."
    )


@pytest.mark.parametrize(("purpose", "channel"), [("education", "sms"), ("care", "email")])
def test_nothing_speaks_against_a_decent_hour(purpose: Purpose, channel: Channel) -> None:
    assert said(purpose, channel, NOON, number="+15185550123")[1] == ""


def test_many_zones_are_counted_and_not_named() -> None:
    policy = load(PROJECT / "clinic.toml").decent_hours.policy
    where = whereabouts()
    decent = windows_for(policy, "education", "sms", where)
    hours = hours_line(decent, "education", "sms", "", where, LATE)
    assert f"all {len(decent.zones)} zones where they may be" in hours
    assert "zones more." in against_line(decent, LATE)
