"""Which visit an answer by text is about: never a guess between people, and no time is confirmed that was not told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from engage.domain.appointments import OFF, OPEN, Status, When
from engage.domain.inbound import Ask
from engage.domain.timing import local

Asks = Literal["confirm", "reschedule", "cancel", "late"]
ASKS: Final[dict[Ask, Asks]] = {
    "confirm": "confirm",
    "reschedule": "reschedule",
    "cancel": "cancel",
    "late": "late",
}

# Visits that an answer may be about without our having named one.
OPEN_SINCE, OPEN_AHEAD = timedelta(hours=12), timedelta(days=60)
# So long after a visit an answer is told that it is over; later it is a conversation.
OVER_FOR = timedelta(days=7)
# An answer is about what our last text told of, for so long; a question of ours is answered within a day.
REMINDED_LASTS, ASKED_LASTS = timedelta(hours=48), timedelta(hours=24)
# Who is late says so within these hours, or, when nothing is so near, the day before.
LATE_AHEAD = timedelta(hours=12)
# What a digit can choose from.
MOST_LISTED = 9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A visit of somebody whose number it surely is."""

    id: UUID
    person_id: UUID
    when: When
    status: Status


@dataclass(frozen=True, slots=True)
class Mention:
    """A visit that we named. ``when`` is the time that we told, None where we told that it is off."""

    visit: UUID
    when: When | None


@dataclass(frozen=True, slots=True)
class Context:
    """What we told the number last, at ``at`` (aware UTC)."""

    at: datetime
    about: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Which one? we asked at ``at`` (aware UTC), about what ``asks`` says; ``listed`` in the order of their digits.
    ``chosen`` is the one that we spoke of last, at ``chosen_at``."""

    asks: Asks
    at: datetime
    listed: tuple[Mention, ...]
    chosen: Mention | None = None
    chosen_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Whether a digit may still answer it."""
        return len(self.listed) > 1 and now - self.at < ASKED_LASTS

    def context(self, now: datetime) -> Context | None:
        """What it leaves to be spoken of; None when that is long ago."""
        if self.chosen is not None and self.chosen_at is not None:
            last = Context(self.chosen_at, (self.chosen,))
        else:
            last = Context(self.at, self.listed)
        return last if now - last.at < ASKED_LASTS else None


@dataclass(frozen=True, slots=True)
class About:
    """It is about these visits and no others."""

    visits: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Which:
    """It may be about any of these: the person has to say."""

    visits: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Vain:
    """It is about one that is over, was called off, or has another time than the person was told."""

    why: Literal["over", "off", "changed"]
    visit: Candidate


Meant = About | Which | Vain | None


def meant(asks: Asks, visits: Sequence[Candidate], context: Context | None, now: datetime) -> Meant:
    """What ``asks`` is about, of ``visits``; None when there is nothing that it could be about."""
    known = {one.id: one for one in visits}
    named = [(known[one.visit], one.when) for one in (context.about if context else ()) if one.visit in known]
    if len(named) == 1 and not (asks == "late" and _is_later(named[0][0], now)):
        return _named(asks, *named[0], now)
    told = [visit for visit, _ in named if is_open(visit, now)]
    standing = [one for one in visits if is_open(one, now) and _within(one, now)]
    found = told or standing
    if asks == "late":
        found = late_for(told, now, near=True) or late_for(standing, now)
    found.sort(key=lambda one: (one.when.starts_at, one.id))
    if len(found) > 1:
        return Which(tuple(found))
    if found:
        return About((found[0],))
    over = [one for one in visits if is_over(one, now) and now - one.when.ends_at <= OVER_FOR]
    if over and not any(is_open(one, now) for one in visits):
        return Vain("over", max(over, key=lambda one: one.when.ends_at))
    return None


def picked(
    asks: Asks, question: Question, numbers: Sequence[int], visits: Sequence[Candidate], now: datetime
) -> Meant:
    """What digits choose from a question that stands; the same question again where there is no such digit."""
    known = {one.id: one for one in visits}
    listed = [(known.get(one.visit), one.when) for one in question.listed]
    if not all(1 <= number <= len(listed) for number in numbers):
        again = tuple(visit for visit, _ in listed if visit is not None and is_open(visit, now))
        return Which(again) if again else None
    found: list[Candidate] = []
    for number in numbers:
        visit, when = listed[number - 1]
        answer = _named(asks, visit, when, now) if visit is not None else None
        if not isinstance(answer, About):
            return answer
        found += answer.visits
    return About(tuple(found))


def is_open(visit: Candidate, now: datetime) -> bool:
    """Whether it is still going to take place, or is taking place."""
    return visit.status in OPEN and visit.when.ends_at > now


def is_over(visit: Candidate, now: datetime) -> bool:
    """Whether it was to take place, and is over."""
    return visit.status not in OFF and (visit.status in ("fulfilled", "noshow") or visit.when.ends_at <= now)


def _named(asks: Asks, visit: Candidate, told: When | None, now: datetime) -> Meant:
    if visit.status in OFF:
        return Vain("off", visit)
    if is_over(visit, now):
        return Vain("over", visit)
    if not is_open(visit, now) or (asks == "late" and not late_for([visit], now)):
        return None
    if asks == "confirm" and told != visit.when:
        return Vain("changed", visit)
    return About((visit,))


def _within(visit: Candidate, now: datetime) -> bool:
    return now - OPEN_SINCE < visit.when.starts_at <= now + OPEN_AHEAD


def late_for(visits: Sequence[Candidate], now: datetime, *, near: bool = False) -> list[Candidate]:
    """For which of these somebody may be late: those of the next hours, and unless ``near`` where there is none, those of
    today and tomorrow by the clocks at each."""
    found = [one for one in visits if is_near(one.when, now)]
    if found or near:
        return found
    return [one for one in visits if _day(one.when.starts_at, one) <= _day(now, one) + timedelta(days=1)]


def is_near(when: When, now: datetime) -> bool:
    """Whether it is so soon that whoever says that they are late surely means it."""
    return when.starts_at <= now + LATE_AHEAD


def _is_later(visit: Candidate, now: datetime) -> bool:
    return is_open(visit, now) and not is_near(visit.when, now)


def _day(moment: datetime, visit: Candidate) -> date:
    return local(moment, visit.when.zone).date()


_ALL: Final = re.compile(r"\b(both|all|all of them|ambas|ambos|todas|todos)\b", re.IGNORECASE)
_DIGITS: Final = re.compile(
    r"[\s(#]*\d{1,2}[\s.)]*(?:(?:,|&|\+|and|y|\s)[\s#]*\d{1,2}[\s.)]*){0,8}[!.\s]*", re.IGNORECASE
)
_ORDINALS: Final = {
    word: place
    for place, words in enumerate(
        (
            "first 1st primera primero primer",
            "second 2nd segunda segundo",
            "third 3rd tercera tercero tercer",
            "fourth 4th cuarta cuarto",
            "fifth 5th quinta quinto",
        ),
        1,
    )
    for word in words.split()
}
_WORDS: Final = re.compile(r"[^\W_]+")
_FILLERS: Final = frozenset(
    {"number", "option", "please", "thanks", "the", "numero", "opcion", "por", "favor", "gracias"}
)
# Longer than a choice is; what is longer tells of something else.
_LONGEST: Final = 60


def numbers(text: str, number: int | None, asks: Ask, listed: int) -> list[int]:
    """Which of ``listed`` visits a text chooses, by digits, in words, or all of them; empty where it chooses none.

    ``number`` is what the rules for replies read from it. A number within a longer text is no choice, but for one
    that says what is to be done: "C 2".
    """
    said = text.strip()
    if len(said) > _LONGEST:
        return []
    if _DIGITS.fullmatch(said):
        return list(dict.fromkeys(int(found) for found in re.findall(r"\d{1,2}", said)))
    words = _WORDS.findall(said.casefold())
    request = asks in ASKS
    if _ALL.search(said) and (request or len(words) <= 3):
        return list(range(1, listed + 1))
    if asks not in ("other", "score") and not request:
        return []
    ordinals = [_ORDINALS[word] for word in words if word in _ORDINALS]
    if ordinals and number is not None:
        return list(dict.fromkeys(ordinals))
    single = len([word for word in words if word not in _FILLERS]) == 1 or asks == "other" or request
    return [number] if number is not None and single else []
