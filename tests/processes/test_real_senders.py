"""The whole journey by real processes and the vendors' contract: what people get, and what becomes of it later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engage.dev.embedded import Servers
from engage.storage.database import run
from tests.fakes.client import Fake
from tests.fakes.ledger import Received
from tests.processes import stack as stacks
from tests.processes.stack import Stack, until
from tests.processes.visitor import Visitor


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fake]:
    with Fake(tmp_path_factory.mktemp("vendors"), tls=True, process=True) as running:
        yield running


@pytest.fixture(scope="module")
def clinic(fake: Fake, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Web, worker and beat; mail leaves by SendGrid and texts by Twilio, both over TLS, and both call back."""
    with stacks.stack(tmp_path_factory.mktemp("real"), servers, env=fake.environment()) as running:
        fake.set_callbacks("sendgrid", url=f"{running.base_url}/hooks/sendgrid/events")
        running.start()
        running.wait_ready()
        yield running


def mails(stack: Stack, fake: Fake, to: str, count: int) -> list[Received]:
    def arrived() -> list[Received]:
        found = [one for one in fake.ledger() if one.to == to]
        return found if len(found) >= count else []

    found: list[Received] = until(arrived, f"mail {count} to {to}", log=stack.log("worker"))
    return found


def told(mail: Received) -> dict[str, Any]:
    return {"text": mail.text, "html": mail.html, "headers": dict(mail.headers)}


def enrol(stack: Stack, fake: Fake, visitor: Visitor, email: str) -> None:
    assert visitor.sign_up(email=email).status == 303
    assert visitor.post(visitor.link(told(mails(stack, fake, email, 1)[0]), "confirm")).status == 200


def statuses(stack: Stack) -> dict[tuple[str, str | None], int]:
    with stack.rt.transaction() as tx:
        rows = run(tx, "SELECT status, reason, count(*) FROM messages GROUP BY 1, 2")
        return {(row[0], row[1]): row[2] for row in rows}


def test_a_course_goes_out_by_sendgrid_and_its_receipts_come_back(clinic: Stack, fake: Fake) -> None:
    fake.settings("sendgrid", fates={"ben@example.org": "bounce"})
    visitor = clinic.visitor()
    enrol(clinic, fake, visitor, "ada@example.org")
    clinic.engage("clock", "advance", "7d")
    lessons = mails(clinic, fake, "ada@example.org", 3)[1:]
    assert [mail.subject for mail in lessons] == [
        clinic.rt.library.lesson("chronic-pain", lesson.slug).subject
        for lesson in clinic.rt.library.courses["chronic-pain"].lessons[: len(lessons)]
    ]
    assert "Ada" in lessons[0].text and "-mt-" not in lessons[0].html
    assert lessons[0].headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    assert visitor.sign_up(email="ben@example.org").status == 303
    mails(clinic, fake, "ben@example.org", 1)

    def settled() -> bool:
        clinic.revive()
        found = statuses(clinic)
        return found.get(("failed", "bounced")) == 1 and found.get(("delivered", None), 0) >= 3

    until(settled, "delivered and bounced", log=clinic.log("worker"))
    assert clinic.count("suppressions", "reason = 'hard_bounce'") == 1
    assert clinic.count("attempts", "state <> 'done'") == 0

    leave = lessons[-1].headers["List-Unsubscribe"][1:].split(">")[0]
    assert visitor.post(leave, {"List-Unsubscribe": "One-Click"}).status == 200
    before = len(fake.ledger())
    clinic.engage("clock", "advance", "20d")
    assert len(fake.ledger()) == before


def test_a_text_goes_out_by_twilio_and_is_delivered_or_falls_back(clinic: Stack, fake: Fake) -> None:
    fake.settings("twilio", fates={"+15185550102": "undelivered:30005"})
    for number in ("+15185550101", "+15185550102"):
        clinic.engage("messages", "test", "--channel", "sms", "--lane", "care", "--to", number)
    (text,) = mails(clinic, fake, "+15185550101", 1)
    assert clinic.rt.clinic.short_name in text.text

    def settled() -> bool:
        clinic.revive()
        with clinic.rt.transaction() as tx:
            rows = run(tx, "SELECT status, reason FROM messages WHERE kind = 'test-sms-care' ORDER BY status")
            return [tuple(row) for row in rows] == [("delivered", None), ("failed", "bad_address")]

    until(settled, "one delivered, one not", log=clinic.log("worker"))
    assert clinic.count("follow_ups", "kind = 'care_not_delivered'") == 1
    assert clinic.count("attempts", "channel = 'sms' AND final_at IS NULL") == 0


def test_an_answer_that_is_lost_is_found_by_its_callback_and_nobody_gets_two(
    clinic: Stack, fake: Fake
) -> None:
    fake.set_modes("sendgrid", rules=["reset_after"])
    fake.set_modes("twilio", rules=["reset_after"])
    clinic.engage("messages", "test", "--to", "lost@example.org")
    clinic.engage("messages", "test", "--channel", "sms", "--to", "+15185550103")
    mails(clinic, fake, "lost@example.org", 1)
    mails(clinic, fake, "+15185550103", 1)

    def settled() -> bool:
        clinic.revive()
        return clinic.count("messages", "status NOT IN ('delivered', 'failed', 'planned', 'cancelled')") == 0

    until(settled, "all delivered", log=clinic.log("worker"))
    got = [mail.to for mail in fake.ledger()]
    assert got.count("lost@example.org") == got.count("+15185550103") == 1
