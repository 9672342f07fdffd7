"""Caps and courtesy: how much one person is sent, how close together, how near a visit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.domain.caps import (
    GO,
    LOOK_BACK,
    OUTSIDE,
    Asked,
    Caps,
    Courtesy,
    Later,
    Person,
    Sent,
    Skip,
    Waiting,
    Wishes,
    may_go,
    take_turns,
)
from engage.domain.message_words import REASONS
from engage.domain.messages import About, Channel, Purpose
from engage.domain.timing import local, zone

NEW_YORK, HONOLULU = "America/New_York", "Pacific/Honolulu"
CAPS = Caps()
NOON = datetime(2026, 11, 24, 12, tzinfo=zone(NEW_YORK)).astimezone(UTC)  # a Tuesday
FAR = NOON + timedelta(days=365)


def there(text: str, name: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone(name)).astimezone(UTC)


def texts(*when: str, about: About = "plan") -> tuple[Sent, ...]:
    """Care texts that went when the clocks in New York showed this."""
    return tuple(Sent(there(text), "care", "sms", about) for text in when)


def bulk(purpose: Purpose, *when: str) -> tuple[Sent, ...]:
    return tuple(Sent(there(text), purpose, "email") for text in when)


def asked(
    purpose: Purpose, channel: Channel = "email", not_after: datetime = FAR, about: About = "plan"
) -> Asked:
    return Asked(purpose, channel, not_after, about)


def person(*sent: Sent, visits: tuple[str, ...] = (), wishes: Wishes | None = None) -> Person:
    starts = tuple(there(text) for text in visits)
    return Person(frozenset({NEW_YORK}), sent, starts, wishes or Wishes())


CARE_TEXT = asked("care", "sms")


def test_somebody_who_was_sent_nothing_may_be_sent_anything() -> None:
    for purpose in ("service", "care", "education", "marketing"):
        for channel in ("email", "sms"):
            assert may_go(CAPS, asked(purpose, channel), person(), NOON) == GO


@pytest.mark.parametrize(
    ("sent", "now", "expected"),
    [
        # One care text a day: the day is the person's, from midnight to midnight.
        (["2026-11-24T08:00"], "2026-11-24T12:00", Later(there("2026-11-25T00:00"), "care_text_day_cap")),
        (["2026-11-24T00:00"], "2026-11-24T23:59", Later(there("2026-11-25T00:00"), "care_text_day_cap")),
        (["2026-11-23T23:00"], "2026-11-24T00:30", GO),
        # Three in seven days, today included.
        (
            ["2026-11-18T10:00", "2026-11-20T10:00", "2026-11-22T10:00"],
            "2026-11-24T12:00",
            Later(there("2026-11-25T00:00"), "care_text_week_cap"),
        ),
        (["2026-11-17T23:59", "2026-11-20T10:00", "2026-11-22T10:00"], "2026-11-24T12:00", GO),
        (
            ["2026-11-20T10:00", "2026-11-21T10:00", "2026-11-22T10:00"],
            "2026-11-24T12:00",
            Later(there("2026-11-27T00:00"), "care_text_week_cap"),
        ),
        # More than the cap, as caps can be lowered: it waits until there is room again.
        (
            ["2026-11-19T10:00", "2026-11-20T10:00", "2026-11-21T10:00", "2026-11-22T10:00"],
            "2026-11-24T12:00",
            Later(there("2026-11-27T00:00"), "care_text_week_cap"),
        ),
        # The day on which the clocks go back is one day, of 25 hours.
        (["2026-11-01T00:10"], "2026-11-01T23:50", Later(there("2026-11-02T00:00"), "care_text_day_cap")),
    ],
)
def test_care_texts_are_one_a_day_and_three_a_week(sent: list[str], now: str, expected: Courtesy) -> None:
    assert may_go(CAPS, CARE_TEXT, person(*texts(*sent)), there(now)) == expected


@pytest.mark.parametrize("about", sorted(OUTSIDE))
def test_answers_and_corrections_are_neither_held_back_nor_counted(about: About) -> None:
    full = person(*texts("2026-11-22T10:00", "2026-11-23T10:00", "2026-11-24T11:59"))
    assert may_go(CAPS, asked("care", "sms", about=about), full, NOON) == GO
    answers = texts("2026-11-24T11:58", "2026-11-24T11:59", "2026-11-24T12:00", about=about)
    assert may_go(CAPS, CARE_TEXT, person(*answers), NOON) == GO


def test_service_is_neither_held_back_nor_counted() -> None:
    confirmed = Sent(NOON, "service", "email")
    assert may_go(CAPS, asked("marketing"), person(confirmed), NOON) == GO
    full = person(*bulk("marketing", "2026-11-24T11:59"), wishes=Wishes(FAR, fewer=True))
    assert may_go(CAPS, asked("service"), full, NOON) == GO


def test_care_by_email_is_not_capped() -> None:
    assert may_go(CAPS, asked("care", "email"), person(*texts("2026-11-24T08:00")), NOON) == GO


def test_a_care_text_that_would_wait_too_long_is_left_out_with_the_reason() -> None:
    visit = asked("care", "sms", not_after=there("2026-11-24T18:00"))
    assert may_go(CAPS, visit, person(*texts("2026-11-24T08:00")), NOON) == Skip("care_text_day_cap")


@pytest.mark.parametrize(
    ("purpose", "sent", "expected"),
    [
        ("marketing", bulk("marketing", "2026-11-20T10:00"), GO),
        (
            "marketing",
            bulk("marketing", "2026-11-20T10:00", "2026-11-23T10:00"),
            Later(there("2026-11-27T00:00"), "marketing_cap"),
        ),
        ("marketing", bulk("marketing", "2026-11-17T10:00", "2026-11-23T10:00"), GO),
        ("education", bulk("marketing", "2026-11-20T10:00", "2026-11-23T10:00"), GO),
        # Lessons and marketing together, over all courses and campaigns.
        ("education", bulk("education", *["2026-11-20T10:00"] * 9), GO),
        (
            "education",
            bulk("education", *["2026-11-20T10:00"] * 9) + bulk("marketing", "2026-11-22T10:00"),
            Later(there("2026-11-27T00:00"), "bulk_cap"),
        ),
        ("marketing", bulk("education", *["2026-11-20T10:00"] * 9), GO),
        (
            "marketing",
            bulk("education", *["2026-11-21T10:00"] * 10),
            Later(there("2026-11-28T00:00"), "bulk_cap"),
        ),
        ("care", bulk("education", *["2026-11-20T10:00"] * 20), GO),
    ],
)
def test_a_week_holds_so_much_of_courses_and_campaigns(
    purpose: Purpose, sent: tuple[Sent, ...], expected: Courtesy
) -> None:
    assert may_go(CAPS, asked(purpose), person(*sent), NOON) == expected


def test_fewer_messages_halves_the_week_but_leaves_care_alone() -> None:
    fewer = Wishes(fewer=True)
    one = person(*bulk("marketing", "2026-11-20T10:00"), wishes=fewer)
    assert may_go(CAPS, asked("marketing"), one, NOON) == Later(there("2026-11-27T00:00"), "fewer_messages")
    five = person(*bulk("education", *["2026-11-20T10:00"] * 5), wishes=fewer)
    assert may_go(CAPS, asked("education"), five, NOON) == Later(there("2026-11-27T00:00"), "fewer_messages")
    assert may_go(Caps(marketing_per_week=1), asked("marketing"), person(wishes=fewer), NOON) == GO
    texted = person(*texts("2026-11-20T10:00", "2026-11-21T10:00"), wishes=fewer)
    assert may_go(CAPS, CARE_TEXT, texted, NOON) == GO


def test_a_pause_holds_lessons_and_marketing_until_its_end() -> None:
    until = NOON + timedelta(days=10)
    resting = person(wishes=Wishes(paused_until=until))
    assert may_go(CAPS, asked("education"), resting, NOON) == Later(until, "person_paused")
    assert may_go(CAPS, asked("marketing", not_after=NOON + timedelta(days=9)), resting, NOON) == Skip(
        "person_paused"
    )
    assert may_go(CAPS, CARE_TEXT, resting, NOON) == GO
    assert may_go(CAPS, asked("marketing"), resting, until) == GO


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        (["2026-11-25T12:01"], GO),
        (["2026-11-25T12:00"], Later(there("2026-11-26T12:00"), "near_visit")),
        (["2026-11-24T15:00"], Later(there("2026-11-25T15:00"), "near_visit")),
        (["2026-11-23T12:01"], Later(there("2026-11-24T12:01"), "near_visit")),
        (["2026-11-23T12:00"], GO),
        # Visits on Wednesday and Thursday make one quiet time.
        (["2026-11-26T09:00", "2026-11-25T09:00"], Later(there("2026-11-27T09:00"), "near_visit")),
        (["2026-11-25T09:00", "2026-11-29T09:00"], Later(there("2026-11-26T09:00"), "near_visit")),
    ],
)
def test_nothing_promotional_is_sent_within_a_day_of_a_visit(visits: list[str], expected: Courtesy) -> None:
    for purpose in ("education", "marketing"):
        assert may_go(CAPS, asked(purpose), person(visits=tuple(visits)), NOON) == expected
    assert may_go(CAPS, CARE_TEXT, person(visits=tuple(visits)), NOON) == GO


def test_two_messages_do_not_come_on_top_of_each_other() -> None:
    lesson = person(*bulk("education", "2026-11-24T11:50"))
    assert may_go(CAPS, asked("care", "email"), lesson, NOON) == Later(there("2026-11-24T12:05"), "spaced")
    assert may_go(CAPS, CARE_TEXT, lesson, there("2026-11-24T12:05")) == GO


def test_the_rule_that_holds_longest_is_the_reason() -> None:
    sent = bulk("marketing", "2026-11-20T10:00", "2026-11-24T11:55")
    busy = person(*sent, visits=("2026-11-25T09:00",))
    assert may_go(CAPS, asked("marketing"), busy, NOON) == Later(there("2026-11-27T00:00"), "marketing_cap")


def test_where_the_zone_is_not_known_the_day_counts_in_each() -> None:
    sent = Sent(there("2026-11-24T02:00"), "care", "sms")  # still Monday in Honolulu
    unsure = Person(frozenset({NEW_YORK, HONOLULU}), (sent,))
    assert may_go(CAPS, CARE_TEXT, unsure, NOON) == Later(there("2026-11-25T00:00"), "care_text_day_cap")
    assert may_go(CAPS, CARE_TEXT, Person(frozenset({HONOLULU}), (sent,)), NOON) == GO


def test_messages_due_together_go_by_lane_and_apart() -> None:
    soon = NOON + timedelta(minutes=5)
    waiting = [
        Waiting("offer", "marketing", NOON - timedelta(hours=2)),
        Waiting("lesson", "education", NOON - timedelta(hours=1)),
        Waiting("reminder", "care", NOON),
        Waiting("check-in", "care", soon),
        Waiting("stop", "care", NOON, "opt_out"),
        Waiting("confirm", "service", NOON),
    ]
    turns = [
        (one.key, (at - NOON) // timedelta(minutes=1)) for one, at in take_turns(waiting, None, CAPS, NOON)
    ]
    assert turns == [
        ("confirm", 0),
        ("stop", 0),
        ("reminder", 0),
        ("check-in", 15),
        ("lesson", 30),
        ("offer", 45),
    ]


def test_who_is_due_later_does_not_keep_others_waiting() -> None:
    waiting = [Waiting("reminder", "care", NOON + timedelta(hours=3)), Waiting("lesson", "education", NOON)]
    turns = take_turns(waiting, NOON - timedelta(minutes=5), CAPS, NOON)
    assert [(one.key, (at - NOON) // timedelta(minutes=1)) for one, at in turns] == [
        ("lesson", 10),
        ("reminder", 180),
    ]


def test_every_reason_is_in_plain_words() -> None:
    slugs = {"person_paused", "near_visit", "marketing_cap", "bulk_cap", "fewer_messages", "spaced"}
    assert slugs | {"care_text_day_cap", "care_text_week_cap", "no_decent_hour"} <= set(REASONS)


moments = st.integers(-10 * 96, 0).map(lambda n: NOON + n * timedelta(minutes=15))
sent_lists = st.lists(
    st.builds(
        Sent,
        moments,
        st.sampled_from(["service", "care", "education", "marketing"]),
        st.sampled_from(["email", "sms"]),
        st.sampled_from(["plan", "plan", "reply"]),
    ),
    max_size=14,
)


@settings(max_examples=300, deadline=None)
@given(
    sent_lists,
    st.sampled_from(["care", "education", "marketing"]),
    st.sampled_from(["email", "sms"]),
    st.lists(moments.map(lambda at: at + timedelta(days=5)), max_size=3),
    st.booleans(),
)
def test_whoever_waits_as_told_goes_in_the_end_and_no_cap_is_passed(
    sent: list[Sent], purpose: Purpose, channel: Channel, visits: list[datetime], fewer: bool
) -> None:
    someone = Person(frozenset({NEW_YORK}), tuple(sent), tuple(visits), Wishes(fewer=fewer))
    now = NOON
    for _ in range(10):
        decision = may_go(CAPS, asked(purpose, channel), someone, now)
        if isinstance(decision, Later):
            assert decision.until > now
            assert decision.reason in REASONS
            now = decision.until
    assert decision == GO
    assert now <= NOON + LOOK_BACK + timedelta(days=6)
    today = local(now, NEW_YORK).date()
    if purpose == "care" and channel == "sms":
        counted = [
            (today - local(one.moment, NEW_YORK).date()).days
            for one in sent
            if one.about == "plan" and (one.purpose, one.channel) == ("care", "sms")
        ]
        assert sum(days < 1 for days in counted) < 1
        assert sum(days < 7 for days in counted) < 3
    if purpose == "marketing":
        weeks = [
            (today - local(one.moment, NEW_YORK).date()).days
            for one in sent
            if one.about == "plan" and one.purpose == "marketing"
        ]
        assert sum(days < 7 for days in weeks) < (1 if fewer else 2)
    if purpose != "care":
        assert all(abs(now - visit) >= timedelta(days=1) for visit in visits)
