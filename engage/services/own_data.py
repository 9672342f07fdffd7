"""What a person may do with all that is kept about them: have it, or have it erased.

The link to the preference page stands in every letter, so whoever gets a forwarded one has it. It only makes us send
another link, to the person's own address, that works for an hour; that one opens what is here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson

from engage.domain.timing import local
from engage.runtime import Runtime
from engage.services import erasure, export, preference_letters, preferences
from engage.services.audit import PERSON

Form = Literal["json", "page"]
# After an address changed its old one has so long to object.
QUIET = timedelta(days=7)


class Copy(NamedTuple):
    """A file to download."""

    name: str
    mimetype: str
    body: bytes


def copy(rt: Runtime, token: str, form: Form) -> Copy:
    """Everything that is kept about the person, for programs or to read. Raises BadLink, Forgotten."""
    told = export.of_person(rt, _person(rt, token), PERSON)
    name = f"about-me-{local(rt.now(), rt.clinic.zone):%Y-%m-%d}"
    if form == "json":
        return Copy(f"{name}.json", "application/json", orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return Copy(f"{name}.html", "text/html", export.page(rt, told).encode())


def send_link(rt: Runtime, token: str) -> None:
    """Sends the link by the preference page's ``token`` to the person's confirmed address, one in ten minutes, and none
    for a week after the address changed; the caller is told nothing of it. Raises BadLink, Forgotten."""
    with rt.transaction() as tx:
        person, now = preferences.open_link(rt, tx, token, lock=True), rt.now(tx)
        # Whoever changed it by a forwarded letter gets no copy: the owner was told at the old address meanwhile.
        if person.links_since is None or now >= person.links_since + QUIET:
            preference_letters.send_my_data_link(rt, tx, person.id, now)


def check(rt: Runtime, token: str) -> None:
    """What the pages before it ask; it changes nothing. Raises BadLink, Forgotten."""
    _person(rt, token)


def erase(rt: Runtime, token: str) -> None:
    """Forgets the person for good. Raises BadLink; Forgotten when it was done before; erasure.NotErased."""
    erasure.erase(rt, _person(rt, token), PERSON)


def _person(rt: Runtime, token: str) -> UUID:
    with rt.transaction() as tx:
        found: Any = preferences.open_link(rt, tx, token, purpose="my-data")
        return UUID(str(found.id))
