"""The clinic's file on how long things are kept: what is wrong in it is named, and evidence is not let go early."""

from __future__ import annotations

from pathlib import Path

import pytest

from engage.clinic import ClinicError, load
from engage.clinic_retention import RetentionPolicy
from tests.test_clinic import PROJECT, with_lines


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "consent_years = 6",
            "consent_years = 5",
            "retention.consent_years: Value error, evidence must be kept",
        ),
        ("audit_years = 6", "audit_years = 0", "at least 6 years (45 CFR 164.316(b)(2)); write 6 or more"),
        ("audit_years = 6", "audit_years = 101", "retention.audit_years"),
        ("message_values_days = 90", "message_values_days = 13", "retention.message_values_days"),
        ("raw_events_days = 30", "raw_events_days = 1", "retention.raw_events_days"),
        ("received_texts_days = 30", 'received_texts_days = "a month"', "retention.received_texts_days"),
        ("closed_requests_days = 365", "closed_requests_days = 29", "retention.closed_requests_days"),
        ("closed_requests_days = 365", "closed_requests_year = 1", "retention.closed_requests_year"),
        ("delete_bodies = true", 'delete_bodies = "never"', "sms.delete_bodies"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ClinicError) as caught:
        load(with_lines(tmp_path, old, new))
    assert said in str(caught.value)


def test_the_delivered_file_says_what_holds_without_it() -> None:
    delivered = load(PROJECT / "clinic.toml")
    assert delivered.retention == RetentionPolicy()
    assert delivered.sms.delete_bodies
