"""Going live: the list, its ticks, and the moment from which messages go to everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from engage import log
from engage.domain import go_live as rules
from engage.domain.dns import reserved
from engage.domain.go_live import Found, Item, tick_of
from engage.domain.messages import TESTS
from engage.domain.preferences import spoken_week
from engage.domain.weeks import Week
from engage.runtime import Runtime
from engage.services.audit import Actor, note
from engage.storage import go_live as storage
from engage.storage.go_live import Waiting

logger = log.get(__name__)

# Senders that tell nothing after they took a mail.
SILENT = ["smtp"]


class NotReady(Exception):
    """What is left of the list: ``items``."""

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__(", ".join(item.slug for item in items))
        self.items = items


class NobodyIsAsked(LookupError):
    """There is no such item (any more), or the system sees for itself whether it is done."""


@dataclass(frozen=True, slots=True)
class GoLive:
    """How it stands. ``live_at`` (aware UTC, real) is None while on trial, and in development, which always sends.
    ``items`` is empty once it is live; ``waiting`` is what only trial mode holds up."""

    on_trial: bool
    live_at: datetime | None
    live_by: str
    items: list[Item]
    waiting: list[Waiting]

    @property
    def left(self) -> list[Item]:
        """What is still to be done."""
        return [item for item in self.items if not item.done]


def see(rt: Runtime) -> GoLive:
    """How it stands now."""
    with rt.transaction() as tx:
        return _see(rt, tx, storage.look(tx))


def see_in(rt: Runtime, tx: Connection) -> GoLive:
    """As ``see``, in a transaction."""
    return _see(rt, tx, storage.look(tx))


def tick(rt: Runtime, actor: Actor, slug: str, *, done: bool = True) -> bool:
    """Says that an item is done, or that it is not after all. False when nothing changed. Raises NobodyIsAsked."""
    with rt.transaction() as tx:
        standing = storage.lock(tx)
        listed = items_of(rt, tx, standing) if standing.live_at is None else []
        item = next((one for one in listed if one.slug == slug), None)
        if item is None or item.about is None:
            raise NobodyIsAsked(slug)
        if (item.tick is not None) == done:
            return False
        others = {name: kept for name, kept in standing.ticked.items() if name != slug}
        storage.keep_ticked(tx, others | ({slug: _kept(actor, item.about)} if done else {}))
        note(tx, rt, actor, "change", "go-live list")
        return True


def start(rt: Runtime, actor: Actor) -> int:
    """From now on messages go to everybody; what waited is looked at. Returns how many that were, 0 when it was live.

    Raises NotReady.
    """
    with rt.transaction() as tx:
        standing = storage.lock(tx)
        if standing.live_at is not None:
            return 0
        left = [item for item in items_of(rt, tx, standing) if not item.done]
        if left:
            raise NotReady(left)
        storage.start(tx, actor.label)
        note(tx, rt, actor, "change", "gone live")
        woken = storage.wake(tx, rt.now(tx))
    # What somebody had in their hands just then.
    with rt.transaction() as tx:
        woken += storage.wake(tx, rt.now(tx))
    logger.warning("gone live", count=woken)
    return woken


def items_of(rt: Runtime, tx: Connection, standing: storage.Standing) -> list[Item]:
    """The list."""
    settings = rt.settings
    keys = {"sendgrid": settings.sendgrid_public_keys, "twilio": settings.twilio_auth_tokens}
    tests = [kind.name for kind in TESTS.values()]
    return rules.items(
        Found(
            email=settings.email,
            care_email=settings.care_email,
            sms=settings.sms,
            delivered=frozenset(storage.delivered(tx, tests, SILENT)),
            keys=frozenset(name for name, known in keys.items() if known),
            heard=frozenset(storage.heard_of(tx)),
            made_up=_made_up(rt),
            hours=_hours(rt),
            ticks={slug: tick_of(kept) for slug, kept in standing.ticked.items()},
        )
    )


def _see(rt: Runtime, tx: Connection, standing: storage.Standing) -> GoLive:
    if standing.live_at is not None:
        return GoLive(False, standing.live_at, standing.live_by or "", [], [])
    listed = items_of(rt, tx, standing)
    return GoLive(not rt.settings.development, None, "", listed, storage.waiting(tx))


def _kept(actor: Actor, about: str) -> dict[str, Any]:
    id = str(actor.staff_id) if actor.staff_id is not None else None
    return {"by": actor.name, "staff_id": id, "at": datetime.now(UTC).isoformat(), "about": about}


def _made_up(rt: Runtime) -> list[str]:
    """What in the clinic's file is still the example's, or nobody's."""
    clinic = rt.clinic
    mails = {"[sender] email": clinic.sender.email, "[clinic] email": clinic.email}
    found = [f"{name} ({mail})" for name, mail in mails.items() if reserved(mail.rpartition("@")[2])]
    if reserved(urlsplit(clinic.website).hostname or ""):
        found.append(f"[clinic] website ({clinic.website})")
    if clinic.postal_address == rules.EXAMPLE_ADDRESS:
        found.append(f"[clinic] postal_address ({clinic.postal_address})")
    return found


def _spoken(week: Week) -> str:
    words = " and ".join(spoken_week(week)) or "at no hour"
    return words[:1].lower() + words[1:] if words.startswith("Every") else words


def _hours(rt: Runtime) -> str:
    """The clinic's own hours: "texts about visits every day, 8 AM to 8 PM; ..."."""
    own = rt.clinic.decent_hours.policy.own
    kinds = {"care": "about visits", "education": "of courses", "marketing": "of campaigns"}
    channels = {"email": "emails", "sms": "texts"}
    return "; ".join(
        f"{channels[channel]} {kinds[purpose]} {_spoken(rule.week)}"
        for (purpose, channel), rule in own.items()
        if purpose in kinds
    )
