"""A ready account for a newcomer's own machine. Never in production."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import audit, staff_secrets
from engage.services.staff import address_index
from engage.storage import staff
from engage.storage.database import lock_value

EMAIL = "staff@example.org"
NAME = "Robin Hale"
FILE = "staff.json"


class OnlyInDevelopment(Exception):
    """There is no ready account in production."""


@dataclass(frozen=True, slots=True)
class ReadyAccount:
    """What one needs to sign in: ``code`` is good for about half a minute, once, and was not used yet."""

    email: str
    password: str
    code: str


def ready_account(rt: Runtime) -> ReadyAccount:
    """The ready account, made when it is not there or has other secrets. Raises OnlyInDevelopment, OSError."""
    if not rt.settings.development:
        raise OnlyInDevelopment
    kept = _kept(rt)
    hashed = staff_secrets.hash_password(kept.password)
    index = address_index(rt, EMAIL)
    with rt.transaction() as tx:
        lock_value(tx, index)
        row = staff.at(tx, index)
        if (
            row is None
            or row.state != "active"
            or not staff_secrets.is_password(row.password_hash, kept.password)
        ):
            id = row.id if row is not None else new_id()
            fields = {"name": NAME, "email": EMAIL, "totp": kept.secret, "recovery": []}
            sealed = rt.sealer.seal("staff", id, fields)
            if row is None:
                staff.add(tx, id, sealed, index, "administrator", datetime.now(UTC))
            staff.set_state(tx, id, "active", sealed, "administrator", hashed)
            audit.note(tx, rt, audit.CLI, "change", "staff", id)
        used = row.totp_step if row is not None else 0
    return ReadyAccount(EMAIL, kept.password, staff_secrets.unused_code(kept.secret, used, datetime.now(UTC)))


@dataclass(frozen=True, slots=True)
class _Kept:
    password: str
    secret: str


def _kept(rt: Runtime) -> _Kept:
    """The secrets of the account, made once and readable by their owner only."""
    path = rt.settings.data_dir / FILE
    with suppress(FileNotFoundError, ValueError, TypeError):
        return _Kept(**json.loads(path.read_text(encoding="utf-8")))
    rt.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = _Kept("-".join(secrets.token_hex(3) for _ in range(3)), staff_secrets.new_secret())
    partial = path.with_name(f".{FILE}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(asdict(made), out)
    partial.replace(path)
    return made
