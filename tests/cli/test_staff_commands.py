"""``engage staff`` and ``engage audit``."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.domain.roles import ROLES
from engage.ids import new_id
from engage.keys import fresh
from engage.runtime import Runtime
from engage.services import audit, staff, staff_development
from engage.services.audit import CLI
from engage.settings import Settings
from tests.apps import app_of
from tests.web.staff_world import hidden, new_member

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

    def run(*words: str, **more: str) -> Result:
        return CliRunner(env={**environ, **more}).invoke(main, words)

    return run


def test_invite_prints_a_link_and_nothing_else_to_standard_output(cli: Cli) -> None:
    result = cli("staff", "invite", "sam@example.org", "--name", "Sam Rivera")
    assert result.exit_code == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/staff/invite/[\w-]{48}\n", result.stdout)


@pytest.mark.parametrize(
    ("words", "field"),
    [(["sam@", "--name", "Sam"], "email"), (["sam@example.org", "--name", "Sam\nBcc: x"], "name")],
)
def test_what_can_not_be_used_is_wrong_use_and_named(cli: Cli, words: list[str], field: str) -> None:
    result = cli("staff", "invite", *words)
    assert result.exit_code == 2
    assert field in result.stderr


def test_an_active_member_is_not_invited_again_and_nobody_is_not_reset(cli: Cli, rt: Runtime) -> None:
    new_member(rt)
    assert cli("staff", "invite", "sam@example.org", "--name", "Sam").exit_code == 1
    assert cli("staff", "reset", "nobody@example.org").exit_code == 1
    assert cli("staff", "disable", "nobody@example.org").exit_code == 1
    assert cli("staff", "disable", "sam@example.org").exit_code == 1
    assert cli("staff", "reset", "SAM@example.org").exit_code == 0
    assert cli("staff", "disable", "sam@example.org").exit_code == 0
    assert cli("staff", "invite", "sam@example.org", "--name", "Sam").exit_code == 0


def test_the_list_shows_who_may_sign_in(cli: Cli, rt: Runtime) -> None:
    staff.invite(rt, CLI, "sam@example.org", "Sam Rivera", "front_desk")
    (one,) = json.loads(cli("staff", "list", "--json").stdout)
    assert (one["name"], one["email"], one["role"], one["state"]) == (
        "Sam Rivera",
        "sam@example.org",
        "front_desk",
        "invited",
    )
    assert "Sam Rivera" in cli("staff", "list").stdout


def test_a_role_is_changed_and_the_last_administrator_stays(cli: Cli, rt: Runtime) -> None:
    new_member(rt)
    last = cli("staff", "role", "sam@example.org", "reader")
    assert (last.exit_code, "last administrator" in last.stderr) == (1, True)
    new_member(rt, "una@example.org", "Una")
    assert cli("staff", "role", "una@example.org", "author").stdout == "author from now on\n"
    assert "already" in cli("staff", "role", "una@example.org", "author").stdout
    assert cli("staff", "role", "una@example.org", "owner").exit_code == 2
    assert cli("staff", "role", "nobody@example.org", "reader").exit_code == 1


def test_what_each_role_may_do_is_printed(cli: Cli) -> None:
    told = json.loads(cli("staff", "roles", "--json").stdout)
    assert told["look"] == list(ROLES)
    assert told["erase"] == ["administrator"]
    lines = cli("staff", "roles").stdout.splitlines()
    assert lines[0].split() == list(ROLES)
    assert lines[-1].split()[-5:] == ["-", "-", "-", "-", "yes"]


def test_a_newcomer_gets_in_within_seconds(cli: Cli, rt: Runtime) -> None:
    told = dict(line.split(maxsplit=1) for line in cli("staff", "code").stdout.splitlines())
    again = dict(line.split(maxsplit=1) for line in cli("staff", "code").stdout.splitlines())
    assert told["password"] == again["password"]
    kept = rt.settings.data_dir / staff_development.FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    client = app_of(rt).test_client()
    typed = {"email": told["email"], "password": told["password"]}
    half = client.post("/staff/sign-in", data=hidden(client.get("/staff/sign-in")) | typed)
    answer = client.post("/staff/sign-in/code", data=hidden(half) | {"code": again["code"]})
    assert answer.status_code == 303
    assert len(staff.listing(rt)) == 1
    # Again at once: the code that was used is not printed a second time.
    half = client.post("/staff/sign-out", data=hidden(client.get("/staff/account")))
    half = client.post("/staff/sign-in", data=hidden(client.get("/staff/sign-in")) | typed)
    next_code = dict(line.split(maxsplit=1) for line in cli("staff", "code").stdout.splitlines())["code"]
    assert client.post("/staff/sign-in/code", data=hidden(half) | {"code": next_code}).status_code == 303


def test_production_has_no_ready_account(cli: Cli, rt: Runtime) -> None:
    production = {"ENGAGE_ENV": "production", "ENGAGE_BASE_URL": "https://engage.example.org"} | fresh()
    result = cli("staff", "code", **production)
    assert result.exit_code == 1
    assert "engage staff invite" in result.stderr
    assert staff.listing(rt) == []


def test_verify_says_what_is_covered_and_fails_on_any_difference(cli: Cli, rt: Runtime) -> None:
    row = new_id()
    for _ in range(3):
        with rt.transaction() as tx:
            audit.note(tx, rt, CLI, "view", "person", row, row)
    audit.chain(rt)
    with rt.transaction() as tx:
        audit.note(tx, rt, CLI, "view", "person", row, row)
    good = cli("audit", "verify", "--json")
    assert good.exit_code == 0
    told = json.loads(good.stdout)
    assert (told["sound"], told["checked"], told["unchained"]) == (True, 3, 1)
    assert "1 newer rows are not in the chain yet" in cli("audit", "verify").stdout
    with rt.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")
        tx.exec_driver_sql(
            "UPDATE audit SET action = 'export' WHERE id = (SELECT audit_id FROM audit_chain WHERE seq = 2)"
        )
        tx.exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER USER")
    bad = cli("audit", "verify")
    assert bad.exit_code == 1
    assert bad.stderr.startswith("changed: row ")
    assert json.loads(cli("audit", "verify", "--json").stdout)["differences"][0]["seq"] == 2


def test_the_trail_of_a_person_is_listed(cli: Cli, rt: Runtime) -> None:
    person = new_id()
    with rt.transaction() as tx:
        audit.note(tx, rt, CLI, "export", "person", person, person)
    rows = json.loads(cli("audit", "list", "--person", str(person), "--json").stdout)
    assert [(row["actor"], row["action"], row["person_id"]) for row in rows] == [
        ("cli", "export", str(person))
    ]
    assert "export" in cli("audit", "list", "--person", str(person)).stdout
    assert cli("audit", "list", "--person", "nobody").exit_code == 2
