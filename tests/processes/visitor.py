"""A person's browser without a screen: follows nothing by itself, keeps no cookie, remembers every address."""

from __future__ import annotations

import html
import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

FORM = {
    "given_name": "Ada",
    "email": "ada@example.org",
    "main_pain": "neck",
    "zone": "America/New_York",
    "consent": "yes",
}
COURSE = "/courses/chronic-pain"


@dataclass(frozen=True)
class Answer:
    """What the server said. Names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Visitor:
    """Asks the server at ``base_url``. ``visited`` holds every address asked for, ``sent_to`` every redirect."""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)
    sent_to: list[str] = field(default_factory=list)

    def ask(self, method: str, address: str, body: bytes | None = None) -> Answer:
        """One request on a connection of its own. ``address`` is a path or one of the server's own addresses."""
        target = address.removeprefix(self.base_url)
        assert target.startswith("/"), f"not this server's: {address}"
        self.visited.append(target)
        connection = http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=15)
        headers = {"Connection": "close", **self.headers}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, target, body, headers)
            got = connection.getresponse()
            answer = Answer(
                got.status,
                {name.lower(): value for name, value in got.getheaders()},
                got.read().decode("utf-8", "replace"),
            )
        finally:
            connection.close()
        if "location" in answer.headers:
            self.sent_to.append(answer.headers["location"])
        return answer

    def get(self, address: str) -> Answer:
        return self.ask("GET", address)

    def post(self, address: str, form: Mapping[str, str] | None = None) -> Answer:
        return self.ask("POST", address, urlencode(form or {}).encode())

    def sign_up(self, **typed: str) -> Answer:
        """Sends the form of the course page."""
        return self.post(COURSE, {**FORM, **typed})

    def mailbox(self, to: str | None = None) -> list[dict[str, Any]]:
        """What arrived, newest last."""
        mails: list[dict[str, Any]] = json.loads(self.get("/dev/mailbox?format=json").text)
        return [mail for mail in mails if to is None or mail["to"] == to]

    def lessons(self, to: str) -> list[dict[str, Any]]:
        """The lessons that arrived, newest last."""
        return [mail for mail in self.mailbox(to) if mail["kind"] == "course-lesson"]

    def links(self, mail: Mapping[str, Any]) -> list[str]:
        """Every address of this server in a mail: text, HTML and headers."""
        whole = "\n".join([mail["text"], html.unescape(mail["html"]), *mail["headers"].values()])
        return sorted(set(re.findall(re.escape(self.base_url) + r"/[\w/-]+", whole)))

    def link(self, mail: Mapping[str, Any], folder: str) -> str:
        """The one address below ``folder`` in a mail."""
        found = [link for link in self.links(mail) if f"/{folder}/" in link]
        assert len(found) == 1, f"{folder} is linked {len(found)} times"
        return found[0]
