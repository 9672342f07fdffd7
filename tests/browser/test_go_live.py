"""A new installation in production: an administrator works off the list, gives a fresh code, and goes live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from engage.dev.embedded import Servers
from engage.domain.roles import Role
from engage.keys import fresh
from engage.services import staff, staff_invites, staff_secrets
from engage.services.audit import CLI
from engage.storage.database import run
from tests.browser.test_every_page import WIDE, check
from tests.browser.watched import Watched
from tests.fakes.client import Fake
from tests.processes import stack as stacks
from tests.processes.stack import Stack, until

SAID = re.compile("We send no texts|It is decided|These are our hours|There is one")
PASSWORD = "seven teal umbrellas at noon"
OWN = {
    "120 Larkspur Lane, Suite 4, Albany, NY 12207": "1 Main Street, Troy, NY 12180",
    "harmonia.example": "clinic.troy-ny.us",
}


@pytest.fixture(scope="module")
def trial(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Web, worker and beat with production's settings; mail goes to a mail server of the test's own."""
    place = tmp_path_factory.mktemp("trial")
    text = (stacks.PROJECT / "clinic.toml").read_text(encoding="utf-8")
    for example, own in OWN.items():
        text = text.replace(example, own)
    (place / "own.toml").write_text(text, encoding="utf-8")
    (fakes := place / "fakes").mkdir()
    with Fake(fakes) as fake:
        env = {
            "ENGAGE_ENV": "production",
            "ENGAGE_BASE_URL": "https://clinic.troy-ny.us",
            "ENGAGE_CLINIC": str(place / "own.toml"),
            "ENGAGE_EMAIL": "smtp",
            "ENGAGE_CARE_EMAIL": "smtp",
            "SMTP_URL": fake.environment()["SMTP_URL"],
            **fresh(),
        }
        with stacks.stack(place, servers, env=env) as running:
            running.start()
            running.wait_ready()
            yield running


def member(stack: Stack, email: str, role: Role) -> str:
    """Somebody with an account; the secret of their codes."""
    rt = stack.rt
    token = urlsplit(staff.invite(rt, CLI, email, "Wilhelmina Ashford", role).url).path.rpartition("/")[2]
    setup = staff_invites.set_password(rt, token, PASSWORD)
    staff_invites.finish(rt, token, setup.so_far, code(stack, setup.secret))
    return setup.secret


def code(stack: Stack, secret: str) -> str:
    """The app's code. Each works once, so the steps used are forgotten here: tests don't wait 30 s."""
    with stack.rt.transaction() as tx:
        run(tx, "UPDATE staff SET totp_step = 0")
    return staff_secrets.code_at(secret, datetime.now(UTC))


def signed_in(page: Page, stack: Stack, email: str, role: Role) -> str:
    secret = member(stack, email, role)
    page.goto("/staff/sign-in?next=/staff/go-live")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Six figures").fill(code(stack, secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Going live")
    return secret


@pytest.fixture
def page(browser: Browser, trial: Stack) -> Iterator[Page]:
    context = browser.new_context(
        base_url=trial.base_url,
        locale="en-US",
        reduced_motion="reduce",
        viewport=WIDE,  # type: ignore[arg-type]
    )
    context.set_default_timeout(10_000)
    watched = Watched(context, trial.base_url)
    yield context.new_page()
    watched.settle()
    context.close()
    assert (watched.strangers, watched.complaints) == ([], [])


def title(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    assert check(page) == []


def test_whoever_may_not_is_told_who_may(page: Page, trial: Stack) -> None:
    signed_in(page, trial, "reader@example.org", "reader")
    expect(page.get_by_text("An administrator ticks the list")).to_be_visible()
    expect(page.get_by_role("button", name=SAID)).to_have_count(0)
    assert check(page) == []
    page.goto("/staff/visits/new")
    title(page, "That is for somebody else")
    expect(
        page.get_by_text("Only the front desk, an author, an approver or an administrator")
    ).to_be_visible()


def test_from_trial_to_live(page: Page, trial: Stack) -> None:
    secret = signed_in(page, trial, "wilhelmina@example.org", "administrator")
    expect(page.get_by_text("5 of 7 items are left")).to_be_visible()
    title(page, "Going live")
    page.goto("/staff/requests")
    expect(page.get_by_text("Trial mode: only staff get messages")).to_be_visible()
    assert check(page) == []
    page.get_by_role("link", name="What is left to do").click()
    page.get_by_role("button", name="Send me a test mail").click()
    expect(page.get_by_role("status")).to_contain_text("On its way")
    until(lambda: trial.count("messages", "status = 'accepted'"), "the test mail", log=trial.log("worker"))
    for _ in range(4):
        page.get_by_role("button", name=SAID).first.click()
        expect(page.get_by_role("status")).to_contain_text("Noted, with your name")
    expect(page.get_by_text("Wilhelmina Ashford", exact=False).nth(1)).to_be_visible()
    title(page, "Going live")

    page.goto("/staff/members")
    page.get_by_text("Change").first.click()
    title(page, "Colleagues")
    page.get_by_label("What colleagues call them").fill("Una Ashford")
    page.get_by_label("Email address").fill("una@example.org")
    page.get_by_role("button", name="Make their link").click()
    expect(page.get_by_role("status")).to_contain_text("/staff/invite/")
    title(page, "Colleagues")
    page.goto("/staff/keys")
    page.get_by_label("What the other system is called").fill("Practice software")
    page.get_by_label("See visits").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("status")).to_contain_text("engage_")
    title(page, "API keys")
    page.goto("/staff/go-live")

    with trial.rt.transaction() as tx:
        run(tx, "UPDATE staff_sessions SET stepped_up_at = stepped_up_at - interval '6 minutes'")
    page.get_by_label("I have read the list, and it is so.").check()
    page.get_by_role("button", name="Go live").click()
    title(page, "A fresh code, please")
    page.get_by_label("Six figures").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("That code can’t be used")
    title(page, "A fresh code, please")
    page.get_by_label("Six figures").fill(code(trial, secret))
    page.keyboard.press("Enter")
    title(page, "Your code is right")
    assert trial.count("go_live", "live_at IS NOT NULL") == 0
    page.get_by_role("button", name="Change what is sent to real people").click()
    expect(page.get_by_role("status")).to_contain_text("From now on messages go to everybody")
    title(page, "Going live")
    page.goto("/staff/requests")
    expect(page.get_by_text("Trial mode")).to_have_count(0)
