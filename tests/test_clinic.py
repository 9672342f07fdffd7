"""The clinic's file: what is wrong in it is named, with the field and the cure."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from engage.clinic import ClinicError, load

PROJECT = Path(__file__).resolve().parents[1]


def with_lines(tmp_path: Path, old: str, new: str) -> Path:
    text = (PROJECT / "clinic.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "clinic.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_a_day_may_have_several_periods_or_none(tmp_path: Path) -> None:
    hours = load(with_lines(tmp_path, 'tue = ["09:00-17:00"]', 'tue = ["08:00-12:00", "13:30-17:00"]')).hours
    assert hours.week[1] == ((time(8), time(12)), (time(13, 30), time(17)))
    assert hours.week[6] == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('mon = ["09:00-17:00"]', 'mon = ["9-17"]', "hours.mon: Value error, '9-17' is no period"),
        ('mon = ["09:00-17:00"]', 'mon = ["17:00-09:00"]', "hours.mon"),
        ('mon = ["09:00-17:00"]', 'mon = ["09:00-13:00", "12:00-17:00"]', "hours.mon"),
        ('mon = ["09:00-17:00"]', 'mon = ["09:00-24:00"]', "hours.mon"),
        ("2026-11-26", '"Thanksgiving"', "hours.holidays"),
        ("answer_within_hours = 8", "answer_within_hours = 0", "consultation.answer_within_hours"),
        ('"US", "CA"', '"usa"', "consultation.telephone_countries"),
        ("forms_per_ip_per_hour = 30", "forms_per_ip_per_hour = -1", "abuse.forms_per_ip_per_hour"),
        ("repeat_minutes = 60", "repeat_minutes = 0", "alerts.repeat_minutes"),
        ("operators@harmonia.example", "nobody", "alerts.operators"),
        ("[alerts]", "[alerts]\npager = 1", "alerts.pager"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ClinicError) as caught:
        load(with_lines(tmp_path, old, new))
    assert said in str(caught.value)


def test_a_clinic_that_is_never_open_is_refused(tmp_path: Path) -> None:
    text = (PROJECT / "clinic.toml").read_text(encoding="utf-8")
    for day in ("mon", "tue", "wed", "thu"):
        text = text.replace(f'{day} = ["09:00-17:00"]', f"{day} = []")
    path = tmp_path / "clinic.toml"
    path.write_text(text.replace('fri = ["09:00-15:00"]', "fri = []"), encoding="utf-8")
    with pytest.raises(ClinicError, match="at least one day"):
        load(path)


def test_without_these_tables_there_are_sensible_ones(tmp_path: Path) -> None:
    text = (PROJECT / "clinic.toml").read_text(encoding="utf-8")
    path = tmp_path / "clinic.toml"
    path.write_text(text.split("# When the clinic works")[0], encoding="utf-8")
    clinic = load(path)
    assert clinic.hours.week[0] == ((time(9), time(17)),)
    assert clinic.alerts.staff == ()
    assert clinic.abuse.forms_per_ip_per_hour == 30
