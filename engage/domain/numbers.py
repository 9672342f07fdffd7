"""What a telephone number tells of its place: a thin reading of phonenumbers' tables, once for each area code.

A mobile number stays with a person who moves, and its exchange says nothing, so the whole area code counts:
every zone and every state that the tables have anywhere in it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType, region_code_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from engage.domain.timing import zone_names

# A number's place outside the United States: no state's rules hold there.
ABROAD = "abroad"
TERRITORIES = frozenset({"PR", "VI", "GU", "AS", "MP"})
# What a rule may name, so that a slip of the pen is found without reading the tables; a test compares the two.
_LETTERS = """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
    PA RI SC SD TN TX UT VT VA WA WV WI WY AB BC MB NB NL NS NT NU ON PE QC SK YT
"""
STATES = TERRITORIES | frozenset(_LETTERS.split())

# An area code as the tables' keys have it: country code 1 and three digits.
_AREA = re.compile(r"\+?(1[2-9]\d\d)")
_PLACED = {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


@dataclass(frozen=True, slots=True)
class Place:
    """Zones (IANA names) and states (two capital letters, Canadian provinces too, or ABROAD); empty is unknown."""

    zones: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()


UNKNOWN = Place()


def place_of_number(number: str) -> Place:
    """The place of a number in E.164 form; UNKNOWN for toll-free, personal and unassigned area codes."""
    if found := _AREA.match(number):
        return _areas().get(found[1], UNKNOWN)
    return _abroad(_country_code(number))


@lru_cache(maxsize=1024)
def place_of_state(state: str) -> Place:
    """The place of a state or province, named by its two letters ("FL") or in full ("Florida"); else UNKNOWN.

    Its zones are those of all its area codes.
    """
    code = _state_names().get(state.strip().lower(), state.strip().upper())
    zones = {zone for place in _areas().values() if code in place.states for zone in place.zones}
    return Place(frozenset(zones), frozenset({code})) if zones else UNKNOWN


@lru_cache(maxsize=1)
def everywhere() -> frozenset[str]:
    """Every zone that a number in the fifty states and Washington, D.C. may be in."""
    abroad = TERRITORIES | {ABROAD}
    domestic = (
        area for area, place in _areas().items() if not place.states & abroad and _region(area) == "US"
    )
    return frozenset(zone for area in domestic for zone in _areas()[area].zones)


@lru_cache(maxsize=1)
def _areas() -> Mapping[str, Place]:
    """Each area code of the North American plan that places its numbers."""
    zones: defaultdict[str, set[str]] = defaultdict(set)
    for prefix, names in TIMEZONE_DATA.items():
        if _AREA.fullmatch(prefix[:4]):
            zones[prefix[:4]] |= {name for name in names if name in zone_names()}
    return {
        area: Place(frozenset(zones[area]), _states_of(area, region))
        for area in map(str, range(1200, 2000))
        if (region := _region(area))
    }


def _states_of(area: str, region: str) -> frozenset[str]:
    if region in TERRITORIES:
        return frozenset({region})
    if region not in {"US", "CA"}:
        return frozenset({ABROAD})
    found = _descriptions().get(area, set())
    codes = {code for text in found if (code := _state_in(text))}
    return frozenset(codes or ({ABROAD} if region == "CA" else ()))


def _state_in(description: str) -> str | None:
    """The state of "Jersey City, NJ" or "New Jersey"."""
    _, comma, last = description.rpartition(", ")
    return last if comma else _state_names().get(description.lower())


@lru_cache(maxsize=1)
def _state_names() -> Mapping[str, str]:
    """States' names and their letters, learnt from area codes that have both: "New Jersey" beside "Newark, NJ"."""
    learnt = {"washington d.c.": "DC"}  # the one name that never stands beside its letters
    for descriptions in _descriptions().values():
        letters = [text.rpartition(", ")[2] for text in sorted(descriptions) if ", " in text]
        usual = max(letters, key=letters.count, default="")
        for name in descriptions:
            if ", " not in name and re.fullmatch(r"[A-Z]{2}", usual):
                learnt[name.lower().removesuffix(" state")] = learnt[name.lower()] = usual
    return learnt


@lru_cache(maxsize=1)
def _descriptions() -> Mapping[str, set[str]]:
    """What the tables say of each area code and the towns in it, in English."""
    found = defaultdict(set)
    for prefix, names in _north_american_tables():
        if "en" in names and _AREA.fullmatch(prefix[:4]):
            found[prefix[:4]].add(names["en"])
    return found


def _north_american_tables() -> Iterator[tuple[str, dict[str, str]]]:
    """The entries of phonenumbers.geodata below country code 1.

    Importing that package keeps a hundred megabytes for the whole world; its parts are in order, so the few
    with these entries are read one after the other and dropped.
    """
    for part in range(1000):
        name = f"phonenumbers.geodata.data{part}"
        spec = spec_from_file_location(
            name, Path(phonenumbers.__file__).parent / "geodata" / f"data{part}.py"
        )
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        mine = [entry for entry in module.data.items() if entry[0].startswith("1")]
        yield from mine
        if len(mine) < len(module.data):
            return


@lru_cache(maxsize=1024)
def _region(area: str) -> str | None:
    """The country of an area code, None when its numbers have no place (toll-free, personal, unassigned)."""
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]:
        metadata = PhoneMetadata.metadata_for_region(region)
        # The small countries of the plan are told by their area codes alone.
        if metadata is not None and metadata.leading_digits and re.match(metadata.leading_digits, area[1:]):
            return region
    sample = PhoneNumber(country_code=1, national_number=int(area[1:]) * 10**7 + 2345678)
    if phonenumbers.number_type(sample) not in _PLACED:
        return None
    return region_code_for_number(sample)


def _country_code(number: str) -> str:
    digits = number.removeprefix("+")
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next((digits[:n] for n in (1, 2, 3) if digits[:n].isdigit() and int(digits[:n]) in codes), "")


@lru_cache(maxsize=512)
def _abroad(code: str) -> Place:
    """Everything below another country's code: all its zones, as a mobile number tells no more."""
    if not code or code == "1":
        return UNKNOWN
    zones = {name for name in TIMEZONE_DATA.get(code, ()) if name in zone_names()}
    return Place(frozenset(zones), frozenset({ABROAD})) if zones else UNKNOWN
