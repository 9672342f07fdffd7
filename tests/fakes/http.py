"""HTTP/1.1 as lean as the fakes need it: kept connections, bodies by length or in chunks, one request at a time.

aiohttp's server costs more for each request than the whole of the product's sending, so it would be what is measured.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
JSON = "application/json"


class Malformed(Exception):
    """Not HTTP that a server would read on."""


class Request:
    """One request as it came: header names in lower case, the body raw."""

    __slots__ = ("body", "chunked", "headers", "length", "method", "mode", "path", "query", "secure")

    def __init__(self, head: bytes) -> None:
        first, *lines = head.split(b"\r\n")
        try:
            method, target, version = first.split(b" ")
        except ValueError:
            raise Malformed(first[:80]) from None
        if not version.startswith(b"HTTP/1."):
            raise Malformed(first[:80])
        self.method = method.decode("ascii")
        path, _, query = target.partition(b"?")
        self.path, self.query = path.decode("ascii"), query.decode("ascii")
        self.headers: dict[bytes, bytes] = {}
        for line in lines:
            name, colon, value = line.partition(b":")
            if not colon:
                raise Malformed(line[:80])
            self.headers[name.lower()] = value.strip()
        self.chunked = self.headers.get(b"transfer-encoding", b"").lower() == b"chunked"
        length = self.headers.get(b"content-length", b"0")
        if not length.isdigit():
            raise Malformed(length[:80])
        self.length = int(length)
        self.body = b""
        self.mode: str | None = None

    def header(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1")


def response(status: int, body: bytes = b"", content_type: str = JSON, headers: str = "") -> bytes:
    """An answer; ``headers`` are whole lines, each with its line end."""
    head = f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}\r\nServer: nginx\r\n{headers}"
    if status != 204:
        head += f"Content-Length: {len(body)}\r\n"
    if body:
        head += f"Content-Type: {content_type}\r\n"
    return head.encode("latin-1") + b"\r\n" + body


class Connection(asyncio.Protocol):
    """One client. ``handle`` is given each whole request and returns the answer, or None if it answers later.

    ``begin`` sees a request when only its head has come; False from it drops the connection there.
    """

    def __init__(
        self,
        begin: Callable[[Request], bool],
        handle: Callable[[Request, Connection], bytes | None],
        connections: set[Connection],
        cut: Callable[[], None],
    ) -> None:
        self.begin, self.handle, self.connections, self.cut = begin, handle, connections, cut
        self.buffer = bytearray()
        self.request: Request | None = None
        self.answering = False
        self.last = 0.0
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.last = asyncio.get_running_loop().time()
        self.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.connections.discard(self)
        if not self.answering and (self.request is not None or self.buffer):
            self.cut()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.answering:
            self.advance()

    def advance(self) -> None:
        try:
            while not self.answering and self._next_request():
                pass
        except Malformed:
            self.transport.write(response(400, b"<html>400 Bad Request</html>", "text/html"))
            self.transport.close()

    def _next_request(self) -> bool:
        buffer = self.buffer
        request = self.request
        if request is None:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(buffer) > 65_536:
                    raise Malformed("no end of the head")
                return False
            request = self.request = Request(bytes(buffer[:end]))
            del buffer[: end + 4]
            if not self.begin(request):
                self.drop()
                return False
            if b"expect" in request.headers:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.chunked:
            if not _take_chunks(buffer, request):
                return False
        elif len(buffer) < request.length:
            return False
        else:
            request.body = bytes(buffer[: request.length])
            del buffer[: request.length]
        self.request = None
        self.answering = True
        answer = self.handle(request, self)
        if answer is not None:
            self.reply(answer, last=request.headers.get(b"connection", b"").lower() == b"close")
        return True

    def reply(self, answer: bytes, last: bool = False) -> None:
        """Answers the request under way; the next one is read when this one has been answered."""
        self.answering = False
        if self.transport.is_closing():
            return
        self.transport.write(answer)
        self.last = asyncio.get_running_loop().time()
        if last:
            self.transport.close()

    def drop(self) -> None:
        """The connection is gone at once (a reset), whatever was under way."""
        self.answering = True
        self.transport.abort()

    @property
    def idle(self) -> bool:
        return not self.answering and self.request is None and not self.buffer


def _take_chunks(buffer: bytearray, request: Request) -> bool:
    """Moves whole chunks from the buffer to the body; True when the last one has come."""
    while (end := buffer.find(b"\r\n")) >= 0:
        try:
            size = int(bytes(buffer[:end]).partition(b";")[0], 16)
        except ValueError:
            raise Malformed(bytes(buffer[:80])) from None
        if len(buffer) < end + 2 + size + 2:
            return False
        request.body += bytes(buffer[end + 2 : end + 2 + size])
        # No client of ours sends trailers, so the end is the empty chunk and one empty line.
        del buffer[: end + 2 + size + 2]
        if size == 0:
            return True
    return False
