"""A fake over TLS for these tests, and someone who listens to its callbacks."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest
from sendgrid import SendGridAPIClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.fakes.client import Fake
from tests.fakes.server import ROUTES, SENDGRID_KEY, TWILIO_ACCOUNT, TWILIO_SERVICE, TWILIO_TOKEN


@dataclass
class Heard:
    """One request that came to the listener."""

    path: str
    headers: Any
    body: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = orjson.loads(self.body)
        return events


class Listener:
    """Where callbacks go. ``answers`` are used up in order, then it is 204."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: deque[int] = deque()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append(Heard(self.path, self.headers, body))
                self.send_response(listener.answers.popleft() if listener.answers else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for heard in list(self.heard) for event in heard.events]

    def wait(self, true: Callable[[], Any], seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"heard only {self.heard}"
            time.sleep(0.01)


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fake]:
    with Fake(tmp_path_factory.mktemp("fake"), tls=True) as fake:
        yield fake


@pytest.fixture
def fake(running: Fake) -> Iterator[Fake]:
    """A fake with an empty ledger that fails at nothing."""
    yield running
    for route in ROUTES:
        running.set_modes(route)
    for vendor in ("sendgrid", "twilio"):
        running.set_callbacks(vendor)
        running.settings(vendor, strict=True, fate="delivered", fates={})
    running.settings("sendgrid", refused=[], shares={}, max_body=30_000_000)
    running.settings("twilio", opted_out=[], list_lag=0.0, queued=0.0)
    running.settings("smtp", refused={}, endings=[])
    running.door("open")
    running.forget()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


@pytest.fixture
def sendgrid(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> SendGridAPIClient:
    """SendGrid's own client. It knows no setting for an authority of our own but OpenSSL's."""
    monkeypatch.setenv("SSL_CERT_FILE", str(fake.ca_file))
    return SendGridAPIClient(SENDGRID_KEY, host=fake.url)


class Here(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's own client, to this machine."""

    def __init__(self, fake: Fake) -> None:
        super().__init__(timeout=10)
        self.fake = fake

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self.fake.url), *rest, **more)


@pytest.fixture
def twilio(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(fake.ca_file))
    return Client(TWILIO_ACCOUNT, TWILIO_TOKEN, http_client=Here(fake))


@pytest.fixture
def text(twilio: Client) -> Callable[..., Any]:
    """Sends an SMS by the SDK, as our product would."""

    def send(to: str = "+14155550101", body: str = "See you at nine.", **more: Any) -> Any:
        return twilio.messages.create(to=to, messaging_service_sid=TWILIO_SERVICE, body=body, **more)

    return send
