"""HTTP for senders: many requests at once, each at most once, and always one of three answers.

aiohttp runs in one background thread of the process. It repeats no POST by itself: not on a lost
connection, not on a redirect.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import aiohttp
import certifi

from engage import log

logger = log.get(__name__)

LARGEST_BODY: Final = 1_000_000
# A provider's load balancer may drop idle connections without a word; a younger one is still there.
IDLE_SECONDS: Final = 5.0
MOST_CONNECTIONS: Final = 100
_GRACE_SECONDS: Final = 5.0
NOT_BEGUN: Final = "not_begun"
"""Why a request was not sent that nobody began to send: there was too little time left, or too many before it failed."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. The headers may hold a key, so they are never shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """The provider answered. ``headers`` have small names. ``body`` is None when it broke off or was too
    large: the status still counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Not one byte of the request was written; ``why`` is a short word."""

    why: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Bytes may have been written, and no readable answer came; ``why`` is a short word."""

    why: str


Answer = Reply | NotSent | NoAnswer
Builder = Callable[[], Request]
Judge = Callable[[int, Answer], bool]
"""Whether the n-th request went well, as far as the other side is concerned."""


class Transport:
    """One for each process. Its thread and connections are made at the first request, in the process that
    makes it: after a fork the child begins anew."""

    def __init__(self, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None
        self._parents: object = None
        own = weakref.ref(self)

        def forget() -> None:
            transport = own()
            if transport is not None:
                # The parent's thread is not here, and its lock may have been held. Its connections are
                # kept as they are: closing them here would say goodbye on the parent's behalf.
                transport._lock = threading.Lock()
                transport._parents = (transport._loop, transport._session)
                transport._loop = transport._session = None

        def close() -> None:
            transport = own()
            if transport is not None:
                transport.close()

        os.register_at_fork(after_in_child=forget)
        atexit.register(close)

    def exchange(
        self,
        builders: Sequence[Builder],
        until: float,
        at_once: int,
        patience: int = 0,
        well: Judge = lambda _, answer: isinstance(answer, Reply) and answer.status < 300,
    ) -> list[Answer]:
        """The answer to each request, in order; at most ``at_once`` are under way. Never raises for what
        the network or the other side does.

        ``until`` is ``time.monotonic()`` seconds: no answer is awaited longer, however slowly it drips. What is not
        among the first ``at_once`` begins in the first half of that time only, so that it has the other half for its
        answer. After ``patience`` requests in a row that did not go ``well`` (0: never) no more begin. A request is
        built when its turn comes, so that the one before is on its way meanwhile.
        """
        loop = self._running()
        answers: list[Answer] = [NotSent(NOT_BEGUN)] * len(builders)
        running = asyncio.run_coroutine_threadsafe(
            self._all(builders, answers, until, at_once, patience, well), loop
        )
        try:
            running.result(max(0.0, until - time.monotonic()) + _GRACE_SECONDS)
        except NotInTime:
            # Only where this process was frozen: what has begun keeps its NoAnswer.
            running.cancel()
        except BaseException:
            running.cancel()
            raise
        return list(answers)

    def close(self) -> None:
        """Ends the thread and its connections. A later request makes new ones."""
        with self._lock:
            loop, session, self._loop, self._session = self._loop, self._session, None, None
        if loop is not None and session is not None:
            asyncio.run_coroutine_threadsafe(session.close(), loop).result(_GRACE_SECONDS)
            loop.call_soon_threadsafe(loop.stop)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=[loop], name="engage-transport", daemon=True).start()
                self._session = asyncio.run_coroutine_threadsafe(self._open(), loop).result()
                self._loop = loop
            return self._loop

    @property
    def context(self) -> ssl.SSLContext:
        """What certificates are checked with, made once. Raises OSError when ``ca_file`` can't be used."""
        if self._context is None:
            self._context = trusted(self._ca_file)
        return self._context

    async def _open(self) -> aiohttp.ClientSession:
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_about_to_write)
        connector = aiohttp.TCPConnector(
            ssl=self.context, limit=MOST_CONNECTIONS, keepalive_timeout=IDLE_SECONDS
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity", "User-Agent": "engage"},
            auto_decompress=False,
            trace_configs=[trace],
        )

    async def _all(
        self,
        builders: Sequence[Builder],
        answers: list[Answer],
        until: float,
        at_once: int,
        patience: int,
        well: Judge,
    ) -> None:
        session = self._session
        assert session is not None
        waiting = iter(enumerate(builders))
        begin_until = (time.monotonic() + until) / 2
        wrong = 0

        async def work() -> None:
            nonlocal wrong
            for number, build in waiting:
                if number >= at_once and (
                    time.monotonic() >= begin_until or (patience and wrong >= patience)
                ):
                    return
                answers[number] = NoAnswer("stuck")
                answers[number] = answer = await _one(session, build, until)
                wrong = 0 if well(number, answer) else wrong + 1

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(at_once, len(builders))):
                workers.create_task(work())
                # Its bytes are written by a task of its own, two turns later: before the next is built.
                await asyncio.sleep(0)
                await asyncio.sleep(0)


@dataclass(slots=True)
class _Progress:
    until: float
    writing: bool = False


class _TooLateError(Exception):
    """The time was over before the first byte."""


async def _about_to_write(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
    progress: _Progress = context.trace_request_ctx
    if time.monotonic() >= progress.until:
        raise _TooLateError
    progress.writing = True


async def _one(session: aiohttp.ClientSession, build: Builder, until: float) -> Answer:
    progress, status, headers = _Progress(until), 0, {}
    if time.monotonic() >= until:
        return NotSent("timeout")
    try:
        request = build()
    except Exception as error:
        logger.error("request_not_built", error=type(error).__name__)
        return NotSent("not_built")
    try:
        async with (
            asyncio.timeout(until - time.monotonic()),
            session.request(
                request.method,
                request.url,
                data=request.body,
                headers=request.headers,
                allow_redirects=False,
                trace_request_ctx=progress,
            ) as response,
        ):
            status = response.status
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(status, headers, await _body(response))
    except Exception as error:
        # Whatever it was, these three facts decide: was something written, did a status come, neither.
        if status:
            return Reply(status, headers, None)
        return NoAnswer(_word(error)) if progress.writing else NotSent(_word(error))


async def _body(response: aiohttp.ClientResponse) -> bytes | None:
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            response.close()
            return None
    return b"".join(parts)


def _word(error: Exception) -> str:
    match error:
        case TimeoutError() | _TooLateError():
            return "timeout"
        case aiohttp.ClientConnectorDNSError():
            return "dns"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "tls"
        case aiohttp.ClientConnectorError():
            return "connect"
        case aiohttp.ClientConnectionError() | OSError():
            return "reset"
    return "garbage"


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """Certificates are checked against the system's authorities, certifi's and ``ca_file``'s."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
