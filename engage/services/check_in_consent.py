"""What a person told staff about check-ins."""

from __future__ import annotations

from uuid import UUID

from engage.domain.messages import Channel
from engage.runtime import Runtime
from engage.services import check_ins
from engage.services.audit import Actor
from engage.services.wishes import SOURCES
from engage.storage import people


def record(rt: Runtime, actor: Actor, person: UUID, channel: Channel | None, source: str) -> bool | None:
    """Notes that the person agrees to be asked how they are by a way, or by none. ``source`` is a key of SOURCES
    (KeyError else). None when there is no such (living) person; False when that was known."""
    said = SOURCES[source]
    with rt.transaction() as tx:
        found = people.lock(tx, person)
        if found is None or found.state != "active":
            return None
        return check_ins.set_wish(rt, tx, person, channel, said, actor, rt.now(tx))
