"""``engage consent record`` and ``engage inbound mail``."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.settings import Settings
from tests.texting import NUMBER, Texting
from tests.world import World

Cli = Callable[..., Result]


@pytest.fixture
def clinic(world: World) -> Texting:
    return Texting(world)


@pytest.fixture
def cli(settings: Settings, clinic: Texting) -> Cli:
    """Runs a command against the test's own servers."""
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ENGAGE_DATA_DIR": str(settings.data_dir),
        "ENGAGE_CLINIC": str(settings.clinic_file),
        "ENGAGE_TEMPLATES": str(settings.templates_dir),
    }

    def run(*words: str, input: bytes = b"", **more: str) -> Result:
        return CliRunner(env={**environ, **more}).invoke(main, words, input=input)

    return run


def test_a_spoken_stop_is_recorded(cli: Cli, clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    words = ("consent", "record", str(ada.id), "--channel", "sms")
    done = cli(*words, "--stop", "--source", "telephone")
    assert (done.exit_code, done.stdout) == (0, "no more text messages; 3 consents withdrawn\n")
    assert clinic.agreed(ada) == set()
    back = cli(*words, "--start", "--source", "in-person")
    assert (back.exit_code, back.stdout) == (0, "3 consents to text messages came back\n")


def test_a_spoken_yes_to_news_by_email_is_recorded_and_by_text_refused(cli: Cli, world: World) -> None:
    world.enrol(email="ada@example.org")
    (person,) = Texting(world).run("SELECT id FROM people")
    words = ("consent", "record", str(person.id), "--news", "--source", "in-person")
    unsure = cli(*words, input=b"n\n")
    assert unsure.exit_code == 1 and "Yes, please email me news and offers from" in unsure.stdout
    assert cli(*words, "--yes").stdout == "news by email: noted, a letter tells the person\n"
    assert cli(*words, "--yes").stdout == "they had agreed to it already\n"
    no_more = ("consent", "record", str(person.id), "--no-news", "--source", "telephone")
    assert [cli(*no_more).stdout for _ in range(2)] == ["no more news\n", "no news went to them\n"]
    by_text = cli(*words, "--channel", "sms")
    assert by_text.exit_code == 2 and "they agree on the preference page" in by_text.stderr
    Texting(world).run("UPDATE contacts SET state = 'bad'")
    gone = cli(*words, "--yes")
    assert gone.exit_code == 1 and "no email address that the person confirmed" in gone.stderr


def test_what_is_missing_is_named(cli: Cli, clinic: Texting) -> None:
    words = ("consent", "record", str(uuid4()), "--channel", "sms")
    assert cli(*words, "--stop").exit_code == 2
    assert cli(*words, "--source", "telephone").exit_code == 2
    assert cli(*words, "--stop", "--source", "gossip").exit_code == 2
    nobody = cli(*words, "--stop", "--source", "telephone")
    assert nobody.exit_code == 1 and "no such person" in nobody.stderr


def test_a_piped_mail_is_taken_in_silence(cli: Cli, clinic: Texting) -> None:
    done = cli("inbound", "mail", input=b"Subject: hello\r\n\r\n\xff\xfe")
    assert (done.exit_code, done.output) == (0, "")
    assert clinic.follow_ups() == ["mailed"]


def test_without_a_database_the_mail_server_is_told_to_try_again(cli: Cli) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"
    done = cli("inbound", "mail", input=b"Subject: x\r\n\r\n", DATABASE_URL=away)
    assert done.exit_code == 75
    assert "Traceback" not in done.output and len(done.output.splitlines()) == 1
