"""Whether this installation can do its work."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from engage.runtime import Runtime
from engage.storage import broker, clock, schema

# Beat says "look now" about once a second; this much silence is a fault.
SILENCE_SECONDS = 30
WAKE_UP = "wake-up"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``detail`` says what was found and, if it is bad, the cure."""

    name: str
    ok: bool
    detail: str


def ready(rt: Runtime) -> list[Check]:
    """Database, broker and beat's heartbeat."""
    return [database(rt), broker_answers(rt), heartbeat(rt)]


def database(rt: Runtime) -> Check:
    """Reachable, and at the schema that this code needs."""
    try:
        found, wanted = schema.current(rt.engine), schema.wanted()
    except SQLAlchemyError as error:
        return Check("database", False, f"can't be reached ({type(error).__name__}): check DATABASE_URL")
    if found != wanted:
        return Check("database", False, f"at revision {found}, needs {wanted}: run `engage db upgrade`")
    return Check("database", True, f"at revision {found}")


def broker_answers(rt: Runtime) -> Check:
    """Redis or Valkey answers."""
    problem = broker.problem(rt.settings.redis_url)
    return Check("broker", problem is None, problem or "answers")


def heartbeat(rt: Runtime) -> Check:
    """Beat publishes, and a worker hears it."""
    try:
        with rt.transaction() as tx:
            age = clock.heartbeat_age(tx, WAKE_UP)
    except SQLAlchemyError:
        return Check("beat", False, "unknown: the database can't be reached")
    if age is None:
        return Check("beat", False, "no wake-up yet: start beat and a worker")
    if age > SILENCE_SECONDS:
        return Check("beat", False, f"last wake-up {age:.0f} s ago: is beat running, and a worker?")
    return Check("beat", True, f"last wake-up {age:.0f} s ago")
