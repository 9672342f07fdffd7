"""A new installation in production, in a test: real but for its senders, which keep what they take."""

from __future__ import annotations

from dataclasses import replace

from engage.runtime import Runtime
from engage.storage import go_live
from tests.world import World

OWN = {"postal_address": "1 Main Street, Troy, NY 12180", "website": "https://clinic.troy-ny.us"}
MAIL = "desk@clinic.troy-ny.us"


def production(rt: Runtime, **settings: str) -> Runtime:
    """The same world with production's settings."""
    given = {"env": "production", "base_url": "https://clinic.troy-ny.us", **settings}
    return replace(rt, settings=rt.settings.model_copy(update=given))


def trial_world(rt: Runtime, **settings: str) -> World:
    """A clinic that is on trial."""
    return World(production(rt, **settings))


def own_clinic(rt: Runtime) -> Runtime:
    """The same world whose clinic's file is no example any more."""
    sender = rt.clinic.sender.model_copy(update={"email": f"letters@{MAIL.partition('@')[2]}"})
    return replace(rt, clinic=rt.clinic.model_copy(update={**OWN, "email": MAIL, "sender": sender}))


def let_live(rt: Runtime) -> None:
    """Ends trial mode with no questions asked."""
    with rt.transaction() as tx:
        go_live.lock(tx)
        go_live.start(tx, "cli")
        go_live.wake(tx, rt.now(tx))
