"""A supervisor in a process of its own, started and watched by a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engage.dev import identity, ports, running
from engage.dev.running import Running

SMALL = Path(__file__).with_name("small_run.py")
PROJECT = SMALL.parents[2]
# Addresses of nothing: the small app talks to no server, so most tests need none.
ELSEWHERE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0"}


@dataclass
class Supervised:
    """One run. ``output`` and ``errors`` are files."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    port: int
    output: Path
    errors: Path

    def wait_ready(self, seconds: float = 20.0) -> Running:
        """What it wrote for other terminals, once it did."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            found = running.find(self.data_dir)
            if found is not None and found.pid == self.process.pid:
                return found
            time.sleep(0.02)
        raise AssertionError(f"not ready: {self.said()} {self.complained()}")

    def end(self, number: signal.Signals = signal.SIGINT, seconds: float = 15.0) -> int:
        """Sends a signal and waits for the exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def wait_said(self, text: str, seconds: float = 10.0) -> str:
        """Its standard output, once ``text`` is in it."""
        until = time.monotonic() + seconds
        while text not in self.said():
            assert time.monotonic() < until, self.said() + self.complained()
            time.sleep(0.02)
        return self.said()

    def said(self) -> str:
        """Its standard output so far."""
        return self.output.read_text(encoding="utf-8")

    def complained(self) -> str:
        """Its standard error so far."""
        return self.errors.read_text(encoding="utf-8")


@contextmanager
def supervised(
    data_dir: Path, *words: str, embedded: bool = False, port: int = 0, name: str = "out"
) -> Iterator[Supervised]:
    """Starts one; whatever happens, it is gone afterwards."""
    port = port or ports.free()
    dropped = {"DATABASE_URL", "REDIS_URL", "DATABASE_URL_FILE", "REDIS_URL_FILE", "ENGAGE_ENV", "MAKELEVEL"}
    env = {k: v for k, v in os.environ.items() if k not in dropped}
    env |= {"ENGAGE_DATA_DIR": str(data_dir), "PORT": str(port), "PYTHONPATH": str(PROJECT)}
    if not embedded:
        env |= ELSEWHERE
    output, errors = data_dir.with_name(f"{name}.txt"), data_dir.with_name(f"{name}.err")
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, str(SMALL), *words], env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
    try:
        yield Supervised(process, data_dir, port, output, errors)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def gone(pids: list[int], seconds: float = 10.0) -> bool:
    """Whether all of them end within ``seconds``."""
    until = time.monotonic() + seconds
    while any(identity.alive(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
