"""``Fake``: starts the fakes, tells them how to behave and reads their ledger."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.fakes import certificates, ledger, log, server
from tests.fakes.ledger import Received
from tests.fakes.sendgrid import ERASED
from tests.fakes.signing import EventKey
from tests.fakes.twilio import DELETED

PROJECT = Path(__file__).resolve().parents[2]


class Fake:
    """One SendGrid account, one Twilio account and one mail server.

    ``process``: in a process of their own, which no kill of the product's touches and which ends with ours; else in a
    thread. Everything else is the same. Used again on the same directory it goes on with the same keys and ledger.
    """

    def __init__(self, directory: Path, *, tls: bool = False, process: bool = False) -> None:
        self.directory, self.tls, self.process = directory, tls, process
        self.child: subprocess.Popen[bytes] | None = None
        self.thread: threading.Thread | None = None
        self.about: dict[str, Any] = {}

    def start(self) -> Fake:
        """Returns when it answers. Started again, it listens where it listened."""
        ready = self.directory / "ready.json"
        ports = server.Ports(*(self.about.get(name, 0) for name in ("door", "control", "mail")))
        self.directory.mkdir(parents=True, exist_ok=True)
        ready.unlink(missing_ok=True)
        if self.tls:
            certificates.make(self.directory)
        if self.process:
            words = [sys.executable, "-m", "tests.fakes", "--directory", str(self.directory)]
            words += ["--port", str(ports.door), "--control-port", str(ports.control)]
            words += ["--mail-port", str(ports.mail), *(["--tls"] if self.tls else [])]
            # Its own group: Ctrl-C and kills of the product's group leave it alone.
            self.child = subprocess.Popen(words, cwd=PROJECT, stdin=subprocess.PIPE, start_new_session=True)
        else:
            self.loop = asyncio.new_event_loop()
            self.end = asyncio.Event()
            serving = server.serve(self.directory, self.tls, ports, self.end.wait())
            self.thread = threading.Thread(target=self._run, args=(serving,), daemon=True)
            self.thread.start()
        until = time.monotonic() + 20
        while not ready.exists():
            alive = self.child.poll() is None if self.child else self.thread and self.thread.is_alive()
            if not alive or time.monotonic() > until:
                raise RuntimeError("the fakes did not start")
            time.sleep(0.01)
        self.about = json.loads(ready.read_bytes())
        return self

    def _run(self, serving: Any) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(serving)
        self.loop.close()

    def stop(self) -> None:
        if self.child is not None:
            assert self.child.stdin is not None
            self.child.stdin.close()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
            self.child = None
        if self.thread is not None:
            self.loop.call_soon_threadsafe(self.end.set)
            self.thread.join(10)
            self.thread = None

    def __enter__(self) -> Fake:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where both vendors answer."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.about['door']}"

    @property
    def ca_file(self) -> Path:
        return self.directory / "ca.pem"

    @property
    def event_key(self) -> EventKey:
        """SendGrid's key, for tests that sign or forge events themselves."""
        return EventKey.kept(self.directory / "event-key.pem")

    def environment(self) -> dict[str, str]:
        """Settings under which the product sends everything here (SMTP only where it is chosen)."""
        return {
            "ENGAGE_EMAIL": "sendgrid",
            "ENGAGE_CARE_EMAIL": "sendgrid",
            "ENGAGE_SMS": "twilio",
            "SENDGRID_API_KEY": server.SENDGRID_KEY,
            "SENDGRID_API_URL": self.url,
            "SENDGRID_WEBHOOK_PUBLIC_KEY": self.about["public_key"],
            "TWILIO_ACCOUNT_SID": server.TWILIO_ACCOUNT,
            "TWILIO_AUTH_TOKEN": server.TWILIO_TOKEN,
            "TWILIO_MESSAGING_SERVICE_SID": server.TWILIO_SERVICE,
            "TWILIO_API_URL": self.url,
            "SMTP_URL": f"smtp://{server.MAIL_USER}:{server.MAIL_PASSWORD}@127.0.0.1:{self.about['mail']}",
            **({"ENGAGE_CA_FILE": str(self.ca_file)} if self.tls else {}),
        }

    def set_modes(
        self,
        route: str,
        rules: Sequence[str] = (),
        chances: Mapping[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        """How one of ``server.ROUTES`` fails from now on (failing.py has the words)."""
        self.order(modes={route: {"rules": list(rules), "chances": dict(chances or {}), "seed": seed}})

    def set_callbacks(self, vendor: str, **plan: Any) -> None:
        """How ``sendgrid`` or ``twilio`` tells us of what it takes from now on (``callbacks.Plan``)."""
        self.order(callbacks={vendor: plan})

    def settings(self, vendor: str, **given: Any) -> None:
        """Settings of ``sendgrid``, ``twilio`` or ``smtp``, as their classes name them."""
        self.order(settings={vendor: given})

    def door(self, how: str) -> None:
        """``shut``: connections are refused; ``wrong_tls``: a certificate nobody trusts; ``open``."""
        self.order(door=how)

    def flush(self) -> None:
        """Callbacks that wait for their time go now."""
        self.order(flush=True)

    def forget(self) -> None:
        """Empties the ledger, Twilio's list and the counts."""
        self.order(forget=True)

    def events(self, events: Sequence[Mapping[str, Any]]) -> None:
        """SendGrid tells of these, to the address that its callbacks go to."""
        self.order(events=list(events))

    def inbound(self, url: str, number: str, body: str, **more: Any) -> dict[str, Any]:
        """Someone writes an SMS to us: ``sid``, ``status`` and ``answer`` of the product."""
        said: dict[str, Any] = self.order(inbound={"url": url, "number": number, "body": body, **more})
        return said

    def ledger(self) -> list[Received]:
        """All that people would have received by now."""
        return ledger.read(self.directory)

    def erased(self) -> list[str]:
        """The addresses that SendGrid was asked to erase."""
        bodies = [one.body for one in log.records(self.directory / log.FILE) if one.vendor == ERASED]
        return [address for body in bodies for address in json.loads(body)["email_addresses"]]

    def deleted(self) -> list[str]:
        """The ids of messages that were deleted at Twilio."""
        return [one.provider_id for one in log.records(self.directory / log.FILE) if one.vendor == DELETED]

    def counts(self) -> dict[str, Any]:
        """Requests seen, taken and refused, and callbacks under way."""
        counted: dict[str, Any] = self._ask("/_control/counts")
        return counted

    def wait_told(self, seconds: float = 30.0) -> None:
        """Until no callback is under way or waiting for its time."""
        end = time.monotonic() + seconds
        while any(self.counts()["pending"].values()):
            if time.monotonic() > end:
                raise AssertionError(f"callbacks still under way: {self.counts()}")
            time.sleep(0.03)

    def order(self, **what: Any) -> Any:
        """One order to the control port. ValueError when there is no such thing."""
        return self._ask("/_control", json.dumps(what).encode())

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        address = f"http://127.0.0.1:{self.about['control']}{path}"
        try:
            with urllib.request.urlopen(urllib.request.Request(address, body), timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            raise ValueError(json.loads(refused.read())["error"]) from None
