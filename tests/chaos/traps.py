"""For each planted bug a small situation in which the judge must speak up; without the bug the same goes well."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engage.storage import messages
from engage.storage.database import run
from tests.chaos import days, judge, people
from tests.chaos.load import Planned, insist
from tests.chaos.points import Column
from tests.chaos.rounds import Round
from tests.chaos.stand import MAIL_HOLD, Stand
from tests.processes.visitor import Visitor

# With a bug something may hang for good, which is what is to be seen: no need to wait long.
PATIENCE = {"good": 45.0, "bad": 15.0}
Situation = Callable[[Round], Sequence[judge.Verdict] | None]


@dataclass(frozen=True)
class Trap:
    """``plant`` is the bug; ``web`` whether the web server has it, too."""

    plant: str
    situation: Situation
    column: Column = "ok"
    web: bool = False


@dataclass(frozen=True)
class Sprung:
    """What the judge said, without the bug (None: not tried) and with it."""

    plant: str
    good: judge.Verdict | None
    bad: judge.Verdict

    @property
    def caught(self) -> bool:
        """The bug was seen, and where there was none nothing was."""
        return not self.bad.ok and (self.good is None or self.good.ok)


def spring(stand: Stand, name: str, seed: int, *, control: bool = True, heal: bool = True) -> Sprung:
    """One trap. Afterwards the product runs without the bug, unless nobody needs it any more (not ``heal``)."""
    trap = TRAPS[name]
    good = _try(stand, trap, seed, "good") if control else None
    _plant(stand, trap, name)
    try:
        return Sprung(name, good, _try(stand, trap, seed, "bad"))
    finally:
        stand.disarm()
        stand.thaw()
        if heal:
            _plant(stand, trap, "")
        for route in ("sendgrid", "twilio"):
            stand.fake.set_modes(route)
        _sweep(stand)


def alone(stand: Stand) -> None:
    """One worker and one beat will do."""
    for name in ("worker2", "beat2"):
        if name in stand._children:
            stand.stop(name)


def _plant(stand: Stand, trap: Trap, name: str) -> None:
    stand.env["CHAOS_PLANT"] = name
    for process in ("worker", "web")[: 1 + trap.web]:
        stand.restart(process)
    stand.wait_ready()


def _try(stand: Stand, trap: Trap, seed: int, how: str) -> judge.Verdict:
    round = Round(stand, f"trap-{trap.plant}-{how}".replace("_", "-"), trap.column, seed)
    round.patience = PATIENCE[how]
    more = trap.situation(round) or ()
    verdict = round.result(*more).verdict
    if trap.plant == "addresses_shared":
        verdict.doubled.clear()  # Here two messages to one address are meant.
    return verdict


def _moved(round: Round) -> None:
    """As long as something moves, or until it is clear that it does not."""
    end = time.monotonic() + round.patience
    while time.monotonic() < end and (round.stand.moving() or not round.stand.told()):
        round.during(0.1)


def _sweep(stand: Stand) -> None:
    """What a bug left behind is no part of the next situation."""
    with stand.rt.transaction() as tx:
        run(tx, "UPDATE attempts SET state = 'done', result = 'swept' WHERE state <> 'done'")
        sql = """UPDATE messages SET status = 'cancelled', reason = 'replaced', ended_at = now()
        WHERE status IN ('planned', 'claimed', 'unknown')"""
        run(tx, sql)


def _hit(round: Round, point: str, how: str) -> None:
    round.stand.arm(point, round.load.name, how=how)


def _was_hit(round: Round, point: str) -> None:
    round.stand.wait(lambda: round.stand.was_hit(round.load.name), f"somebody at: {point}", 20)


def _killed_with_a_claim(round: Round) -> None:
    _hit(round, "a claim is committed", "child")
    round.feed(10, channel="email", purpose="service")
    _was_hit(round, "a claim is committed")
    _moved(round)


def _frozen_with_a_claim(round: Round) -> None:
    _hit(round, "a claim is committed", "freeze")
    round.feed(5, channel="sms", purpose="service")
    _was_hit(round, "a claim is committed")
    _moved(round)
    round.stand.thaw()
    round.during(2.0)
    _moved(round)


def _planned_twice(round: Round) -> None:
    days.plan_at_once(round.stand, round.load.make(10), 2)
    _moved(round)


def _suppressed(round: Round) -> None:
    coming = [replace(one, due=one.due + 1.5) for one in round.load.make(5, purpose="education", person=True)]
    insist(round.stand.rt, coming, round.stand.keep)
    for one in coming:
        people.suppress_address(round.stand, one, "education")
        round.stopped[one.to] = time.time()
    round.during(2.5)
    _moved(round)


def _many_at_once(round: Round) -> None:
    for _ in range(6):
        round.feed(40)
        round.during(0.3)
    _moved(round)


def _texts_dropped(round: Round) -> None:
    round.stand.fake.set_modes("twilio", ["reset_after"] * 3)
    round.feed(3, channel="sms")
    _moved(round)


def _mail_dropped(round: Round) -> None:
    events = f"{round.stand.base_url}/hooks/sendgrid/events"
    round.stand.fake.set_callbacks("sendgrid", url=events, late=MAIL_HOLD + 6, pause=1.0)
    round.stand.fake.set_modes("sendgrid", ["reset_after"])
    round.feed(5, channel="email", purpose="marketing")
    _moved(round)


def _told_twice(round: Round) -> list[judge.Verdict]:
    events = f"{round.stand.base_url}/hooks/sendgrid/events"
    round.stand.fake.set_callbacks("sendgrid", url=events, copies=2, shuffled=4.0, pause=1.0)
    made = round.feed(20, channel="email")
    _moved(round)
    sql = """SELECT m.dedup_key, e.what, count(*) FROM receipt_events e JOIN messages m ON m.id = e.message_id
    WHERE m.dedup_key LIKE %(like)s GROUP BY 1, 2"""
    with round.stand.rt.transaction() as tx:
        told = run(tx, sql, {"like": f"chaos/{round.load.name}/%"}).all()
    wrong = [f"{row[0]}: staff read {row[2]} times that it was {row[1]}" for row in told if row[2] > 1]
    if len(told) != 2 * len(made):
        wrong.append(f"{len(told)} events of {len(made)} mails")
    return [judge.Verdict(wrong=wrong)]


def _one_address_twice(round: Round) -> list[judge.Verdict]:
    made = round.load.make(10, channel="email", purpose="education")
    pairs = [replace(one, to=made[n // 2].to) for n, one in enumerate(made)]
    insist(round.stand.rt, pairs, round.stand.keep)
    round.load.made[:] = pairs
    _moved(round)
    got = Counter(one.to for one in round.stand.fake.ledger())
    return [judge.Verdict(lost=[f"{one.to}: {got[one.to]} of 2" for one in pairs if got[one.to] != 2])]


def _refused_and_frozen(round: Round) -> None:
    round.stand.fake.set_modes("twilio", ["429"])
    _hit(round, "a text's answer is read", "freeze")
    round.feed(1, channel="sms", purpose="service")
    _was_hit(round, "a text's answer is read")
    _moved(round)
    round.stand.thaw()
    # What was refused is tried again after a while: with the bug a second copy comes.
    end = time.monotonic() + 20
    while time.monotonic() < end and len(round.stand.fake.ledger()) < 2:
        round.during(0.1)
    _moved(round)


def _refused_by_error(round: Round) -> None:
    round.stand.fake.set_modes("twilio", ["503"] * 3)
    round.feed(3, channel="sms")
    _moved(round)


def _stop_while_claimed(round: Round) -> None:
    _hit(round, "a claim is decided", "freeze")
    one = round.feed(1, channel="email", purpose="education", person=True)[0]
    _was_hit(round, "a claim is decided")
    clicking = threading.Thread(target=_click, args=(round, one))
    clicking.start()
    clicking.join(1.5)
    round.stand.thaw()
    clicking.join(20)
    _moved(round)


def _click(round: Round, one: Planned) -> None:
    stand = round.stand
    with stand.rt.transaction() as tx:
        row: Any = messages.by_key(tx, one.key)
    answer = Visitor(stand.base_url).post(
        stand.rt.links.url("unsubscribe", row.id), {"List-Unsubscribe": "One-Click"}
    )
    if answer.status == 200:
        round.stopped[one.to] = time.time()


def _too_late(round: Round) -> None:
    now = time.time()
    stale = [replace(one, due=now - 20, until=now - 5) for one in round.load.make(5)]
    insist(round.stand.rt, stale, round.stand.keep)
    round.load.made[:] = stale
    _moved(round)


TRAPS: dict[str, Trap] = {
    trap.plant: trap
    for trap in (
        Trap("no_lease", _killed_with_a_claim),
        Trap("no_fence", _frozen_with_a_claim),
        Trap("no_dedup_key", _planned_twice),
        Trap("no_suppression_check", _suppressed),
        Trap("no_row_locks", _many_at_once),
        Trap("blind_retry", _texts_dropped, "late"),
        Trap("absence_assumed", _mail_dropped, "late"),
        Trap("lookup_finds_nothing", _texts_dropped, "lost"),
        Trap("events_not_deduplicated", _told_twice, web=True),
        Trap("addresses_shared", _one_address_twice),
        Trap("late_answer_wins", _refused_and_frozen),
        Trap("errors_accepted", _refused_by_error),
        Trap("stop_without_locks", _stop_while_claimed, web=True),
        Trap("stale_is_sent", _too_late),
    )
}
