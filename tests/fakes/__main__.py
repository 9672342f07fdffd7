"""``python -m tests.fakes --directory DIR [--tls]``: the fakes as a process. It ends when its standard input does."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from tests.fakes.server import Ports, serve


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m tests.fakes", description=__doc__)
    words.add_argument("--directory", type=Path, required=True, help="its ledger, keys and ready.json")
    words.add_argument("--tls", action="store_true", help="answer over TLS; the authority is in ca.pem")
    words.add_argument("--port", type=int, default=0)
    words.add_argument("--control-port", type=int, default=0)
    words.add_argument("--mail-port", type=int, default=0)
    given = words.parse_args()
    ports = Ports(given.port, given.control_port, given.mail_port)
    asyncio.run(_run(given.directory, given.tls, ports))


async def _run(directory: Path, tls: bool, ports: Ports) -> None:
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, end.set)
    # Ctrl-C goes to the whole group; whoever started this still wants the last answers, and closes our input.
    loop.add_signal_handler(signal.SIGINT, lambda: None)

    def listen() -> None:
        if not sys.stdin.buffer.read(1):
            loop.remove_reader(sys.stdin)
            end.set()

    with contextlib.suppress(
        PermissionError
    ):  # /dev/null as input cannot be waited for: only signals end it then
        loop.add_reader(sys.stdin, listen)
    await serve(directory, tls, ports, end.wait())


if __name__ == "__main__":
    main()
