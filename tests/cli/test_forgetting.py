"""``engage people export``, ``erase`` and ``engage retention run``."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import audit, retention
from engage.settings import Settings
from tests.scripted import somebody
from tests.world import World

Cli = Callable[..., Result]


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
    return lambda *words, input=None: CliRunner(env=environ).invoke(main, words, input=input)


def test_a_copy_as_json_and_as_a_page(cli: Cli, rt: Runtime, tmp_path: Path) -> None:
    who = somebody(rt)
    told = json.loads(cli("people", "export", str(who.id)).stdout)
    assert {one["address"] for one in told["contacts"]} == {who.email, who.number}
    path = tmp_path / "copy.html"
    for _ in range(2):
        result = cli("people", "export", str(who.id), "--html", str(path))
        assert (result.exit_code, result.stdout) == (0, "")
    assert who.email in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [row.action for row in audit.listing(rt, who.id)] == ["export"] * 3


def test_a_file_that_can_not_be_written_is_named(cli: Cli, rt: Runtime, tmp_path: Path) -> None:
    result = cli("people", "export", str(somebody(rt).id), "--html", str(tmp_path / "no" / "copy.html"))
    assert result.exit_code == 1
    assert "copy.html can't be written: No such file or directory" in result.stderr


def test_erasing_asks_first_and_says_when_it_was_done_before(cli: Cli, rt: Runtime) -> None:
    who = somebody(rt)
    for answer in ("n\n", ""):
        refused = cli("people", "erase", str(who.id), input=answer)
        assert (refused.exit_code, refused.stdout) == (1, "")
    assert cli("people", "erase", str(who.id), input="y\n").stdout == "erased\n"
    assert cli("people", "erase", str(who.id), "--yes").stdout == "was erased before\n"
    assert [row.action for row in audit.listing(rt, who.id)] == ["erase"]


@pytest.mark.parametrize("words", [("export",), ("erase", "--yes")])
def test_an_id_of_nobody_is_told(cli: Cli, words: tuple[str, ...]) -> None:
    result = cli("people", words[0], str(new_id()), *words[1:])
    assert result.exit_code == 1
    assert "There is no person with that id" in result.stderr
    assert cli("people", words[0], "ada@example.org").exit_code == 2


def test_a_table_of_what_would_go_and_of_what_went(cli: Cli, rt: Runtime) -> None:
    world = World(rt)
    world.sign_up()
    with rt.transaction() as tx:
        tx.exec_driver_sql("UPDATE signups SET created_at = now() - interval '31 days'")
    dry = cli("retention", "run", "--dry-run")
    assert dry.exit_code == 0
    lines = {line[:50].strip(): line.split()[-1] for line in dry.stdout.splitlines()}
    assert dry.stdout.splitlines()[0].split()[-2:] == ["would", "go"]
    assert lines["sign-ups that nobody confirmed"] == "1"
    with rt.transaction() as tx:
        now = rt.now(tx)
    assert set(lines) == {"what", *(step.words for step in retention.steps(rt, now, now))}
    told = {one["what"]: one["count"] for one in json.loads(cli("retention", "run", "--json").stdout)}
    assert told["unconfirmed"] == 1
    again = {one["what"]: one["count"] for one in json.loads(cli("retention", "run", "--json").stdout)}
    assert set(again.values()) == {0}
