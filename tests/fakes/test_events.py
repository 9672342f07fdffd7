"""SendGrid's events come signed, with all their fields, and as badly as they do in life."""

from __future__ import annotations

import time

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook

from tests.fakes.client import Fake
from tests.fakes.conftest import Heard, Listener
from tests.fakes.mails import mail, person, post
from tests.fakes.signing import EVENT_SIGNATURE, EVENT_TIMESTAMP


def genuine(fake: Fake, heard: Heard) -> bool:
    """As SendGrid's own validator sees it."""
    webhook = EventWebhook(fake.about["public_key"])
    verdict: bool = webhook.verify_signature(
        heard.body.decode(), heard.headers[EVENT_SIGNATURE], heard.headers[EVENT_TIMESTAMP]
    )
    return verdict


def send(fake: Fake, *addresses: str) -> str:
    people = [person(address, f"batch-{place}") for place, address in enumerate(addresses)]
    status, headers, _ = post(fake, mail(*people, categories=["course"]))
    assert status == 202
    return str(headers["X-Message-Id"])


def test_each_message_is_told_of_with_our_mark(fake: Fake, listener: Listener) -> None:
    fake.set_callbacks("sendgrid", url=f"{listener.url}/hooks")
    message_id = send(fake, "ana@example.com", "bo@example.com")
    fake.wait_told()
    assert all(genuine(fake, heard) and heard.path == "/hooks" for heard in listener.heard)
    told = {(e["email"], e["mid"], e["event"]) for e in listener.events}
    assert told == {
        (address, mark, event)
        for address, mark in (("ana@example.com", "batch-0"), ("bo@example.com", "batch-1"))
        for event in ("processed", "delivered")
    }
    assert all(e["sg_message_id"].startswith(f"{message_id}.") for e in listener.events)
    assert len({e["sg_event_id"] for e in listener.events}) == 4
    assert all(e["category"] == ["course"] and isinstance(e["timestamp"], int) for e in listener.events)


def test_a_changed_byte_is_not_genuine(fake: Fake, listener: Listener) -> None:
    fake.set_callbacks("sendgrid", url=listener.url)
    send(fake, "ana@example.com")
    fake.wait_told()
    heard = listener.heard[0]
    assert genuine(fake, heard)
    heard.body = heard.body.replace(b"processed", b"delivered")
    assert not genuine(fake, heard)


@pytest.mark.parametrize(
    ("fate", "story"),
    [
        ("bounce", ["processed", "bounce"]),
        ("late_bounce", ["processed", "delivered", "bounce"]),
        ("dropped", ["dropped"]),
        ("deferred", ["processed", "deferred", "delivered"]),
        ("spamreport", ["processed", "delivered", "spamreport"]),
        ("future", ["processed", "beamed", "delivered"]),
    ],
)
def test_an_address_has_its_fate(fake: Fake, listener: Listener, fate: str, story: list[str]) -> None:
    fake.settings("sendgrid", fates={"bo@example.com": fate})
    fake.set_callbacks("sendgrid", url=listener.url)
    send(fake, "ana@example.com", "bo@example.com")
    fake.wait_told()
    events = [e for e in listener.events if e["email"] == "bo@example.com"]
    assert [e["event"] for e in sorted(events, key=lambda e: e["timestamp"])] == story
    assert [e["type"] for e in events if e["event"] == "bounce"] == ["bounce"] * story.count("bounce")


def test_they_come_late_or_when_told(fake: Fake, listener: Listener) -> None:
    fake.set_callbacks("sendgrid", url=listener.url, late=600)
    send(fake, "ana@example.com")
    time.sleep(0.2)
    assert not listener.heard
    assert fake.counts()["pending"]["sendgrid"] == 2
    fake.flush()
    fake.wait_told()
    assert [e["event"] for e in listener.events] == ["processed", "delivered"]


def test_they_come_three_times_in_any_order_one_by_one(fake: Fake, listener: Listener) -> None:
    fake.set_callbacks("sendgrid", url=listener.url, copies=3, shuffled=0.5, split=True, seed=4)
    send(fake, *(f"p{n}@example.com" for n in range(10)))
    fake.wait_told()
    assert [len(heard.events) for heard in listener.heard] == [1] * 60
    ids = [e["sg_event_id"] for e in listener.events]
    assert len(set(ids)) == 20 and all(ids.count(one) == 3 for one in ids)
    kinds = [e["event"] for e in listener.events]
    assert kinds != sorted(kinds, reverse=True)


def test_a_share_is_lost_and_what_is_lost_is_the_same_for_a_seed(fake: Fake, listener: Listener) -> None:
    heard = []
    for _ in range(2):
        fake.set_callbacks("sendgrid", url=listener.url, lost=0.5, seed=9)
        send(fake, *(f"p{n}@example.com" for n in range(50)))
        fake.wait_told()
        heard.append(sorted((e["email"], e["event"]) for e in listener.events))
        listener.heard.clear()
    assert heard[0] == heard[1]
    assert 30 < len(heard[0]) < 70
    fake.set_callbacks("sendgrid", url=listener.url, lost=1.0)
    send(fake, "ana@example.com")
    fake.wait_told()
    assert not listener.heard


def test_it_tries_again_until_it_is_taken_with_the_same_event_ids(fake: Fake, listener: Listener) -> None:
    fake.set_callbacks("sendgrid", url=listener.url)
    listener.answers.extend([503])
    fake.events([{"event": "delivered", "sg_event_id": "once", "email": "ana@example.com"}])
    fake.wait_told()
    assert [e["sg_event_id"] for e in listener.events] == ["once", "once"]
    assert all(genuine(fake, heard) for heard in listener.heard)


def test_without_an_address_none_is_made(fake: Fake) -> None:
    send(fake, "ana@example.com")
    assert fake.counts()["pending"]["sendgrid"] == 0
