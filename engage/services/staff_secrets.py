"""What proves who a member of staff is: password hashes, one-time codes, recovery codes."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engage.domain.passwords import normal_password
from engage.runtime import Runtime

# argon2id, 19 MiB, two rounds, one lane: OWASP's smallest for passwords.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Of a password that nobody knows: verified where there is none, so that this takes as long.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$AmpBJb4DOab1IjSroYvZwQ$sUGzF+de6z7xFurcZo7oddqjD70q6ftcjxcL4UVQm9I"

STEP_SECONDS = 30
CODES = 10
# Without letters and figures that look alike.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    """The hash that is kept."""
    return HASHER.hash(normal_password(password))


def is_password(kept: str | None, password: str) -> bool:
    """Whether ``password`` is the one; takes the same time when there is none."""
    try:
        HASHER.verify(kept or NOBODYS, normal_password(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with other settings than today's."""
    return HASHER.check_needs_rehash(kept)


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that are tried first, and words to which people add figures."""
    lines = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))


def new_secret() -> str:
    """A secret for one-time codes: 160 bits in base32."""
    return pyotp.random_base32()


def otpauth(secret: str, email: str, issuer: str) -> str:
    """The address that an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def code_at(secret: str, real: datetime) -> str:
    """The six figures that the app shows at ``real``."""
    return pyotp.TOTP(secret).at(real)


def unused_code(secret: str, used_step: int, real: datetime) -> str:
    """The code of now, or the one after it when that was used: it is taken one step early."""
    now = int(real.timestamp()) // STEP_SECONDS
    return pyotp.TOTP(secret).generate_otp(now if used_step < now else now + 1)


def matching_step(secret: str, typed: str, real: datetime) -> int | None:
    """The 30-second step that a typed code belongs to: now, or one step before or after. None for no match."""
    code = "".join(typed.split())
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    now = int(real.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes such as ``k7m2-q9xw-pd4t``: 59 random bits each."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)) for _ in range(CODES)
    ]


def recovery_hash(rt: Runtime, staff_id: UUID, typed: str) -> str:
    """What is kept of a recovery code: a keyed hash, bound to its owner. Signs and case don't matter."""
    bare = "".join(char for char in typed.casefold() if char.isalnum())
    return rt.sealer.index("recovery-code", f"{staff_id}:{bare}").hex()
