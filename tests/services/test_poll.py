"""Text messages without a final word are asked about, once an hour, for three days."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.services.poll import poll
from engage.storage.database import run
from tests.services.test_receipts import SID, attempt_of, text_to
from tests.vendors import Vendors
from tests.world import World


@dataclass
class Asked:
    """Twilio's API as far as one message goes; None is no answer."""

    answers: list[dict[str, Any] | None]
    asked: list[str] = field(default_factory=list)
    name: str = "twilio"
    channel: str = "sms"

    def fetch(self, provider_id: str) -> dict[str, Any] | None:
        self.asked.append(provider_id)
        return self.answers.pop(0)


@pytest.fixture
def sent(world: World) -> tuple[Vendors, UUID]:
    """A text message that Twilio took; nothing was heard of it since."""
    id = text_to(world)
    with world.rt.transaction() as tx:
        run(tx, "UPDATE attempts SET sender = 'twilio', provider_id = %(sid)s", {"sid": SID})
    return Vendors(world.rt), id


def ask(vendors: Vendors, *answers: dict[str, Any] | None) -> list[str]:
    """A round of the poll with Twilio answering so; what it asked about."""
    twilio = Asked(list(answers))
    senders: Any = {"sms:twilio": twilio}
    poll(replace(vendors.rt, senders=senders))
    vendors.apply()
    return twilio.asked


def age(vendors: Vendors, span: timedelta) -> None:
    """Real time passes."""
    with vendors.rt.transaction() as tx:
        run(
            tx,
            "UPDATE attempts SET lease_until = lease_until - %(span)s::interval, ended_at = ended_at - %(span)s::interval",
            {"span": span},
        )


def told(status: str, code: int | None = None) -> dict[str, Any]:
    return {"sid": SID, "status": status, "error_code": code, "body": "private", "to": "+15185550123"}


def test_nobody_asks_within_the_first_hour(sent: tuple[Vendors, UUID]) -> None:
    vendors, _ = sent
    age(vendors, timedelta(minutes=59))
    assert ask(vendors) == []


def test_a_final_word_ends_the_asking(sent: tuple[Vendors, UUID]) -> None:
    vendors, id = sent
    age(vendors, timedelta(minutes=61))
    assert ask(vendors, told("delivered")) == [SID]
    assert vendors.message(id).status == "delivered"
    assert attempt_of(vendors, id).final_at is not None
    age(vendors, timedelta(hours=2))
    assert ask(vendors) == []


def test_an_answer_without_an_end_and_none_at_all_are_asked_for_again_an_hour_later(
    sent: tuple[Vendors, UUID],
) -> None:
    vendors, id = sent
    for answer in (told("sent"), told("sent"), None, told("sent")):
        age(vendors, timedelta(minutes=61))
        assert ask(vendors, answer) == [SID]
        assert ask(vendors) == []
        assert vendors.message(id).status == "accepted"
    age(vendors, timedelta(minutes=61))
    ask(vendors, told("undelivered", 30005))
    assert (vendors.message(id).status, vendors.message(id).reason) == ("failed", "bad_address")


def test_after_three_days_nothing_more_is_expected(sent: tuple[Vendors, UUID]) -> None:
    vendors, id = sent
    age(vendors, timedelta(days=3, minutes=1))
    assert ask(vendors, told("sent")) == [SID]
    assert attempt_of(vendors, id).final_at is not None
    age(vendors, timedelta(hours=2))
    assert ask(vendors) == []
    assert vendors.message(id).status == "accepted"


def test_the_poll_and_a_callback_that_say_the_same_are_one_event(sent: tuple[Vendors, UUID]) -> None:
    vendors, id = sent
    age(vendors, timedelta(minutes=61))
    ask(vendors, told("undelivered", 30003))
    vendors.text_status(attempt_of(vendors, id).id, SID, "undelivered", "30003")
    assert len(vendors.rows("SELECT 1 FROM receipt_events")) == 1


def test_what_was_asked_for_keeps_nothing_of_the_text(sent: tuple[Vendors, UUID]) -> None:
    vendors, _ = sent
    age(vendors, timedelta(minutes=61))
    senders: Any = {"sms:twilio": Asked([told("delivered")])}
    poll(replace(vendors.rt, senders=senders))
    (row,) = vendors.rows("SELECT id, sealed FROM receipts")
    kept = vendors.rt.sealer.open("receipts", row.id, row.sealed)
    assert kept == {"message": {"sid": SID, "status": "delivered", "error_code": ""}}
