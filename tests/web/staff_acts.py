"""What staff have before them in a test: a request, its forms, and the rows of the audit trail that acts leave."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import text
from werkzeug.test import TestResponse

from engage.services import consultation_work, consultations
from tests.web.staff_world import Desk
from tests.world import World

REQUEST = {
    "given_name": "Noor",
    "email": "noor@example.org",
    "telephone": "(518) 555-0123",
    "reach": "call",
    "message": "It is my shoulder.\nMornings are best.",
    "main_pain": "neck",
    "consent": "yes",
}


def asked(world: World, **typed: str) -> UUID:
    """A consultation request that the worker has looked at."""
    consultations.accept(world.rt, {**REQUEST, **typed}, "192.0.2.9")
    consultation_work.answer_new(world.rt)
    return consultations.listing(world.rt)[-1].id


def person_of(world: World) -> UUID:
    return UUID(str(scalar(world, "SELECT id FROM people")))


def message_of(world: World, status: str) -> UUID:
    return UUID(
        str(scalar(world, f"SELECT id FROM messages WHERE status = '{status}' AND person_id IS NOT NULL"))
    )


def scalar(world: World, sql: str) -> object:
    with world.rt.transaction() as tx:
        return tx.execute(text(sql)).scalars().first()


def rows(world: World, since: int = 0) -> list[tuple[str, str, str | None, str | None]]:
    """The trail since its first ``since`` rows: action, what, what about, whom about; all by a member of staff."""
    with world.rt.transaction() as tx:
        found = list(tx.execute(text("SELECT * FROM audit ORDER BY id")))[since:]
    assert all(row.actor == "staff" and row.staff_id is not None for row in found)
    return [
        (r.action, r.what, str(r.what_id) if r.what_id else None, str(r.person_id) if r.person_id else None)
        for r in found
    ]


def count(world: World) -> int:
    return int(str(scalar(world, "SELECT count(*) FROM audit")))


def form(page: TestResponse, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to ``action``."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert found is not None, f"no form for {action}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', found.group(1)))


def send(desk: Desk, page: TestResponse, action: str, **typed: str) -> TestResponse:
    return desk.client.post(action, data={**form(page, action), **typed})


def changed(answer: TestResponse) -> bool:
    """Whether the page says that something changed meanwhile."""
    return answer.status_code == 409 and "Somebody was faster" in answer.text
