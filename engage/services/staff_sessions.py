"""Signing in, being signed in, signing out. All times are real ones: no clock that may be moved."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.domain.abuse import client_network
from engage.domain.lockout import ACCOUNT, MACHINE, Patience, next_try, taken_back
from engage.domain.people import normal_email
from engage.runtime import Runtime
from engage.services import audit, sealed_forms, staff_secrets
from engage.services.audit import Actor
from engage.services.staff import address_index
from engage.storage import staff

logger = log.get(__name__)

Verdict = Literal["counted", "machine waits", "address waits"]

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
# How long a one-time code counts for what is asked again (docs/staff.md).
FRESH = timedelta(minutes=5)
# Between the password and the code.
HALF_SECONDS = 300
MAX_EMAIL = 254
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is at the keyboard. ``fresh``: they gave a code in this session within FRESH."""

    id: UUID
    name: str
    role: str
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """A new session. ``token`` goes into the cookie and nowhere else; ``codes_left`` after a recovery code."""

    token: str
    who: SignedIn
    codes_left: int | None


def check_password(rt: Runtime, email: str, password: str, ip: str, browser: str) -> str | None:
    """The first step: a sealed half-way mark for this browser's second step, None for any "no".

    Every "no" is the same and takes the same time: unknown, not set up, disabled, locked, wrong.
    """
    real = datetime.now(UTC)
    address = normal_email(email)[:MAX_EMAIL]
    who = _who(rt, address)
    verdict = _count_try(rt, who, ip, real)
    if verdict == "machine waits":
        # Says nothing about the address, and a flood from one machine costs no hashing.
        logger.info("sign-in refused", reason=verdict)
        return None
    with rt.transaction() as tx:
        row = staff.at(tx, address_index(rt, address))
    known = row is not None and row.state == "active"
    right = staff_secrets.is_password(row.password_hash if row is not None and known else None, password)
    if row is None or not (verdict == "counted" and right):
        logger.info("sign-in refused", reason="wrong" if verdict == "counted" else verdict)
        return None
    with rt.transaction() as tx:
        # Not forgotten yet: or each right password would buy five more guesses at the code.
        for key in (_machine(rt, ip), who):
            staff.keep_tries(tx, key, taken_back(staff.lock_tries(tx, key)))
    kept: str = row.password_hash
    if staff_secrets.is_outdated(kept):
        kept = staff_secrets.hash_password(password)
        with rt.transaction() as tx:
            staff.keep_password(tx, row.id, kept)
    return sealed_forms.seal(rt, "staff-half", row.id, {"browser": browser, "password": _mark(kept)})


def half_way(rt: Runtime, half: str, browser: str) -> bool:
    """Whether the half-way mark still is good for this browser."""
    opened = sealed_forms.unseal(rt, "staff-half", half, HALF_SECONDS)
    return opened is not None and secrets.compare_digest(opened[1]["browser"], browser)


def check_code(rt: Runtime, half: str, typed: str, ip: str, browser: str) -> Started | None:
    """The second step: a one-time or recovery code. None for any "no"."""
    real = datetime.now(UTC)
    opened = sealed_forms.unseal(rt, "staff-half", half, HALF_SECONDS)
    if opened is None or not secrets.compare_digest(opened[1]["browser"], browser):
        return None
    staff_id, mark = opened[0], opened[1]["password"]
    with rt.transaction() as tx:
        row = staff.one(tx, staff_id)
    if row is None or row.state != "active" or _mark(row.password_hash) != mark:
        return None
    fields = rt.sealer.open("staff", staff_id, row.sealed)
    verdict = _count_try(rt, _who(rt, normal_email(fields["email"])), ip, real)
    if verdict != "counted":
        logger.info("sign-in refused", reason=verdict)
        return None
    with rt.transaction() as tx:
        codes_left = spend_code(rt, tx, staff_id, typed, real)
        if codes_left is False:
            return None
        forgive(rt, tx, fields["email"], ip)
        token = start(rt, tx, staff_id, real)
        return Started(token, SignedIn(staff_id, fields["name"], row.role, fresh=True), codes_left)


def start(rt: Runtime, tx: Connection, staff_id: UUID, real: datetime) -> str:
    """A session for a member who has proved who they are. Returns its token: 256 random bits."""
    token = secrets.token_urlsafe(32)
    staff.start_session(tx, token_hash(token), staff_id, real)
    audit.note(tx, rt, Actor(staff_id, "staff"), "sign-in", "staff", staff_id)
    return token


def spend_code(rt: Runtime, tx: Connection, staff_id: UUID, typed: str, real: datetime) -> int | bool | None:
    """Uses up a code: None for a one-time code, the number left for a recovery code, False for a wrong one."""
    row = staff.lock(tx, staff_id)
    if row is None or row.state != "active":
        return False
    fields: dict[str, Any] = rt.sealer.open("staff", staff_id, row.sealed)
    step = staff_secrets.matching_step(fields["totp"], typed, real)
    if step is not None:
        return None if staff.use_step(tx, staff_id, step) else False
    hashed = staff_secrets.recovery_hash(rt, staff_id, typed)
    left = [kept for kept in fields["recovery"] if not secrets.compare_digest(kept, hashed)]
    if len(left) == len(fields["recovery"]):
        return False
    staff.keep_sealed(tx, staff_id, rt.sealer.seal("staff", staff_id, fields | {"recovery": left}))
    audit.note(tx, rt, Actor(staff_id, "staff"), "change", "staff", staff_id)
    return len(left)


def current(rt: Runtime, token: str, *, by_itself: bool = False) -> SignedIn | None:
    """Who the token belongs to, while the session lives; each look keeps it alive for IDLE more, but for those that a
    page takes ``by_itself``: a desk that somebody has left signs out although its screen goes on."""
    real = datetime.now(UTC)
    with rt.transaction() as tx:
        row = staff.see_session(
            tx, token_hash(token), real, real - IDLE, real - ABSOLUTE, by_itself=by_itself
        )
    if row is None:
        return None
    fresh = row.stepped_up_at is not None and real - row.stepped_up_at < FRESH
    return SignedIn(row.id, rt.sealer.open("staff", row.id, row.sealed)["name"], row.role, fresh)


def step_up(rt: Runtime, staff_id: UUID, token: str, typed: str, ip: str) -> bool:
    """A code for the session that goes on: FRESH from now on if it is right. A wrong one counts as a try to sign in."""
    if not count_own_try(rt, staff_id, ip):
        logger.info("code refused", reason="waits")
        return False
    real = datetime.now(UTC)
    with rt.transaction() as tx:
        if spend_code(rt, tx, staff_id, typed, real) is False:
            logger.info("code refused", reason="wrong")
            return False
        row = staff.one(tx, staff_id)
        assert row is not None
        staff.stepped_up(tx, token_hash(token), real)
        forgive(rt, tx, rt.sealer.open("staff", staff_id, row.sealed)["email"], ip)
        audit.note(tx, rt, Actor(staff_id, "staff"), "sign-in", "step-up", staff_id)
    return True


def sign_out(rt: Runtime, token: str) -> None:
    """Ends the session. Twice does no harm."""
    with rt.transaction() as tx:
        whose = staff.end_session(tx, token_hash(token), datetime.now(UTC))
        if whose is not None:
            audit.note(tx, rt, Actor(whose, "staff"), "sign-out", "staff", whose)


def forget_old(rt: Runtime) -> int:
    """Lets go of old tries and sessions. Returns how many."""
    real = datetime.now(UTC)
    with rt.transaction() as tx:
        return staff.forget_old(tx, real - max(ACCOUNT.memory, MACHINE.memory), real - KEPT)


def token_hash(token: str) -> bytes:
    """What is stored of a token, which is random enough to need no slow hash."""
    return sha256(token.encode()).digest()


def count_own_try(rt: Runtime, staff_id: UUID, ip: str) -> bool:
    """Whether a member who is signed in may try a password or code now; the try is counted."""
    with rt.transaction() as tx:
        row = staff.one(tx, staff_id)
    if row is None:
        return False
    email = rt.sealer.open("staff", staff_id, row.sealed)["email"]
    return _count_try(rt, _who(rt, normal_email(email)), ip, datetime.now(UTC)) == "counted"


def forgive(rt: Runtime, tx: Connection, email: str, ip: str) -> None:
    """A try of this member went well."""
    machine = _machine(rt, ip)
    staff.keep_tries(tx, machine, taken_back(staff.lock_tries(tx, machine)))
    staff.forget_tries(tx, _who(rt, normal_email(email)))


def _count_try(rt: Runtime, who: bytes, ip: str, real: datetime) -> Verdict:
    """Counts a try for the machine and for the address, known or not, unless it comes too early."""
    with rt.transaction() as tx:
        keys: list[tuple[bytes, Patience, Verdict]] = [
            (_machine(rt, ip), MACHINE, "machine waits"),
            (who, ACCOUNT, "address waits"),
        ]
        for key, patience, early in keys:
            tries = next_try(patience, staff.lock_tries(tx, key), real)
            if tries is None:
                return early
            staff.keep_tries(tx, key, tries)
    return "counted"


def _machine(rt: Runtime, ip: str) -> bytes:
    return rt.sealer.index("sign-in-ip", client_network(ip) or ip)


def _who(rt: Runtime, address: str) -> bytes:
    return rt.sealer.index("sign-in", address)


def _mark(password_hash: str | None) -> str:
    """Changes with the password: a half-way mark dies with the password it was made with."""
    return sha256((password_hash or "").encode()).hexdigest()[:16]
