"""Messages a second of the minimal loop (``bench.peer.minimal``), beside which the whole path is measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Self

import psycopg

from bench.delivery import Crew
from bench.peer.minimal import FILL, INDEX, TABLE, Prebuilt
from bench.place import BenchError, Place, module, plain_url
from tests.fakes import log
from tests.fakes.client import Fake

Way = Literal["batched", "single"]
PROCESSES = 2
# A kept connection goes back to the pool; these are the headers that the product's client adds.
ADDED = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "engage"}


class Minimal:
    """Two processes and a table of their own, in the same database server as the product's."""

    def __init__(self, place: Place, vendor: Fake, way: Way, batch: int, request: Prebuilt) -> None:
        self._url = plain_url(place.env["DATABASE_URL"])
        self._filled = 0
        kept = place.directory / "request.json"
        request.keep(kept)
        with psycopg.connect(self._url, autocommit=True) as own:
            own.execute(TABLE)
            own.execute(INDEX)
        argv = module("bench.peer.minimal", way, str(batch))
        env = {"PEER_REQUEST": str(kept), "PEER_DATABASE_URL": self._url}
        self.crew = Crew(place, PROCESSES, argv, env, vendor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.crew.end()

    def measure(self, count: int) -> float:
        """Messages a second."""
        with psycopg.connect(self._url, autocommit=True) as own:
            own.execute(FILL, [self._filled + 1, self._filled + count])
            own.execute("ANALYZE minimal_messages")
        self._filled += count
        sent, took = self.crew.deliver()
        if sent != count:
            raise BenchError(f"the minimal loop sent {sent} of {count}")
        return sent / took


def prebuilt(
    fake: Fake, url: str, headers: dict[str, str], at_once: int, fits: Callable[[bytes], bool] = bool
) -> Prebuilt:
    """The latest request that the vendor took and that ``fits``."""
    bodies = [r.body for r in log.records(fake.directory / log.FILE) if r.accepted and fits(r.body)]
    if not bodies:
        raise BenchError("the vendor took no request of the size that is wanted")
    return Prebuilt(url, {**ADDED, **headers}, bodies[-1], at_once)
