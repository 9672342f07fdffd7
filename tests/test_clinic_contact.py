"""The clinic's file on contacting people: what is wrong in it is named, and without it nothing is bold."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from engage.clinic import ClinicError, load
from engage.clinic_contact import FEDERAL_HOLIDAYS, DecentHours, HolidayDay
from engage.domain.caps import Caps
from engage.domain.holidays import days_of
from engage.domain.hours import Rule
from engage.domain.messages import LANES
from engage.domain.weeks import ANY_TIME, week
from tests.test_clinic import PROJECT, with_lines

# The states that the reference calls stricter than the federal rule.
_STRICTER = "FL OK WA MD MA WY MS AL LA CT NV MN MI NM KY TX RI PA ME"
REFERENCE = set(_STRICTER.split())
CLINIC = load(PROJECT / "clinic.toml")


def without_tables(tmp_path: Path, added: str = "") -> Path:
    text = (PROJECT / "clinic.toml").read_text(encoding="utf-8")
    path = tmp_path / "clinic.toml"
    path.write_text(text.split("# When a message may reach a person")[0] + added, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('sms = ["mon-fri 10:00-17:00"]', 'sms = ["weekdays 10-17"]', "decent_hours.marketing.sms"),
        ('sms = ["mon-fri 10:00-17:00"]', "sms = []", "nothing could ever leave"),
        ('email = ["any time"]', 'email = ["at any time"]', 'write it as "mon-fri 10:00-17:00"'),
        ('states = ["CT", "NV"]', 'states = ["CT", "Nev."]', "'Nev.' is no state; use the two letters"),
        (
            'states = ["CT", "NV"]',
            'states = ["CT"]\npurposes = ["promotion"]',
            "decent_hours.rules.3.purposes",
        ),
        ("from = 2026-10-18", 'from = "next autumn"', "decent_hours.rules.10.from"),
        ("as_of = 2023-12-01", "", "decent_hours.rules.9.as_of: Field required"),
        ('on = "january 1"', 'on = "new year"', 'write "december 25"'),
        ("room_minutes = 30", "room_minutes = 0", "decent_hours.room_minutes"),
        ("[decent_hours.service]", "[decent_hours.sevice]", "decent_hours.sevice"),
        ("marketing_per_week = 2", "marketing_per_week = 0", "caps.marketing_per_week"),
        ("care_texts_per_day = 1", "care_texts_per_day = 4", "care_texts_per_week is below"),
        ("fewer_percent = 50", "fewer_percent = 0", "caps.fewer_percent"),
    ],
)
def test_what_is_wrong_is_named_with_the_cure(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ClinicError) as caught:
        load(with_lines(tmp_path, old, new))
    assert said in str(caught.value)


@pytest.mark.parametrize("purpose", ["education", "marketing"])
def test_hours_wider_than_is_safe_everywhere_need_rules(tmp_path: Path, purpose: str) -> None:
    wider = f'[decent_hours.{purpose}]\nemail = ["any time"]\nsms = ["every day 09:00-17:00"]\n'
    with pytest.raises(
        ClinicError, match=rf"{purpose}.sms is wider than mon-fri 10:00-17:00 and no rule narrows it"
    ):
        load(without_tables(tmp_path, wider))
    narrow = wider.replace("every day 09:00-17:00", "mon-thu 11:00-16:00")
    assert load(without_tables(tmp_path, narrow)).decent_hours.rules == ()


def test_without_the_tables_texts_go_when_they_are_safe_everywhere(tmp_path: Path) -> None:
    bare = load(without_tables(tmp_path))
    policy = bare.decent_hours.policy
    assert policy.own["marketing", "sms"] == Rule(week(["mon-fri 10:00-17:00"]), on_holidays=False)
    assert policy.own["education", "sms"].week == week(["mon-fri 10:00-17:00"])
    assert policy.own["care", "sms"].week == week(["every day 08:00-20:00"])
    assert policy.own["service", "sms"].week == ANY_TIME
    assert date(2026, 11, 26) in days_of(2026, policy.holidays)
    assert bare.caps.caps == Caps() == CLINIC.caps.caps


def test_the_delivered_file_has_every_federal_holiday() -> None:
    def days(holidays: tuple[HolidayDay, ...], year: int) -> frozenset[date]:
        return days_of(year, DecentHours(holidays=holidays).policy.holidays)

    for year in range(2026, 2036):
        assert days(FEDERAL_HOLIDAYS, year) <= days(CLINIC.decent_hours.holidays, year)


def test_every_rule_says_where_it_is_from_and_when() -> None:
    rules = CLINIC.decent_hours.policy.rules
    assert len(rules) >= 11
    assert all(rule.source and rule.as_of for rule in rules)
    strict = {state for rule in rules for state in rule.states}
    assert strict >= REFERENCE


def test_the_rules_are_made_once() -> None:
    assert CLINIC.decent_hours.policy is CLINIC.decent_hours.policy
    assert CLINIC.decent_hours.policy.room == timedelta(minutes=30)


def test_the_document_names_every_state_that_has_a_rule_and_every_purpose() -> None:
    words = set(re.findall(r"\w+", (PROJECT / "docs" / "hours.md").read_text(encoding="utf-8")))
    assert {state for rule in CLINIC.decent_hours.rules for state in rule.states} <= words
    assert set(LANES) <= words
