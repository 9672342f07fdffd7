"""TCP ports on the loopback address."""

from __future__ import annotations

import errno
import socket
import time

from engage.dev.errors import DevError

LOOPBACK = "127.0.0.1"


def free() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def check_free(port: int, *, wait_seconds: float = 0.0) -> None:
    """Raises DevError when the web server couldn't listen on ``port``; tries again for ``wait_seconds``."""
    until = time.monotonic() + wait_seconds
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
                return
            except OSError as error:
                if error.errno == errno.EACCES:
                    raise DevError(
                        f"Port {port} is reserved for the system: set PORT to one above 1023, e.g. PORT=8080."
                    ) from error
                if time.monotonic() >= until:
                    raise DevError(
                        f"Port {port} is taken by another program: stop it, or set PORT to a free one, "
                        f"e.g. PORT={port + 1 if port < 65535 else 8000} make run."
                    ) from error
        time.sleep(0.1)
