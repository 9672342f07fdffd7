"""To whom work can be given, and what those are called who did some."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import abort, g

from engage.domain.roles import may
from engage.services import staff
from engage.web.context import runtime


@dataclass(frozen=True, slots=True)
class Colleagues:
    """``active`` can be given work; ``names`` holds everyone who ever was there. Both are by id."""

    me: UUID
    active: dict[UUID, str]
    names: dict[UUID, str]

    def name(self, id: UUID | None) -> str:
        """What a member is called: "you" for who is signed in."""
        if id is None:
            return "nobody"
        return "you" if id == self.me else self.names.get(id, "somebody who has left")

    def chosen(self, fields: list[str]) -> UUID | None:
        """Who was chosen in a form: an id, "me", or nothing for nobody. 422 for anybody else.

        The button "I'll take it" comes after the list's choice and counts.
        """
        typed = fields[-1] if fields else ""
        if typed == "":
            return None
        if typed == "me":
            return self.me
        found = next((id for id in self.active if str(id) == typed), None)
        return found if found is not None else abort(422)


def colleagues() -> Colleagues:
    """Everyone, with who is signed in."""
    members = [member for member in staff.listing(runtime()) if may(member.role, "desk")]
    active = {member.id: member.name for member in members if member.state == "active"}
    return Colleagues(g.staff.id, active, {member.id: member.name for member in members})
