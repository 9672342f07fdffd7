"""F3, F4: Valkey and PostgreSQL die, lose all, freeze, are full; the web goes on answering as well as it can."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from contextlib import suppress

from tests.chaos.points import Column
from tests.chaos.rounds import Result, Round
from tests.chaos.servers import send
from tests.chaos.stand import Stand
from tests.processes.visitor import COURSE, Answer, Visitor

# A page must not wait for a broker that hangs. On a busy machine of two cores everything takes its time, so this is
# ten times what the page takes when all is well.
WEB_SECONDS = 2.0
# After each blow so much is planned and has this long until the next.
CHUNK = 12


class Web:
    """Asks pages and sends forms while servers are down, and keeps how long that took and what was answered."""

    def __init__(self, round: Round) -> None:
        self.round = round
        self.visitor = Visitor(round.stand.base_url)
        self.seconds: list[float] = []
        self.statuses: dict[int, int] = {}
        self.said: list[str] = []
        self.number = 0

    def ask(self) -> None:
        """A page and a form."""
        self.number += 1
        email = f"web.{self.round.load.name}.{self.number}@example.org"
        acts: tuple[Callable[[], Answer], ...] = (
            lambda: self.visitor.get(COURSE),
            lambda: self.visitor.sign_up(email=email),
        )
        for act in acts:
            begun = time.monotonic()
            with suppress(OSError, http.client.HTTPException):
                answer = act()
                self.seconds.append(time.monotonic() - begun)
                self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
                if answer.status >= 500 and "Traceback" in answer.text:
                    self.said.append("a page showed a traceback")

    def judge(self, statuses: set[int], seconds: float) -> None:
        """Only these answers, and 99 of 100 as quick as that."""
        ordered = sorted(self.seconds)
        slow = ordered[int(0.99 * (len(ordered) - 1))] if ordered else 0.0
        self.round.notes |= {"web answers": self.statuses, "web p99 ms": round(slow * 1000)}
        self.round.wrong += self.said
        if other := set(self.statuses) - statuses:
            self.round.wrong.append(f"web answered {sorted(other)}")
        if slow > seconds:
            self.round.wrong.append(f"web's p99 was {slow:.2f} s")


def valkey(stand: Stand, column: Column, seed: int, kills: int, flushes: int, freezes: int = 1) -> Result:
    """F3. Killed without a trace of what it held, flushed, frozen, and full."""
    round = Round(stand, "F3", column, seed)
    web = Web(round)
    blows: list[Callable[[], None]] = [
        *[lambda: _kill(stand, round)] * kills,
        *[lambda: _flush(stand, round)] * flushes,
        *[lambda: _freeze(stand, round, web)] * freezes,
        lambda: _fill(stand, round, web),
    ]
    round.dice.shuffle(blows)
    for blow in blows:
        round.feed(CHUNK, within=1.0)
        blow()
        web.ask()
        round.during(round.dice.uniform(0.2, 1.0))
    round.settle()
    # A form that is sent thrice from outside our pages is refused for a while: that is an answer, too.
    web.judge({200, 303, 429}, WEB_SECONDS)
    return round.result()


def _kill(stand: Stand, round: Round) -> None:
    stand.kill_valkey()
    round.faults["valkey killed"] += 1


def _flush(stand: Stand, round: Round) -> None:
    stand.wait(lambda: stand.broker("PING"), "Valkey")
    if stand.broker("FLUSHALL"):
        round.faults["valkey flushed"] += 1


def _freeze(stand: Stand, round: Round, web: Web) -> None:
    pid = stand._child("valkey").process.pid
    send([pid], 19)
    round.faults["valkey frozen 6 s"] += 1
    round.during(6.0, web.ask)
    send([pid], 18)


def _fill(stand: Stand, round: Round, web: Web) -> None:
    stand.wait(lambda: stand.broker("PING"), "Valkey")
    stand.broker("CONFIG", "SET", "maxmemory-policy", "noeviction")
    stand.broker("CONFIG", "SET", "maxmemory", "1")
    round.faults["valkey full 4 s"] += 1
    round.during(4.0, web.ask)
    stand.broker("CONFIG", "SET", "maxmemory", "0")


def postgres(stand: Stand, column: Column, seed: int, kills: int) -> Result:
    """F4. Killed at once with all its processes, all sessions cut, no connection left, frozen for a while."""
    round = Round(stand, "F4", column, seed)
    web = Web(round)
    others = [_cut, _cut, _crowd, _stand_still]
    blows = [_power_off] * kills + others
    round.dice.shuffle(blows)
    for blow in blows:
        round.feed(CHUNK, within=1.0)
        round.during(round.dice.uniform(0.1, 0.8))
        blow(stand, round, web)
        web.ask()
        stand.wait(stand.database.ready, "PostgreSQL")
    round.settle()
    # While the database is down a form can't be kept: it says so (503), and a page without data still comes.
    web.judge({200, 303, 429, 503}, 12.0)
    return round.result()


def _power_off(stand: Stand, round: Round, web: Web) -> None:
    stand.database.kill()
    round.faults["postgres killed"] += 1


def _cut(stand: Stand, round: Round, web: Web) -> None:
    stand.database.cut()
    round.faults["sessions cut"] += 1


def _crowd(stand: Stand, round: Round, web: Web) -> None:
    stand.database.cut()
    with stand.database.crowded() as taken:
        round.faults[f"{taken} connections taken"] += 1
        round.during(3.0, web.ask)


def _stand_still(stand: Stand, round: Round, web: Web) -> None:
    stand.database.freeze()
    round.faults["postgres frozen 5 s"] += 1
    time.sleep(5)
    stand.database.thaw()
