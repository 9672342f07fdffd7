"""The account that the servers run as: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from engage.dev.errors import DevError

CANDIDATES = ("postgres", "nobody")


class PopenAccount(TypedDict, total=False):
    """The arguments of subprocess that change the account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged account of this machine."""

    uid: int
    gid: int

    def popen(self) -> PopenAccount:
        """Arguments for subprocess."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def popen(account: Account | None) -> PopenAccount:
    """Arguments for subprocess; none when we stay who we are."""
    return account.popen() if account else {}


def for_servers(clusters: tuple[Path, ...]) -> Account | None:
    """None unless we are root; then the owner of the first cluster there is, else an unprivileged account."""
    if os.geteuid() != 0:
        return None
    for cluster in clusters:
        if (cluster / "PG_VERSION").exists():
            made_by = cluster.stat()
            if made_by.st_uid != 0:
                return Account(made_by.st_uid, made_by.st_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid)
    raise DevError(
        "PostgreSQL won't run as root and there is no account named postgres or nobody: "
        "run this as an ordinary user, or set DATABASE_URL."
    )
