"""Which messages had the consent that they needed when they were claimed: edges, and an oracle that thinks otherwise."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.domain.consent_proof import (
    UNSEEN,
    Entry,
    Fault,
    Sent,
    Shut,
    State,
    by_subject,
    differences,
    missing,
    needed,
)
from engage.domain.messages import KINDS, Kind

WHOLE = bool(os.environ.get("ENGAGE_WHOLE_PROOFS"))
NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
ANN, BEN = UUID(int=1), UUID(int=2)
ADDRESS = b"ann's"


def entry(n: int, at: datetime, granted: bool = True, **other: Any) -> Entry:
    base = Entry(UUID(int=100 + n), ANN, "email", "education", granted, at)
    return base._replace(**other)


GRANT = entry(1, NOW - DAY)
WITHDRAWAL = entry(2, NOW - DAY / 2, granted=False)
LESSON = Sent(
    UUID(int=9),
    "course-lesson",
    "email",
    "education",
    ANN,
    UUID(int=8),
    GRANT.id,
    ADDRESS,
    NOW,
    NOW,
)


def judged(sent: Sent, ledger: Sequence[Entry], shut: Sequence[Shut] = ()) -> set[Fault]:
    named = next((one for one in ledger if one.id == sent.consent_id), None)
    about = (sent.person_id, sent.channel, needed(sent.kind, sent.purpose))
    history = [one for one in ledger if (one.person_id, one.channel, one.purpose) == about]
    return set(missing(sent, named, history, shut))


CASES: dict[str, tuple[Sent, list[Entry], set[Fault]]] = {
    "agreed the day before": (LESSON, [GRANT], set()),
    "agreed a microsecond before": (LESSON, [entry(1, NOW - TICK)], set()),
    "agreed at the very moment": (LESSON, [entry(1, NOW)], {"granted_later"}),
    "agreed afterwards": (LESSON, [entry(1, NOW + DAY)], {"granted_later"}),
    "withdrawn before": (LESSON, [GRANT, WITHDRAWAL], {"withdrawn_before"}),
    "withdrawn at the very moment": (LESSON, [GRANT, entry(2, NOW, False)], {"withdrawn_before"}),
    "withdrawn a microsecond after": (LESSON, [GRANT, entry(2, NOW + TICK, False)], set()),
    "withdrawn before it was agreed": (LESSON, [entry(2, NOW - 2 * DAY, False), GRANT], set()),
    "withdrawn and agreed anew, named the new": (
        LESSON._replace(consent_id=UUID(int=103)),
        [GRANT, WITHDRAWAL, entry(3, NOW - DAY / 4)],
        set(),
    ),
    "withdrawn and agreed anew, named the old": (
        LESSON,
        [GRANT, WITHDRAWAL, entry(3, NOW - DAY / 4)],
        {"withdrawn_before"},
    ),
    "agreed twice, named the first": (LESSON, [GRANT, entry(3, NOW - DAY / 4)], set()),
    "another purpose was withdrawn": (LESSON, [GRANT, WITHDRAWAL._replace(purpose="marketing")], set()),
    "another channel was withdrawn": (LESSON, [GRANT, WITHDRAWAL._replace(channel="sms")], set()),
    "somebody else withdrew": (LESSON, [GRANT, WITHDRAWAL._replace(person_id=BEN)], set()),
    "names none": (LESSON._replace(consent_id=None), [GRANT], {"names_no_consent"}),
    "names what is not there": (LESSON._replace(consent_id=UUID(int=7)), [GRANT], {"not_in_ledger"}),
    "names a withdrawal": (LESSON._replace(consent_id=WITHDRAWAL.id), [GRANT, WITHDRAWAL], {"not_a_grant"}),
    "names somebody else's": (LESSON, [GRANT._replace(person_id=BEN)], {"of_another_person"}),
    "names one for texts": (LESSON, [GRANT._replace(channel="sms")], {"of_another_channel"}),
    "names one for another purpose": (LESSON, [GRANT._replace(purpose="marketing")], {"of_another_purpose"}),
    "nothing about it fits": (
        LESSON,
        [entry(1, NOW + DAY, False, person_id=BEN, channel="sms", purpose="care")],
        {"of_another_person", "of_another_channel", "of_another_purpose", "not_a_grant", "granted_later"},
    ),
    "of nobody": (LESSON._replace(person_id=None), [GRANT], {"of_another_person"}),
    "no attempt on record": (LESSON._replace(claimed_at=None, clinic_at=None), [GRANT], {"no_attempt"}),
    "an answer needs none": (LESSON._replace(kind="signup-confirm", purpose="service", consent_id=None), [], set()),
    "a kind that is gone needs its purpose's": (
        LESSON._replace(kind="gone", purpose="marketing", consent_id=None),
        [GRANT],
        {"names_no_consent"},
    ),
    "a service kind that is gone needs none": (
        LESSON._replace(kind="gone", purpose="service", consent_id=None),
        [],
        set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_message_needs_a_consent_that_stood_when_it_was_claimed(case: str) -> None:
    sent, ledger, found = CASES[case]
    assert judged(sent, ledger) == found


STANDING = Shut("education", "unsubscribed", NOW - DAY, None, None)
SHUT_CASES: dict[str, tuple[Shut, bool]] = {
    "stands": (STANDING, True),
    "for all purposes": (STANDING._replace(scope="all"), True),
    "for another purpose": (STANDING._replace(scope="marketing"), False),
    "since the very moment": (STANDING._replace(since=NOW), True),
    "a microsecond later": (STANDING._replace(since=NOW + TICK), False),
    "lifted before": (STANDING._replace(until=NOW - TICK), False),
    "lifted at the very moment": (STANDING._replace(until=NOW), False),
    "lifted afterwards": (STANDING._replace(until=NOW + TICK), True),
    "ran out before": (STANDING._replace(expires=NOW - TICK), False),
    "runs out at the very moment": (STANDING._replace(expires=NOW), False),
    "runs out afterwards": (STANDING._replace(expires=NOW + TICK), True),
    "a bounce just before, which no lock orders": (
        STANDING._replace(reason="hard_bounce", since=NOW - UNSEEN + TICK),
        False,
    ),
    "a bounce long enough before": (STANDING._replace(reason="hard_bounce", since=NOW - UNSEEN), True),
}


@pytest.mark.parametrize("case", SHUT_CASES)
def test_a_suppressed_address_gets_nothing_whatever_was_agreed(case: str) -> None:
    shut, wrong = SHUT_CASES[case]
    assert judged(LESSON, [GRANT], [shut]) == ({"suppressed"} if wrong else set())


@pytest.mark.parametrize("ago", [timedelta(0), UNSEEN - TICK, UNSEEN])
def test_an_address_of_nobody_yet_has_no_lock_so_a_claim_may_not_have_seen_the_last_moment(
    ago: timedelta,
) -> None:
    confirmation = LESSON._replace(kind="signup-confirm", purpose="service", consent_id=None, contact_id=None)
    came = STANDING._replace(scope="service", since=NOW - ago)
    assert judged(confirmation, [], [came]) == ({"suppressed"} if ago == UNSEEN else set())
    gone = STANDING._replace(scope="service", until=NOW + ago)
    assert judged(confirmation, [], [gone]) == set()


@pytest.mark.parametrize(
    ("reason", "wrong"), [("unsubscribed", False), ("opted_out", False), ("complaint", True)]
)
def test_the_answer_to_an_opt_out_may_pass_that_opt_out_alone(
    monkeypatch: pytest.MonkeyPatch, reason: str, wrong: bool
) -> None:
    kind = Kind("bye", "sms", "service", None, "Bye", despite_opt_out=True)
    monkeypatch.setitem(KINDS, kind.name, kind)
    answer = LESSON._replace(kind="bye", channel="sms", purpose="service", consent_id=None)
    shut = Shut("all", reason, NOW - DAY, None, None)
    assert judged(answer, [], [shut]) == ({"suppressed"} if wrong else set())


def test_what_runs_out_runs_out_by_the_clinics_clock() -> None:
    month_ahead = LESSON._replace(clinic_at=NOW + 31 * DAY)
    assert judged(month_ahead, [GRANT], [STANDING._replace(expires=NOW + 30 * DAY)]) == set()
    assert judged(LESSON, [GRANT], [STANDING._replace(expires=NOW + 30 * DAY)]) == {"suppressed"}


def test_the_current_state_is_the_ledgers_last_word() -> None:
    ledger = by_subject([WITHDRAWAL, GRANT])
    about = (ANN, "email", "education")
    state = State(*about, False, WITHDRAWAL.id)
    assert differences(ledger, [state]) == []
    assert differences(ledger, []) == [(about, "no_state")]
    assert differences(ledger, [state._replace(granted=True)]) == [(about, "other_answer")]
    assert differences(ledger, [state._replace(consent_id=GRANT.id)]) == [(about, "other_entry")]
    assert differences({}, [state]) == [(about, "no_entry")]


def test_of_two_entries_of_one_moment_the_greater_id_is_the_last() -> None:
    first, second = entry(1, NOW), entry(2, NOW, granted=False)
    about = (ANN, "email", "education")
    assert differences(by_subject([second, first]), [State(*about, False, second.id)]) == []


# The oracle: it plays what happened moment by moment and keeps what is in force, as an office would. Of one moment
# everything that shuts comes before the claim, and what opens after it.


@dataclass
class Office:
    """What is in force now."""

    grants: dict[tuple[UUID, str, str], set[UUID]] = field(default_factory=dict)
    shut: dict[int, Shut] = field(default_factory=dict)

    def hear(self, one: Entry) -> None:
        about = (one.person_id, one.channel, one.purpose)
        if one.granted:
            self.grants.setdefault(about, set()).add(one.id)
        else:
            self.grants.pop(about, None)

    def allows(self, sent: Sent) -> bool:
        purpose = "education" if sent.kind == "course-lesson" else None
        if purpose is not None:
            assert sent.person_id is not None
            if sent.consent_id not in self.grants.get((sent.person_id, sent.channel, purpose), ()):
                return False
        for one in self.shut.values():
            ran_out = one.expires is not None and one.expires <= sent.clinic_at  # type: ignore[operator]
            if one.scope in ("all", sent.purpose) and not ran_out:
                return False
        return True


def allowed(sent: Sent, ledger: Sequence[Entry], shut: Sequence[Shut]) -> bool:
    assert sent.claimed_at is not None
    office = Office()
    events: list[tuple[datetime, int, int, str, Any]] = []
    for one in ledger:
        events.append((one.at, 2 if one.granted else 0, one.id.int, "entry", one))
    for n, gate in enumerate(shut):
        events.append((gate.since, 0, n, "shut", gate))
        if gate.until is not None:
            events.append((gate.until, 0, n, "open", gate))
    # Entries of one moment are ordered by their ids alone, before and after a claim of that moment.
    inside = [e for e in events if e[0] < sent.claimed_at or (e[0] == sent.claimed_at and e[1] == 0)]
    for _, _, n, what, event in sorted(inside, key=lambda e: (e[0], e[3] != "entry", e[2])):
        if what == "entry":
            office.hear(event)
        elif what == "shut":
            office.shut[n] = event
    for _, _, n, what, _ in inside:
        if what == "open":
            office.shut.pop(n, None)
    return office.allows(sent)


def history(dice: Random) -> tuple[Sent, list[Entry], list[Shut]]:
    """A short life with few moments, so that things meet."""
    people, channels, purposes = (
        (ANN, ANN, ANN, BEN),
        ("email", "email", "sms"),
        ("education", "education", "care"),
    )
    moments = [NOW + n * TICK for n in range(dice.randint(2, 8))]
    ledger = [
        Entry(UUID(int=100 + n), dice.choice(people), dice.choice(channels), dice.choice(purposes),
              dice.random() < 0.6, dice.choice(moments))
        for n in range(dice.randint(0, 7))
    ]  # fmt: skip
    dice.shuffle(ledger)
    shut = []
    for _ in range(dice.choice((0, 0, 1, 2))):
        since, until, runs_out = sorted(dice.choice(moments) for _ in range(3))
        shut.append(
            Shut(
                dice.choice(("all", "education", "service", "marketing")),
                dice.choice(("unsubscribed", "complaint", "not_me")),
                since,
                dice.choice((None, until)),
                dice.choice((None, None, runs_out)),
            )
        )
    at = dice.choice(moments)
    names = [one.id for one in ledger] or [UUID(int=7)]
    sent = LESSON._replace(
        consent_id=dice.choice((None, *names, *names, *names)),
        channel=dice.choice(channels),
        claimed_at=at,
        clinic_at=at,
    )
    if dice.random() < 0.1:
        sent = sent._replace(kind="signup-confirm", purpose="service")
    return sent, ledger, shut


def agree(dice: Random) -> bool:
    sent, ledger, shut = history(dice)
    said = not judged(sent, ledger, shut)
    assert said == allowed(sent, ledger, shut), (sent, ledger, shut)
    states = [
        State(*about, (last := max(entries, key=lambda e: (e.at, e.id))).granted, last.id)
        for about, entries in by_subject(ledger).items()
    ]
    assert differences(by_subject(ledger), states) == []
    return said


def test_random_histories_are_judged_as_an_office_would() -> None:
    dice = Random(5)
    verdicts = [agree(dice) for _ in range(100_000 if WHOLE else 10_000)]
    # Neither verdict is rare, or nothing would be shown.
    assert 0.05 < sum(verdicts) / len(verdicts) < 0.95


@settings(max_examples=1000 if WHOLE else 100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_history_is_found_it_is_judged_as_an_office_would(dice: Random) -> None:
    agree(dice)
