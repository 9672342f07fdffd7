"""Receipts: what vendors tell later, and what it makes of messages, people and addresses."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from engage.domain.messages import TESTS
from engage.ids import new_id
from engage.services import receipts
from engage.services.deliver import deliver
from engage.services.receipt_effects import gather
from engage.storage import attempts, messages
from engage.storage.attempts import Opened
from engage.storage.database import run
from engage.storage.messages import Plan
from tests.fakes.signing import events_request
from tests.vendors import Vendors
from tests.world import World

SID = "SM" + "a" * 32


@pytest.fixture
def vendors(world: World) -> Vendors:
    return Vendors(world.rt)


@pytest.fixture
def lesson(world: World) -> UUID:
    """A lesson of the course that went out."""
    world.enrol()
    world.pass_time(timedelta(days=1))
    return world.lessons()[-1].message_id


def text_to(world: World, purpose: str = "care", number: str = "+15185550123") -> UUID:
    """A text message that went out to nobody in particular."""
    id = new_id()
    sealed = world.rt.sealer.seal("messages", id, {"to": number, "values": {}, "headers": {}})
    plan = Plan(
        id=id,
        kind=TESTS["sms", purpose],  # type: ignore[index]
        cause="staff",
        cause_id=id,
        dedup_key=f"test/{id}",
        due_at=world.now,
        not_after=world.now + timedelta(hours=8),
        anytime=True,
        sealed=sealed,
    )
    with world.rt.transaction() as tx:
        messages.plan(tx, [plan], world.now)
    deliver(world.rt, seconds=5)
    return id


def attempt_of(vendors: Vendors, message: UUID) -> Any:
    with vendors.rt.transaction() as tx:
        return attempts.of_message(tx, message)[-1]


def doubt(vendors: Vendors, message: UUID, attempt: UUID, state: str = "unknown") -> None:
    """As if the answer had never come."""
    with vendors.rt.transaction() as tx:
        run(
            tx,
            "UPDATE attempts SET state = %(s)s, ended_at = NULL WHERE id = %(a)s",
            {"s": state, "a": attempt},
        )
        status = "unknown" if state == "unknown" else "claimed"
        run(
            tx,
            "UPDATE messages SET status = %(s)s, sent_at = NULL WHERE id = %(m)s",
            {"s": status, "m": message},
        )


def without_id(vendors: Vendors) -> None:
    """As if the answers with the vendor's ids had been lost."""
    with vendors.rt.transaction() as tx:
        run(tx, "UPDATE attempts SET provider_id = NULL")


def suppressions(vendors: Vendors) -> set[tuple[str, str]]:
    return {(row.scope, row.reason) for row in vendors.rows("SELECT scope, reason FROM suppressions")}


def test_a_delivered_lesson_reads_delivered_and_keeps_when_it_left(vendors: Vendors, lesson: UUID) -> None:
    left = vendors.message(lesson).sent_at
    vendors.tell(vendors.event(lesson, "processed"), vendors.event(lesson, "delivered"))
    row = vendors.message(lesson)
    assert (row.status, row.reason, row.sent_at) == ("delivered", None, left)
    assert row.provider_id == "14c5d75ce93"


def test_forty_six_copies_of_an_event_are_one(vendors: Vendors, lesson: UUID) -> None:
    event = vendors.event(lesson, "delivered")
    for more in range(46):
        vendors.post_events(event, *([event] * (more % 3)))
    vendors.apply()
    assert len(vendors.rows("SELECT 1 FROM receipt_events")) == 1
    assert vendors.message(lesson).status == "delivered"


def test_the_same_request_again_is_kept_once_and_what_was_applied_is_emptied(
    vendors: Vendors, lesson: UUID
) -> None:
    body, headers = events_request(vendors.key, [vendors.event(lesson, "delivered")])
    answers = [vendors.client.post("/hooks/sendgrid/events", data=body, headers=headers) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {204}
    vendors.apply()
    (row,) = vendors.rows("SELECT applied_at, sealed, problem FROM receipts")
    assert row.applied_at is not None and row.sealed is None and row.problem is None


def test_an_event_proves_that_the_whole_request_was_taken(world: World, vendors: Vendors) -> None:
    for n in range(6):
        world.enrol(email=f"person{n}@example.org")
    world.pass_time(timedelta(days=1))
    ids = [mail.message_id for mail in world.lessons()]
    attempt = attempt_of(vendors, ids[0])
    assert len(attempt.message_ids) == 6
    for id in ids:
        doubt(vendors, id, attempt.id)
    vendors.tell(vendors.event(ids[3], "processed"))
    assert {vendors.message(id).status for id in ids} == {"accepted"}
    done = attempt_of(vendors, ids[0])
    assert (done.state, done.result) == ("done", "found") and done.seen_at is not None
    (evidence,) = vendors.rows("SELECT evidence_at FROM sender_states WHERE sender = 'email:local'")
    assert evidence.evidence_at == done.started_at


def test_an_event_before_our_own_commit_is_believed_and_the_late_answer_changes_nothing(
    vendors: Vendors, lesson: UUID
) -> None:
    attempt = attempt_of(vendors, lesson)
    doubt(vendors, lesson, attempt.id, "started")
    vendors.tell(vendors.event(lesson, "delivered"))
    with vendors.rt.transaction() as tx:
        assert attempts.end(tx, [attempts.Ended(attempt.id, "unknown", "no_answer")]) == set()
    assert vendors.message(lesson).status == "delivered"


def test_evidence_of_an_older_copy_cancels_the_one_that_is_planned(vendors: Vendors, lesson: UUID) -> None:
    first = attempt_of(vendors, lesson)
    event = vendors.event(lesson, "delivered")
    with vendors.rt.transaction() as tx:
        run(
            tx,
            "UPDATE messages SET status = 'planned', attempt_id = NULL, sent_at = NULL WHERE id = %(id)s",
            {"id": lesson},
        )
    vendors.tell(event)
    row = vendors.message(lesson)
    assert (row.status, row.attempt_id) == ("delivered", first.id)
    assert deliver(vendors.rt, seconds=1).seen == 0


def test_an_older_copy_that_arrived_wins_over_a_newer_one_that_bounced(
    vendors: Vendors, lesson: UUID
) -> None:
    first, second = attempt_of(vendors, lesson), new_id()
    with vendors.rt.transaction() as tx:
        attempts.open_many(tx, [Opened(second, "local", "email", [lesson])], 60)
        run(tx, "UPDATE messages SET attempt_id = %(a)s WHERE id = %(m)s", {"a": second, "m": lesson})
    vendors.tell(vendors.event(lesson, "bounce", second, type="bounce"))
    assert vendors.message(lesson).status == "failed"
    vendors.tell(vendors.event(lesson, "delivered", first.id))
    assert vendors.message(lesson).status == "delivered"


def test_a_bounce_after_delivery_wins_suppresses_the_address_and_marks_the_contact(
    vendors: Vendors, lesson: UUID
) -> None:
    bounce = vendors.event(lesson, "bounce", type="bounce", status="5.1.1", reason="<b>550 who?</b>")
    vendors.tell(vendors.event(lesson, "delivered"), bounce)
    row = vendors.message(lesson)
    assert (row.status, row.reason) == ("failed", "bounced")
    assert suppressions(vendors) == {("all", "hard_bounce")}
    assert [r.state for r in vendors.rows("SELECT state FROM contacts")] == ["bad"]
    (event,) = vendors.rows("SELECT code FROM receipt_events WHERE what = 'failed'")
    assert event.code == "5.1.1"


def test_a_block_fails_this_mail_and_says_nothing_against_the_address(vendors: Vendors, lesson: UUID) -> None:
    vendors.tell(vendors.event(lesson, "bounce", type="blocked", status="4.7.1"))
    row = vendors.message(lesson)
    assert (row.status, row.reason) == ("failed", "blocked")
    assert suppressions(vendors) == set()
    assert [r.state for r in vendors.rows("SELECT state FROM contacts")] == ["confirmed"]


def test_a_full_mailbox_is_tried_again_and_late_repeats_do_not_use_up_tries(
    vendors: Vendors, lesson: UUID
) -> None:
    full: dict[str, Any] = {
        "type": "blocked",
        "status": "4.2.2",
        "bounce_classification": "Mailbox Unavailable",
    }
    vendors.tell(vendors.event(lesson, "bounce", **full))
    row = vendors.message(lesson)
    assert (row.status, row.reason) == ("planned", "temporary")
    assert suppressions(vendors) == set()
    vendors.tell(vendors.event(lesson, "processed"))
    assert vendors.message(lesson).due_at == row.due_at


@pytest.mark.parametrize(
    ("said", "suppressed"),
    [
        ("Bounced Address", {("all", "hard_bounce")}),
        ("Spam Reporting Address", {("education", "complaint"), ("marketing", "complaint")}),
        ("Unsubscribed Address", {("education", "unsubscribed")}),
        ("Invalid SMTPAPI header", set()),
        ("A reason from the future", set()),
    ],
)
def test_a_drop_counts_by_its_reason(
    vendors: Vendors, lesson: UUID, said: str, suppressed: set[tuple[str, str]]
) -> None:
    vendors.tell(vendors.event(lesson, "dropped", reason=said))
    row = vendors.message(lesson)
    assert (row.status, row.reason) == ("failed", "dropped")
    assert suppressions(vendors) == suppressed


@pytest.mark.parametrize("event", ["spamreport", "unsubscribe", "group_unsubscribe"])
def test_who_objects_at_the_vendor_gets_no_further_lesson(
    world: World, vendors: Vendors, lesson: UUID, event: str
) -> None:
    before = len(world.lessons())
    vendors.tell(vendors.event(lesson, event))
    assert vendors.message(lesson).status == "delivered"
    world.pass_time(timedelta(days=40))
    assert len(world.lessons()) == before
    (state,) = vendors.rows("SELECT granted FROM consent_states")
    assert not state.granted
    (course,) = vendors.rows("SELECT state FROM enrolments")
    assert course.state == "unsubscribed"
    (entry,) = vendors.rows("SELECT source, message_id FROM consents WHERE action = 'withdrawn'")
    assert entry.message_id == lesson
    assert ("complaint" in entry.source) == (event == "spamreport")


def test_resubscribing_at_the_vendor_is_noted_and_changes_nothing(vendors: Vendors, lesson: UUID) -> None:
    vendors.tell(vendors.event(lesson, "unsubscribe"))
    vendors.tell(vendors.event(lesson, "group_resubscribe"))
    (state,) = vendors.rows("SELECT granted FROM consent_states")
    assert not state.granted
    assert len(vendors.rows("SELECT 1 FROM receipt_events WHERE what = 'resubscribed'")) == 1


def test_strange_events_never_stop_the_good_ones(vendors: Vendors, lesson: UUID) -> None:
    good = vendors.event(lesson, "delivered")
    strange: list[Any] = [
        None,
        7,
        "text",
        [good],
        {},
        {"mid": None},
        {"mid": 5, "event": "bounce"},
        {"mid": "x" * 100_000, "event": "delivered"},
        {**good, "mid": f"{uuid4().hex}-0", "sg_event_id": "not ours"},
        {**good, "mid": f"{good['mid'].partition('-')[0]}-9999", "sg_event_id": "no such place"},
        {**good, "event": "teleported", "sg_event_id": "new kind", "field_of_2030": {"a": [1]}},
        {**good, "event": {"not": "a word"}, "sg_event_id": "odd kind"},
        {**good, "event": "bounce\x00", "sg_event_id": "a\x00b", "status": "5\x00"},
        {**good, "event": "processed", "sg_event_id": None, "timestamp": "yesterday"},
        {
            **good,
            "event": "processed",
            "sg_event_id": "y" * 50_000,
            "timestamp": -(10**18),
            "sg_message_id": 12,
        },
        {**good, "event": "deferred", "sg_event_id": "inf", "timestamp": 1e300, "sg_message_id": "z" * 9_000},
    ]
    vendors.tell(*strange, good)
    assert vendors.message(lesson).status == "delivered"
    assert [row.problem for row in vendors.rows("SELECT problem FROM receipts")] == [None]
    unknown = vendors.rows("SELECT message_id FROM receipt_events WHERE message_id IS NULL")
    assert len(unknown) == 2


def test_what_cannot_be_read_is_set_aside_after_three_tries_and_holds_up_nothing(
    vendors: Vendors, lesson: UUID
) -> None:
    for body in (b"{}", b"not json", b"[" * 100_000, b'"text"', b"[1,"):
        headers = vendors.key.headers(body)
        assert vendors.client.post("/hooks/sendgrid/events", data=body, headers=headers).status_code == 204
    with vendors.rt.transaction() as tx:
        run(
            tx,
            "INSERT INTO receipts (id, vendor, what, digest, sealed, received_at) VALUES "
            "(%(id)s, 'sendgrid', 'events', 'x', 'garbage', clock_timestamp() - interval '1 day')",
            {"id": new_id()},
        )
    vendors.tell(vendors.event(lesson, "delivered"))
    assert vendors.message(lesson).status == "delivered"
    problems = vendors.rows("SELECT tries, sealed, applied_at FROM receipts WHERE problem IS NOT NULL")
    assert [row.tries for row in problems] == [3] * 6
    assert all(row.sealed is not None and row.applied_at is not None for row in problems)
    assert receipts.apply(vendors.rt) == 0


def test_one_receipt_that_breaks_the_database_statement_does_not_break_the_batch(
    vendors: Vendors, lesson: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(tx: Any, attempts_: Any, events: Any) -> Any:
        if any(event.code == "deferred" for event, _ in events):
            run(tx, "SELECT 1 / 0")
        return gather(tx, attempts_, events)

    monkeypatch.setattr("engage.services.receipts.gather", breaking)
    vendors.post_events(vendors.event(lesson, "deferred"))
    vendors.post_events(vendors.event(lesson, "delivered"))
    vendors.apply()
    assert vendors.message(lesson).status == "delivered"
    assert len(vendors.rows("SELECT 1 FROM receipts WHERE problem = 'DataError'")) == 1


def test_a_text_message_follows_its_status(world: World, vendors: Vendors) -> None:
    id = text_to(world)
    attempt = attempt_of(vendors, id)
    without_id(vendors)
    vendors.text_status(attempt.id, SID, "sent")
    row = attempt_of(vendors, id)
    assert (row.provider_id, row.final_at) == (SID, None)
    assert vendors.message(id).status == "accepted"
    vendors.text_status(attempt.id, SID, "delivered")
    vendors.text_status(attempt.id, SID, "queued")
    assert vendors.message(id).status == "delivered"
    assert attempt_of(vendors, id).final_at is not None


def test_a_number_that_opted_out_is_suppressed_and_a_passing_fault_is_tried_again(
    world: World, vendors: Vendors
) -> None:
    out, busy = text_to(world), text_to(world, number="+15185550124")
    vendors.text_status(attempt_of(vendors, out).id, SID, "failed", "21610")
    vendors.text_status(attempt_of(vendors, busy).id, SID[:-1] + "b", "undelivered", "30003")
    assert (vendors.message(out).status, vendors.message(out).reason) == ("failed", "opted_out")
    assert suppressions(vendors) == {("all", "opted_out")}
    again = vendors.message(busy)
    assert (again.status, again.reason, again.sent_at) == ("planned", "temporary", None)
    assert world.now < again.due_at < again.not_after


@pytest.mark.parametrize("before", ["accepted", "unknown"])
def test_a_carrier_that_did_not_answer_in_time_ends_nothing_and_the_poll_goes_on(
    world: World, vendors: Vendors, before: str
) -> None:
    id = text_to(world)
    attempt = attempt_of(vendors, id)
    if before == "unknown":
        doubt(vendors, id, attempt.id)
    vendors.text_status(attempt.id, SID, "undelivered", "30410")
    assert vendors.message(id).status == "accepted"
    assert attempt_of(vendors, id).final_at is None
    vendors.text_status(attempt.id, SID, "delivered")
    assert vendors.message(id).status == "delivered"


def test_two_attempts_never_get_one_id(world: World, vendors: Vendors) -> None:
    one, two = text_to(world), text_to(world, number="+15185550124")
    without_id(vendors)
    vendors.text_status(attempt_of(vendors, one).id, SID, "sent")
    vendors.text_status(attempt_of(vendors, two).id, SID, "delivered")
    assert attempt_of(vendors, one).provider_id == SID
    assert attempt_of(vendors, two).provider_id is None
    assert [row.problem for row in vendors.rows("SELECT problem FROM receipts")] == [None, None]


def test_an_incoming_text_is_kept_sealed_once(vendors: Vendors) -> None:
    fields = {
        "MessageSid": SID,
        "From": "+15185550123",
        "To": "+15185550199",
        "Body": "  Stop please ",
        "NumMedia": "2",
        "OptOutType": "stop",
    }
    for _ in range(3):
        answer = vendors.post_form("/hooks/twilio/inbound", fields)
        assert answer.status_code == 200 and answer.mimetype == "text/xml"
        assert answer.text.endswith("<Response/>\n")
        vendors.apply()
    (row,) = vendors.rows("SELECT * FROM inbound")
    assert bytes(row.number_index) == vendors.rt.sealer.index("sms", "+15185550123")
    assert row.opt_out_type == "STOP" and row.understood_at is None
    told = vendors.rt.sealer.open("inbound", row.id, row.sealed)
    assert told == {"from": "+15185550123", "to": "+15185550199", "body": "  Stop please ", "media": 2}


def test_two_who_apply_at_once_share_the_work(world: World, vendors: Vendors) -> None:
    for n in range(8):
        world.enrol(email=f"person{n}@example.org")
    world.pass_time(timedelta(days=1))
    ids = [mail.message_id for mail in world.lessons()]
    told = [vendors.event(id, event) for id in ids for event in ("processed", "deferred", "delivered")]
    dice = random.Random(7)
    for _ in range(60):
        vendors.post_events(*dice.sample(told, 8))
    for event in told:
        vendors.post_events(event)
    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(lambda _: receipts.apply(vendors.rt, limit=5), range(4)))
    vendors.apply()
    assert done <= 84
    assert {vendors.message(id).status for id in ids} == {"delivered"}
    assert len(vendors.rows("SELECT 1 FROM receipt_events")) == 24
    assert not vendors.rows("SELECT 1 FROM receipts WHERE applied_at IS NULL OR problem IS NOT NULL")
