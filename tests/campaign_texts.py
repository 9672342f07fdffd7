"""Campaigns that staff wrote, and people to whom they go."""

from __future__ import annotations

from uuid import UUID

from engage.content.campaign_text import Draft
from engage.ids import new_id
from engage.storage.database import run
from tests.scripted import Somebody, somebody
from tests.world import World

LETTER = Draft(
    "email",
    "We are open on Saturdays",
    "From nine to one",
    "Hello {% if name %}{{ name }}{% else %}there{% endif %},\n\nwe are open. [See](https://harmonia.example/a?b=1&c=2).\n",
)
NEEDS_NAME = Draft("email", "Open", "", "Hello {{ name }},\n\nwe are open.\n")
TEXT = Draft("sms", "", "", "{% if name %}{{ name }}, we{% else %}We{% endif %} are open on Saturdays.")


def called(world: World, name: str, n: int = 0) -> Somebody:
    """Somebody of that given name, or without one, who has an address or number."""
    who = somebody(world.rt, n)
    told = {"given_name": name} if name else {}
    with world.rt.transaction() as tx:
        sealed = world.rt.sealer.seal("people", who.id, told)
        run(tx, "UPDATE people SET sealed = %(sealed)s WHERE id = %(id)s", {"sealed": sealed, "id": who.id})
    return who


def written(world: World, draft: Draft) -> UUID:
    """A campaign with this text, as it stands in the database."""
    sql = """INSERT INTO campaigns (id, name, channel, subject, preheader, body, created_at, updated_at)
    VALUES (%(id)s, 'Saturdays', %(channel)s, %(subject)s, %(preheader)s, %(body)s, %(now)s, %(now)s)"""
    id = new_id()
    values = {
        "id": id,
        "channel": draft.channel,
        "subject": draft.subject,
        "preheader": draft.preheader,
        "body": draft.body,
        "now": world.now,
    }
    with world.rt.transaction() as tx:
        run(tx, sql, values)
    return id
