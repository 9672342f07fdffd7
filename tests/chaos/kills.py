"""F1, F2: processes die at every step of a message's life, and at any moment."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.chaos import people
from tests.chaos.load import Planned
from tests.chaos.points import POINTS, Column
from tests.chaos.rounds import Result, Round
from tests.chaos.stand import Stand

# Some requests go wrong by themselves, so that there is something to doubt and to send again.
MIXED = {
    "sendgrid": {"html413": 0.05, "reset_after": 0.04, "reset_before": 0.03},
    "twilio": {"reset_after": 0.04, "reset_before": 0.03},
}
HOWS = ("child", "child", "child", "whole")
# What these points wait for: somebody must have died there just before.
AFTER_A_DEATH = {
    "a lease is given back, not committed": "a claim is committed",
    "an attempt is doubted, not committed": "a text's attempt is started",
}
# So many deaths are prepared at a time, each at a point of its own.
AT_ONCE = 4
QUEUE = 60
HIT_SECONDS = 150.0
VICTIMS = ("web", "worker", "worker", "worker2", "worker2", "beat", "beat2", "valkey", "postgres")


def crash_points(
    stand: Stand, column: Column, seed: int, rounds: int = 1, points: Sequence[str] = (), course: bool = True
) -> Result:
    """F1: every point that the column has (or ``points``), ``rounds`` times, in an order by seed."""
    round = Round(stand, "F1", column, seed)
    chosen = [name for name in (points or POINTS) if column in POINTS[name].columns]
    waiting = [name for name in chosen for _ in range(rounds)]
    round.dice.shuffle(waiting)
    known = people.enrol(stand, round.load.name, 40) if course else []
    visitors = people.Visitors(stand, round.load.name)
    for route, chances in MIXED.items():
        stand.fake.set_modes(route, chances=chances, seed=seed)
    armed: dict[str, tuple[str, float]] = {}
    number = 0
    while waiting or armed:
        for name, (token, since) in list(armed.items()):
            if stand.was_hit(token):
                del armed[name]
                round.faults[name] += 1
            elif time.monotonic() - since > HIT_SECONDS:
                round.wrong.append(f"nobody came to: {name}")
                del armed[name]
                stand.disarm(name)
        while waiting and len(armed) < AT_ONCE:
            name = next((one for one in waiting if one not in armed), "")
            if not name:
                break
            waiting.remove(name)
            number += 1
            token = f"{round.load.name}-{number}"
            stand.arm(
                name,
                token,
                how=round.dice.choice(HOWS),
                skip=round.dice.choice((0, 0, 1)) * ("lesson" not in name),
            )
            armed[name] = (token, time.monotonic())
        for name in AFTER_A_DEATH.keys() & armed.keys():
            if AFTER_A_DEATH[name] not in armed and not round.dice.randrange(8):
                stand.arm(AFTER_A_DEATH[name], f"{round.load.name}-before-{number}-{round.dice.random()}")
        _go_on(round, visitors, armed, known)
    stand.disarm()
    for route in MIXED:
        stand.fake.set_modes(route)
    visitors.insist()
    round.notes["deaths"] = sum(round.faults.values())
    round.settle()
    if round.release():
        round.settle()
    return round.result(*people.finish(round, known), visitors.verdict(stand.fake.ledger(), column))


def _go_on(
    round: Round, visitors: people.Visitors, armed: dict[str, tuple[str, float]], known: list[str]
) -> None:
    """A moment of an ordinary day: a queue that is never empty, now and then a sign-up, a lesson when one is asked for."""
    stand = round.stand
    try:
        busy = stand.moving()
    except Exception:
        busy = 0
    if busy < QUEUE:
        round.feed(30)
    if any("sign-up" in name for name in armed):
        visitors.come()
    elif visitors.waiting:
        visitors.again()
    # Whoever sends a form again another day is answered again: the clock stands still for those who wait.
    if known and any("lesson" in name for name in armed) and busy < QUEUE and not visitors.waiting:
        people.next_lesson(stand)
    round.during(0.15)


def random_kills(
    stand: Stand, column: Column, seed: int, size: int, pace: float = 45.0, stops: bool = True
) -> Result:
    """F2 (and F15): any process dies every 2 to 5 seconds while ``size`` messages fall due; meanwhile some people say
    STOP."""
    round = Round(stand, "F2", column, seed)
    chunk, fed, leaving = 30, 0, list[Planned]()
    begun = time.monotonic()
    strike = begun + round.dice.uniform(1, 3)
    while fed < size:
        if fed <= (time.monotonic() - begun) * pace:
            made = round.feed(min(chunk, size - fed), within=2.0)
            fed += len(made)
            bulk = [one for one in made if one.person and one.purpose in ("education", "marketing")]
            leaving += bulk[: 2 * stops]
        # Just when theirs falls due, sooner or later.
        now = time.time() + round.dice.uniform(-0.5, 0.5)
        people.say_stop(round, [one for one in leaving if one.due <= now])
        leaving = [one for one in leaving if one.due > now]
        if time.monotonic() > strike:
            round.faults[stand.strike(round.dice.choice(VICTIMS), round.dice)] += 1
            strike = time.monotonic() + round.dice.uniform(2, 5)
        round.during(0.1)
    round.settle()
    if round.release():
        round.settle()
    return round.result()
