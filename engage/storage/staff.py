"""Members of staff, their invitations and sessions, and tries to sign in. Times here are real ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.lockout import Tries
from engage.storage.database import run

_FIELDS = "id, sealed, role, state, password_hash, totp_step, signed_in_at"


def add(tx: Connection, id: UUID, sealed: bytes, index: bytes, role: str, now: datetime) -> None:
    """A new member, invited."""
    run(
        tx,
        """INSERT INTO staff (id, sealed, address_index, role, created_at)
        VALUES (%(id)s, %(sealed)s, %(index)s, %(role)s, %(now)s)""",
        {"id": id, "sealed": sealed, "index": index, "role": role, "now": now},
    )


def one(tx: Connection, id: UUID) -> Any | None:
    """A member's row."""
    return run(tx, f"SELECT {_FIELDS} FROM staff WHERE id = %(id)s", {"id": id}).one_or_none()


def lock(tx: Connection, id: UUID) -> Any | None:
    """A member's row, locked until the transaction ends."""
    return run(
        tx, f"SELECT {_FIELDS} FROM staff WHERE id = %(id)s FOR NO KEY UPDATE", {"id": id}
    ).one_or_none()


def at(tx: Connection, index: bytes) -> Any | None:
    """The member at an address."""
    return run(
        tx, f"SELECT {_FIELDS} FROM staff WHERE address_index = %(index)s", {"index": index}
    ).one_or_none()


def everyone(tx: Connection) -> list[Any]:
    """All members, oldest first."""
    return list(run(tx, f"SELECT {_FIELDS} FROM staff ORDER BY created_at, id"))


def administrators(tx: Connection) -> list[UUID]:
    """The ids of those administrators who can sign in, locked until the transaction ends."""
    sql = """SELECT id FROM staff WHERE role = 'administrator' AND state = 'active'
    ORDER BY id FOR NO KEY UPDATE"""
    return [row.id for row in run(tx, sql)]


def set_state(tx: Connection, id: UUID, state: str, sealed: bytes, role: str, password: str | None) -> None:
    """What becomes of a member: state, sealed fields, role and password hash at once."""
    run(
        tx,
        """UPDATE staff SET state = %(state)s, sealed = %(sealed)s, role = %(role)s, password_hash = %(password)s
        WHERE id = %(id)s""",
        {"id": id, "state": state, "sealed": sealed, "role": role, "password": password},
    )


def keep_password(tx: Connection, id: UUID, password: str) -> None:
    """A new hash of the password."""
    run(tx, "UPDATE staff SET password_hash = %(hash)s WHERE id = %(id)s", {"id": id, "hash": password})


def keep_sealed(tx: Connection, id: UUID, sealed: bytes) -> None:
    """New sealed fields."""
    run(tx, "UPDATE staff SET sealed = %(sealed)s WHERE id = %(id)s", {"id": id, "sealed": sealed})


def use_step(tx: Connection, id: UUID, step: int) -> bool:
    """Whether the code of this 30-second step is the first one used; it and all before are spent now."""
    sql = "UPDATE staff SET totp_step = %(step)s WHERE id = %(id)s AND totp_step < %(step)s"
    return run(tx, sql, {"id": id, "step": step}).rowcount == 1


def add_invite(tx: Connection, id: UUID, staff_id: UUID, purpose: str, now: datetime) -> None:
    """A new link for a member; those before it stop working."""
    run(
        tx,
        "UPDATE staff_invites SET used_at = %(now)s WHERE staff_id = %(staff)s AND used_at IS NULL",
        {"staff": staff_id, "now": now},
    )
    run(
        tx,
        """INSERT INTO staff_invites (id, staff_id, purpose, created_at)
        VALUES (%(id)s, %(staff)s, %(purpose)s, %(now)s)""",
        {"id": id, "staff": staff_id, "purpose": purpose, "now": now},
    )


def open_invite(tx: Connection, id: UUID, *, lock: bool = False) -> Any | None:
    """An invitation that was not used yet."""
    sql = "SELECT id, staff_id, purpose FROM staff_invites WHERE id = %(id)s AND used_at IS NULL"
    return run(tx, sql + (" FOR UPDATE" if lock else ""), {"id": id}).one_or_none()


def use_invite(tx: Connection, id: UUID, now: datetime) -> None:
    """The invitation has done its work."""
    run(tx, "UPDATE staff_invites SET used_at = %(now)s WHERE id = %(id)s", {"id": id, "now": now})


def start_session(tx: Connection, token_hash: bytes, staff_id: UUID, now: datetime) -> None:
    """A session for whoever shows the token. It begins with a code."""
    run(
        tx,
        """INSERT INTO staff_sessions (token_hash, staff_id, created_at, seen_at, stepped_up_at)
        VALUES (%(hash)s, %(staff)s, %(now)s, %(now)s, %(now)s)""",
        {"hash": token_hash, "staff": staff_id, "now": now},
    )
    run(tx, "UPDATE staff SET signed_in_at = %(now)s WHERE id = %(id)s", {"id": staff_id, "now": now})


def see_session(
    tx: Connection,
    token_hash: bytes,
    now: datetime,
    seen_since: datetime,
    created_since: datetime,
    *,
    by_itself: bool = False,
) -> Any | None:
    """The active member behind a living session, which has been seen now unless a page asked ``by_itself``. None for
    anything else."""
    sql = """UPDATE staff_sessions s SET seen_at = CASE WHEN %(by_itself)s THEN seen_at ELSE greatest(seen_at, %(now)s) END
    FROM staff m
    WHERE s.token_hash = %(hash)s AND s.ended_at IS NULL AND s.seen_at > %(seen_since)s
        AND s.created_at > %(created_since)s AND m.id = s.staff_id AND m.state = 'active'
    RETURNING m.id, m.sealed, m.role, s.stepped_up_at"""
    values = {"hash": token_hash, "now": now, "seen_since": seen_since, "created_since": created_since}
    return run(tx, sql, {**values, "by_itself": by_itself}).one_or_none()


def stepped_up(tx: Connection, token_hash: bytes, now: datetime) -> None:
    """The session's member has given a code now."""
    sql = "UPDATE staff_sessions SET stepped_up_at = %(now)s WHERE token_hash = %(hash)s"
    run(tx, sql, {"hash": token_hash, "now": now})


def end_session(tx: Connection, token_hash: bytes, now: datetime) -> UUID | None:
    """Ends one session. Returns whose it was, None when it had ended."""
    sql = """UPDATE staff_sessions SET ended_at = %(now)s WHERE token_hash = %(hash)s AND ended_at IS NULL
    RETURNING staff_id"""
    found: UUID | None = run(tx, sql, {"hash": token_hash, "now": now}).scalar_one_or_none()
    return found


def end_sessions(tx: Connection, staff_id: UUID, now: datetime, but: bytes = b"") -> int:
    """Ends a member's sessions, except the one with the token hash ``but``. Returns how many."""
    sql = """UPDATE staff_sessions SET ended_at = %(now)s
    WHERE staff_id = %(staff)s AND ended_at IS NULL AND token_hash <> %(but)s"""
    return run(tx, sql, {"staff": staff_id, "now": now, "but": but}).rowcount


def lock_tries(tx: Connection, who: bytes) -> Tries:
    """What is known about tries by ``who`` (a blind index), locked until the transaction ends."""
    key = int.from_bytes(who[:8], "big", signed=True)
    run(tx, "SELECT pg_advisory_xact_lock(%(key)s)", {"key": key})
    sql = "SELECT count, last_at, locked_until FROM sign_in_tries WHERE who = %(who)s"
    row = run(tx, sql, {"who": who}).one_or_none()
    return Tries() if row is None else Tries(*row)


def keep_tries(tx: Connection, who: bytes, tries: Tries) -> None:
    """Writes down tries whose lock the caller holds."""
    run(
        tx,
        """INSERT INTO sign_in_tries (who, count, last_at, locked_until)
        VALUES (%(who)s, %(count)s, %(last)s, %(until)s) ON CONFLICT (who) DO UPDATE
        SET count = excluded.count, last_at = excluded.last_at, locked_until = excluded.locked_until""",
        {"who": who, "count": tries.count, "last": tries.last_at, "until": tries.locked_until},
    )


def forget_tries(tx: Connection, who: bytes) -> None:
    """A try went well: those before it no longer count."""
    run(tx, "DELETE FROM sign_in_tries WHERE who = %(who)s", {"who": who})


def forget_old(tx: Connection, tries_before: datetime, sessions_before: datetime) -> int:
    """Lets go of tries and ended sessions that matter no more. Returns how many rows went."""
    tries = run(tx, "DELETE FROM sign_in_tries WHERE last_at < %(before)s", {"before": tries_before}).rowcount
    sql = "DELETE FROM staff_sessions WHERE created_at < %(before)s"
    return tries + run(tx, sql, {"before": sessions_before}).rowcount
