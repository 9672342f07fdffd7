"""People who text the clinic, through the real signed webhook, and what arrives on their telephones."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import inbound
from engage.services.deliver import deliver
from engage.services.mailbox import Mail
from engage.storage import consents, people
from engage.storage import inbound as rows
from engage.storage.database import run
from tests.scripted import Somebody, somebody
from tests.vendors import Vendors
from tests.world import World

NUMBER = "+15185550123"
PURPOSES = ("care", "education", "marketing")


def with_policy(rt: Runtime, **policy: Any) -> Runtime:
    """The same clinic with another ``[sms]``."""
    return replace(rt, clinic=rt.clinic.model_copy(update={"sms": rt.clinic.sms.model_copy(update=policy)}))


def put(rt: Runtime, number: str, words: str) -> UUID:
    """A text as it is kept before anybody has understood it."""
    id = new_id()
    told = {"from": number, "to": rt.clinic.sender.sms, "body": words, "media": 0}
    with rt.transaction() as tx:
        sealed, index = rt.sealer.seal("inbound", id, told), rt.sealer.index("sms", number)
        rows.add(tx, id, f"SM{secrets.token_hex(16)}", index, None, sealed, datetime.now(UTC))
    return id


@dataclass
class Texting:
    """The clinic as a world, and telephones."""

    world: World
    vendors: Vendors = field(init=False)

    def __post_init__(self) -> None:
        self.vendors = Vendors(self.world.rt)

    @property
    def rt(self) -> Runtime:
        return self.world.rt

    def person(self, n: int = 0, agreed: tuple[str, ...] = PURPOSES, **where: str) -> Somebody:
        """Somebody with a number who agreed to these purposes by text."""
        who = somebody(self.rt, n, **where)
        with self.rt.transaction() as tx:
            people.lock(tx, who.id)
            for purpose in agreed:
                self.grant(tx, who.id, purpose)
        return who

    def grant(self, tx: Any, person: UUID, purpose: str) -> None:
        """They agree to texts of a purpose."""
        wording = purpose.encode().ljust(32, b".")
        consents.keep_wording(tx, wording, f"Yes, text me about {purpose}.", self.rt.now(tx))
        consents.enter(
            tx,
            person,
            "sms",
            purpose,
            "granted",
            actor="person",
            source="texts page",
            now=self.rt.now(tx),
            wording=wording,
        )

    def arrives(self, words: str, number: str = NUMBER, form: Mapping[str, str] | None = None) -> None:
        """Twilio posts a text, signed; nobody has looked at it yet."""
        fields = {
            "MessageSid": f"SM{secrets.token_hex(16)}",
            "From": number,
            "To": self.rt.clinic.sender.sms,
            "Body": words,
            "NumMedia": "0",
            **(form or {}),
        }
        answer = self.vendors.post_form("/hooks/twilio/inbound", fields)
        assert answer.status_code == 200 and answer.text.strip().endswith("<Response/>"), answer.text
        self.vendors.apply()

    def says(
        self,
        words: str,
        number: str = NUMBER,
        form: Mapping[str, str] | None = None,
        late: timedelta | None = None,
    ) -> str:
        """Somebody texts us, and workers do their work. Returns the outcome. ``late``: how long ago it came."""
        self.arrives(words, number, form)
        if late is not None:
            self.run(
                "UPDATE inbound SET received_at = received_at - %(late)s WHERE understood_at IS NULL",
                late=late,
            )
        assert inbound.understand(self.rt) == 1
        deliver(self.rt, seconds=30)
        return str(self.texts_in()[-1].outcome)

    def texts_in(self) -> list[Any]:
        return list(self.run("SELECT * FROM inbound ORDER BY received_at, id"))

    def mails(self, number: str = NUMBER) -> list[Mail]:
        """What arrived on a telephone, newest last."""
        return [mail for mail in self.world.mail(number) if mail.channel == "sms"]

    def kinds(self, number: str = NUMBER) -> list[str]:
        return [mail.kind for mail in self.mails(number)]

    def agreed(self, who: Somebody) -> set[str]:
        """The purposes that somebody agrees to now, by text."""
        sql = "SELECT purpose FROM consent_states WHERE person_id = %(id)s AND channel = 'sms' AND granted"
        return {row.purpose for row in self.run(sql, id=who.id)}

    def ledger(self, who: Somebody) -> list[tuple[str, str, str]]:
        sql = "SELECT purpose, action, source FROM consents WHERE person_id = %(id)s ORDER BY at, id"
        return [(row.purpose, row.action, row.source) for row in self.run(sql, id=who.id)]

    def follow_ups(self) -> list[str]:
        return [row.kind for row in self.run("SELECT kind FROM follow_ups ORDER BY created_at, id")]

    def run(self, sql: str, **values: Any) -> Any:
        with self.rt.transaction() as tx:
            done = run(tx, sql, values or None)
            return done.all() if done.returns_rows else None
