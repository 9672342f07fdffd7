"""The plan of a visit's messages: what goes out, on which way and when, and why the rest does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from engage.clinic_contact import DecentHours
from engage.clinic_reminders import ReminderPolicy, ReminderRule, minutes_of
from engage.domain.appointments import Status, Visit, When
from engage.domain.hours import windows_for
from engage.domain.messages import Channel
from engage.domain.reminders import Outcome, Policy, Told, Way, plan
from engage.domain.timing import instant, local
from engage.domain.whereabouts import whereabouts

ZONE = "America/Chicago"
POLICY = ReminderPolicy().policy
HOURS = DecentHours().policy
SECOND = timedelta(seconds=1)


def moment(text: str, zone: str = ZONE) -> datetime:
    """ "2026-11-30 14:00" by the clocks of the zone."""
    there = datetime.fromisoformat(text)
    return instant(there.date(), there.time(), zone)


def when(text: str, zone: str = ZONE) -> When:
    return When(moment(text, zone), zone, 60, "Prairie Street")


def visit(starts: str, booked: str, status: Status = "booked", version: int = 1, **more: bool) -> Visit:
    return Visit(UUID(int=7), version, when(starts), status, moment(booked), **more)


def ways(email: str | None = None, sms: str | None = None, zone: str = ZONE) -> dict[Channel, Way]:
    where = whereabouts(zone)
    return {
        "email": Way(email, windows_for(HOURS, "care", "email", where)),
        "sms": Way(sms, windows_for(HOURS, "care", "sms", where)),
    }


def said(outcomes: list[Outcome], zone: str = ZONE) -> dict[str, str]:
    """rule/channel: the kind and its local time, or the reason."""
    return {
        f"{one.rule}/{one.channel}": one.reason
        if one.kind is None or one.due_at is None
        else f"{one.kind.name} {local(one.due_at, zone):%a %d %H:%M}"
        for one in outcomes
    }


def planned(
    of: Visit,
    told: list[Told] | None = None,
    now: datetime | None = None,
    policy: Policy = POLICY,
    email: str | None = None,
    sms: str | None = None,
) -> dict[str, str]:
    outcomes = plan(of, policy, ways(email, sms), told or [], now or of.since)
    return {key: value for key, value in said(outcomes).items() if value not in ("switched_off", "not_first")}


def told(rule: str, channel: Channel, starts: str | None, at: str, version: int = 1) -> Told:
    return Told(channel, rule, version, when(starts) if starts else None, moment(at))


@pytest.mark.parametrize(
    ("starts", "booked", "expected"),
    [
        pytest.param(
            "2026-11-30 14:00",
            "2026-11-10 10:00",
            {
                "email-3-days/email": "visit-reminder Fri 27 14:00",
                "text-1-day/sms": "visit-reminder-text Sun 29 14:00",
            },
            id="in good time",
        ),
        pytest.param(
            "2026-11-30 14:00",
            "2026-11-27 10:00",
            {
                "email-3-days/email": "visit-reminder Fri 27 14:00",
                "text-1-day/sms": "visit-reminder-text Sun 29 14:00",
            },
            id="three days and four hours ahead",
        ),
        pytest.param(
            "2026-11-30 14:00",
            "2026-11-28 10:00",
            {
                "email-3-days/email": "visit-booked Sat 28 10:01",
                "text-1-day/sms": "visit-reminder-text Sun 29 14:00",
            },
            id="inside the first reminder's time it is confirmed at once",
        ),
        pytest.param(
            "2026-11-30 14:00",
            "2026-11-29 12:00",
            {"email-3-days/email": "another_soon", "text-1-day/sms": "visit-reminder-text Sun 29 14:00"},
            id="a reminder two hours later is confirmation enough",
        ),
        pytest.param(
            "2026-11-30 14:00",
            "2026-11-30 09:00",
            {"email-3-days/email": "too_late", "text-1-day/sms": "visit-booked-text Mon 30 09:01"},
            id="on the day itself a text confirms, as an email is of no use any more",
        ),
        pytest.param(
            "2026-11-30 14:00",
            "2026-11-30 13:30",
            {"email-3-days/email": "too_late", "text-1-day/sms": "too_late", "text-1-day/email": "too_late"},
            id="half an hour ahead nothing helps",
        ),
        pytest.param(
            "2026-11-30 07:00",
            "2026-11-10 10:00",
            {
                "email-3-days/email": "visit-reminder Thu 26 19:30",
                "text-1-day/sms": "visit-reminder-text Sat 28 19:30",
            },
            id="what would come too early comes on the evening before",
        ),
        pytest.param(
            "2026-11-30 21:00",
            "2026-11-10 10:00",
            {
                "email-3-days/email": "visit-reminder Fri 27 19:30",
                "text-1-day/sms": "visit-reminder-text Sun 29 19:30",
            },
            id="what would come too late in the evening comes earlier",
        ),
        pytest.param(
            "2026-12-01 08:30",
            "2026-11-30 22:00",
            {
                "email-3-days/email": "too_late",
                "text-1-day/sms": "no_decent_hour",
                "text-1-day/email": "no_decent_hour",
            },
            id="booked at night for the next morning nobody is woken",
        ),
        pytest.param(
            "2026-11-02 14:00",
            "2026-10-20 10:00",
            {
                "email-3-days/email": "visit-reminder Fri 30 14:00",
                "text-1-day/sms": "visit-reminder-text Sun 01 14:00",
            },
            id="over the night on which clocks go back the hour stays",
        ),
        pytest.param(
            "2027-03-15 14:00",
            "2027-02-20 10:00",
            {
                "email-3-days/email": "visit-reminder Fri 12 14:00",
                "text-1-day/sms": "visit-reminder-text Sun 14 14:00",
            },
            id="over the night on which clocks go forward the hour stays",
        ),
    ],
)
def test_when_reminders_go_out(starts: str, booked: str, expected: dict[str, str]) -> None:
    assert planned(visit(starts, booked)) == expected


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        (
            {"sms": "no_consent"},
            {
                "email-3-days/email": "visit-reminder Fri 27 14:00",
                "text-1-day/sms": "no_consent",
                "text-1-day/email": "visit-reminder Sun 29 14:00",
            },
        ),
        (
            {"email": "no_address"},
            {"email-3-days/email": "no_address", "text-1-day/sms": "visit-reminder-text Sun 29 14:00"},
        ),
        (
            {"email": "no_address", "sms": "suppressed_unsubscribed"},
            {
                "email-3-days/email": "no_address",
                "text-1-day/sms": "suppressed_unsubscribed",
                "text-1-day/email": "no_address",
            },
        ),
    ],
)
def test_a_closed_way_gives_its_reason_and_the_other_one_is_taken(
    closed: dict[str, str], expected: dict[str, str]
) -> None:
    assert (
        planned(
            visit("2026-11-30 14:00", "2026-11-10 10:00"), email=closed.get("email"), sms=closed.get("sms")
        )
        == expected
    )


def test_only_a_first_visit_is_prepared_for_also_when_it_is_booked_late() -> None:
    assert (
        planned(visit("2026-11-30 14:00", "2026-11-10 10:00", first=True))["first-visit/email"]
        == "visit-first Sat 28 14:00"
    )
    late = planned(visit("2026-11-30 14:00", "2026-11-29 09:00", first=True))
    assert late["first-visit/email"] == "visit-first Sun 29 09:01"


TOLD_BOTH = [
    told("email-3-days", "email", "2026-11-30 14:00", "2026-11-27 14:00"),
    told("text-1-day", "sms", "2026-11-30 14:00", "2026-11-29 14:00"),
]


def test_wherever_the_old_time_has_left_the_new_one_follows() -> None:
    moved = planned(visit("2026-12-02 10:00", "2026-11-29 16:00", version=2), TOLD_BOTH)
    assert moved["moved/email"] == "visit-moved Sun 29 16:01"
    assert moved["moved/sms"] == "visit-moved-text Sun 29 16:01"
    assert moved["email-3-days/email"] == "booked_late"
    assert moved["text-1-day/sms"] == "visit-reminder-text Tue 01 10:00"


def test_a_correction_at_night_waits_for_the_morning_if_the_visit_does() -> None:
    early = visit("2026-12-01 08:00", "2026-11-29 23:00", version=2)
    assert planned(early, TOLD_BOTH[1:])["moved/sms"] == "visit-moved-text Mon 30 08:00"
    at_once = visit("2026-11-30 07:30", "2026-11-29 23:00", version=2)
    assert planned(at_once, TOLD_BOTH[1:])["moved/sms"] == "no_decent_hour"


def test_a_correction_takes_the_other_way_where_its_own_is_closed() -> None:
    moved = planned(visit("2026-12-02 10:00", "2026-11-29 16:00", version=2), TOLD_BOTH[1:], sms="no_consent")
    assert moved["moved/email"] == "visit-moved Sun 29 16:01"
    nothing = planned(
        visit("2026-12-02 10:00", "2026-11-29 16:00", version=2),
        TOLD_BOTH[1:],
        sms="no_consent",
        email="no_address",
    )
    assert nothing["moved/sms"] == "no_consent"


def test_a_visit_moved_away_and_back_is_neither_corrected_nor_told_of_again() -> None:
    back = planned(visit("2026-11-30 14:00", "2026-11-29 15:00", version=3), TOLD_BOTH)
    assert back == {"email-3-days/email": "told_already", "text-1-day/sms": "told_already"}


def test_once_the_correction_has_left_nothing_is_corrected() -> None:
    new = visit("2026-12-02 10:00", "2026-11-29 16:00", version=2)
    left = [*TOLD_BOTH[1:], told("moved", "sms", "2026-12-02 10:00", "2026-11-29 16:01", version=2)]
    again = planned(new, left, now=moment("2026-11-29 18:00"))
    assert "moved/sms" not in again
    assert again["email-3-days/email"] == "booked_late"


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (
            TOLD_BOTH,
            {
                "cancelled/email": "visit-cancelled Sun 29 16:01",
                "cancelled/sms": "visit-cancelled-text Sun 29 16:01",
            },
        ),
        (TOLD_BOTH[:1], {"cancelled/email": "visit-cancelled Sun 29 16:01"}),
        ([], {"cancelled/sms": "visit-cancelled-text Sun 29 16:01"}),
        ([told("cancelled", "sms", None, "2026-11-28 10:00", version=2)], {}),
    ],
)
def test_a_cancelled_visit_brings_one_notice_on_each_way_that_told_of_it(
    left: list[Told], expected: dict[str, str]
) -> None:
    assert planned(visit("2026-11-30 14:00", "2026-11-29 16:00", "cancelled", 4), left) == expected


def test_what_was_entered_by_mistake_and_told_to_nobody_brings_nothing() -> None:
    assert planned(visit("2026-11-30 14:00", "2026-11-29 16:00", "entered-in-error", 2)) == {}


def test_what_nobody_had_agreed_to_goes_without_a_notice_unless_somebody_was_told_of_it() -> None:
    off = visit("2026-11-30 14:00", "2026-11-29 16:00", "cancelled", 2, unagreed=True)
    assert planned(off) == {}
    assert planned(off, TOLD_BOTH[:1]) == {"cancelled/email": "visit-cancelled Sun 29 16:01"}


def test_a_visit_called_on_again_after_its_notice_is_told_of_again() -> None:
    left = [told("cancelled", "sms", None, "2026-11-28 10:00", version=2)]
    on = planned(visit("2026-11-30 14:00", "2026-11-28 12:00", version=3), left)
    assert on["moved/sms"] == "visit-moved-text Sat 28 12:01"


def test_a_missed_visit_and_the_end_of_a_plan_are_followed_up() -> None:
    missed = planned(visit("2026-11-30 14:00", "2026-11-30 14:30", "noshow"))
    assert missed == {"missed-visit/sms": "visit-missed-text Mon 30 16:30"}
    last = planned(visit("2026-11-30 14:00", "2026-11-30 15:00", "fulfilled", last_of_plan=True))
    assert last == {"end-of-plan/email": "plan-ended Tue 01 15:00"}
    assert planned(visit("2026-11-30 14:00", "2026-11-30 15:00", "fulfilled")) == {}


@pytest.mark.parametrize("status", ["proposed", "waitlist", "arrived", "checked-in"])
def test_what_is_not_agreed_or_is_under_way_brings_nothing(status: Status) -> None:
    assert planned(visit("2026-11-30 14:00", "2026-11-10 10:00", status)) == {}


def test_the_same_plan_comes_out_whenever_it_is_asked_for() -> None:
    of = visit("2026-11-30 14:00", "2026-11-28 10:00", first=True)
    plans = [plan(of, POLICY, ways(), [], of.since + hours * timedelta(hours=1)) for hours in range(60)]
    assert all(one == plans[0] for one in plans)


def test_a_rule_that_is_switched_says_so_and_names_another_policy() -> None:
    off = POLICY.switched({"text-1-day": False})
    outcomes = said(plan(visit("2026-11-30 14:00", "2026-11-10 10:00"), off, ways(), [], datetime.now(UTC)))
    assert outcomes["text-1-day/sms"] == "switched_off"
    assert off.version != POLICY.version == replace(POLICY).version
    on = POLICY.switched({"text-2-hours": True})
    outcomes = said(plan(visit("2026-11-30 14:00", "2026-11-10 10:00"), on, ways(), [], datetime.now(UTC)))
    assert outcomes["text-2-hours/sms"] == "visit-soon-text Mon 30 12:00"


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"says": "reminder", "after": "1 day"}, "needs `before`"),
        ({"says": "missed", "before": "1 day"}, "needs `after`"),
        ({"says": "soon", "before": "2 hours", "channels": ["email"]}, "there is no soon by email"),
        ({"says": "reminder", "before": "3 fortnights"}, "write one as 3 days"),
        ({"says": "reminder", "before": "1 hour", "useful_until": "2 hours"}, "shorter than `before`"),
    ],
)
def test_a_rule_that_can_t_be_says_how_to_mend_it(wrong: dict[str, object], cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        ReminderRule.model_validate(
            {"slug": "x", "channels": ["email"], "useful_until": "30 minutes"} | wrong
        )


def test_spans_are_minutes() -> None:
    assert [minutes_of(text) for text in ("3 days", "1 hour", "30 minutes")] == [4320, 60, 30]


def test_dates_are_those_of_the_visit() -> None:
    assert when("2026-11-30 14:00").starts_at == datetime.combine(date(2026, 11, 30), time(20), UTC)


def test_a_letter_beside_the_confirmation_does_not_take_its_place() -> None:
    late = visit("2026-11-30 14:00", "2026-11-28 10:00", first=True)
    left = [told("first-visit", "email", "2026-11-30 14:00", "2026-11-28 14:00")]
    assert planned(late, left)["email-3-days/email"] == "visit-booked Sat 28 10:01"


def test_a_visit_that_came_in_cancelled_tells_nobody() -> None:
    assert planned(visit("2026-11-30 14:00", "2026-11-20 10:00", "cancelled", version=1)) == {}
