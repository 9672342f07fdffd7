"""What the supervisor shows: its own lines and the logs of its processes, each line with a coloured name."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TextIO

from engage.dev.child import Child

COLOURS = {"web": 36, "worker": 32, "beat": 35, "engage": 1}
WIDTH = 7


class Console:
    """Writes lines; never fails. ``gone`` is True once nobody can read them any more."""

    def __init__(self, out: TextIO, environ: Mapping[str, str]) -> None:
        self._out = out
        self._colour = out.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        self.gone = False

    def line(self, name: str, text: str) -> None:
        """One line of ``name``."""
        tag = f"{name:<{WIDTH}}"
        if self._colour:
            tag = f"\x1b[{COLOURS.get(name, 34)}m{tag}\x1b[0m"
        self.raw(f"{tag}| {text}")

    def raw(self, text: str) -> None:
        """Text as it is, then a line break."""
        if self.gone:
            return
        try:
            self._out.write(text + "\n")
            self._out.flush()
        except (OSError, ValueError):
            self.gone = True  # the terminal was closed, or `make run | head` ended

    def let_go(self) -> None:
        """Before the end: keeps Python from complaining about an output that is gone."""
        if self.gone and self._out is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Tail:
    """Follows the log that a process writes from the moment it was started."""

    def __init__(self, child: Child) -> None:
        self._name = child.name
        self._path = child.log
        self._at = child.log_start
        self._rest = b""

    def show(self, console: Console, *, all_of_it: bool = False) -> None:
        """Shows the lines written since the last call; a line without its end waits for it."""
        try:
            with self._path.open("rb") as log:
                log.seek(self._at)
                new = log.read(1_000_000)
        except OSError:
            return
        self._at += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        if all_of_it and self._rest:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            if line.strip():
                console.line(self._name, line.decode("utf-8", "replace").rstrip())
