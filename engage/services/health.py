"""Whether this installation can do its work."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from engage.runtime import Runtime
from engage.services import instance
from engage.storage import broker, clock, schema
from engage.storage import instance as storage

# Beat says "look now" about once a second; this much silence is a fault.
SILENCE_SECONDS = 30
WAKE_UP = "wake-up"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``detail`` says what was found and, if it is bad, the cure.

    ``note`` marks what is well and should be known all the same.
    """

    name: str
    ok: bool
    detail: str
    note: bool = False


def ready(rt: Runtime) -> list[Check]:
    """Whether messages leave: database, broker, beat's heartbeat, and no restored copy that waits for a person."""
    return [database(rt), broker_answers(rt), heartbeat(rt), copy(rt)]


def ready_for_web(rt: Runtime) -> list[Check]:
    """Whether pages can be answered: they need the database and nothing else."""
    return [database(rt)]


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


def copy(rt: Runtime) -> Check:
    """A restored copy sends nothing until a person accepts it."""
    try:
        with rt.transaction() as tx:
            row = storage.look(tx)
    except SQLAlchemyError:
        return Check("instance", False, "unknown: the database can't be reached or has no tables yet")
    if row is None:
        return Check("instance", True, "nothing was ever sent")
    if why := instance.why_not(row):
        return Check(
            "instance",
            False,
            f"nothing leaves: {why}. See `engage instance show`, then `engage instance accept`",
        )
    return Check("instance", True, f"epoch {row.epoch}, since {row.accepted_at:%Y-%m-%d}")
