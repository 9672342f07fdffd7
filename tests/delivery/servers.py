"""Small servers that behave as badly as a test asks for, each in a thread of its own."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Manner = Callable[["Visit"], Awaitable[None]]


@dataclass
class Visit:
    """One connection: ``number`` counts from 1."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: Badly

    async def request(self) -> bytes:
        """One whole request, noted by the server; raises IncompleteReadError when there is no other."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        whole = head + await self.reader.readexactly(length)
        self.server.requests.append(whole)
        return whole

    async def say(self, text: bytes) -> None:
        self.writer.write(text)
        await self.writer.drain()

    async def reply(self, status: int, body: bytes = b"", headers: str = "") -> None:
        await self.say(f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def reset(self) -> None:
        """Ends with RST instead of a goodbye."""
        self.writer.transport.abort()


@dataclass
class Badly:
    """A server; ``requests`` are what arrived whole, ``visits`` the connections."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    visits: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"


@contextmanager
def behaving(manner: Manner, tls: ssl.SSLContext | None = None) -> Iterator[Badly]:
    """A server that meets every connection with ``manner``."""
    badly = Badly(scheme="https" if tls else "http")
    loop, ready = asyncio.new_event_loop(), threading.Event()
    server: asyncio.Server | None = None

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        badly.visits += 1
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                await manner(Visit(badly.visits, reader, writer, badly))
        finally:
            writer.close()

    async def open_() -> None:
        nonlocal server
        server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=tls)
        badly.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(lambda *_: None)
        loop.create_task(open_())
        loop.run_forever()
        assert server is not None
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield badly
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
