"""A check-up: everything that must be right, each with what was found and the cure."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from engage.domain.people import normal_email
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import doctor_pipe as pipe
from engage.services import doctor_senders as senders
from engage.services import health
from engage.services.health import Check
from engage.storage import clock, sealed_rows
from engage.storage.sealed import SealError

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
    """Keys seal and open, and they are those that the oldest and the newest address were sealed and indexed with."""
    id = new_id()
    sealed = rt.sealer.seal("doctor", id, {"ok": True})
    ok = rt.sealer.open("doctor", id, sealed) == {"ok": True}
    source = "from the settings" if rt.settings.data_keys else f"development's own, in {rt.settings.data_dir}"
    try:
        with rt.transaction() as tx:
            rows = sealed_rows.contacts(tx)
    except SQLAlchemyError:
        return Check("keys", ok, source)  # The database's own line says what is wrong with it.
    for row in rows:
        try:
            address = rt.sealer.open("contacts", row.id, row.sealed)["address"]
        except SealError:
            return Check(
                "keys",
                False,
                f"{source}: they don't open what is in the database; put the keys that belong to it behind the"
                " first of ENGAGE_DATA_KEYS (docs/backup.md)",
            )
        address = normal_email(address) if row.channel == "email" else address
        if rt.sealer.index(row.channel, address) != bytes(row.address_index):
            return Check(
                "keys", False, f"{source}: ENGAGE_INDEX_KEY is not the one that this database was made with"
            )
    return Check("keys", ok, source + (", and they open what is in the database" if rows else ""))


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
