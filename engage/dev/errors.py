"""What can go wrong on a developer's machine, each as one sentence that names the place and the cure."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DevError(Exception):
    """Something on this machine must be put right first; the message is one sentence for a person."""


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turns an OSError about ``place`` into a DevError that names the cure."""
    try:
        yield
    except OSError as error:
        raise DevError(sentence(error, place)) from error


def sentence(error: OSError, place: Path) -> str:
    """One sentence for what the operating system refused at ``place``."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return full_disk(place)
    if error.errno in {errno.EACCES, errno.EPERM}:
        return (
            f"{error.filename or place} can't be used by this account: make it yours, "
            "or set ENGAGE_DATA_DIR to a directory of your own."
        )
    if error.errno == errno.EROFS:
        return f"{place} is on a read-only file system: set ENGAGE_DATA_DIR to a place that can be written."
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return f"{place} is not a directory: move that file away, or set ENGAGE_DATA_DIR to another place."
    return f"{place} can't be used ({error.strerror}): set ENGAGE_DATA_DIR to another place."


def full_disk(place: Path) -> str:
    """The sentence for a disk, or a quota, with no room left."""
    return f"The disk that holds {place} is full: free some space, or set ENGAGE_DATA_DIR to another disk."


def log_says(log: str, place: Path) -> str:
    """The cause that a server's log gives: a full disk by name, else its last line."""
    if "No space left on device" in log or "File too large" in log or "Disk quota exceeded" in log:
        return full_disk(place)
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [
        line for line in lines if any(mark in line for mark in ("FATAL", "PANIC", "rror:", "atal error"))
    ]
    return (telling or lines or ["it wrote nothing"])[-1]
