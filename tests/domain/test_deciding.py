"""What becomes of one due message."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest

from engage.domain.courses import Course, Lesson
from engage.domain.deciding import Decision, End, Facts, Send, Wait, decide
from engage.domain.message_words import REASONS

AGREED = uuid4()
LESSON = Lesson("one", "One", "", 0, time(9), frozenset(range(5)))
COURSE = Course("c", "C", "", (LESSON,), (time(8), time(20)))
# Wednesday, 10:00 in New York.
NOW = datetime(2026, 11, 4, 15, tzinfo=UTC)
FACTS = Facts(
    kind="course-lesson",
    not_after=NOW + timedelta(days=60),
    zone="America/New_York",
    anytime=False,
    has_address=True,
    erased=False,
    consent_id=AGREED,
    suppressed=None,
    cause_state="active",
    paused_until=None,
    course=COURSE,
    lesson="one",
)
NIGHT = datetime(2026, 11, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "facts", "now", "expected"),
    [
        ("all is well", FACTS, NOW, Send(AGREED)),
        ("late in the course's life", FACTS._replace(cause_state="completed"), NOW, Send(AGREED)),
        ("forgotten", FACTS._replace(erased=True), NOW, End("cancelled", "erased")),
        ("cause deleted", FACTS._replace(cause_state=None), NOW, End("cancelled", "cause_gone")),
        ("unsubscribed", FACTS._replace(cause_state="unsubscribed"), NOW, End("cancelled", "unsubscribed")),
        ("booked", FACTS._replace(cause_state="booked"), NOW, End("cancelled", "booked")),
        ("stopped", FACTS._replace(cause_state="stopped"), NOW, End("cancelled", "stopped")),
        ("address gone", FACTS._replace(has_address=False), NOW, End("skipped", "no_address")),
        ("complaint", FACTS._replace(suppressed="complaint"), NOW, End("skipped", "suppressed_complaint")),
        ("never agreed", FACTS._replace(consent_id=None), NOW, End("skipped", "no_consent")),
        ("too late", FACTS._replace(not_after=NOW - timedelta(seconds=1)), NOW, End("expired", "too_late")),
        ("last second", FACTS._replace(not_after=NOW), NOW, Send(AGREED)),
        ("paused", FACTS._replace(paused_until=NOW + timedelta(days=3)), NOW, Wait(NOW + timedelta(days=3), "paused")),
        ("pause over", FACTS._replace(paused_until=NOW), NOW, Send(AGREED)),
        ("paused for everybody", FACTS._replace(cause_state="halted"), NOW,
         Wait(NOW + timedelta(days=1), "course_halted")),
        ("paused for everybody, too late", FACTS._replace(cause_state="halted", not_after=NOW - timedelta(days=1)), NOW,
         Wait(NOW + timedelta(days=1), "course_halted")),
        ("trial mode", FACTS._replace(trial=True), NOW, Wait(NOW + timedelta(days=1), "trial_mode")),
        ("trial mode, asked for", FACTS._replace(trial=True, anytime=True), NIGHT,
         Wait(NIGHT + timedelta(days=1), "trial_mode")),
        ("trial mode, soon of no use", FACTS._replace(trial=True, not_after=NOW + timedelta(hours=2)), NOW,
         Wait(NOW + timedelta(hours=2, seconds=1), "trial_mode")),
        ("trial mode, of no use", FACTS._replace(trial=True, not_after=NOW - timedelta(seconds=1)), NOW,
         End("expired", "too_late")),
        ("trial mode, unsubscribed", FACTS._replace(trial=True, cause_state="unsubscribed"), NOW,
         End("cancelled", "unsubscribed")),
        ("trial mode, never agreed", FACTS._replace(trial=True, consent_id=None), NOW, End("skipped", "no_consent")),
        ("at night", FACTS, NIGHT, Wait(datetime(2026, 11, 4, 14, tzinfo=UTC), "decent_hours")),
        ("at night, asked for", FACTS._replace(anytime=True), NIGHT, Send(AGREED)),
        ("lesson taken out", FACTS._replace(lesson="gone"), NOW, End("cancelled", "lesson_removed")),
        ("a complaint weighs more than the hour", FACTS._replace(suppressed="complaint"), NIGHT,
         End("skipped", "suppressed_complaint")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_lesson(case: str, facts: Facts, now: datetime, expected: Decision) -> None:
    assert decide(facts, now) == expected


CONFIRM = FACTS._replace(kind="signup-confirm", consent_id=None, course=None, lesson=None, cause_state="sent")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (CONFIRM, Send(None)),
        (CONFIRM._replace(cause_state="confirmed"), End("cancelled", "already_confirmed")),
        (CONFIRM._replace(cause_state="refused"), End("cancelled", "not_me")),
        (CONFIRM._replace(suppressed="not_me"), End("skipped", "suppressed_not_me")),
    ],
)
def test_a_confirmation_needs_no_consent_but_a_living_sign_up(facts: Facts, expected: Decision) -> None:
    assert decide(facts, NIGHT) == expected


@pytest.mark.parametrize(
    ("kind", "suppressed", "goes"),
    [
        ("signup-confirm", "not_me", False),
        ("address-confirm", "not_me", False),
        ("consultation-received", "not_me", False),
        ("my-data-link", "not_me", True),
        ("preferences-changed", "not_me", True),
        ("number-check", "not_me", True),
        ("my-data-link", "hard_bounce", False),
        ("my-data-link", "complaint", False),
    ],
)
def test_who_says_that_they_had_not_asked_still_gets_what_they_ask_for(
    kind: str, suppressed: str, goes: bool
) -> None:
    found = decide(CONFIRM._replace(kind=kind, suppressed=suppressed), NIGHT)
    assert found == (Send(None) if goes else End("skipped", f"suppressed_{suppressed}"))


def test_every_reason_that_can_be_given_has_words_for_staff() -> None:
    states = [None, "active", "completed", "stopped", "booked", "unsubscribed"]
    for state in states:
        for suppressed in (None, "unsubscribed", "complaint", "hard_bounce", "not_me"):
            for consent in (None, AGREED):
                for now in (NOW, NIGHT, NOW + timedelta(days=90)):
                    found = decide(
                        FACTS._replace(cause_state=state, suppressed=suppressed, consent_id=consent), now
                    )
                    if not isinstance(found, Send):
                        assert REASONS[found.reason]


def test_a_message_that_leaves_names_the_ledger_entry_it_relied_on() -> None:
    found = decide(FACTS, NOW)
    assert isinstance(found, Send)
    assert isinstance(found.consent_id, UUID)
