"""Where a person may be: what numbers, addresses and people themselves tell."""

from __future__ import annotations

import subprocess
import sys

import phonenumbers.geodata
import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from engage.domain.numbers import ABROAD, STATES, UNKNOWN, Place, everywhere, place_of_number, place_of_state
from engage.domain.timing import zone_names
from engage.domain.whereabouts import Where, whereabouts
from tests.domain.slow_hours import UNITED_STATES

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"
AREAS = sorted({prefix[:4] for prefix in TIMEZONE_DATA if prefix[0] == "1" and len(prefix) >= 4})


@pytest.mark.parametrize(
    ("number", "zones", "states"),
    [
        ("+12125550123", {NEW_YORK}, {"NY"}),
        ("+13055550123", {NEW_YORK}, {"FL"}),
        ("+18505550123", {NEW_YORK, CHICAGO}, {"FL"}),
        ("+19155550123", {DENVER}, {"TX"}),
        ("+12025550123", {NEW_YORK}, {"DC"}),
        ("+18085550123", {"Pacific/Honolulu"}, {"HI"}),
        ("+16025550123", {"America/Phoenix"}, {"AZ"}),
        ("+14165550123", {"America/Toronto"}, {"ON"}),
        ("+17875550123", {"America/Puerto_Rico"}, {"PR"}),
        ("+16715550123", {"Pacific/Guam"}, {"GU"}),
        # Other countries of the same plan, and others: no state's rules.
        ("+18765550123", {"America/Jamaica"}, {ABROAD}),
        ("+81312345678", {"Asia/Tokyo"}, {ABROAD}),
    ],
)
def test_an_area_code_tells_zones_and_states(number: str, zones: set[str], states: set[str]) -> None:
    place = place_of_number(number)
    assert place == Place(frozenset(zones), frozenset(states))


@pytest.mark.parametrize(
    "number",
    ["+18005550123", "+18885550123", "+15005550006", "+19005550123", "+12", "garbage", "", "+99912345"],
)
def test_toll_free_personal_and_impossible_numbers_tell_nothing(number: str) -> None:
    assert place_of_number(number) == UNKNOWN


def test_alaska_counts_with_all_its_zones() -> None:
    assert {"America/Anchorage", "America/Adak"} <= place_of_number("+19075550123").zones


@pytest.mark.parametrize(
    ("state", "zones", "code"),
    [
        ("FL", {NEW_YORK, CHICAGO}, "FL"),
        (" florida ", {NEW_YORK, CHICAGO}, "FL"),
        ("TX", {CHICAGO, DENVER}, "TX"),
        ("Washington", {"America/Los_Angeles"}, "WA"),
        ("dc", {NEW_YORK}, "DC"),
        ("ON", {"America/Toronto", "America/Winnipeg"}, "ON"),
    ],
)
def test_a_state_tells_its_zones_by_letters_or_name(state: str, zones: set[str], code: str) -> None:
    place = place_of_state(state)
    assert place == Place(frozenset(zones), frozenset({code}))


@pytest.mark.parametrize("state", ["", "XX", "Bavaria", "abroad"])
def test_what_is_no_state_tells_nothing(state: str) -> None:
    assert place_of_state(state) == UNKNOWN


def test_the_states_that_a_rule_may_name_are_those_of_the_tables() -> None:
    told = {state for area in AREAS for state in place_of_number(f"+{area}5550123").states}
    assert told - {ABROAD} == STATES


def test_each_area_code_has_all_zones_and_states_of_the_librarys_tables() -> None:
    table = phonenumbers.geodata.GEOCODE_DATA
    for prefix, names in TIMEZONE_DATA.items():
        if prefix[:4] in AREAS and (zones := place_of_number(f"+{prefix[:4]}5550123").zones):
            assert zones >= set(names) & zone_names()
    for prefix, told in table.items():
        letters = told.get("en", "").rpartition(", ")[2]
        if prefix[:4] in AREAS and letters in STATES and ", " in told["en"]:
            states = place_of_number(f"+{prefix[:4]}5550123").states
            assert letters in states or ABROAD in states


def test_the_tables_of_the_whole_world_are_not_kept_in_memory() -> None:
    code = (
        "import sys; from engage.domain.numbers import place_of_number; place_of_number('+12125550123');"
        "sys.exit('phonenumbers.geodata' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("zone", "number", "state", "zones", "states"),
    [
        # Sources that differ all count.
        ("America/Los_Angeles", "+12125550123", None, {"America/Los_Angeles", NEW_YORK}, {"NY"}),
        (NEW_YORK, "+12125550123", "TX", {NEW_YORK, CHICAGO, DENVER}, {"NY", "TX"}),
        (None, "+12125550123", "CA", {NEW_YORK, "America/Los_Angeles"}, {"NY", "CA"}),
        # Who says where they are settles what a source leaves open.
        (CHICAGO, "+18505550123", "FL", {CHICAGO}, {"FL"}),
        (None, "+18505550123", None, {CHICAGO, NEW_YORK}, {"FL"}),
        (DENVER, "+18505550123", "FL", {DENVER, CHICAGO, NEW_YORK}, {"FL"}),
        # A toll-free number says nothing beside a zone or a state.
        (CHICAGO, "+18005550123", None, {CHICAGO}, set()),
        (None, "+18005550123", "AZ", {"America/Phoenix", DENVER}, {"AZ"}),
        ("Europe/London", None, None, {"Europe/London"}, set()),
        # A zone that is none any more counts as not stated.
        ("Mars/Olympus", "+12125550123", None, {NEW_YORK}, {"NY"}),
    ],
)
def test_all_that_is_known_counts(
    zone: str | None, number: str | None, state: str | None, zones: set[str], states: set[str]
) -> None:
    assert whereabouts(zone, number, state) == Where(frozenset(zones), frozenset(states))


@pytest.mark.parametrize("number", [None, "+18005550123", "+15005550006"])
def test_when_nothing_is_known_every_zone_of_the_fifty_states_counts(number: str | None) -> None:
    there = whereabouts(number=number)
    assert there == Where(everywhere())
    assert {NEW_YORK, CHICAGO, DENVER, "America/Phoenix", "America/Los_Angeles"} <= there.zones
    assert {"America/Anchorage", "America/Adak", "Pacific/Honolulu"} <= there.zones
    assert there.zones <= set(UNITED_STATES)


def test_a_person_is_somewhere() -> None:
    with pytest.raises(ValueError, match="at least one zone"):
        Where(frozenset())
