"""Members of staff: inviting, resetting, disabling, naming them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection

from engage.domain.forms import InvalidInput
from engage.domain.people import BadName, clean_name, normal_email
from engage.domain.roles import Role
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import audit
from engage.services.audit import Actor
from engage.storage import staff
from engage.storage.database import lock_value

LINK_DAYS = 3


class NoSuchMember(Exception):
    """Nobody of the staff has this address."""


class AlreadyActive(Exception):
    """Who is invited can sign in already."""


class LastAdministrator(Exception):
    """Nobody else could do what only an administrator may."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff, as colleagues see them. ``signed_in_at`` is aware UTC, real time."""

    id: UUID
    name: str
    email: str
    role: str
    state: str
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that sets up an account once, within LINK_DAYS."""

    staff_id: UUID
    url: str


def invite(rt: Runtime, actor: Actor, email: str, name: str, role: Role = "administrator") -> Invitation:
    """A link for a new member, or a fresh one for a member who has not used theirs or was disabled.

    Raises InvalidInput for the address or the name, AlreadyActive.
    """
    address, called = _check(email, name)
    index = address_index(rt, address)
    with rt.transaction() as tx:
        lock_value(tx, index)
        row = staff.at(tx, index)
        if row is not None and row.state == "active":
            raise AlreadyActive
        fields = {"name": called, "email": address}
        if row is None:
            id = new_id()
            staff.add(tx, id, rt.sealer.seal("staff", id, fields), index, role, datetime.now(UTC))
        else:
            id = row.id
            staff.set_state(tx, id, "invited", rt.sealer.seal("staff", id, fields), role, None)
        return _link(rt, tx, actor, id, "invite")


def reset(rt: Runtime, actor: Actor, email: str) -> Invitation:
    """Ends every session; password and one-time codes are set up anew by the link. Raises NoSuchMember."""
    with rt.transaction() as tx:
        row = _locked_at(rt, tx, email)
        staff.set_state(tx, row.id, "invited", _bare(rt, row), row.role, None)
        staff.end_sessions(tx, row.id, datetime.now(UTC))
        return _link(rt, tx, actor, row.id, "reset")


def disable(rt: Runtime, actor: Actor, email: str) -> None:
    """Ends every session and every way in; `invite` opens one again. Raises NoSuchMember, LastAdministrator."""
    with rt.transaction() as tx:
        row = _locked_at(rt, tx, email)
        _unless_last(tx, row)
        now = datetime.now(UTC)
        staff.set_state(tx, row.id, "disabled", _bare(rt, row), row.role, None)
        staff.end_sessions(tx, row.id, now)
        audit.note(tx, rt, actor, "change", "staff", row.id)


def change_role(rt: Runtime, actor: Actor, email: str, role: Role) -> bool:
    """Gives a member another role and ends their sessions. False when they had it already.

    Raises NoSuchMember, LastAdministrator.
    """
    with rt.transaction() as tx:
        row = _locked_at(rt, tx, email)
        if row.role == role:
            return False
        _unless_last(tx, row)
        staff.set_state(tx, row.id, row.state, row.sealed, role, row.password_hash)
        staff.end_sessions(tx, row.id, datetime.now(UTC))
        audit.note(tx, rt, actor, "change", "staff role", row.id)
        return True


def _unless_last(tx: Connection, row: Any) -> None:
    """Two administrators who end each other at once: one waits, and finds itself the last."""
    if (row.role, row.state) == ("administrator", "active") and staff.administrators(tx) == [row.id]:
        raise LastAdministrator


def listing(rt: Runtime) -> list[Member]:
    """Everyone, oldest first."""
    with rt.transaction() as tx:
        return [member(rt, row) for row in staff.everyone(tx)]


def names(rt: Runtime, tx: Connection, *, active_only: bool = False) -> dict[UUID, str]:
    """What colleagues are called, by id: all that ever were, or those to whom work can be given."""
    rows = [row for row in staff.everyone(tx) if row.state == "active" or not active_only]
    return {row.id: member(rt, row).name for row in rows}


def member(rt: Runtime, row: Any) -> Member:
    """A member from a row of storage."""
    fields = rt.sealer.open("staff", row.id, row.sealed)
    return Member(row.id, fields["name"], fields["email"], row.role, row.state, row.signed_in_at)


def address_index(rt: Runtime, email: str) -> bytes:
    """The blind index by which a member is found."""
    return rt.sealer.index("staff-email", normal_email(email))


def _check(email: str, name: str) -> tuple[str, str]:
    errors: dict[str, str] = {}
    address = called = ""
    try:
        address = validate_email(
            email.strip(), check_deliverability=False, test_environment=True, strict=True
        ).normalized
    except EmailNotValidError:
        errors["email"] = "must be an email address such as name@example.org"
    try:
        called = clean_name(name)
        if not called:
            errors["name"] = "must not be empty"
    except BadName as error:
        errors["name"] = str(error)
    if errors:
        raise InvalidInput(errors)
    return address, called


def _locked_at(rt: Runtime, tx: Connection, email: str) -> Any:
    found = staff.at(tx, address_index(rt, email))
    if found is not None:
        staff.administrators(tx)  # In the same order for everybody, before any one is locked.
    row = staff.lock(tx, found.id) if found is not None else None
    if row is None:
        raise NoSuchMember
    return row


def _bare(rt: Runtime, row: Any) -> bytes:
    """Name and address only: secrets and recovery codes go."""
    fields = rt.sealer.open("staff", row.id, row.sealed)
    return rt.sealer.seal("staff", row.id, {"name": fields["name"], "email": fields["email"]})


def _link(rt: Runtime, tx: Connection, actor: Actor, staff_id: UUID, purpose: str) -> Invitation:
    id = new_id()
    staff.add_invite(tx, id, staff_id, purpose, datetime.now(UTC))
    audit.note(tx, rt, actor, "change", "staff", staff_id)
    url = rt.links.url("staff-invite", id, rt.now(tx) + timedelta(days=LINK_DAYS))
    return Invitation(staff_id, url)
