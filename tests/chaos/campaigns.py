"""F14: a campaign that is paused and resumed again and again while everything dies around it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from engage import clinic
from engage.services import campaigns, profiles
from engage.services.audit import Actor
from engage.services.campaigns import NotNow, Written
from engage.storage import clock
from engage.storage.campaign_run import dedup_prefix
from engage.storage.consents import keep_wording
from engage.storage.database import run
from tests.chaos import load, people
from tests.chaos.judge import Verdict
from tests.chaos.kills import VICTIMS
from tests.chaos.load import Planned
from tests.chaos.points import CAMPAIGN_POINTS, Column
from tests.chaos.rounds import Result, Round
from tests.chaos.stand import Stand

T = TypeVar("T")
AUTHOR, APPROVER = Actor(UUID(int=1), "staff"), Actor(UUID(int=2), "staff")
BODY = "Hello {% if name %}{{ name }}{% else %}there{% endif %},\n\nOur winter hours begin on Monday.\n"
# At this hour (UTC) it is the middle of the day where they live.
NOON = wall_time(18)
# At its pace ten thousand people take three minutes by themselves, and a busy machine takes longer.
DONE_SECONDS = 600.0
# Some requests are cut off before the vendor has them, some after: those are to be found out about.
HOWS = ("child", "child", "whole")
# Points that are come to again and again, and about how often.
WHILE_IT_GOES = ("a campaign's messages are planned, not committed", "a campaign's messages are planned")
DEATHS = 10
ALWAYS_DUE = 6
CUT = {"reset_after": 0.04, "reset_before": 0.03}


def campaign(stand: Stand, column: Column, seed: int, size: int, pauses: int) -> Result:
    """``size`` people, ``pauses`` pauses at random moments, a kill of any process every 2 to 5 s, lost answers, and
    some people who say STOP on the way."""
    round = Round(stand, "F14", column, seed)
    stand.fake.set_modes("sendgrid", chances=CUT, seed=seed)
    _noon(stand)
    _people(round, size)
    deaths = Deaths(round)
    deaths.prepare("an audience is fixed, not committed")
    # Slow enough that there is something left to pause for each time.
    id = _started(round, rate=60 * max(1, size // (2 * pauses)))
    stopped: set[str] = set()
    strike = time.monotonic() + round.dice.uniform(1, 3)
    left = pauses
    while left and _state(round, id) not in ("done", "cancelled"):
        for act in (campaigns.pause, campaigns.resume):
            round.during(round.dice.uniform(0.05, 1.2))
            with suppress(NotNow):
                _insist(round, lambda act=act: act(stand.rt, AUTHOR, id))  # type: ignore[misc]
            if time.monotonic() > strike:
                round.faults[stand.strike(round.dice.choice(VICTIMS), round.dice)] += 1
                strike = time.monotonic() + round.dice.uniform(2, 5)
        deaths.prepare(WHILE_IT_GOES[left % 2] if left % max(2, pauses // DEATHS) < 2 else "")
        left -= 1
        round.faults["paused and resumed"] += 1
        waiting = _waiting(round, id, stopped, 1)
        people.say_stop(round, waiting)
        stopped |= {one.to for one in waiting}
    _on(round, id)
    try:
        stand.wait(lambda: _done(round, id), "the campaign to be done", DONE_SECONDS)
    except AssertionError as error:
        raise AssertionError(f"{_how_it_stands(round, id)} {error}") from None
    stand.fake.set_modes("sendgrid")
    deaths.over()
    round.settle()
    if round.release():
        round.settle()
    return round.result(_ended(round, id))


class Deaths:
    """At the steps between a list of people and their messages. Each is to be come to at least once."""

    def __init__(self, round: Round) -> None:
        self._round = round
        self._armed: dict[str, str] = {}

    def prepare(self, point: str) -> None:
        """Whoever comes there next dies; counts who did since."""
        self._count()
        if point and point not in self._armed:
            self._armed[point] = f"{self._round.load.name}-{point}-{self._round.dice.random()}"
            self._round.stand.arm(point, self._armed[point], how=self._round.dice.choice(HOWS))

    def over(self) -> None:
        """Nobody dies any more."""
        self._count()
        for point in self._armed:
            self._round.stand.disarm(point)
        self._round.wrong += [
            f"nobody came to: {one}" for one in CAMPAIGN_POINTS if not self._round.faults[one]
        ]

    def _count(self) -> None:
        for point in [one for one, token in self._armed.items() if self._round.stand.was_hit(token)]:
            del self._armed[point]
            self._round.faults[point] += 1


def _how_it_stands(round: Round, id: UUID) -> str:
    sql = """SELECT status, coalesce(reason, '') AS reason, count(*) AS number, min(due_at) AS due FROM messages
    WHERE cause_id = %(id)s GROUP BY 1, 2 ORDER BY 1, 2"""
    with round.stand.rt.transaction() as tx:
        found = [f"{row.number} {row.status} {row.reason} {row.due}" for row in run(tx, sql, {"id": id})]
        row, now = campaigns.one(round.stand.rt, id), round.stand.rt.now(tx)
    return f"It is {row.state} ({row.phase}), {row.released} of {row.audience} planned, at {now}: {'; '.join(found)}."


def _noon(stand: Stand) -> None:
    rt = stand.rt
    with rt.transaction() as tx:
        now = rt.now(tx)
        noon = datetime.combine(now.date(), NOON, UTC)
        ahead = noon if noon > now else noon + timedelta(days=1)
        while ahead.weekday() != 2 or ahead.date() in rt.clinic.hours.holidays:
            ahead += timedelta(days=1)
        clock.set_ahead(tx, ahead - datetime.now(UTC))


def _people(round: Round, size: int) -> None:
    """People who agreed to news and offers, planned for as the judge wants it; keys are known once they are frozen."""
    rt = round.stand.rt
    made = round.load.make(size, channel="email", purpose="marketing", person=True)
    with rt.transaction() as tx:
        now = rt.now(tx)
        keep_wording(tx, people.WORDING, "Yes, please.", now)
        pairs = load.known(rt, tx, made, now)
        run(
            tx,
            """WITH entries AS (
                INSERT INTO consents (id, person_id, channel, purpose, action, actor, source, wording_hash, at)
                SELECT gen_random_uuid(), p, 'email', 'marketing', 'granted', 'person', 'chaos', %(wording)s, %(now)s
                FROM unnest(%(people)b::uuid[]) AS p RETURNING id, person_id
            )
            INSERT INTO consent_states (person_id, channel, purpose, granted, consent_id)
            SELECT person_id, 'email', 'marketing', true, id FROM entries""",
            {"people": [person for person, _ in pairs.values()], "wording": people.WORDING, "now": now},
        )
    while profiles.sweep(rt) or profiles.waiting(rt, 1):
        pass
    round.notes["people"] = {str(person): key for key, (person, _) in pairs.items()}


def _started(round: Round, rate: int) -> UUID:
    """A campaign to all of them that has been approved and begun."""
    rt = round.stand.rt
    id = campaigns.create(rt, AUTHOR, "Winter", "email")
    campaigns.edit(rt, AUTHOR, id, 1, Written("Winter", {}, "Winter hours", "", BODY, rate_per_minute=rate))
    campaigns.submit(rt, AUTHOR, id, campaigns.one(rt, id).version)
    round.stand.wait(lambda: campaigns.one(rt, id).state == "checking", "the audience to be fixed")
    campaigns.approve(rt, APPROVER, id, campaigns.one(rt, id).version)
    # The stand made its clinic's seconds short after this process had read them.
    quick = replace(rt, clinic=clinic.load(rt.settings.clinic_file))
    campaigns.start(quick, AUTHOR, id, campaigns.one(rt, id).version)
    round.stand.wait(lambda: campaigns.one(rt, id).state == "running", "the campaign to begin")
    # The judge knows messages by their keys, and those have the campaign in them.
    known = {key: person for person, key in round.notes.pop("people").items()}
    round.load.made[:] = [
        Planned(dedup_prefix(id) + known[one.key], one.channel, one.purpose, one.to, one.due, one.until, True)
        if one.key in known
        else one
        for one in round.load.made
    ]
    return id


def _insist(round: Round, act: Callable[[], T]) -> T:
    """However often the database dies: whoever did not hear of it says it again."""
    end = time.monotonic() + 60
    while True:
        try:
            return act()
        except (SQLAlchemyError, OSError):
            if time.monotonic() > end:
                raise
            round.stand.keep()
            time.sleep(0.05)


def _state(round: Round, id: UUID) -> str:
    return str(_insist(round, lambda: campaigns.one(round.stand.rt, id)).state)


def _on(round: Round, id: UUID) -> str:
    """Lets it go on whatever stopped it: here a person looks at once. Returns its state."""
    state = _state(round, id)
    if state == "paused":
        with suppress(NotNow):
            _insist(round, lambda: campaigns.resume(round.stand.rt, AUTHOR, id))
    return state


def _done(round: Round, id: UUID) -> bool:
    """Meanwhile other mail leaves, as it does at a clinic: without any nothing proves what became of the last requests."""
    if round.stand.moving() < ALWAYS_DUE:
        round.feed(ALWAYS_DUE)
    round.during(0.5)
    return _on(round, id) == "done"


def _waiting(round: Round, id: UUID, but: set[str], count: int) -> list[Planned]:
    """Some whose message is planned and has not left."""
    sql = """SELECT dedup_key FROM messages WHERE queued AND lane = 3 AND channel = 'email' AND cause_id = %(id)s
    ORDER BY id DESC LIMIT 20"""

    def look() -> list[Any]:
        with round.stand.rt.transaction() as tx:
            return list(run(tx, sql, {"id": id}))

    keys = {row[0] for row in _insist(round, look)}
    return [one for one in round.load.made if one.key in keys and one.to not in but][:count]


def _ended(round: Round, id: UUID) -> Verdict:
    """With callbacks arriving everybody has it who did not say STOP; and whoever has not is on the campaign's list."""
    verdict = Verdict()
    rt = round.stand.rt
    got = {one.to for one in round.stand.fake.ledger()}
    missing = [one for one in round.load.made if one.key.startswith("campaign/") and one.to not in got]
    if round.column == "ok":
        silent = [one.to for one in missing if one.to not in round.stopped]
        verdict.wrong += [f"{to} never got it, and did not say STOP" for to in silent]
    sql = """SELECT count(*) FROM campaign_recipients r LEFT JOIN messages m ON m.id = r.message_id
    WHERE r.campaign_id = %(id)s AND r.excluded IS NULL AND (m.id IS NULL OR m.status IN ('planned', 'claimed'))"""
    with rt.transaction() as tx:
        if open_ := run(tx, sql, {"id": id}).scalar_one():
            verdict.wrong.append(f"{open_} recipients of a campaign that is done have nothing that says why")
    round.notes["campaign"] = {
        "people": len(round.load.made),
        "got": len(got),
        "STOP": len(round.stopped),
        "kept back": len(missing),
    }
    return verdict
