"""Receipts in any order: what a message becomes depends on what was told, never on when."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.domain.messages import Purpose, Status
from engage.domain.receipts import (
    Event,
    Step,
    Told,
    join,
    objection,
    settle,
    suppressed_for,
    told_by,
    unwanted,
)

A, B, C = (UUID(int=n) for n in (1, 2, 3))

SAID = {
    "processed": told_by("accepted", None, "processed", None),
    "deferred": told_by("deferred", None, "deferred", None),
    "delivered": told_by("delivered", None, "delivered", None),
    "bounced": told_by("failed", "bounced", "5.1.1", "bad_address"),
    "blocked": told_by("failed", "blocked", "4.7.1", "filtered"),
    "mailbox full": told_by("failed", "blocked", "4.2.2", "temporary"),
    "dropped": told_by("failed", "dropped", "spam_content", "filtered"),
    "undelivered for now": told_by("failed", None, "30003", "temporary"),
    "undelivered, another code": told_by("failed", None, "30008", "temporary"),
    "undelivered for good": told_by("failed", None, "30005", "bad_address"),
    "opted out": told_by("failed", None, "21610", "opted_out"),
    "spam": told_by("complaint", None, "spamreport", None),
    "resubscribed": told_by("resubscribed", None, "group_resubscribe", None),
    "timed out at the carrier": told_by("unclear", None, "30410", None),
    "something new": told_by("other", None, "teleported", None),
}
Event_ = tuple[UUID, str]


@dataclass
class Row:
    """A message as the service keeps it, without the database."""

    status: Status
    current: UUID | None
    reason: str | None = None
    told: dict[UUID, Told] = field(default_factory=dict)

    def hear(self, events: Sequence[Event_]) -> None:
        """One batch of receipts."""
        for attempt, name in events:
            one = SAID[name]
            self.told[attempt] = join([one, self.told.get(attempt, one)])
        change = settle(self.status, self.reason, self.current, self.told)
        if change is None:
            return
        if change.moved:
            self.current = change.attempt_id
        if change.to != "refused":
            self.status, self.reason = change.to, None
        elif change.told.step == Step.FAILED_NOW:
            self.status, self.reason = "planned", "temporary"
        else:
            self.status, self.reason = "failed", change.told.reason or change.told.failure

    def answered(self) -> None:
        """The provider's own answer is written down, as the pipe does it."""
        if self.status in ("claimed", "unknown"):
            self.status = "accepted"


def after(status: Status, current: UUID | None, *events: Event_) -> Row:
    row = Row(status, current)
    for event in events:
        row.hear([event])
    return row


@pytest.mark.parametrize(
    ("status", "current", "events", "becomes"),
    [
        ("accepted", A, [(A, "processed")], "accepted"),
        ("accepted", A, [(A, "processed"), (A, "delivered")], "delivered"),
        ("accepted", A, [(A, "delivered"), (A, "processed")], "delivered"),
        ("accepted", A, [(A, "delivered"), (A, "bounced")], "failed"),
        ("accepted", A, [(A, "bounced"), (A, "delivered")], "failed"),
        ("accepted", A, [(A, "delivered"), (A, "undelivered for good")], "delivered"),
        ("accepted", A, [(A, "undelivered for good"), (A, "delivered")], "delivered"),
        ("accepted", A, [(A, "undelivered for now")], "planned"),
        ("accepted", A, [(A, "undelivered for now"), (A, "processed")], "planned"),
        ("accepted", A, [(A, "mailbox full")], "planned"),
        ("accepted", A, [(A, "mailbox full"), (A, "processed")], "planned"),
        ("accepted", A, [(A, "delivered"), (A, "mailbox full")], "delivered"),
        ("accepted", A, [(A, "mailbox full"), (A, "bounced")], "failed"),
        ("accepted", B, [(A, "mailbox full")], "accepted"),
        ("accepted", B, [(A, "mailbox full"), (B, "delivered")], "delivered"),
        ("accepted", A, [(A, "spam")], "delivered"),
        ("accepted", A, [(A, "something new")], "accepted"),
        ("accepted", A, [(A, "timed out at the carrier")], "accepted"),
        ("accepted", A, [(A, "timed out at the carrier"), (A, "delivered")], "delivered"),
        ("accepted", A, [(A, "timed out at the carrier"), (A, "undelivered for now")], "planned"),
        # Before our own commit, and where the answer was lost.
        ("claimed", A, [(A, "processed")], "accepted"),
        ("claimed", A, [(A, "delivered")], "delivered"),
        ("unknown", A, [(A, "deferred")], "accepted"),
        ("unknown", A, [(A, "bounced")], "failed"),
        # The first copy turns up after all, while a second is planned: no second one leaves.
        ("planned", None, [(A, "processed")], "accepted"),
        ("planned", B, [(A, "delivered")], "delivered"),
        ("planned", A, [(A, "bounced")], "failed"),
        ("planned", A, [(A, "undelivered for now")], "planned"),
        ("held", B, [(A, "processed")], "accepted"),
        # A second copy is on its way: its own answer counts, until one of them arrived.
        ("claimed", B, [(A, "processed")], "claimed"),
        ("claimed", B, [(A, "undelivered for good")], "claimed"),
        ("claimed", B, [(A, "delivered")], "delivered"),
        ("accepted", B, [(A, "undelivered for now")], "accepted"),
        ("accepted", B, [(A, "delivered"), (B, "bounced")], "delivered"),
        ("accepted", B, [(A, "processed"), (B, "undelivered for now")], "accepted"),
        ("unknown", B, [(A, "processed")], "accepted"),
        # Ends that are ours stay, but what arrived has arrived.
        ("cancelled", None, [(A, "processed")], "cancelled"),
        ("expired", A, [(A, "undelivered for good")], "expired"),
        ("cancelled", None, [(A, "delivered")], "delivered"),
    ],
)
def test_what_a_message_becomes(
    status: Status, current: UUID | None, events: list[Event_], becomes: Status
) -> None:
    assert after(status, current, *events).status == becomes


def test_a_message_that_waits_belongs_to_the_copy_that_turned_up() -> None:
    assert after("planned", B, (A, "processed")).current == A


# Hypothesis draws a seed, since drawing every step of a shuffle is slow.
DICE = st.integers(0, 2**32).map(random.Random)


@given(st.lists(st.sampled_from(sorted(SAID)), min_size=1), DICE)
def test_what_an_attempt_was_told_is_a_join(names: list[str], dice: random.Random) -> None:
    told = [SAID[name] for name in names]
    shuffled = told * dice.randint(1, 3)
    dice.shuffle(shuffled)
    cut = dice.randint(0, len(shuffled))
    parts = [join(part) for part in (shuffled[:cut], shuffled[cut:]) if part]
    assert join(parts) == join(told)


EVENTS = st.lists(
    st.tuples(st.sampled_from([A, B, C]), st.sampled_from(sorted(SAID))), min_size=1, max_size=7
)
STARTS: list[tuple[Status, UUID | None]] = [
    *((status, C) for status in ("claimed", "unknown", "accepted", "planned", "held", "cancelled")),
    ("planned", None),
]


@given(st.sampled_from(STARTS), EVENTS, DICE)
@settings(max_examples=10_000, deadline=None)
def test_shuffled_repeated_and_split_receipts_end_as_those_in_order(
    start: tuple[Status, UUID | None], events: list[Event_], dice: random.Random
) -> None:
    in_order = after(*start, *events)

    mixed = [event for event in events for _ in range(dice.choice([1, 1, 2, 3]))]
    mixed += [dice.choice(events)] * dice.choice([0, 0, 0, 45])
    dice.shuffle(mixed)
    row = Row(*start)
    while mixed:
        size = dice.randint(1, len(mixed))
        row.hear(mixed[:size])
        mixed = mixed[size:]
    assert row.status == in_order.status


@given(st.lists(st.sampled_from(sorted(SAID)), min_size=1, max_size=6), DICE)
@settings(max_examples=2_000, deadline=None)
def test_receipts_before_during_and_after_our_own_commit_end_alike(
    names: list[str], dice: random.Random
) -> None:
    late = Row("claimed", A)
    late.answered()
    late.hear([(A, name) for name in names])

    shuffled = list(names)
    dice.shuffle(shuffled)
    early, cut = Row("claimed", A), dice.randint(0, len(shuffled))
    early.hear([(A, name) for name in shuffled[:cut]]) if cut else None
    early.answered()
    for name in shuffled[cut:]:
        early.hear([(A, name)])
    assert early.status == late.status


def event(what: str, reason: str | None = None, code: str | None = None) -> Event:
    return Event(b"", A, 0, None, what, reason, code)  # type: ignore[arg-type]


def test_only_a_dead_address_is_suppressed_for_good() -> None:
    assert suppressed_for(event("failed", "bounced", "5.1.1")) == "hard_bounce"
    assert suppressed_for(event("failed", "dropped", "bounced_address")) == "hard_bounce"
    assert suppressed_for(event("failed", "blocked", "5.7.1")) is None
    assert suppressed_for(event("failed", "dropped", "spam_content")) is None
    assert suppressed_for(event("delivered")) is None


def test_an_objection_counts_also_where_the_vendor_only_dropped_for_it() -> None:
    assert objection(event("complaint")) == "complaint"
    assert objection(event("failed", "dropped", "spam_reporting_address")) == "complaint"
    assert objection(event("failed", "dropped", "unsubscribed_address")) == "unsubscribed"
    assert objection(event("resubscribed")) is None
    assert objection(event("failed", "bounced", "5.1.1")) is None


@pytest.mark.parametrize(
    ("said", "purpose", "purposes"),
    [
        ("unsubscribed", "education", ("education",)),
        ("unsubscribed", "service", ("education", "marketing")),
        ("complaint", "education", ("education", "marketing")),
        ("complaint", "service", ("education", "marketing")),
        ("complaint", "care", ("education", "marketing", "care")),
    ],
)
def test_what_is_not_wanted_any_more(said: str, purpose: Purpose, purposes: tuple[Purpose, ...]) -> None:
    assert unwanted(said, purpose) == purposes  # type: ignore[arg-type]
