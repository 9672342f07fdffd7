"""What the vendors tell us afterwards, when they do: late, lost, many times over, in any order, one by one or in bunches."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

TICK = 0.02


@dataclass(frozen=True)
class Plan:
    """How one vendor's callbacks go out.

    ``on`` False: none is even made (for benchmarks). ``late`` seconds after the message was taken. ``lost`` is the
    share that is never sent. Each is sent ``copies`` times. ``shuffled``: spread at random over that many seconds, so
    that order means nothing. ``split``: one event a request. ``url`` is SendGrid's setting; Twilio is told per message.
    ``pause`` is the longest between two tries at a request that was not taken.
    """

    on: bool = True
    url: str = ""
    late: float = 0.0
    lost: float = 0.0
    copies: int = 1
    shuffled: float = 0.0
    split: bool = False
    seed: int = 0
    pause: float = 10.0


class Callbacks:
    """Things to tell, each with its time. ``tell`` is given all that are due at once.

    Belongs to the fakes' event loop. What is told counts as ``pending`` until it was answered or given up.
    """

    def __init__(self, tell: Callable[[Sequence[Any]], list[Coroutine[Any, Any, None]]]) -> None:
        self.tell = tell
        self.heap: list[tuple[float, int, Any]] = []
        self.order = itertools.count()
        self.tasks: set[asyncio.Task[None]] = set()
        self.counts = {"answered": 0, "refused": 0, "given_up": 0, "lost": 0}
        self.follow(Plan())

    def follow(self, plan: Plan) -> None:
        """From now on, for what is taken from now on."""
        self.plan = plan
        self.dice = random.Random(plan.seed)

    def add(self, things: Sequence[Any], gap: float = 0.0) -> None:
        """Things about one message in the order in which they happen, ``gap`` seconds apart."""
        plan = self.plan
        start = time.monotonic() + plan.late
        for place, thing in enumerate(things):
            if plan.lost and self.dice.random() < plan.lost:
                self.counts["lost"] += 1
                continue
            for _ in range(plan.copies):
                due = start + place * gap
                if plan.shuffled:
                    due = start + self.dice.random() * plan.shuffled
                heapq.heappush(self.heap, (due, next(self.order), thing))

    def flush(self) -> None:
        """What waits for its time goes now."""
        self.heap = [(0.0, place, thing) for _, place, thing in sorted(self.heap)]

    @property
    def pending(self) -> int:
        return len(self.heap) + len(self.tasks)

    async def run(self) -> None:
        while True:
            now = time.monotonic()
            due = []
            while self.heap and self.heap[0][0] <= now:
                due.append(heapq.heappop(self.heap)[2])
            if due:
                for telling in self.tell(due):
                    task = asyncio.create_task(telling)
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)
            await asyncio.sleep(TICK)


class Poster:
    """Posts to the product. ``post`` says how it went: a status, ``ct`` (no connection) or ``rt`` (no answer)."""

    def __init__(self) -> None:
        self.session: aiohttp.ClientSession | None = None

    async def post(
        self, url: str, body: bytes, headers: dict[str, str], connect: float = 5.0, total: float = 15.0
    ) -> tuple[int | str, bytes]:
        if self.session is None:
            self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=24))
        # Time spent waiting for one of our own 24 connections is not the receiver's.
        timeout = aiohttp.ClientTimeout(sock_connect=connect, sock_read=total)
        try:
            async with self.session.post(url, data=body, headers=headers, timeout=timeout) as answer:
                return answer.status, await answer.read()
        except aiohttp.ClientConnectorError:
            return "ct", b""
        except (TimeoutError, aiohttp.ClientError) as error:
            return ("ct" if isinstance(error, aiohttp.ConnectionTimeoutError) else "rt"), b""

    async def close(self) -> None:
        if self.session is not None:
            await self.session.close()
