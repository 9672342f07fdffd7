"""Setting up an account from its link: a password, then one-time codes, then recovery codes, shown once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.forms import InvalidInput
from engage.domain.passwords import problem
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import audit, sealed_forms, staff_secrets
from engage.services.audit import Actor
from engage.services.staff import member
from engage.storage import staff

# Long enough to find the telephone and install an app.
HALF_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom the link is for."""

    name: str
    email: str
    again: bool


@dataclass(frozen=True, slots=True)
class Setup:
    """The second step. ``so_far`` goes through the form, sealed; ``otpauth`` is what an app scans."""

    name: str
    email: str
    so_far: str
    secret: str
    otpauth: str


def invited(rt: Runtime, token: str) -> Invited:
    """What the page shows first. Raises BadLink, "expired" when it was used or replaced too."""
    with rt.transaction() as tx:
        invite, row = _open(rt, tx, token)
        found = member(rt, row)
        return Invited(found.name, found.email, invite.purpose == "reset")


def set_password(rt: Runtime, token: str, password: str) -> Setup:
    """Weighs the password and makes a secret; nothing is kept here yet. Raises BadLink, InvalidInput."""
    with rt.transaction() as tx:
        invite, row = _open(rt, tx, token)
        found = member(rt, row)
    about = [found.name, found.email, found.email.split("@")[0], rt.clinic.name, rt.clinic.short_name]
    if sentence := problem(password, staff_secrets.common_passwords(), about):
        raise InvalidInput({"password": sentence})
    secret = staff_secrets.new_secret()
    so_far = {"password": staff_secrets.hash_password(password), "secret": secret}
    return _setup(
        rt, found.name, found.email, sealed_forms.seal(rt, "staff-setup", invite.id, so_far), secret
    )


def setup_again(rt: Runtime, token: str, so_far: str) -> Setup:
    """The second step once more, after a wrong code. Raises BadLink."""
    with rt.transaction() as tx:
        invite, row = _open(rt, tx, token)
        found = member(rt, row)
    kept = _so_far(rt, invite.id, so_far)
    return _setup(rt, found.name, found.email, so_far, kept["secret"])


def finish(rt: Runtime, token: str, so_far: str, code: str) -> list[str]:
    """Opens the account. Returns the recovery codes, which nobody can be shown again.

    Raises BadLink, InvalidInput when the code is not the app's.
    """
    real = datetime.now(UTC)
    with rt.transaction() as tx:
        invite, _ = _open(rt, tx, token, lock=True)
        kept = _so_far(rt, invite.id, so_far)
        step = staff_secrets.matching_step(kept["secret"], code, real)
        if step is None:
            raise InvalidInput(
                {"code": "That is not the code that the app shows now. Please type the next one."}
            )
        row = staff.lock(tx, invite.staff_id)
        assert row is not None
        codes = staff_secrets.new_recovery_codes()
        fields = rt.sealer.open("staff", row.id, row.sealed) | {
            "totp": kept["secret"],
            "recovery": [staff_secrets.recovery_hash(rt, row.id, code) for code in codes],
        }
        staff.set_state(
            tx, row.id, "active", rt.sealer.seal("staff", row.id, fields), row.role, kept["password"]
        )
        staff.use_step(tx, row.id, step)
        staff.use_invite(tx, invite.id, real)
        audit.note(tx, rt, Actor(row.id, "staff"), "change", "staff", row.id)
        return codes


def _setup(rt: Runtime, name: str, email: str, so_far: str, secret: str) -> Setup:
    address = staff_secrets.otpauth(secret, email, rt.clinic.short_name)
    return Setup(name, email, so_far, secret, address)


def _so_far(rt: Runtime, invite_id: UUID, so_far: str) -> dict[str, Any]:
    kept = sealed_forms.unseal(rt, "staff-setup", so_far, HALF_SECONDS)
    if kept is None or kept[0] != invite_id:
        raise BadLink("expired")
    return kept[1]


def _open(rt: Runtime, tx: Connection, token: str, *, lock: bool = False) -> tuple[Any, Any]:
    invite = staff.open_invite(tx, rt.links.read("staff-invite", token, rt.now(tx)), lock=lock)
    row = staff.one(tx, invite.staff_id) if invite is not None else None
    if invite is None or row is None or row.state != "invited":
        raise BadLink("expired")
    return invite, row
