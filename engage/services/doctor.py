"""A check-up: everything that must be right, each with what was found and the cure."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import doctor_pipe as pipe
from engage.services import doctor_senders as senders
from engage.services import health
from engage.services.health import Check
from engage.storage import clock

CLOCK_SECONDS = 5.0


def examine(rt: Runtime) -> list[Check]:
    """Settings, keys, database, broker, beat, instance, clock, senders and the pipe."""
    return [settings(rt), keys(rt), *health.ready(rt), clocks(rt), *senders.examine(rt), *pipe.examine(rt)]


def settings(rt: Runtime) -> Check:
    """What the installation is."""
    where = f"{rt.settings.env}, links point to {rt.settings.public_url}"
    if not rt.settings.development and not rt.settings.public_url.startswith("https://"):
        return Check("settings", False, f"{where}: ENGAGE_BASE_URL must be https in production")
    return Check("settings", True, where)


def keys(rt: Runtime) -> Check:
    """Keys seal and open, and a value moved to another row is refused."""
    id = new_id()
    sealed = rt.sealer.seal("doctor", id, {"ok": True})
    ok = rt.sealer.open("doctor", id, sealed) == {"ok": True}
    source = "from the settings" if rt.settings.data_keys else f"development's own, in {rt.settings.data_dir}"
    return Check("keys", ok, source)


def clocks(rt: Runtime) -> Check:
    """The machine's clock against the database's, and how far the movable one was moved."""
    try:
        with rt.transaction() as tx:
            apart = abs((datetime.now(UTC) - clock.database_now(tx)).total_seconds())
            ahead = rt.ahead(tx)
    except SQLAlchemyError:
        return Check("clock", False, "unknown: the database can't be reached")
    moved = f"; moved {ahead} from real time (`engage clock reset`)" if ahead else ""
    if apart > CLOCK_SECONDS:
        return Check(
            "clock", False, f"{apart:.0f} s apart from the database's: check NTP on both machines{moved}"
        )
    return Check("clock", True, f"{apart:.1f} s apart from the database's{moved}")
