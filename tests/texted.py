"""People in a test who add a mobile number, and what their telephones show."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from engage.clinic import SmsLimits
from engage.services import number_proof, numbers
from engage.services.mailbox import Mail
from engage.storage.database import run
from tests.world import World

NUMBER = "+15185550123"


def limited(world: World, **limits: int) -> None:
    """The clinic has these limits from now on."""
    sms = world.base.clinic.sms.model_copy(update={"limits": SmsLimits(**limits)})
    world.base = replace(world.base, clinic=world.base.clinic.model_copy(update={"sms": sms}))
    world._at.clear()


def ask(world: World, token: str, number: str = NUMBER, **typed: str) -> None:
    """Somebody sends the form for a number; workers do what there is to do."""
    numbers.ask(world.rt, token, {"number": number, "consent": "yes", **typed}, world.client())
    world.work()


def texts(world: World, to: str | None = None, kind: str | None = None) -> list[Mail]:
    """What telephones got, oldest first."""
    found = [mail for mail in world.mail(to) if mail.channel == "sms"]
    return [mail for mail in found if kind in (None, mail.kind)]


def code(world: World, to: str = NUMBER) -> str:
    """The code in the latest text that had one."""
    found = re.search(r"code (\d{6})", texts(world, to, "number-confirm")[-1].text)
    assert found is not None
    return found[1]


def another(code: str) -> str:
    """A code that is wrong."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def yes(world: World, number: str = NUMBER) -> bool:
    """A YES arrives from a number."""
    with world.rt.transaction() as tx:
        return number_proof.yes(world.rt, tx, world.rt.sealer.index("sms", number), world.now)


def stop(world: World, number: str = NUMBER) -> int:
    """Whoever reads a STOP tells those who wait for the number."""
    with world.rt.transaction() as tx:
        return number_proof.stop(tx, world.rt.sealer.index("sms", number), world.now)


def texted(world: World, number: str = NUMBER, **typed: str) -> str:
    """Somebody who signed up, confirmed, and added a number with the code; the token of their page."""
    token = world.enrol(**typed).texts_token
    ask(world, token, number)
    assert number_proof.type_code(world.rt, token, code(world, number)) == "on"
    return token


def lesson_texts(world: World, to: str | None = None) -> list[Mail]:
    """The texts beside lessons, oldest first."""
    return texts(world, to, "course-lesson-text")


def rows(world: World, sql: str, **values: Any) -> list[Any]:
    """What the database has."""
    with world.rt.transaction() as tx:
        return list(run(tx, sql, values))
