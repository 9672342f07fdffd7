"""Becomes another program that ends when the process that started it ends (Linux).

Run as a script: ``guarded.py PARENT SIGNAL UID GID PROGRAM ARGUMENT...``; UID and GID are numbers or ``-``.
Imports nothing of this project, so that it starts in a few milliseconds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def main(parent: int, signal: int, uid: str, gid: str, argv: list[str]) -> None:
    """Takes the account, asks for the signal, then replaces itself by ``argv``."""
    prctl = _prctl()
    if gid != "-":
        os.setgroups([])
        os.setgid(int(gid))
    if uid != "-":
        os.setuid(int(uid))
    # A change of account clears the request, so it comes after.
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal)
        if os.getppid() != parent:
            raise SystemExit("the process that started this one is gone")
    try:
        os.execv(argv[0], argv)  # noqa: S606 -- to become that program is the point
    except OSError as error:
        raise SystemExit(f"{argv[0]} can't be run: {error.strerror}") from error


def end_with_parent(signal: int) -> None:
    """Asks that this process gets ``signal`` when its parent ends; does nothing where that isn't offered."""
    prctl = _prctl()
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal)


def _prctl() -> Callable[[int, int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes
    except ImportError:
        return None
    prctl: Callable[[int, int], int] = ctypes.CDLL(None).prctl
    return prctl


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:])
