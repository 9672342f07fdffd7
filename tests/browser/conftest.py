"""Chromium on the running product. Without Chromium these tests are skipped, or fail where it is required."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from engage.dev.embedded import Servers
from tests.browser import missing
from tests.browser.watched import Watched
from tests.processes import stack as stacks
from tests.processes.stack import Stack

HERE = Path(__file__).parent
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this directory walks pages in a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if HERE in item.path.parents:
        missing.demand()


@pytest.fixture(scope="package")
def stack(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Web, worker and beat, ready."""
    with stacks.stack(tmp_path_factory.mktemp("browser"), servers) as running:
        running.start()
        running.wait_ready()
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of the process."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=missing.chromium(), args=list(ARGUMENTS))
        yield running
        running.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, stack: Stack) -> Iterator[Open]:
    """Opens pages in a context of their own. Afterwards nothing was asked of another server, or complained of."""
    contexts: list[tuple[BrowserContext, Watched]] = []

    def opened(path: str = "/", **options: object) -> Page:
        # A button that is just changing its colour has no contrast to speak of.
        wanted = {"locale": "en-US", "reduced_motion": "reduce"} | options
        context = browser.new_context(base_url=stack.base_url, **wanted)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append((context, Watched(context, stack.base_url)))
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context, watched in contexts:
        watched.settle()
        context.close()
    for _, watched in contexts:
        assert watched.strangers == [], "another server was asked"
        assert watched.complaints == [], "the console complained"
