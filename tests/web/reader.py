"""Somebody who follows the links of our letters, over a real app and database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from engage.domain.messages import TESTS, Channel, Purpose
from engage.ids import new_id
from engage.services.mailbox import Mail
from engage.storage import messages, people
from engage.storage.database import run
from engage.storage.messages import Plan
from tests.apps import app_of
from tests.world import World

ADA = "ada@example.org"


@dataclass
class Reader:
    """``token`` opens the reader's preference page."""

    world: World
    token: str = ""
    email: str = ADA

    @classmethod
    def enrolled(cls, world: World, email: str = ADA, **typed: str) -> Reader:
        """Signs up, confirms, and has the first lesson."""
        world.enrol(email=email, **typed)
        world.work()
        reader = cls(world, email=email)
        if not world.lessons(email):
            with world.base.transaction() as tx:
                first = run(tx, "SELECT min(due_at) FROM messages WHERE status = 'planned'").scalar_one()
            world.pass_time(first - world.now)
        reader.token = world.token("preferences", world.lessons(email)[0])
        return reader

    @property
    def id(self) -> UUID:
        return self.world.rt.links.read("preferences", self.token, self.world.now)

    def get(self, path: str = "", token: str = "") -> TestResponse:
        return self.asks(f"/preferences/{token or self.token}{path}")

    def asks(self, address: str, method: str = "GET", **form: Any) -> TestResponse:
        """One request to the app at the world's own moment, from a browser without cookies."""
        client = app_of(self.world.rt).test_client(use_cookies=False)
        return client.open(address, method=method, data=form or None)

    def post(self, path: str, token: str = "", **form: Any) -> TestResponse:
        """Sends a form of the page; workers then do what is due."""
        answer = self.asks(f"/preferences/{token or self.token}{path}", "POST", **form)
        self.world.work()
        return answer

    def my_data(self) -> str:
        """Asks for the link to a copy of everything; its address."""
        self.post("/my-data")
        return f"/my-data/{self.world.token('my-data', self.letters('my-data-link')[-1])}"

    def forget(self) -> TestResponse:
        """Goes all the way to being forgotten."""
        answer = self.asks(f"{self.my_data()}/delete", "POST")
        self.world.work()
        return answer

    def agree(self, purpose: str, channel: str) -> TestResponse:
        """Presses the button below the words that the page shows."""
        part = self.get().text.split(f'id="{purpose}-{channel}"')[1].split("</li>")[0]
        mark = re.search(r'name="mark" value="(\w+)"', part)
        assert mark is not None, f"nothing to agree to in: {part}"
        return self.post("/agree", purpose=purpose, channel=channel, mark=mark[1])

    def notice(self, answer: TestResponse) -> str:
        """What the page says after an act."""
        assert answer.status_code == 303, answer.text
        shown = self.asks(answer.headers["Location"]).text
        found = re.search(r'id="done"[^>]*>([^<]*)', shown)
        return unescape(found[1]) if found else ""

    def letters(self, kind: str, to: str = "") -> list[Mail]:
        return [mail for mail in self.world.mail(to or self.email) if mail.kind == kind]

    def choice(self, purpose: str, channel: str) -> str:
        """What the page shows for one choice, in words only."""
        part = self.get().text.split(f'id="{purpose}-{channel}"')[1].split(">", 1)[1].split("</li>")[0]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds of the reader; ``%(person)s`` is the id."""
        with self.world.base.transaction() as tx:
            return [tuple(row) for row in run(tx, sql, {"person": self.id})]

    def ledger(self) -> list[tuple[Any, ...]]:
        """(channel, purpose, action, source), oldest first."""
        return self.rows(
            "SELECT channel, purpose, action, source FROM consents WHERE person_id = %(person)s ORDER BY id"
        )

    def has_number(self, number: str = "+15185550123") -> None:
        """As if a mobile number of the reader had been confirmed."""
        rt, id = self.world.rt, new_id()
        sealed = rt.sealer.seal("contacts", id, {"address": number})
        with rt.transaction() as tx:
            people.add_contact(tx, id, self.id, "sms", rt.sealer.index("sms", number), sealed, rt.now(tx))

    def plan(self, channel: Channel, purpose: Purpose) -> None:
        """Plans a message of a purpose to the reader for tomorrow."""
        rt, id = self.world.rt, new_id()
        (contact,) = self.rows(
            f"SELECT id FROM contacts WHERE person_id = %(person)s AND channel = '{channel}' AND state = 'confirmed'"
        )[0]
        with rt.transaction() as tx:
            now = rt.now(tx)
            one = Plan(
                id=id,
                kind=TESTS[channel, purpose],
                cause="staff",
                cause_id=id,
                person_id=self.id,
                contact_id=contact,
                dedup_key=f"test/{id}",
                due_at=now + timedelta(days=1),
                not_after=now + timedelta(days=3),
                sealed=rt.sealer.seal("messages", id, {"to": self.email, "values": {}}),
            )
            messages.plan(tx, [one], now)
