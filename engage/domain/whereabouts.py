"""Where a person may be, from everything that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from engage.domain.numbers import UNKNOWN, Place, everywhere, place_of_number, place_of_state
from engage.domain.timing import zone_names
from engage.domain.weeks import Week


@dataclass(frozen=True, slots=True)
class Where:
    """The zones (IANA names, at least one) and states that a person may be in, and the hours they asked for.

    A moment has to be decent in every zone, by the rules of every state. No state means that nothing is known,
    so that any state's rules may hold. ``wish`` narrows the hours of all purposes but service.
    """

    zones: frozenset[str]
    states: frozenset[str] = frozenset()
    wish: Week | None = None

    def __post_init__(self) -> None:
        if not self.zones:
            raise ValueError("needs at least one zone; numbers.everywhere() where none is known")


def whereabouts(
    zone: str | None = None, number: str | None = None, state: str | None = None, wish: Week | None = None
) -> Where:
    """From the zone that the person stated, their number (E.164) and the state of their address, each if known.

    Sources that differ all count. One that leaves open which of several zones it means (area code 850 is in
    two) agrees with a stated zone that is one of them. With no zone left, every zone of the fifty states.
    What can't be understood (a zone that is none any more, a number without a place) counts as not known.
    """
    stated = zone if zone in zone_names() else None
    place = place_of_number(number) if number else UNKNOWN
    home = place_of_state(state) if state else UNKNOWN
    return _joined(stated, place, home, wish)


@lru_cache(maxsize=65536)
def _joined(stated: str | None, place: Place, home: Place, wish: Week | None) -> Where:
    zones = {stated} if stated else set()
    for source in (place, home):
        if stated not in source.zones:
            zones |= source.zones
    return Where(frozenset(zones) or everywhere(), place.states | home.states, wish)
