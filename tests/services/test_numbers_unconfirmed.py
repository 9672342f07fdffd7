"""Random histories: no text ever goes to a number that nobody with a confirmed email asked for, and no lesson to one
that was not confirmed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from engage.domain.forms import InvalidInput
from engage.ids import new_id
from engage.links import BadLink
from engage.services import number_proof, numbers, signups
from engage.storage import suppressions
from tests.texted import another, lesson_texts, stop, texts, yes
from tests.world import World

STEPS = 100
NUMBERS = [f"+1518555010{n}" for n in range(4)] + ["+14165550199"]


@dataclass
class Visitor:
    """Somebody who may or may not confirm; with a token once they did."""

    email: str
    token: str = ""


@dataclass
class History:
    """What happened: who asked for which numbers, and which numbers proved themselves."""

    world: World
    dice: random.Random
    visitors: list[Visitor] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    proven: set[str] = field(default_factory=set)

    def sign_up(self) -> None:
        visitor = Visitor(f"v{len(self.visitors)}@example.org")
        self.world.sign_up(email=visitor.email)
        self.visitors.append(visitor)

    def confirm(self) -> None:
        visitor = self._one()
        mails = [mail for mail in self.world.mail(visitor.email) if mail.kind == "signup-confirm"]
        if mails:
            visitor.token = signups.confirm(self.world.rt, self.world.token("confirm", mails[-1])).texts_token

    def ask(self) -> None:
        """With whatever token they have: of a sign-up that nobody confirmed there is none, or it is made up."""
        visitor, number = self._one(), self.dice.choice(NUMBERS)
        token = visitor.token or self.world.rt.links.token("check-inbox", new_id())
        try:
            numbers.ask(self.world.rt, token, {"number": number, "consent": "yes"}, self.world.client())
        except (BadLink, InvalidInput):
            return
        assert visitor.token
        self.asked.add(number)

    def code(self) -> None:
        visitor = self._one()
        shown = [mail.text.split("code ")[1][:6] for mail in texts(self.world, kind="number-confirm")]
        if not visitor.token or not shown:
            return
        typed = self.dice.choice(shown) if self.dice.random() < 0.7 else another(shown[-1])
        before = self._contacts()
        try:
            number_proof.type_code(self.world.rt, visitor.token, typed)
        except BadLink:
            visitor.token = ""  # It works for a day; the link in the mail gives another.
        self._gained(before)

    def yes(self) -> None:
        before = self._contacts()
        yes(self.world, self.dice.choice(NUMBERS))
        self._gained(before)

    def stop(self) -> None:
        number = self.dice.choice(NUMBERS)
        stop(self.world, number)
        with self.world.rt.transaction() as tx:
            index = self.world.rt.sealer.index("sms", number)
            suppressions.add(tx, "sms", index, "all", "unsubscribed", self.world.now)

    def work(self) -> None:
        self.world.work()

    def wait(self) -> None:
        self.world.pass_time(timedelta(minutes=self.dice.choice([3, 11, 60, 1500])))

    def _one(self) -> Visitor:
        return self.dice.choice(self.visitors)

    def _contacts(self) -> set[str]:
        with self.world.rt.transaction() as tx:
            found = tx.exec_driver_sql("SELECT id, sealed FROM contacts WHERE channel = 'sms'").all()
        return {self.world.rt.sealer.open("contacts", row.id, row.sealed)["address"] for row in found}

    def _gained(self, before: set[str]) -> None:
        self.proven |= self._contacts() - before


@pytest.mark.parametrize("seed", range(3))
def test_no_text_goes_to_a_number_that_nobody_confirmed_asked_for(world: World, seed: int) -> None:
    history = History(world, random.Random(seed))
    history.sign_up()
    acts = [
        history.sign_up,
        history.confirm,
        history.ask,
        history.ask,
        history.code,
        history.yes,
        history.stop,
    ]
    for _ in range(STEPS):
        history.dice.choice([*acts, history.work, history.work, history.wait])()
        assert {mail.to for mail in texts(world, kind="number-confirm")} <= history.asked
        assert {mail.to for mail in lesson_texts(world)} <= history.proven
    world.pass_time(timedelta(days=5))
    assert {mail.to for mail in texts(world)} <= history.asked
    assert {mail.to for mail in lesson_texts(world)} <= history.proven
    assert history.asked
