"""Decent hours by another road: no tables of spans, no clinic file, only the wall clock and rules written out.

The holidays are dates looked up in calendars, not rules; the states' hours are those of the reference, typed again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

# Every zone of the United States and its territories in the zone database's table of countries.
_ZONES = """
    America/New_York America/Detroit America/Kentucky/Louisville America/Kentucky/Monticello
    America/Indiana/Indianapolis America/Indiana/Vincennes America/Indiana/Winamac America/Indiana/Marengo
    America/Indiana/Petersburg America/Indiana/Vevay America/Chicago America/Indiana/Tell_City America/Indiana/Knox
    America/Menominee America/North_Dakota/Center America/North_Dakota/New_Salem America/North_Dakota/Beulah
    America/Denver America/Boise America/Phoenix America/Los_Angeles America/Anchorage America/Juneau America/Sitka
    America/Metlakatla America/Yakutat America/Nome America/Adak Pacific/Honolulu America/Puerto_Rico
    America/St_Thomas Pacific/Guam Pacific/Saipan Pacific/Pago_Pago
"""

_EVERYBODYS = """
    2026-01-01 2026-01-19 2026-02-16 2026-04-03 2026-05-25 2026-06-19 2026-07-03 2026-07-04 2026-09-07 2026-10-12
    2026-11-11 2026-11-26 2026-12-25
    2027-01-01 2027-01-18 2027-02-15 2027-03-26 2027-05-31 2027-06-18 2027-06-19 2027-07-04 2027-07-05 2027-09-06
    2027-10-11 2027-11-11 2027-11-25 2027-12-24 2027-12-25 2027-12-31
    2028-01-01 2028-01-17 2028-02-21 2028-04-14 2028-05-29 2028-06-19 2028-07-04 2028-09-04 2028-10-09 2028-11-10
    2028-11-11 2028-11-23 2028-12-25 2029-01-01
"""
UNITED_STATES = _ZONES.split()
EVERYBODYS = _EVERYBODYS.split()
MARDI_GRAS = ["2026-02-17", "2027-02-09", "2028-02-29"]
CONFEDERATE = ["2026-04-27", "2027-04-26", "2028-04-24"]
STATE_HOLIDAYS = {
    "AL": [*MARDI_GRAS, *CONFEDERATE, "2026-06-01", "2027-06-07", "2028-06-05"],
    "LA": MARDI_GRAS,
    "MS": CONFEDERATE,
    "PA": ["2026-06-14", "2027-06-14", "2028-06-14"],
    "RI": ["2026-08-10", "2027-08-09", "2028-08-14"],
    "UT": ["2026-07-24", "2027-07-23", "2027-07-24", "2028-07-24"],
}
NO_HOLIDAYS_IN = ("AL", "LA", "MS", "PA", "RI", "UT")
SUNDAY = 6
# One of each rule, and one state that has none of its own.
STATES = ("FL", "AL", "LA", "MS", "CT", "MN", "KY", "TX", "RI", "ME", "PA", "UT", "CO")


@lru_cache(maxsize=256)
def holidays(states: frozenset[str]) -> frozenset[date]:
    there = [day for state in states or STATE_HOLIDAYS for day in STATE_HOLIDAYS.get(state, [])]
    return frozenset(date.fromisoformat(day) for day in [*EVERYBODYS, *there])


def hours_of(state: str, there: datetime) -> tuple[float, float]:
    """From when until when a solicitation may arrive on this local day; (0, 0) is never."""
    sunday, weekend = there.weekday() == SUNDAY, there.weekday() >= 5
    if state in ("FL", "OK", "WA", "MD", "MA", "WY", "NJ"):
        return 8, 20
    if state in ("MS", "AL", "LA"):
        return (0, 0) if sunday else (8, 20)
    if state in ("CT", "NV"):
        return 9, 20
    if state in ("MN", "MI", "NM", "CA", "IL"):
        return 9, 21
    if state == "KY":
        return 10, 21
    if state == "TX":
        return (12, 21) if sunday else (9, 21)
    if state == "RI":
        return (10, 17) if weekend else (9, 18)
    if state == "ME":
        return (0, 0) if weekend else (9, 17)
    if state == "PA" and sunday and there.date() >= date(2026, 10, 18):
        return 0, 0
    return 8, 21


def may_solicit(there: datetime, states: frozenset[str]) -> bool:
    """The rules alone, without any hours of a clinic's own, by what the clock shows ``there``."""
    hour = there.hour + there.minute / 60 + there.second / 3600
    for state in states or STATES:
        opens, shuts = hours_of(state, there)
        if not max(opens, 8) <= hour < min(shuts, 21):
            return False
        if state in NO_HOLIDAYS_IN and there.date() in holidays(states):
            return False
    return True


def may_advertise(there: datetime, states: frozenset[str]) -> bool:
    """A marketing text by the clinic's file as it is delivered."""
    own = there.weekday() < 5 and 10 <= there.hour < 17 and there.date() not in holidays(states)
    return own and may_solicit(there, states)


def may_teach(there: datetime, states: frozenset[str]) -> bool:
    """A course's text by the clinic's file as it is delivered."""
    return 9 <= there.hour < 20 and may_solicit(there, states)


def clocks(moment: datetime, zones: Iterable[str]) -> list[datetime]:
    """What the clocks show at ``moment`` in each zone."""
    return [moment.astimezone(ZoneInfo(zone)) for zone in zones]
