"""What members of staff may do with their own account once they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from engage.domain.forms import InvalidInput
from engage.domain.passwords import problem
from engage.runtime import Runtime
from engage.services import audit, staff_secrets, staff_sessions
from engage.services.audit import Actor
from engage.services.staff import member
from engage.storage import staff

_BREAK = "There were too many wrong tries. Please wait up to 15 minutes."


@dataclass(frozen=True, slots=True)
class Account:
    """What the page shows."""

    name: str
    email: str
    role: str
    codes_left: int


def account(rt: Runtime, id: UUID) -> Account:
    """One's own account."""
    with rt.transaction() as tx:
        row = staff.one(tx, id)
        assert row is not None
        found = member(rt, row)
        left = len(rt.sealer.open("staff", id, row.sealed).get("recovery", []))
        return Account(found.name, found.email, found.role, left)


def change_password(rt: Runtime, id: UUID, token: str, ip: str, current: str, new: str) -> None:
    """Asks for the current password; ends every other session. Raises InvalidInput ("current", "password")."""
    if not staff_sessions.count_own_try(rt, id, ip):
        raise InvalidInput({"current": _BREAK})
    with rt.transaction() as tx:
        row = staff.one(tx, id)
        assert row is not None
        found = member(rt, row)
    if not staff_secrets.is_password(row.password_hash, current):
        raise InvalidInput({"current": "That is not your current password."})
    about = [found.name, found.email, found.email.split("@")[0], rt.clinic.name, rt.clinic.short_name]
    if sentence := problem(new, staff_secrets.common_passwords(), about):
        raise InvalidInput({"password": sentence})
    hashed = staff_secrets.hash_password(new)
    with rt.transaction() as tx:
        staff.keep_password(tx, id, hashed)
        staff.end_sessions(tx, id, datetime.now(UTC), but=staff_sessions.token_hash(token))
        staff_sessions.forgive(rt, tx, found.email, ip)
        audit.note(tx, rt, Actor(id, "staff"), "change", "staff", id)


def new_codes(rt: Runtime, id: UUID, ip: str, code: str) -> list[str]:
    """Ten fresh recovery codes; those before stop working. Asks for a code. Raises InvalidInput ("code")."""
    if not staff_sessions.count_own_try(rt, id, ip):
        raise InvalidInput({"code": _BREAK})
    with rt.transaction() as tx:
        if staff_sessions.spend_code(rt, tx, id, code, datetime.now(UTC)) is False:
            raise InvalidInput(
                {"code": "That code can’t be used. Each works once: please type the next one."}
            )
        row = staff.lock(tx, id)
        assert row is not None
        fresh = staff_secrets.new_recovery_codes()
        fields = rt.sealer.open("staff", id, row.sealed)
        fields["recovery"] = [staff_secrets.recovery_hash(rt, id, each) for each in fresh]
        staff.keep_sealed(tx, id, rt.sealer.seal("staff", id, fields))
        staff_sessions.forgive(rt, tx, fields["email"], ip)
        audit.note(tx, rt, Actor(id, "staff"), "change", "staff", id)
        return fresh


def end_others(rt: Runtime, id: UUID, token: str) -> int:
    """Ends every other session. Returns how many."""
    with rt.transaction() as tx:
        audit.note(tx, rt, Actor(id, "staff"), "change", "staff", id)
        return staff.end_sessions(tx, id, datetime.now(UTC), but=staff_sessions.token_hash(token))
