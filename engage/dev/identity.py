"""Which process a number stands for, so that a number used again later isn't mistaken for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LINUX = sys.platform.startswith("linux")


def of(pid: int) -> str | None:
    """A value that only this life of ``pid`` has; None when no such process runs (a zombie doesn't)."""
    if LINUX:
        stat = _stat(pid)
        return None if stat is None else f"{_boot()}:{stat[19]}"
    try:
        ps = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ps.stdout.strip() or None


def session(sid: int) -> list[int]:
    """Processes still running in the session that ``sid`` began (Linux; elsewhere an empty list)."""
    if not LINUX:
        return []
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]
    return [pid for pid in pids if (stat := _stat(pid)) is not None and stat[3] == str(sid)]


def works_in(pid: int, directory: Path) -> bool:
    """Whether ``pid`` has ``directory`` as its working directory (Linux; elsewhere False)."""
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", directory)
    except OSError:
        return False


def alive(pid: int) -> bool:
    """Whether ``pid`` runs at all, whoever it is; a zombie doesn't."""
    if LINUX:
        return _stat(pid) is not None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the state on; None for a process that is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else fields


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
