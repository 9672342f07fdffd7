"""``engage golive``: the list, its ticks, and the end of trial mode."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.keys import fresh
from engage.runtime import Runtime
from engage.settings import Settings
from tests.on_trial import let_live, trial_world

Cli = Callable[..., Result]


@pytest.fixture
def cli(settings: Settings, rt: Runtime) -> Cli:
    """Runs a command as a new installation in production has it: the example's clinic, nothing set."""
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ENGAGE_DATA_DIR": str(settings.data_dir),
        "ENGAGE_CLINIC": str(settings.clinic_file),
        "ENGAGE_TEMPLATES": str(settings.templates_dir),
        "ENGAGE_ENV": "production",
        "ENGAGE_BASE_URL": "https://clinic.example",
    } | fresh()

    def run(*words: str, **more: str) -> Result:
        return CliRunner(env={**environ, **more}).invoke(main, words)

    return run


def items(cli: Cli) -> dict[str, bool]:
    return {one["slug"]: one["done"] for one in json.loads(cli("golive", "show", "--json").stdout)["items"]}


def test_a_new_installation_is_told_what_is_left(cli: Cli) -> None:
    told = cli("golive", "show").stdout
    assert told.startswith("trial mode: only staff get messages\n")
    assert "120 Larkspur Lane" in told and "-> Only a person can know" in told
    assert items(cli) == {
        "address": False,
        "sender": False,
        "webhooks": True,
        "texts": False,
        "care-email": False,
        "hours": False,
        "backup": False,
    }


def test_ticking(cli: Cli) -> None:
    assert cli("golive", "tick", "backup").stdout == "noted\n"
    assert "it was so already" in cli("golive", "tick", "backup").stdout
    assert items(cli)["backup"]
    assert cli("golive", "tick", "backup", "--undo").stdout == "taken back\n"
    assert not items(cli)["backup"]
    wrong = cli("golive", "tick", "sender")
    assert wrong.exit_code == 2
    assert "people are asked for: texts, care-email, hours, backup" in wrong.stderr


def test_nothing_starts_before_the_list_is_done(cli: Cli) -> None:
    early = cli("golive", "start", "--yes")
    assert early.exit_code == 1
    assert "Not yet" in early.stderr and "to do  backup" in early.stderr
    assert json.loads(cli("golive", "show", "--json").stdout)["on_trial"]


def test_what_is_live_says_since_when(cli: Cli, rt: Runtime) -> None:
    let_live(rt)
    assert cli("golive", "show").stdout.startswith("live since ")
    assert cli("golive", "start").stdout == "live already: nothing was changed\n"
    assert "nothing to tick" in cli("golive", "tick", "backup").stderr


def test_what_waits_is_counted(cli: Cli, rt: Runtime) -> None:
    world = trial_world(rt)
    world.sign_up()
    world.work()
    assert "service: 1 wait, of use until" in cli("golive", "show").stdout
    assert json.loads(cli("golive", "show", "--json").stdout)["waiting"][0]["messages"] == 1


def test_development_says_that_it_always_sends(cli: Cli) -> None:
    told = cli("golive", "show", ENGAGE_ENV="development").stdout
    assert told.startswith("development, which always sends")
