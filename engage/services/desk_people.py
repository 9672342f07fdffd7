"""Somebody who is not known yet, entered at the front desk with what they told."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engage.domain.forms import InvalidInput
from engage.domain.messages import Channel
from engage.runtime import Runtime
from engage.services import desk_contacts, patients
from engage.services.audit import Actor
from engage.services.patients import PersonIn
from engage.services.wishes import SOURCES

SOURCE = "front-desk"
# Where the form shows what the rules of booking systems say.
_FIELDS = {"external_id": "email", "source": "email"}
_NO_ADDRESS = "Please give an email address or a mobile number: nothing could be sent otherwise."


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person as they told of themselves. ``agreed``: on which ways they want messages about their visits; ``source``
    is a key of wishes.SOURCES."""

    given_name: str
    family_name: str
    email: str
    mobile: str
    agreed: tuple[Channel, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Who it is; ``known``: they were here before under that address and name, and nobody new was made."""

    person_id: UUID
    known: bool


def enter(rt: Runtime, actor: Actor, told: Newcomer) -> Entered:
    """Finds or makes the person, as booking systems do (docs/patients.md), and notes what they agreed to.

    Raises InvalidInput naming each field, KeyError for a source that there is not.
    """
    said = SOURCES[told.source]
    person = PersonIn(
        SOURCE,
        told.given_name,
        family_name=told.family_name or None,
        email=told.email or None,
        mobile=told.mobile or None,
    )
    with rt.transaction() as tx:
        now = rt.now(tx)
        errors: dict[str, str] = {}
        for one in patients.check(rt, person, now):
            sentence = _NO_ADDRESS if one.field == "external_id" else one.sentence
            errors.setdefault(_FIELDS.get(one.field, one.field), sentence)
        if errors:
            raise InvalidInput(errors)
        [found] = patients.match_or_create(rt, tx, actor, [person], now)
        assert found.person_id is not None
        for channel in told.agreed:
            desk_contacts.agree(rt, tx, found.person_id, channel, said, now)
        return Entered(found.person_id, found.how != "new")
