"""``engage keys``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.runtime import Runtime
from engage.services import api_keys
from engage.settings import Settings

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

    def run(*words: str) -> Result:
        return CliRunner(env=environ).invoke(main, words)

    return run


def test_a_key_is_printed_once_and_works_until_it_is_revoked(cli: Cli, rt: Runtime) -> None:
    made = cli("keys", "create", "Practice software", "--scope", "people:read", "--scope", "messages:read")
    assert made.exit_code == 0
    assert re.fullmatch(r"engage_[a-z0-9]{8}_[A-Za-z0-9]{43}\n", made.stdout)
    key = made.stdout.strip()
    caller = api_keys.recognise(rt, key)
    assert caller is not None and caller.scopes == {"people:read", "messages:read"}

    listed = cli("keys", "list")
    assert "works" in listed.stdout and "people:read messages:read  Practice software" in listed.stdout
    assert key.rsplit("_", 1)[1] not in listed.stdout

    assert cli("keys", "revoke", caller.prefix).exit_code == 0
    assert api_keys.recognise(rt, key) is None
    assert "revoked" in cli("keys", "list").stdout
    assert cli("keys", "revoke", caller.prefix).exit_code == 1


def test_programs_get_json(cli: Cli) -> None:
    made = json.loads(cli("keys", "create", "Robot", "--scope", "people:write", "--json").stdout)
    listed = json.loads(cli("keys", "list", "--json").stdout)

    assert made["key"].startswith(f"engage_{made['prefix']}_")
    assert listed[0]["prefix"] == made["prefix"]
    assert not {"key", "hash"} & set(listed[0])
    assert cli("keys", "revoke", made["id"]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["", "--scope", "people:read"], "name"),
        (["a\x1bb", "--scope", "people:read"], "name"),
        (["x" * 101, "--scope", "people:read"], "name"),
        (["Robot"], "--scope"),
        (["Robot", "--scope", "everything"], "everything"),
    ],
)
def test_a_name_or_scope_that_can_not_be_is_wrong_use_and_named(
    cli: Cli, words: list[str], named: str
) -> None:
    result = cli("keys", "create", *words)

    assert result.exit_code == 2
    assert named in result.stderr
