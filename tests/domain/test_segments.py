"""Audiences as rules: what can be asked for, what is refused with which words, and what is kept."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from engage.domain.forms import InvalidInput
from engage.domain.segments import (
    EXCLUDED,
    EXCLUDED_WORDS,
    Rules,
    clean_name,
    in_words,
    read,
    refusals,
    visited_before,
    visited_since,
)

TAG, OTHER = UUID(int=1), UUID(int=2)
PLACES, COURSES = ["Larkspur Lane", "Prairie Street"], ["chronic-pain"]
FULL = {
    "stages": ["booked", "past"],
    "locations": ["Larkspur Lane"],
    "course": {"slug": "chronic-pain", "progress": "completed", "least_lessons": 3},
    "last_visit": {"before_days": 90, "within_days": 400},
    "tags": {"any": [str(TAG)], "none": [str(OTHER)]},
    "authorized": True,
}


@pytest.mark.parametrize(
    "told",
    [
        {},
        FULL,
        {"stages": ["subscriber"]},
        {"course": {"slug": "chronic-pain", "progress": "any"}},
        {"last_visit": {"within_days": 1}, "authorized": True},
    ],
)
def test_what_is_kept_reads_back_as_the_same_rules(told: dict[str, Any]) -> None:
    assert read(told).kept() == told
    assert read(read(told).kept()) == read(told)


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"stage": ["past"]}, "rules", "no rule “stage”"),
        ({"stages": ["gone"]}, "stages", "no stage “gone”"),
        ({"stages": "past"}, "stages", "a list"),
        ({"locations": [1]}, "locations", "a list"),
        ({"course": {"progress": "any"}}, "course", "which course"),
        ({"course": "chronic-pain"}, "course", "slug and progress and least_lessons"),
        ({"course": {"slug": "chronic-pain", "progress": "half"}}, "progress", "no progress “half”"),
        ({"course": {"slug": "a", "least_lessons": -1}}, "least_lessons", "0 to 1000 lessons"),
        ({"last_visit": {"before_days": 0}}, "before_days", "1 to 3650 days"),
        ({"last_visit": {"within_days": True}}, "within_days", "1 to 3650 days"),
        ({"last_visit": {"before_days": 30, "within_days": 30}}, "within_days", "No visit is both"),
        ({"last_visit": {"since": "2026-01-01"}}, "last_visit", "before_days and within_days"),
        ({"tags": {"any": ["vip"]}}, "tags_any", "by its id"),
        ({"tags": {"any": [str(UUID(int=n)) for n in range(51)]}}, "tags_any", "at most 50"),
        ({"tags": {"any": [str(TAG)], "none": [str(TAG)]}}, "tags_none", "not both"),
        ({"authorized": "yes"}, "authorized", "true or false"),
    ],
)
def test_what_can_not_be_asked_for_is_named(told: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(told)
    assert words in caught.value.errors[field]


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"stages": ["subscriber", "consulting"]}, None),
        ({"course": {"slug": "chronic-pain"}}, None),
        ({}, None),
        ({"stages": ["subscriber", "past"]}, "past patients"),
        ({"stages": ["booked"]}, "booked"),
        ({"stages": ["in_treatment", "maintenance"]}, "in treatment, maintenance"),
        ({"locations": ["Larkspur Lane"]}, "place of the visits"),
        ({"last_visit": {"within_days": 30}}, "last visit"),
        ({"tags": {"any": [str(TAG)]}}, "tags"),
        ({"tags": {"none": [str(TAG)]}}, "tags"),
    ],
)
def test_choosing_by_treatment_or_visit_needs_an_authorization(
    told: dict[str, Any], named: str | None
) -> None:
    refused = refusals(read(told), PLACES, COURSES, [TAG])
    assert list(refused) == (["authorized"] if named else [])
    if named:
        assert f"({named})" in refused["authorized"]
        assert "Tick “Only patients with a written authorization”" in refused["authorized"]
    rules = read({**told, "authorized": True})
    assert refusals(rules, PLACES, COURSES, [TAG]) == {}
    assert rules.needs_authorization


def test_what_is_not_there_any_more_is_refused() -> None:
    rules = read({**FULL, "locations": ["Elm Street"], "course": {"slug": "sleep"}})
    assert set(refusals(rules, PLACES, COURSES, [TAG])) == {"locations", "course", "tags_none"}


def test_days_are_counted_back_from_today() -> None:
    rules, today = read(FULL), date(2026, 11, 2)
    assert visited_before(rules, today) == date(2026, 8, 4)
    assert visited_since(rules, today) == date(2025, 9, 28)
    assert visited_before(Rules(), today) is visited_since(Rules(), today) is None


def test_rules_are_told_in_sentences() -> None:
    assert in_words(read(FULL), {"chronic-pain": "Chronic pain"}, {TAG: "Runners"}) == [
        "Stage: booked, past patients.",
        "Visits at Larkspur Lane.",
        "Course “Chronic pain”: have completed it, at least 3 lessons.",
        "Last visit more than 90 days ago.",
        "Last visit at most 400 days ago.",
        "Tagged Runners.",
        "Not tagged (gone).",
        "Patients only with a written authorization for marketing.",
    ]
    assert in_words(Rules(), {}, {}) == ["Everybody who agreed to news and offers."]


def test_every_exclusion_is_said_on_both_channels() -> None:
    assert list(EXCLUDED_WORDS) == list(EXCLUDED)
    assert all(words.keys() == {"email", "sms"} for words in EXCLUDED_WORDS.values())


@pytest.mark.parametrize(
    ("typed", "name"), [("  Spring \n news ", "Spring news"), ("x" * 80, "x" * 80), ("", None), ("x" * 81, None), ("a\x00b", None)]
)  # fmt: skip
def test_a_name_is_one_line_of_at_most_80_characters(typed: str, name: str | None) -> None:
    if name is not None:
        assert clean_name(typed) == name
        return
    with pytest.raises(InvalidInput):
        clean_name(typed)
