"""What the documents say about vendors' codes, settings and alerts is what the code does."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from engage.delivery import sendgrid_codes, twilio_codes
from engage.domain.alerts import ALERTS
from engage.domain.failures import RULES
from engage.domain.roles import PERMISSION_WORDS, ROLE_WORDS, WHO
from engage.settings import Settings
from tests.conftest import PROJECT

PROVIDERS = (PROJECT / "docs" / "providers.md").read_text()
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text()


def table(text: str, head: str) -> dict[str, list[str]]:
    """The rows below a table's head: the first cell and the comma-separated words of the second."""
    rows = text.partition(f"| {head} |\n|---|---|\n")[2].split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {first.strip("`"): second.split(", ") for first, second in cells}


@pytest.mark.parametrize(
    ("head", "codes"),
    [
        ("class | codes", twilio_codes.CODES),
        ("class | Twilio's statuses", twilio_codes.STATUSES),
        ("class | statuses", sendgrid_codes.STATUSES),
        ("class | classification of a block", sendgrid_codes.CLASSIFICATIONS),
        ("class | reason begins with", sendgrid_codes.DROPPED),
    ],
)
def test_each_vendors_table_is_the_one_in_the_code(head: str, codes: Mapping[object, str]) -> None:
    told = {(code, failure) for failure, listed in table(PROVIDERS, head).items() for code in listed}
    assert told == {(str(code), failure) for code, failure in codes.items()}


def test_every_class_of_failure_is_explained() -> None:
    assert set(table(PROVIDERS, "class | what follows")) == {*RULES, "ambiguous"}


def test_every_vendors_setting_is_named() -> None:
    names = {str(field.alias) for field in Settings.model_fields.values()}
    vendors = {name for name in names if name.startswith(("SENDGRID_", "TWILIO_", "SMTP_"))}
    assert len(vendors) > 5
    assert vendors <= set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", PROVIDERS))


def test_every_alert_has_a_runbook() -> None:
    assert set(re.findall(r"^### `(\w+)`", OPERATIONS, re.MULTILINE)) == set(ALERTS)


def test_what_each_role_may_do_is_told_as_the_table_of_roles_has_it() -> None:
    text = (PROJECT / "docs" / "staff.md").read_text()
    rows = text.partition("| may | reader |")[2].split("\n\n")[0].splitlines()
    told = {
        cells[0].strip(): [cell.strip() for cell in cells[1:]]
        for cells in (row.strip("|").split("|") for row in rows[2:])
    }
    assert told == {
        PERMISSION_WORDS[permission]: ["yes" if role in roles else "" for role in ROLE_WORDS]
        for permission, roles in WHO.items()
    }
