"""The embedded Valkey (it speaks Redis): a password, loopback only."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from engage.dev import child, place, ports
from engage.dev.account import Account
from engage.dev.child import Child
from engage.dev.datadir import DataDir
from engage.dev.errors import DevError, explained, log_says


@dataclass(slots=True)
class Valkey:
    """A Valkey data directory and, once ``begin`` was called, the process that serves it."""

    binary: Path
    directory: Path
    account: Account | None
    fast: bool
    log: Path
    password: str
    port: int = 0
    child: Child | None = None

    @classmethod
    def at(cls, data: DataDir, account: Account | None, *, fast: bool) -> Valkey:
        """The server of ``data``; nothing runs yet. Raises DevError."""
        secrets = data.secrets()
        binary = place.program(place.VALKEY, account)
        directory = place.data("valkey", data.path, secrets["id"], account, throwaway=fast)
        place.prepare(directory, account)
        return cls(binary, directory, account, fast, data.log("valkey"), secrets["valkey"])

    def begin(self) -> Child:
        """Starts the server on a free port, without waiting for it."""
        self.port = ports.free()
        config = self.directory / "valkey.conf"
        lines = (
            f"bind {ports.LOOPBACK}",
            f"port {self.port}",
            f"dir {_quoted(str(self.directory))}",
            f"requirepass {self.password}",  # here rather than an argument, which every account can read
            "save ''",
            f"appendonly {'no' if self.fast else 'yes'}",
            "loglevel warning",
        )
        with explained(config):
            config.unlink(missing_ok=True)
            descriptor = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                out.write("\n".join(lines) + "\n")
            if self.account is not None:
                os.chown(config, self.account.uid, self.account.gid)
        self.child = child.start(
            "valkey",
            [str(self.binary), str(config)],
            log=self.log,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            cwd=Path("/"),
            account=self.account,
        )
        return self.child

    def ready(self) -> bool:
        """Whether it answers with our password. Starts again where only its port had been taken meanwhile."""
        assert self.child is not None
        if self.child.ended():
            said = self.child.said()
            if "Address already in use" in said:
                time.sleep(0.1)
                self.begin()
                return False
            raise DevError(
                f"Valkey didn't start: {log_says(said, self.directory)} (its log is {self.log}; "
                f"{self.directory} holds nothing that can't be made again and may be removed)"
            )
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), 1) as connection:
                connection.settimeout(1)
                connection.sendall(f"AUTH {self.password}\r\n".encode())
                return connection.recv(64).startswith(b"+OK")
        except OSError:
            return False

    def url(self) -> str:
        """The address, password included."""
        return f"redis://:{self.password}@{ports.LOOPBACK}:{self.port}/0"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
