"""Posts signed events at a fixed rate, whether answered or not, and says how long answers took.

``python -m bench.posting PORT KEY FILE RATE``: FILE holds the requests' bodies, one a line. It answers
``ready`` once all are signed, begins at the first line that it reads, and prints one line of JSON. The time of each
runs from the moment at which it should have left, so that a server that falls behind can't hide it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.load import at
from tests.fakes.signing import EventKey

PATH = "/hooks/sendgrid/events"
ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Posted:
    """Requests by status, and milliseconds at the median, the 99th percentile and the worst."""

    statuses: dict[str, int]
    p50: float
    p99: float
    most: float


class _Poster:
    """Kept connections, as many as are needed at once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, request: bytes, due: float) -> tuple[str, float]:
        wire = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = wire
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if int(length or 0):
            await reader.readexactly(int(length))
        took = time.perf_counter() - due
        self.idle.append(wire)
        return head[9:12].decode(), took


async def run(port: int, requests: list[bytes], rate: float) -> Posted:
    """Posts them all."""
    poster, tasks = _Poster(port), []
    began = time.perf_counter() + 0.05
    for number, request in enumerate(requests):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(poster.post(request, due)))
    async with asyncio.timeout(ANSWER_SECONDS):
        answers = await asyncio.gather(*tasks)
    times = sorted(took * 1000 for _, took in answers)
    return Posted(dict(Counter(status for status, _ in answers)), at(times, 0.5), at(times, 0.99), times[-1])


def signed(key: EventKey, body: bytes) -> bytes:
    """A whole request."""
    headers = {
        "Host": "engage.example.org",
        "User-Agent": "SendGrid Event API",
        **key.headers(body),
        "Content-Length": str(len(body)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + body


def main() -> None:
    """As the module's words say."""
    port, key, file, rate = sys.argv[1:]
    known = EventKey.kept(Path(key))
    requests = [signed(known, line) for line in Path(file).read_bytes().splitlines()]
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asdict(asyncio.run(run(int(port), requests, float(rate))))), flush=True)


if __name__ == "__main__":
    main()
