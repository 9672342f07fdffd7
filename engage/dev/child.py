"""A process started by us: it logs to a file, ends with us, and is stopped whole with all it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engage.dev import identity
from engage.dev.account import Account
from engage.dev.errors import DevError, explained

GUARD = Path(__file__).with_name("guarded.py")


@dataclass(slots=True)
class Child:
    """One running process, leader of its own session. ``log_start`` is where its part of the log begins."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    log_start: int
    stop_signal: signal.Signals
    grace_seconds: float
    born: str = field(default="")

    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def how(self) -> str:
        """How it ended, for a person: ``exit code 3`` or ``killed by SIGKILL``."""
        code = self.process.poll()
        if code is None:
            return "still running"
        return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"

    def said(self, limit: int = 20_000) -> str:
        """The end of what it wrote to its log in this run."""
        try:
            with self.log.open("rb") as log:
                log.seek(0, os.SEEK_END)
                log.seek(max(self.log_start, log.tell() - limit))
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""


def start(
    name: str,
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    account: Account | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    grace_seconds: float = 5.0,
) -> Child:
    """Starts ``argv`` (its program as an absolute path). Call from the main thread: the end of the thread
    that starts a process counts as the end of its parent. Raises DevError when it can't be started."""
    words = [str(word) for word in argv]
    guarded = identity.LINUX
    if guarded:
        who = (str(account.uid), str(account.gid)) if account else ("-", "-")
        guard = [
            sys.executable,
            "-I",
            "-S",
            str(GUARD),
            str(os.getpid()),
            str(int(stop_signal)),
            *who,
        ]
        words = [*guard, *words]
    with explained(log), log.open("ab") as out:
        log_start = out.tell()
        log.chmod(0o600)
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=dict(env),
                start_new_session=True,
                **({} if guarded or account is None else account.popen()),
            )
        except OSError as error:
            raise DevError(f"{name} can't be started: {words[0]}: {error.strerror}.") from error
    born = identity.of(process.pid) or ""
    return Child(name, process, log, log_start, stop_signal, grace_seconds, born)


def stop(children: Sequence[Child]) -> None:
    """Asks all to end, waits for each one's grace, then ends whatever is left of their sessions."""
    for child in children:
        if not child.ended():
            with suppress(ProcessLookupError):
                child.process.send_signal(child.stop_signal)
    begun = time.monotonic()
    for child in children:
        left = child.grace_seconds - (time.monotonic() - begun)
        try:
            child.process.wait(max(0.0, left))
        except subprocess.TimeoutExpired:
            _end_session(child.process.pid)
            child.process.wait()
        _end_session(child.process.pid)


def stop_leftover(sid: int, born: str, stop_signal: signal.Signals, grace_seconds: float) -> bool:
    """Ends a session that an earlier run left behind. False when there was none."""
    now = identity.of(sid)
    if now not in (born, None):
        return False  # the number belongs to somebody else by now
    if now is None and not identity.session(sid):
        return False
    if now is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(sid, stop_signal)
        until = time.monotonic() + grace_seconds
        while identity.of(sid) == born and time.monotonic() < until:
            time.sleep(0.02)
    _end_session(sid)
    return True


def _end_session(sid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(sid, signal.SIGKILL)
    for pid in identity.session(sid):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
