"""A small load generator: kept connections on one loop, each sends its next form when it got its answer.

``python -m bench.load PORT PATH CONNECTIONS SECONDS`` prints one line of JSON.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

FORMS = 512
ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: answers with 303, others, and milliseconds at the median and the 99th percentile."""

    answered: int
    wrong: int
    seconds: float
    p50: float
    p99: float


class _Wire:
    """One kept connection."""

    __slots__ = ("began", "buffer", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.began = 0.0

    def send(self, request: bytes) -> None:
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> bytes | None:
        """The status line's code once the whole answer is there, else None."""
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionError("the server closed a kept connection")
        self.buffer += more
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return None
        self.buffer = b""
        return head[9:12]


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    if not found:
        raise ConnectionError("an answer without a Content-Length")
    return int(rest.split(b"\r\n", 1)[0])


def forms(path: str) -> list[bytes]:
    """Requests with different people in them."""
    made = []
    for n in range(FORMS):
        values = {
            "given_name": "Ada",
            "email": f"ada.{n}@example.org",
            "main_pain": "neck",
            "zone": "America/New_York",
            "consent": "yes",
            "website": "",
        }
        body = urlencode(values).encode()
        made.append(
            f"POST {path} HTTP/1.1\r\nHost: engage.example.org\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
    return made


def run(port: int, path: str, connections: int, seconds: float) -> Load:
    """Sends forms for ``seconds``. Raises OSError when the server goes away or stops answering."""
    requests = forms(path)
    wires = [_Wire(port) for _ in range(connections)]
    poll = selectors.DefaultSelector()
    for wire in wires:
        poll.register(wire.socket, selectors.EVENT_READ, wire)
    times: list[float] = []
    sent = wrong = open_requests = 0
    began = time.perf_counter()
    until = began + seconds
    for wire in wires:
        wire.send(requests[sent % FORMS])
        sent, open_requests = sent + 1, open_requests + 1
    while open_requests:
        ready = poll.select(ANSWER_SECONDS)
        if not ready:
            raise TimeoutError(f"no answer within {ANSWER_SECONDS:.0f} s")
        for key, _ in ready:
            wire = key.data
            code = wire.answer()
            if code is None:
                continue
            now = time.perf_counter()
            times.append(now - wire.began)
            wrong += code != b"303"
            open_requests -= 1
            if now < until:
                wire.send(requests[sent % FORMS])
                sent, open_requests = sent + 1, open_requests + 1
    took = time.perf_counter() - began
    poll.close()
    for wire in wires:
        wire.socket.close()
    times.sort()
    return Load(len(times) - wrong, wrong, took, at(times, 0.5) * 1000, at(times, 0.99) * 1000)


def at(ordered: list[float], part: float) -> float:
    """The value below which that part of them lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


if __name__ == "__main__":
    port, path, connections, seconds = sys.argv[1:]
    print(json.dumps(asdict(run(int(port), path, int(connections), float(seconds)))))
