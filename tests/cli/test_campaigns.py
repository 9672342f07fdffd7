"""``engage campaigns``."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.ids import new_id
from engage.services import campaigns
from engage.settings import Settings
from tests.campaigns import draft, readers, sent, work
from tests.world import World

Cli = Callable[..., Result]


@pytest.fixture
def cli(settings: Settings, world: World) -> Cli:
    """Runs a command against the test's own servers."""
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ENGAGE_DATA_DIR": str(settings.data_dir),
        "ENGAGE_CLINIC": str(settings.clinic_file),
        "ENGAGE_TEMPLATES": str(settings.templates_dir),
    }

    def run(*words: str) -> Result:
        return CliRunner(env=environ).invoke(main, ("campaigns", *words))

    return run


def test_a_campaign_is_started_paused_resumed_and_cancelled_from_a_terminal(cli: Cli, world: World) -> None:
    readers(world, 20)
    campaign = draft(world).ready()
    id = str(campaign.id)
    started = cli("start", id)
    assert started.exit_code == 0, started.output
    assert f"engage campaigns undo {id}" in started.output
    assert cli("undo", id).output == "taken back: nothing has left\n"
    assert cli("pause", id).exit_code == 1, "what has not begun can't be paused"
    campaign.start()
    world.now = campaign.row.begins_at
    work(world)
    assert len(sent(world)) == 10
    assert cli("pause", id).exit_code == 0
    assert campaigns.one(world.rt, campaign.id).state == "paused"
    assert cli("resume", id).output == "resumed; 0 message(s) that it held back are looked at now\n"
    assert cli("cancel", id).output == "cancelled\n"
    refused = cli("resume", id)
    assert (refused.exit_code, refused.stderr) == (
        1,
        "resume is not possible: cancelled; it can only be cloned\n",
    )


def test_the_list_and_one_campaign_are_shown_with_what_became_of_it(cli: Cli, world: World) -> None:
    readers(world, 3)
    campaign = draft(world).begun()
    (listed,) = json.loads(cli("list", "--json").stdout)
    assert (listed["name"], listed["audience"], listed["state"]) == ("Winter", 3, campaign.state)
    assert cli("list", "--state", "draft").stdout == ""
    assert "Winter" in cli("list").stdout
    shown = json.loads(cli("show", str(campaign.id), "--json").stdout)
    assert (shown["sent"], shown["bounced"], shown["not_reached"]) == (3, 0, {})
    assert "3 people: 3 sent" in cli("show", str(campaign.id)).stdout


def test_a_preview_is_somebodys_and_a_test_goes_to_staff_only(cli: Cli, world: World) -> None:
    readers(world, 1)
    campaign = draft(world)
    preview = cli("preview", str(campaign.id))
    assert "Subject: Winter hours" in preview.stdout
    assert "Hello Ada," in preview.stdout
    refused = cli("test", str(campaign.id), "somebody@example.org")
    assert refused.exit_code == 1
    assert "members of staff only" in refused.stderr


@pytest.mark.parametrize("verb", ["show", "preview", "start", "undo", "pause", "resume", "cancel"])
def test_an_id_that_is_none_is_said_in_a_sentence(cli: Cli, verb: str) -> None:
    told = cli(verb, str(new_id()))
    assert (told.exit_code, told.stderr) == (
        1,
        "There is no campaign with that id; `engage campaigns list` shows them.\n",
    )


def test_the_same_to_the_same_people_wants_their_number(cli: Cli, world: World) -> None:
    readers(world, 2)
    draft(world).begun()
    again = draft(world).ready()
    refused = cli("start", str(again.id))
    assert "type how many people that is: 2" in refused.stderr
    assert cli("start", str(again.id), "--count", "2").exit_code == 0
