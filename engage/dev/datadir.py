"""The data directory: one user at a time, its passwords, its logs, and what an earlier run left running."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engage.dev import child
from engage.dev.child import Child
from engage.dev.errors import DevError, explained

LOG_KEPT_BYTES = 5_000_000
ENDING = b"ending"
ENDING_SECONDS = 30.0


class DataDir:
    """A data directory held by this process until ``close``; its files are readable by their owner only."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def hold(cls, path: Path, *, wait_seconds: float = 0.3) -> DataDir:
        """Makes the directory and takes its lock. Raises DevError when it can't, or another run holds it."""
        path = Path(os.path.realpath(path))
        with explained(path):
            if not path.is_dir():
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
                if os.geteuid() == 0:
                    path.chmod(0o711)  # the servers' account passes through it on the way to its own data
            (path / "logs").mkdir(mode=0o700, exist_ok=True)
            lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        begun = time.monotonic()
        until = begun + wait_seconds
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                note = os.pread(lock, 40, 0)
                if note.endswith(ENDING):
                    until = max(until, begun + ENDING_SECONDS)
                if time.monotonic() > until:
                    holder = note.split(b" ")[0].decode("ascii", "replace") or "unknown"
                    os.close(lock)
                    raise DevError(
                        f"{path} is already in use by process {holder}: stop that one first, "
                        "or set ENGAGE_DATA_DIR and PORT to run a second one beside it."
                    ) from None
                time.sleep(0.05)
        with explained(path):
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
        return cls(path, lock)

    def ending(self) -> None:
        """Tells a run that waits for this directory that it will be free in a moment."""
        with suppress(OSError):
            os.pwrite(self._lock, f"{os.getpid()} ".encode() + ENDING, 0)

    def close(self) -> None:
        """Lets the next run have the directory."""
        if self._lock >= 0:
            with suppress(OSError):
                os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def log(self, name: str) -> Path:
        """The path of a process's log; one that grew long is put aside as ``NAME.log.1``."""
        path = self.path / "logs" / f"{name}.log"
        with suppress(OSError):
            if path.stat().st_size > LOG_KEPT_BYTES:
                path.replace(path.with_suffix(".log.1"))
        return path

    def secrets(self) -> dict[str, str]:
        """Passwords of the embedded servers, made on the first call and the same ever after."""
        path = self.path / "credentials.json"
        try:
            kept = read_json(path)
        except ValueError as error:
            raise DevError(
                f"{path} is damaged: put it back from a copy, or remove {self.path} to start anew."
            ) from error
        if kept is None:
            kept = {name: secrets.token_urlsafe(24) for name in ("id", "owner", "engage", "valkey")}
            write_private(path, kept)
        return {name: str(value) for name, value in kept.items()}

    def remember(self, children: Iterable[Child]) -> None:
        """Writes down what runs, so that the next run can end it should this one be killed."""
        write_private(
            self.path / "children.json",
            [[c.name, c.process.pid, c.born, int(c.stop_signal), c.grace_seconds] for c in children],
        )

    def forget(self) -> None:
        """Everything was stopped."""
        with suppress(OSError):
            (self.path / "children.json").unlink(missing_ok=True)

    def end_leftovers(self) -> list[str]:
        """Ends what an earlier run left running, the app before its servers; returns the names."""
        try:
            noted: Any = read_json(self.path / "children.json") or []
        except ValueError:
            noted = []
        ended = [
            name
            for name, pid, born, stop_signal, grace in reversed(noted)
            if child.stop_leftover(pid, born, signal.Signals(stop_signal), grace)
        ]
        self.forget()
        return ended


def read_json(path: Path) -> Any:
    """The file's value; None when there is no such file. ValueError when it isn't JSON."""
    with explained(path):
        try:
            return json.loads(path.read_bytes())
        except FileNotFoundError:
            return None


def write_private(path: Path, value: object) -> None:
    """Writes JSON whole or not at all, readable by its owner only."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with explained(path):
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                json.dump(value, out, indent=1)
                out.flush()
                os.fsync(out.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
