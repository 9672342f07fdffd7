"""Answers about visits that come by text: found which visit is meant, acted, and said back with the visit's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.content.sms import fold, merged, segments
from engage.domain import visit_answers as rules
from engage.domain import visit_words
from engage.domain.appointments import When
from engage.domain.inbound import Meaning
from engage.domain.messages import (
    ANSWER_VISIT_CANCEL,
    ANSWER_VISIT_CHANGED,
    ANSWER_VISIT_CONFIRMED,
    ANSWER_VISIT_LATE,
    ANSWER_VISIT_MOVE,
    ANSWER_VISIT_OFF,
    ANSWER_VISIT_OVER,
    ANSWER_VISIT_WHICH,
    VISIT_CANCELLED_TEXT,
    Kind,
)
from engage.domain.timing import usable
from engage.domain.visit_answers import About, Asks, Candidate, Context, Mention, Question, Vain, Which
from engage.domain.visit_words import Mentioned
from engage.runtime import Runtime
from engage.services import text_alerts, visit_wishes
from engage.services.appointments import when_of
from engage.services.opening import opened
from engage.services.opt_outs import Holders
from engage.services.sms_answers import Text, answer
from engage.services.visit_letters import page_url, place_of
from engage.storage import appointments
from engage.storage import visit_answers as rows

_OFF = (VISIT_CANCELLED_TEXT.name,)
# What is acted upon: the outcome, and how it is answered.
_ACTS: dict[Asks, tuple[str, Kind]] = {
    "confirm": ("visit_confirmed", ANSWER_VISIT_CONFIRMED),
    "reschedule": ("visit_move", ANSWER_VISIT_MOVE),
    "cancel": ("visit_cancel", ANSWER_VISIT_CANCEL),
    "late": ("visit_late", ANSWER_VISIT_LATE),
}
_VAIN: dict[str, tuple[str, Kind]] = {
    "over": ("visit_over", ANSWER_VISIT_OVER),
    "off": ("visit_off", ANSWER_VISIT_OFF),
    "changed": ("visit_changed", ANSWER_VISIT_CHANGED),
}
# A list as long as this many segments is cut: the telephone helps with the rest.
MOST_SEGMENTS = 2

# outcome, id of the answer
Followed = tuple[str, UUID | None]


class _Known(NamedTuple):
    """All that an answer may be about. ``rows`` are visits by id; ``context`` is what was told last."""

    rows: Mapping[UUID, Any]
    candidates: list[Candidate]
    context: Context | None
    question: Question | None


def follow(
    rt: Runtime, tx: Connection, text: Text, said: Meaning, holders: Holders, now: datetime
) -> Followed | None:
    """Acts on an answer about visits of the number's people, whose locks the caller holds. None when it is about none,
    or nobody could tell which: then it is for a person to read."""
    asks = rules.ASKS.get(said.asks)
    if not holders.sure or (asks is None and not said.yes and said.asks not in ("score", "other")):
        return None
    known = _known(tx, text, holders, now)
    turn = _Turn(rt, tx, text, said, holders, known, now)
    question = known.question if known.question is not None and known.question.stands(now) else None
    if question is not None:
        chosen = rules.numbers(text.words, said.number, said.asks, len(question.listed))
        if chosen:
            wanted = asks or question.asks
            meant = rules.picked(wanted, question, chosen, known.candidates, now)
            return turn.follow(wanted, meant, of_list=True)
    # Where Twilio has taken it for a START, and told so, it is one.
    if asks is None and said.yes and known.context is not None and not (said.there and holders.stopped):
        asks = "confirm"
    if asks is None:
        return None
    return turn.follow(asks, rules.meant(asks, known.candidates, known.context, now))


@dataclass(frozen=True, slots=True)
class _Turn:
    """One text, what it asks, and all that it may be about."""

    rt: Runtime
    tx: Connection
    text: Text
    said: Meaning
    holders: Holders
    known: _Known
    now: datetime

    def follow(self, asks: Asks, meant: rules.Meant, of_list: bool = False) -> Followed | None:
        if isinstance(meant, About | Which):
            self._tell_of_late(asks, meant.visits)
        match meant:
            case About(visits):
                return self._act(asks, visits, of_list)
            case Which(visits):
                return self._ask(asks, visits)
            case Vain(why, visit):
                outcome, kind = _VAIN[why]
                reply = self._answer(kind, [visit])
                if why == "changed" and reply is not None:
                    self._remember(asks, [visit], chosen=True)
                return outcome, reply
        return None

    def _tell_of_late(self, asks: Asks, visits: Sequence[Candidate]) -> None:
        """The desk can't wait for the answer to a question."""
        if asks == "late" or "late" in self.said.also:
            for_ = rules.late_for(visits, self.now)
            people = {visit.person_id for visit in for_}
            if people:
                only = people.pop() if len(people) == 1 else None
                first = min(visit.when.starts_at for visit in for_)
                text_alerts.late(self.rt, self.tx, self.text, only, first - rules.LATE_AHEAD, self.now)

    def _act(self, asks: Asks, visits: Sequence[Candidate], of_list: bool) -> Followed:
        for visit in visits:
            row = self.known.rows[visit.id]
            if asks == "confirm":
                visit_wishes.confirm(self.rt, self.tx, row, self.now)
            elif asks == "reschedule":
                visit_wishes.ask_to_move(self.rt, self.tx, row, self.now)
            elif asks == "cancel":
                visit_wishes.ask_to_cancel(self.rt, self.tx, row, self.now)
        if of_list:
            last = visits[-1].id
            rows.choose(self.tx, self.text.index, last, self.known.rows[last].version, self.now)
        else:
            self._remember(asks, visits[-1:], chosen=True)
        outcome, kind = _ACTS[asks]
        return outcome, self._answer(kind, visits)

    def _ask(self, asks: Asks, visits: Sequence[Candidate]) -> Followed | None:
        """Which one? Where that can't be asked, a person has to read it."""
        listed = list(visits[: rules.MOST_LISTED])
        template = self.rt.library.text_message(ANSWER_VISIT_WHICH.text).text
        while len(listed) > 2:
            size = segments(merged(template, _values(self.rt, listed, self.holders)))
            if size.count <= MOST_SEGMENTS:
                break
            listed.pop()
        reply = self._answer(ANSWER_VISIT_WHICH, listed)
        if reply is None:
            return None
        self._remember(asks, listed)
        return "visit_which", reply

    def _remember(self, asks: Asks, visits: Sequence[Candidate], chosen: bool = False) -> None:
        listed = [(visit.id, self.known.rows[visit.id].version) for visit in visits]
        rows.ask(self.tx, self.text.index, asks, listed, self.now, self.now - rules.ASKED_LASTS, chosen)

    def _answer(self, kind: Kind, visits: Sequence[Candidate]) -> UUID | None:
        people = {visit.person_id for visit in visits}
        person = people.pop() if len(people) == 1 else self.holders.only()
        values = _values(self.rt, visits, self.holders)
        return answer(self.rt, self.tx, self.text, kind, person, self.now, values=values)


def _known(tx: Connection, text: Text, holders: Holders, now: datetime) -> _Known:
    contacts = [row.id for row in holders.contacts if row.state == "confirmed"]
    told = rows.last_told(tx, holders.sure, contacts, _OFF, now - rules.REMINDED_LASTS, now)
    asked = rows.question(tx, text.index)
    named = [said.visit for said in told]
    if asked is not None:
        named += [*asked.listed, *([asked.chosen] if asked.chosen is not None else [])]
    found = rows.visits(
        tx,
        holders.sure,
        now - rules.OVER_FOR - rules.OPEN_SINCE,
        now + rules.OPEN_AHEAD,
        list(dict.fromkeys(named)),
    )
    candidates = [Candidate(row.id, row.person_id, when_of(row), row.status) for row in found]
    question = _question(tx, asked) if asked is not None else None
    contexts = [context for context in (_reminder(told), question and question.context(now)) if context]
    return _Known(
        {row.id: row for row in found},
        candidates,
        max(contexts, key=lambda one: one.at, default=None),
        question,
    )


def _reminder(told: Sequence[rows.Said]) -> Context | None:
    if not told:
        return None
    about = tuple(
        Mention(
            said.visit, None if said.off else When(said.starts_at, said.zone, said.minutes, said.location)
        )
        for said in told
    )
    return Context(told[0].at, about)


def _question(tx: Connection, asked: Any) -> Question:
    versions = appointments.versions(tx, asked.listed)

    def mention(visit: UUID, version: int) -> Mention:
        was = versions.get((visit, version))
        return Mention(visit, when_of(was) if was is not None else None)

    listed = tuple(mention(*one) for one in zip(asked.listed, asked.versions, strict=True))
    chosen = mention(asked.chosen, asked.chosen_version) if asked.chosen is not None else None
    return Question(asked.asks, asked.asked_at, listed, chosen, asked.chosen_at)


def _values(rt: Runtime, visits: Sequence[Candidate], holders: Holders) -> dict[str, str]:
    """What the answer says of visits. Names only where several people share the number."""
    shared = len(holders.sure) > 1
    people = {row.person_id: row for row in holders.contacts}
    mentioned = []
    for visit in visits:
        owner = people[visit.person_id]
        told = opened(rt, "people", owner.person_id, owner.sealed) if shared else {}
        mentioned.append(Mentioned(visit.when, str(told.get("given_name", ""))))
    first = visits[0]
    home = usable(people[first.person_id].zone, rt.clinic.zone)
    place = place_of(rt, first.when)
    same_place = len({visit.when.location for visit in visits}) == 1
    values = {
        "visit_short": visit_words.each(mentioned, home),
        "visit_choices": visit_words.choices(mentioned, home),
        "visit_where": place.name if same_place else rt.clinic.short_name,
        "visit_telephone": place.telephone if same_place else rt.clinic.telephone,
        "visit_url": page_url(rt, first.id, first.when.starts_at, people[first.person_id].id),
    }
    return {name: fold(value) for name, value in values.items()}
