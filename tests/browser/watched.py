"""What a browser's context asked for, and what its console complained about."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

# Chromium notes each refused page load; that one was refused is what some tests are about.
REFUSED = "Failed to load resource: the server responded with a status of"


class Watched:
    """``strangers`` are requests that left the server's own origin; ``complaints`` are console lines."""

    def __init__(self, context: BrowserContext, base_url: str) -> None:
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._context = context
        self._home = base_url + "/"
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", self._error)

    def settle(self) -> None:
        """Lets the last events of the open pages come in."""
        for page in self._context.pages:
            page.wait_for_load_state()

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((self._home, "data:", "about:")):
            self.strangers.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REFUSED):
            self.complaints.append(f"{message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.complaints.append(str(error.error))
