"""Decent hours in words: by whose clock, by which rules, and what speaks against a moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from engage.domain.holidays import days_of
from engage.domain.hours import Decent, Rule
from engage.domain.messages import Channel, Purpose
from engage.domain.numbers import ABROAD
from engage.domain.preferences import spoken_week
from engage.domain.timing import local, spoken
from engage.domain.weeks import WHOLE_DAY, Week, common
from engage.domain.whereabouts import Where

_NOUNS: dict[Channel, str] = {"email": "Emails", "sms": "Texts"}
# More of one kind are counted, not named.
NAMED = 3


def hours_line(
    decent: Decent, purpose: Purpose, channel: Channel, stated: str, where: Where, moment: datetime
) -> str:
    """When such messages may leave: "Texts of the purpose education go to this person every day, 9 AM to 8 PM, by the
    clock in America/New_York (the zone that the person gave)."

    ``stated`` is the zone that the person gave, ``where`` all that is known of their place, ``moment`` aware UTC.
    """
    zones = [f"{name} ({_source(name, stated)})" for name in decent.zones]
    clocks = _listed(zones, "and in") if len(zones) <= NAMED else f"all {len(zones)} zones where they may be"
    hours = "; ".join(spoken_week(_week(decent.rules, local(moment, decent.zones[0]).date())))
    when = hours[:1].lower() + hours[1:] if hours.startswith("Every") else hours
    holidays = ", and not on holidays" if any(not rule.on_holidays for rule in decent.rules) else ""
    line = f"{_NOUNS[channel]} of the purpose {purpose} go to this person {when or 'at no hour'}{holidays}, by the clock in {clocks}."
    return f"{line} {_states(where)}".rstrip() if any(rule.states for rule in decent.rules) else line


def against_line(decent: Decent, moment: datetime) -> str:
    """What speaks against a moment (aware UTC), "" when nothing does: "It is Tuesday, November 24, 10:15 PM in
    America/New_York, outside the clinic’s own hours (every day, 9 AM to 8 PM)."""
    found = []
    for zone in decent.zones:
        there = local(moment, zone)
        rules = [words for rule in decent.rules if (words := _against(decent, rule, there))]
        if rules:
            found.append(f"{spoken(there)} in {zone}: outside {_few(rules, 'rules')}")
    return f"It is then {_few(found, 'zones', '; ')}." if found else ""


def _week(rules: Iterable[Rule], day: date) -> Week:
    spans = [WHOLE_DAY] * 7
    for rule in rules:
        if rule.since is None or day >= rule.since:
            spans = [common(some, rule.week[n]) for n, some in enumerate(spans)]
    return tuple(spans)


def _against(decent: Decent, rule: Rule, there: datetime) -> str:
    if rule.since is not None and there.date() < rule.since:
        return ""
    if not rule.on_holidays:
        day = there.date()
        names = [one.name for one in decent.holidays if day in days_of(day.year, (one,))]
        if names:
            return f"{_whose(decent, rule)}, which keep {names[0]}"
    minutes = there.hour * 60 + there.minute
    if any(start <= minutes < end for start, end in rule.week[there.weekday()]):
        return ""
    return f"{_whose(decent, rule)} ({'; '.join(spoken_week(rule.week))})"


def _whose(decent: Decent, rule: Rule) -> str:
    if rule == decent.rules[0]:
        return "the clinic’s own hours"
    if rule.states:
        return f"the hours of {', '.join(sorted(rule.states))}"
    return "the hours that hold everywhere" if rule.purposes else "the hours that the person asked for"


def _source(zone: str, stated: str) -> str:
    return "the zone that the person gave" if zone == stated else "where their number is from"


def _states(where: Where) -> str:
    states = sorted(where.states - {ABROAD})
    if states:
        return f"By where the number is from, the rules of {_listed(states, 'and')} count."
    return "" if where.states else "Nothing tells the state, so the rules of every state count."


def _few(some: Sequence[str], what: str, apart: str = ", ") -> str:
    if len(some) <= NAMED:
        return _listed(some, "and") if apart == ", " else apart.join(some)
    return f"{apart.join(some[:NAMED])}{apart}and {len(some) - NAMED} {what} more"


def _listed(some: Sequence[str], joined: str) -> str:
    return f" {joined} ".join(some) if len(some) < 3 else f"{', '.join(some[:-1])} {joined} {some[-1]}"
