"""The commands of whoever runs the installation: doctor, instance, explain."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.keys import fresh
from engage.runtime import Runtime
from engage.services import instance
from engage.services.deliver import deliver
from engage.settings import Settings
from engage.storage.database import run
from tests.fakes.signing import EventKey
from tests.stand import Stand, plan, routed

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

    def call(*words: str, input: str | None = None, **more: str) -> Result:
        return CliRunner(env={**environ, **more}).invoke(main, words, input=input)

    return call


def checks(result: Result) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(result.stdout)}


def held(rt: Runtime) -> int:
    with rt.transaction() as tx:
        return int(run(tx, "SELECT count(*) FROM messages WHERE status = 'held'").scalar_one())


def test_a_held_instance_says_what_would_leave_and_asks(cli: Cli, rt: Runtime) -> None:
    plan(rt, "email", "care")
    instance.hold(rt)
    shown = cli("instance", "show")
    assert shown.exit_code == 0
    assert "does NOT send: a person holds everything back" in shown.stdout
    assert "care       1 would leave" in shown.stdout
    refused = cli("instance", "accept", input="n\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "care       1 would leave" in refused.stderr
    assert "Let these leave" in refused.stderr
    assert json.loads(cli("instance", "show", "--json").stdout)["may_send"] is False
    accepted = cli("instance", "accept", input="y\n")
    assert (accepted.exit_code, accepted.stdout) == (0, "accepted: epoch 2\n")
    told = json.loads(cli("instance", "show", "--json").stdout)
    assert (told["may_send"], told["lanes"][0]["leaving"]) == (True, 1)
    assert held(rt) == 0


def test_accepting_can_keep_back_what_is_due(cli: Cli, rt: Runtime) -> None:
    plan(rt, "email", "care")
    assert cli("instance", "hold").exit_code == 0
    result = cli("instance", "accept", "--hold-due", "--yes")
    assert result.exit_code == 0
    assert "held 1 message(s)" in result.stdout
    assert held(rt) == 1


def test_nobody_there_to_answer_is_a_no(cli: Cli, rt: Runtime) -> None:
    cli("instance", "hold")
    assert cli("instance", "accept", input="").exit_code == 1
    assert not instance.standing(rt).may_send


def test_accepting_what_sends_already_changes_nothing(cli: Cli, rt: Runtime) -> None:
    result = cli("instance", "accept", "--yes", "--hold-due")
    assert result.exit_code == 0
    assert "nothing to accept" in result.stdout
    assert instance.standing(rt).epoch == 1


def test_the_doctor_tells_what_waits_in_the_pipe(cli: Cli, rt: Runtime) -> None:
    sms = routed(
        rt, Stand("sms", "twilio", "unknown"), Stand("email", "sendgrid", "failed", "channel_down", "401")
    )
    text = plan(sms, "sms", "care")
    mail = plan(sms, "email", "service")
    deliver(sms)
    with rt.transaction() as tx:
        run(
            tx, "UPDATE messages SET due_at = due_at - interval '90 min 30 s' WHERE id = %(id)s", {"id": mail}
        )
        run(tx, "UPDATE messages SET status = 'held', reason = 'poison' WHERE id = %(id)s", {"id": plan(rt)})
        run(
            tx,
            """INSERT INTO receipts (id, vendor, what, digest, received_at)
            VALUES (gen_random_uuid(), 'twilio', 'status', '1', clock_timestamp() - interval '1 h')""",
        )
    result = cli("doctor", "--json")
    found = checks(result)
    assert result.exit_code == 1
    assert not found["queue"]["ok"]
    assert "service 1 due, the oldest for 90 min" in found["queue"]["detail"]
    assert found["unknown"]["ok"]
    assert str(text) in found["unknown"]["detail"]
    assert "as things stand" in found["unknown"]["detail"]
    assert not found["breakers"]["ok"]
    assert "email by sendgrid rests until" in found["breakers"]["detail"]
    assert "SENDGRID_API_KEY" in found["breakers"]["detail"]
    assert not found["messages"]["ok"]
    assert "1 held (1 poison)" in found["messages"]["detail"]
    assert not found["receipts"]["ok"]
    assert found["instance"]["ok"]


def test_an_unknown_message_that_nobody_settles_is_a_finding(cli: Cli, rt: Runtime) -> None:
    world = routed(rt, Stand("email", "sendgrid", "unknown"))
    plan(world)
    deliver(world)
    assert checks(cli("doctor", "--json"))["unknown"]["ok"]
    with rt.transaction() as tx:
        run(
            tx,
            """UPDATE attempts SET unknown_since = unknown_since - interval '1 h',
                lease_until = lease_until - interval '1 h'""",
        )
    found = checks(cli("doctor", "--json"))["unknown"]
    assert not found["ok"]
    assert "is a worker running" in found["detail"]


@pytest.mark.parametrize(
    ("settings_", "name", "ok", "note", "said"),
    [
        (
            {"ENGAGE_CARE_EMAIL": "sendgrid"},
            "care email",
            True,
            True,
            "no HIPAA business-associate agreement",
        ),
        ({}, "senders", False, False, "nothing leaves"),
        (
            {"ENGAGE_SMS": "twilio", "TWILIO_AUTH_TOKEN": "new,old"},
            "webhooks",
            True,
            True,
            "Twilio: 2 keys, a rotation is under way",
        ),
        ({"ENGAGE_EMAIL": "sendgrid"}, "webhooks", True, False, "SendGrid: one key"),
    ],
)
def test_the_doctor_looks_at_senders_as_they_are_set(
    cli: Cli, settings_: dict[str, str], name: str, ok: bool, note: bool, said: str
) -> None:
    production = {
        "ENGAGE_ENV": "production",
        "ENGAGE_BASE_URL": "https://clinic.example",
        "SENDGRID_API_KEY": "SG.key",
        "SENDGRID_WEBHOOK_PUBLIC_KEY": EventKey.new().public,
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_MESSAGING_SERVICE_SID": "MG1",
        **fresh(),
        **settings_,
    }
    result = cli("doctor", "--json", **production)
    found = checks(result)[name]
    assert (found["ok"], found["note"]) == (ok, note)
    assert said in found["detail"]
    assert "SG.key" not in result.output


def test_a_vendor_whose_words_cannot_be_verified_is_a_finding(cli: Cli) -> None:
    given = {"ENGAGE_EMAIL": "sendgrid", "SENDGRID_API_KEY": "SG.key"}
    found = checks(cli("doctor", "--json", **given))["webhooks"]
    assert not found["ok"]
    assert "SENDGRID_WEBHOOK_PUBLIC_KEY" in found["detail"]


def test_the_doctors_lines_are_marked_ok_note_or_bad(cli: Cli, rt: Runtime) -> None:
    with rt.transaction() as tx:
        run(
            tx,
            """INSERT INTO receipts (id, vendor, what, digest, problem, applied_at)
            VALUES (gen_random_uuid(), 'twilio', 'status', '1', 'ValueError', clock_timestamp())""",
        )
    lines = cli("doctor").stdout.splitlines()
    marks = {line[5:].split()[0]: line[:4].strip() for line in lines}
    assert (marks["receipts"], marks["queue"], marks["beat"]) == ("note", "ok", "BAD")
