"""The mailbox's buttons: a vendor's callback that goes all the way round, without an account."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from werkzeug.serving import make_server

from engage.dev import ports
from engage.runtime import Runtime
from engage.services import messages, receipts
from engage.services.mailbox import Mail
from tests.apps import app_of
from tests.services.test_receipts import text_to
from tests.vendors import Vendors
from tests.world import World


@pytest.fixture
def world(rt: Runtime) -> World:
    """With a real database, other than for the pages that need none."""
    return World(rt)


@pytest.fixture
def served(world: World) -> Iterator[World]:
    """The world, its web pages served at its own address."""
    port = ports.free()
    base = replace(world.rt, settings=world.rt.settings.model_copy(update={"port": port}))
    world.base = base
    world._at.clear()
    server = make_server("127.0.0.1", port, app_of(world.rt), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield world
    server.shutdown()
    thread.join()


def test_a_program_that_reads_the_mailbox_can_ask_about_the_message(world: World) -> None:
    world.enrol()
    (row,) = app_of(world.rt).test_client().get("/dev/mailbox?format=json").get_json()
    story = messages.explain(world.rt, UUID(row["message_id"]))
    assert story is not None and story.kind == row["kind"] == "signup-confirm"


def press(world: World, mail: Mail, action: str, **fields: str) -> str:
    """Presses a button of the mail's page; the notice on the page after it."""
    client = app_of(world.rt).test_client()
    address = f"/dev/mailbox/{mail.id}"
    assert f'action="{address}/{action}"' in client.get(address).text
    page = client.post(f"{address}/{action}", data=fields, follow_redirects=True)
    assert page.status_code == 200
    notice = re.search(r'<p class="notice[^>]*>([^<]*)', page.text)
    assert notice is not None
    while receipts.apply(world.rt):
        pass
    return notice.group(1).strip()


@pytest.mark.parametrize(
    ("act", "status", "reason"),
    [("delivered", "delivered", None), ("bounce", "failed", "bounced"), ("spam", "delivered", None)],
)
def test_what_happens_to_a_mail_can_be_tried(
    served: World, act: str, status: str, reason: str | None
) -> None:
    served.enrol()
    served.enrol(email="grace@example.org")
    served.pass_time(timedelta(days=1))
    mail = served.lessons("ada@example.org")[-1]
    assert press(served, mail, f"acts/{act}").startswith("Our callback address took it.")
    row = Vendors(served.rt).message(mail.message_id)
    assert (row.status, row.reason) == (status, reason)
    other = served.lessons("grace@example.org")[-1]
    assert Vendors(served.rt).message(other.message_id).status == "accepted"
    before = len(served.lessons("ada@example.org"))
    served.pass_time(timedelta(days=40))
    stopped = act in ("bounce", "spam")
    assert (len(served.lessons("ada@example.org")) == before) == stopped


@pytest.mark.parametrize(("act", "status"), [("delivered", "delivered"), ("undelivered", "failed")])
def test_what_happens_to_a_text_can_be_tried(served: World, act: str, status: str) -> None:
    id = text_to(served)
    (mail,) = served.mail("+15185550123")
    assert press(served, mail, f"acts/{act}").startswith("Our callback address took it.")
    assert Vendors(served.rt).message(id).status == status


def test_a_text_can_be_answered(served: World) -> None:
    text_to(served)
    (mail,) = served.mail("+15185550123")
    assert press(served, mail, "reply", words="STOP, please 🙏").startswith("Our callback address took it.")
    (row,) = Vendors(served.rt).rows("SELECT * FROM inbound")
    told = served.rt.sealer.open("inbound", row.id, row.sealed)
    assert told["body"] == "STOP, please 🙏"
    assert (told["from"], told["to"]) == ("+15185550123", served.rt.clinic.sender.sms)


def test_when_nothing_answers_at_our_own_address_the_page_says_so(world: World) -> None:
    world.base = replace(world.base, settings=world.base.settings.model_copy(update={"port": ports.free()}))
    text_to(world)
    (mail,) = world.mail("+15185550123")
    assert press(world, mail, "acts/delivered").startswith("Nothing answered at our own address.")


def test_another_site_s_page_presses_no_button(world: World) -> None:
    text_to(world)
    (mail,) = world.mail("+15185550123")
    client = app_of(world.rt).test_client()
    answer = client.post(
        f"/dev/mailbox/{mail.id}/acts/delivered",
        headers={"Sec-Fetch-Site": "cross-site"},
        follow_redirects=True,
    )
    assert "another site" in answer.text
    assert client.post(f"/dev/mailbox/{mail.id}/acts/explode").status_code == 404
    assert client.post(f"/dev/mailbox/{mail.id}/reply", data={"words": "x" * 2000}).status_code == 422
