"""Seconds of CPU that processes have used: what other programs on the machine do does not change it much."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def used(pids: Iterable[int]) -> float:
    """By these processes and by all that they started, also those that are gone. 0 where the system does not tell."""
    wanted, ticks = set(pids), 0
    for entry in Path("/proc").iterdir() if Path("/proc/self/stat").exists() else ():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(encoding="latin-1").rpartition(")")[2].split()
        except OSError:
            continue
        if int(entry.name) in wanted:
            # Its own, and that of children which have ended.
            ticks += sum(int(field) for field in stat[11:15])
        elif int(stat[1]) in wanted:
            ticks += sum(int(field) for field in stat[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")
