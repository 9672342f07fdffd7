"""``engage appointments show``: what a visit brought and did not, in the words of the front desk's page."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.runtime import Runtime
from engage.services import desk_visits
from engage.settings import Settings
from tests.visits import DESK, book, move, pass_time, patient
from tests.world import World

Cli = Callable[..., Result]
VISIT = date(2026, 11, 12)


@pytest.fixture
def cli(settings: Settings, rt: Runtime) -> Cli:
    """Runs a command against the test's own servers."""
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ENGAGE_DATA_DIR": str(settings.data_dir),
        "ENGAGE_CLINIC": str(settings.clinic_file),
        "ENGAGE_TEMPLATES": str(settings.templates_dir),
    }
    return lambda *words: CliRunner(env=environ).invoke(main, words)


def test_show_tells_what_the_visits_page_tells(cli: Cli, world: World) -> None:
    visit = book(world, patient(world, mobile=None), VISIT)
    pass_time(world, timedelta(days=8))
    move(world, visit, VISIT + timedelta(days=1))
    page = desk_visits.see(world.rt, DESK, visit)
    assert page is not None
    told = [one.line for one in page.messages] + [one.line for one in page.not_sent]
    assert "Email: handed over Mon Nov 9, 2:00 PM (about version 1)" in told
    assert "Not sent. No confirmed mobile number is known." in told
    shown = cli("appointments", "show", str(visit))
    assert shown.exit_code == 0 and "Version 2." in shown.stdout
    assert [line[26:] for line in shown.stdout.splitlines()[3:]] == told
    kept = json.loads(cli("appointments", "show", str(visit), "--json").stdout)["messages"]
    assert [one["words"] for one in kept] == told
    assert {one["status"] for one in kept if one["message_id"]} >= {"accepted", "planned"}
    assert all(one["due_at"] is None for one in kept if not one["message_id"])


def test_a_visit_that_there_is_not_says_where_to_look(cli: Cli, world: World) -> None:
    shown = cli("appointments", "show", "01a00000-0000-7000-8000-000000000000")
    assert shown.exit_code == 1 and "engage appointments list" in shown.stderr
