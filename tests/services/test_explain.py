"""What staff read about a message: every attempt and every word of a vendor, in order and in plain words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from engage.delivery.provider import OutcomeState
from engage.domain.failures import Failure
from engage.domain.messages import Purpose
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import instance, recover
from engage.services import messages as told
from engage.services.deliver import deliver
from engage.services.messages import Explained
from engage.storage import clock
from engage.storage.database import run
from tests.stand import Stand, plan, routed
from tests.world import World


def explained(rt: Runtime, id: UUID) -> Explained:
    found = told.explain(rt, id)
    assert found is not None
    return found


def story(rt: Runtime, id: UUID) -> list[str]:
    return [line.words for line in explained(rt, id).lines]


def tell(
    rt: Runtime,
    id: UUID,
    what: str,
    seconds: float,
    reason: str | None = None,
    code: str | None = None,
    failure: Failure | None = None,
) -> None:
    """A vendor's word about the message's first attempt, ``seconds`` after it by the vendor's clock."""
    sql = """INSERT INTO receipt_events (event_key, receipt_id, attempt_id, message_id, what, reason, code, failure, at, received_at)
    SELECT %(key)s, %(key_id)s, a.id, %(id)s, %(what)s, %(reason)s, %(code)s, %(failure)s,
        a.started_at + make_interval(secs => %(seconds)s), clock_timestamp()
    FROM attempts a WHERE a.message_ids @> ARRAY[%(id)s::uuid] ORDER BY a.id LIMIT 1"""
    key = new_id()
    with rt.transaction() as tx:
        values = {"key": key.bytes, "key_id": key, "id": id, "what": what}
        run(tx, sql, {**values, "reason": reason, "code": code, "failure": failure, "seconds": seconds})


def test_receipts_stand_in_their_order_behind_the_attempt_whatever_the_vendors_clock_says(
    world: World,
) -> None:
    rt = routed(world.rt, Stand("sms", "twilio"))
    id = plan(rt, "sms")
    deliver(rt)
    tell(rt, id, "failed", 9, "not_delivered", "30003")
    tell(rt, id, "accepted", -30, code="queued")
    assert story(rt, id)[2:6] == [
        "Attempt 1 by the sender “twilio”: the sender answered.",
        "The sender took it.",
        "Receipt about attempt 1: the sender has it (code queued).",
        "Receipt about attempt 1: not delivered (code 30003). The carrier could not deliver it.",
    ]
    assert [event["what"] for event in explained(rt, id).events] == ["failed", "accepted"]


def test_what_a_mail_server_took_is_not_called_delivered_or_sent(world: World) -> None:
    rt = routed(world.rt, Stand("email", "smtp"))
    id = plan(rt)
    deliver(rt)
    assert explained(rt, id).words.endswith(": Handed to the mail server, which tells us nothing more.")
    assert "The mail server took it." in story(rt, id)


def until(rt: Runtime, id: UUID, seconds: float) -> bool:
    """Whether evidence is awaited for that long from when the answer did not come."""
    with rt.transaction() as tx:
        since: datetime = run(
            tx, "SELECT unknown_since FROM attempts WHERE message_ids @> ARRAY[%(id)s::uuid]", {"id": id}
        ).scalar_one()
    awaited = explained(rt, id).awaited_until
    assert awaited is not None
    return abs((awaited - since).total_seconds() - seconds) < 1


@pytest.mark.parametrize(
    ("channel", "sender", "purpose", "seconds", "said"),
    [
        ("email", "sendgrid", "care", 1800, "it is sent once more"),
        ("email", "sendgrid", "marketing", 1800, "it is not sent again and a person is asked"),
        (
            "email",
            "smtp",
            "care",
            600,
            "Nothing can be asked about it. If nobody knows by then whether it left, it is sent",
        ),
        ("sms", "twilio", "care", 86_400, "it is not sent again and a person is asked"),
        ("email", "local", "care", 0, "It is looked up within seconds"),
    ],
)
def test_an_unknown_message_says_until_when_evidence_is_awaited_and_what_follows(
    world: World, channel: str, sender: str, purpose: Purpose, seconds: float, said: str
) -> None:
    rt = routed(world.rt, Stand(channel, sender, "unknown"))  # type: ignore[arg-type]
    id = plan(rt, channel, purpose)  # type: ignore[arg-type]
    deliver(rt)
    assert explained(rt, id).status == "unknown"
    assert until(rt, id, seconds)
    assert story(rt, id)[2] == f"Attempt 1 by the sender “{sender}”: no answer came back."
    assert said in story(rt, id)[-1]


def test_a_date_by_the_moved_clock_is_told_by_the_real_one(world: World) -> None:
    rt = routed(world.rt, Stand("sms", "twilio", "unknown"))
    id = plan(rt, "sms", use=timedelta(days=3))
    deliver(rt)
    with rt.transaction() as tx:
        real = clock.database_now(tx)
    awaited = explained(rt, id).awaited_until
    assert awaited is not None
    assert abs(awaited - real - timedelta(days=3)) < timedelta(minutes=1)


def test_what_was_proven_later_is_told_with_its_own_time(world: World) -> None:
    stand = Stand("email", "sendgrid", "unknown")
    rt = routed(world.rt, stand)
    id = plan(rt)
    deliver(rt)
    stand.absent()
    with rt.transaction() as tx:
        run(tx, "UPDATE attempts SET lease_until = clock_timestamp()")
    recover.resolve(rt)
    stand.state = "accepted"
    deliver(rt)
    assert story(rt, id)[2:] == [
        "Attempt 1 by the sender “sendgrid”: no answer came back.",
        "Attempt 1, looked into: the sender never had it.",
        "Attempt 2 by the sender “sendgrid”: the sender answered.",
        "The sender took it.",
    ]


@pytest.mark.parametrize(
    ("state", "failure", "code", "said"),
    [
        ("failed", "unknown_code", "99998", "the sender answered (code 99998)"),
        ("failed", "channel_down", "20003", "the sender could not take it just then (code 20003)"),
        ("unknown", None, "503", "no answer came back (code 503)"),
        ("unknown", None, "reset", "no answer came back (code reset)"),
        ("failed", "not_begun", "not_begun", "not begun, as others before it had failed"),
        ("failed", "invalid", "<b>No, " + "x" * 50, "the sender answered (code _b_No__" + "x" * 33 + ")"),
        ("accepted", None, "201", "the sender answered"),
    ],
)
def test_a_refused_or_unanswered_request_is_told_with_its_code(
    world: World, state: OutcomeState, failure: Failure | None, code: str, said: str
) -> None:
    rt = routed(world.rt, Stand("sms", "twilio", state, failure, code))
    id = plan(rt, "sms")
    deliver(rt)
    assert f"Attempt 1 by the sender “twilio”: {said}." in story(rt, id)


def test_a_request_that_was_too_large_is_told_as_one_that_went_again_in_parts(world: World) -> None:
    stand = Stand("email", "sendgrid", "resend", code="413")
    rt = routed(world.rt, stand)
    ids = [plan(rt, to=f"p{n}@example.org") for n in range(2)]
    send = stand.send

    def once(batches, until_):  # type: ignore[no-untyped-def]
        answers = send(batches, until_)
        stand.state = "accepted"
        return answers

    stand.send = once  # type: ignore[method-assign]
    deliver(rt)
    for id in ids:
        lines = story(rt, id)
        assert "went again in smaller requests" in lines[2]
        assert lines[3] == "Attempt 2 by the sender “sendgrid”: the sender answered."
        assert explained(rt, id).status == "accepted"


def test_a_due_message_tells_that_a_person_holds_everything_back(world: World) -> None:
    rt = routed(world.rt, Stand("sms", "twilio"))
    id = plan(rt, "sms")
    assert not any("Nothing leaves" in words for words in story(rt, id))
    instance.hold(rt)
    assert any("Nothing leaves at all: a person holds everything back" in words for words in story(rt, id))
    instance.accept(rt)
    assert not any("Nothing leaves" in words for words in story(rt, id))


def test_a_due_message_tells_that_its_sender_rests_and_until_when(world: World) -> None:
    rt = routed(world.rt, Stand("sms", "twilio", "failed", failure="channel_down"))
    id = plan(rt, "sms")
    deliver(rt)
    words = [line for line in explained(rt, id).lines if "rests (refused)" in line.words]
    assert len(words) == 1
    assert words[0].at > datetime.now(UTC)


def test_a_message_that_waits_says_what_speaks_against_it_as_things_stand(world: World) -> None:
    world.enrol()
    with world.rt.transaction() as tx:
        id = run(tx, "SELECT id FROM messages WHERE kind = 'course-lesson'").scalar_one()
    assert not any("As things stand" in words for words in story(world.rt, id))
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET paused_until = %(until)s", {"until": world.now + timedelta(days=9)})
    assert any(words.startswith("As things stand it waits until then.") for words in story(world.rt, id))
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET paused_until = NULL")
        run(tx, "UPDATE contacts SET state = 'bad'")
    said = [words for words in story(world.rt, id) if words.startswith("As things stand it will not go.")]
    assert said and "no confirmed address" in said[0]
