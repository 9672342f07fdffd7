"""Texts through the signed webhook of the running product, and the page that asks whether a number is still right."""

from __future__ import annotations

import secrets
import time
from urllib.request import Request, urlopen

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_every_page import WIDE, check
from tests.fakes.signing import form_request
from tests.processes.stack import Stack
from tests.scripted import Somebody, somebody

SECONDS = 60


def says(stack: Stack, who: Somebody, words: str, answers: int) -> str:
    """Twilio posts a text; what arrives on the telephone within a minute, newest last."""
    made = stack.rt.callback_keys.made
    assert made is not None
    fields = {
        "MessageSid": f"SM{secrets.token_hex(16)}",
        "From": who.number,
        "To": stack.rt.clinic.sender.sms,
        "Body": words,
    }
    url, body, headers = form_request(made.twilio, f"{stack.base_url}/hooks/twilio/inbound", fields)
    began = time.monotonic()
    with urlopen(Request(url, body, headers), timeout=10) as answer:
        assert answer.status == 200
    arrived = stack.letters(stack.visitor(), who.number, answers)
    assert time.monotonic() - began < SECONDS
    return str(arrived[-1]["text"])


def test_stop_start_and_help_are_answered_within_a_minute(stack: Stack) -> None:
    ada = somebody(stack.rt, 7001, number="+15185557001")
    assert "unsubscribed" in says(stack, ada, "please stop texting me", 1)
    assert stack.rt.clinic.telephone in says(stack, ada, "HELP", 2)
    assert "come again" in says(stack, ada, "START", 3)


def test_a_wrong_number_is_asked_about_by_email_and_confirmed_with_a_button(
    stack: Stack, open_page: Open
) -> None:
    ada = somebody(stack.rt, 7002, number="+15185557002")
    assert "sorry for the mix-up" in says(stack, ada, "Sorry, wrong number", 1)
    visitor = stack.visitor()
    (mail,) = stack.letters(visitor, ada.email, 1)
    page = open_page(visitor.link(mail, "numbers"), viewport=WIDE, java_script_enabled=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Is the number ending in 02 yours?")
    assert check(page) == []
    button = page.get_by_role("button", name="Yes, it’s still my number")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. The number is yours.")
    assert check(page) == []
    assert stack.count("contacts", f"id = '{ada.number_contact}' AND state = 'confirmed'") == 1
