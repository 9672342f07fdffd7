"""The choice of time zones on a form: the clinic's usual ones first, then the world by region, each place once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup

from engage.domain.timing import older_names, zone_choices, zone_names
from engage.web.context import place

_SPOKEN = {
    "America/New_York": "Eastern time – New York",
    "America/Chicago": "Central time – Chicago",
    "America/Denver": "Mountain time – Denver",
    "America/Phoenix": "Arizona time – Phoenix",
    "America/Los_Angeles": "Pacific time – Los Angeles",
    "America/Anchorage": "Alaska time – Anchorage",
    "Pacific/Honolulu": "Hawaii time – Honolulu",
}
_REGIONS = {
    "Africa": "Africa",
    "America": "The Americas",
    "Antarctica": "Antarctica",
    "Arctic": "Arctic",
    "Asia": "Asia",
    "Atlantic": "Atlantic",
    "Australia": "Australia",
    "Europe": "Europe",
    "Indian": "Indian Ocean",
    "Pacific": "Pacific",
}


def options(common: Sequence[str], chosen: str) -> Markup:
    """The select's inside, with ``chosen`` selected; a name that is unknown is not repeated to the page."""
    first = [*common]
    if chosen not in first and chosen in zone_names():
        first.insert(0, chosen)
    usual = [_option(name, _SPOKEN.get(name, _city(name)), name == chosen) for name in first]
    return _group("Often chosen", usual) + _world(tuple(first))


@lru_cache(maxsize=64)
def _world(without: tuple[str, ...]) -> Markup:
    groups = []
    for region, title in _REGIONS.items():
        names = [n for n in zone_choices() if n.split("/", 1)[0] == region and n not in without]
        groups.append(_group(title, [_option(name, _city(name)) for name in names]))
    if "UTC" not in without:
        groups.append(_group("Other", [_option("UTC", "UTC")]))
    return Markup().join(groups)


def _group(title: str, options: Sequence[Markup]) -> Markup:
    return Markup('<optgroup label="{}">{}</optgroup>').format(title, Markup().join(options))


def _option(name: str, label: str, selected: bool = False) -> Markup:
    mark = Markup(" selected") if selected else ""
    older = older_names().get(name)
    also = Markup(' data-also="{}"').format(" ".join(older)) if older else ""
    return Markup('<option value="{}"{}{}>{}</option>').format(name, mark, also, label)


def _city(name: str) -> str:
    """What people call it: Knox (Indiana) for America/Indiana/Knox, Lisbon for Europe/Lisbon."""
    between = name.split("/")[1:-1]
    return place(name) + (f" ({between[-1].replace('_', ' ')})" if between else "")
