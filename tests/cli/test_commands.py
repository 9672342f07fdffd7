"""The commands, as somebody at a terminal meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.runtime import Runtime
from engage.settings import Settings
from tests.conftest import PROJECT
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

    def run(*words: str, input: str | None = None, **more: str) -> Result:
        return CliRunner(env={**environ, **more}).invoke(main, words, input=input)

    return run


def bare(tmp_path: Path, *words: str) -> Result:
    """A command where nothing runs and nothing is set."""
    environ = {
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "ENGAGE_DATA_DIR": str(tmp_path / "data"),
        "ENGAGE_CLINIC": str(PROJECT / "clinic.toml"),
        "ENGAGE_TEMPLATES": str(PROJECT / "templates"),
    }
    return CliRunner(env=environ).invoke(main, words)


def test_simulate_needs_no_database_and_tells_what_comes_when(tmp_path: Path) -> None:
    words = [
        "simulate",
        "course",
        "chronic-pain",
        "--zone",
        "America/New_York",
        "--start",
        "2026-11-24",
        "--json",
    ]
    result = bare(tmp_path, *words)
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert [set(x) for x in told] == [{"lesson", "channel", "due_at", "local_time", "reason"}] * 12
    assert told[0]["due_at"] == "2026-11-24T14:00:00Z"
    assert told[0]["local_time"] == "2026-11-24T09:00:00-05:00"
    assert {datetime.fromisoformat(x["local_time"]).hour for x in told} == {9}


def test_what_simulate_tells_is_what_arrives(tmp_path: Path, world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=60))
    words = [
        "simulate",
        "course",
        "chronic-pain",
        "--zone",
        "America/New_York",
        "--start",
        "2026-11-02T10:00",
        "--json",
    ]
    told = json.loads(bare(tmp_path, *words).stdout)
    assert [datetime.fromisoformat(x["due_at"]) for x in told] == [mail.sent_at for mail in world.lessons()]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("simulate course nothing --zone UTC --start 2026-11-24", 2, "chronic-pain"),
        ("simulate course chronic-pain --zone Mars/Base --start 2026-11-24", 2, "America/New_York"),
        ("simulate course chronic-pain --zone UTC --start tomorrow", 2, "--start"),
        ("simulate course chronic-pain --zone UTC", 2, "--start"),
        ("messages explain 12", 2, "no id"),
        ("clock advance soon", 2, "3d"),
        ("clock advance -3d", 2, "no span of time"),
        ("clock advance 3000000d", 2, "too far"),
        ("simulate course chronic-pain --zone UTC --start 9999-12-31", 2, "--start"),
        ("clock set yesterday", 2, "2026-11-24T14:00:00Z"),
        ("doctor --send-test nobody", 2, "--send-test"),
        ("messages list --status odd", 2, "--status"),
        ("nonsense", 2, "nonsense"),
        ("messages list", 1, "make run"),
        ("doctor", 1, "make run"),
        ("clock show", 1, "make run"),
        ("db upgrade", 1, "make run"),
        ("demo", 1, "make run"),
        ("courses stop x@example.org", 1, "make run"),
    ],
)
def test_wrong_use_says_in_one_sentence_what_to_do(tmp_path: Path, words: str, code: int, said: str) -> None:
    result = bare(tmp_path, *words.split())
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_database_that_does_not_answer_is_one_sentence(cli: Cli) -> None:
    result = cli("messages", "list", DATABASE_URL="postgresql://nobody:s3cret@127.0.0.1:1/none")
    assert result.exit_code == 1
    assert "can't be reached" in result.stderr
    assert "s3cret" not in result.output


def test_every_command_shows_help_with_an_example() -> None:
    def walk(words: list[str]) -> None:
        result = CliRunner().invoke(main, [*words, "--help"])
        assert result.exit_code == 0
        command = main
        for word in words:
            command = command.commands[word]  # type: ignore[assignment]
        if hasattr(command, "commands"):
            for word in command.commands:
                walk([*words, word])
        else:
            assert "Example: engage " in result.output, words

    walk([])


def test_lint_prints_both_grades_and_finds_nothing(tmp_path: Path) -> None:
    result = bare(tmp_path, "courses", "lint", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["problems"] == []
    lessons = [x for x in told["lessons"] if x["course"] == "chronic-pain"]
    assert len(lessons) >= 10
    assert all(x["grade_with_terms"] <= 8 and x["grade"] > 0 for x in lessons)


def test_lint_names_file_and_line(tmp_path: Path) -> None:
    import shutil

    templates = tmp_path / "templates"
    shutil.copytree(PROJECT / "templates", templates)
    body = templates / "courses" / "chronic-pain" / "two-views" / "body.md"
    body.write_text(body.read_text() + "\n\nAcupuncture will cure you, {{ nickname }}.\n")
    result = CliRunner(
        env={"ENGAGE_TEMPLATES": str(templates), "ENGAGE_CLINIC": str(PROJECT / "clinic.toml")}
    ).invoke(main, ["courses", "lint"])
    assert result.exit_code == 1
    assert "two-views/body.md:" in result.stderr
    assert "nickname" in result.stderr


def test_explain_tells_the_whole_story(cli: Cli, world: World) -> None:
    world.enrol()
    world.pass_time(timedelta(days=3))
    rows = json.loads(cli("messages", "list", "--json").stdout)
    sent = next(row for row in rows if row["status"] == "accepted" and row["kind"] == "course-lesson")
    story = cli("messages", "explain", sent["id"]).stdout
    for words in (
        "Handed over to the sender",
        "agreed to education by email",
        "Attempt 1",
        "The sender took it.",
    ):
        assert words in story
    planned = next(row for row in rows if row["status"] == "planned")
    assert "Waiting for its time" in cli("messages", "explain", planned["id"]).stdout
    assert cli("messages", "show", sent["id"]).exit_code == 0
    assert "ada@example.org" not in cli("messages", "show", sent["id"]).output + story


def test_the_list_of_messages_says_what_stands_in_which_column(cli: Cli, world: World) -> None:
    assert cli("messages", "list").stdout == ""
    world.enrol()
    header, *lines = cli("messages", "list").stdout.splitlines()
    person = json.loads(cli("messages", "list", "--json").stdout)[0]["person_id"]
    assert header.split() == ["id", "person", "due", "(UTC)", "status", "what", "reason"]
    lesson = next(line for line in lines if "course-lesson" in line)
    assert lesson[header.index("person") :].startswith(person)
    assert lesson[header.index("status") :].startswith("planned")
    confirmation = next(line for line in lines if "signup-confirm" in line)
    assert confirmation[header.index("person") :].startswith("- ")


def test_an_unknown_message_is_said_to_be_unknown(cli: Cli) -> None:
    result = cli("messages", "explain", "01a20805-bc3f-7365-890b-eaac754431fa")
    assert (result.exit_code, "engage messages list" in result.stderr) == (1, True)


@pytest.mark.parametrize("by", ["address", "standard input", "id"])
def test_stopping_a_course(cli: Cli, world: World, by: str) -> None:
    world.enrol()
    world.pass_time(timedelta(days=3))
    rows = json.loads(cli("messages", "list", "--json").stdout)
    id = next(row["person_id"] for row in rows if row["person_id"])
    if by == "standard input":
        result = cli("courses", "stop", "-", input="Ada@example.org\n")
    else:
        result = cli("courses", "stop", "ada@example.org" if by == "address" else id)
    assert (result.exit_code, result.stdout) == (0, "stopped 1 course(s)\n")
    before = len(world.lessons())
    world.pass_time(timedelta(days=60))
    assert len(world.lessons()) == before


def test_stopping_somebody_unknown_fails(cli: Cli) -> None:
    assert cli("courses", "stop", "nobody@example.org").exit_code == 1


def test_the_clock_can_be_shown_set_and_reset(cli: Cli) -> None:
    assert cli("clock", "set", "2027-03-01T12:00:00Z").exit_code == 0
    assert json.loads(cli("clock", "show", "--json").stdout)["now"].startswith("2027-03-01T12:00")
    assert cli("clock", "reset").exit_code == 0
    assert abs(json.loads(cli("clock", "show", "--json").stdout)["ahead_seconds"]) < 1


def test_the_clock_cannot_be_moved_in_production(cli: Cli) -> None:
    from engage.keys import fresh

    production = {"ENGAGE_ENV": "production", "ENGAGE_BASE_URL": "https://clinic.example", **fresh()}
    for words in (["advance", "3d"], ["set", "2027-03-01"], ["reset"]):
        result = cli("clock", *words, **production)
        assert result.exit_code == 1
        assert "development" in result.stderr
    assert cli("demo", **production).exit_code == 1


def test_without_a_worker_the_clock_says_what_it_waits_for(cli: Cli, world: World) -> None:
    world.sign_up()
    result = cli("clock", "advance", "1d", "--patience", "0.3")
    assert result.exit_code == 1
    assert "is a worker running" in result.stderr


def test_the_doctor_names_what_is_wrong(cli: Cli) -> None:
    result = cli("doctor", "--json", REDIS_URL="redis://127.0.0.1:1/0")
    assert result.exit_code == 1
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert checks["database"]["ok"]
    assert checks["keys"]["ok"]
    assert not checks["broker"]["ok"]
    assert not checks["beat"]["ok"]
    assert "Not well: broker, beat" in result.stderr


def test_init_is_ready_twice(cli: Cli) -> None:
    for _ in range(2):
        result = cli("init")
        assert (result.exit_code, result.stdout) == (0, "ready\n")


def test_db_check_agrees_after_upgrade(cli: Cli) -> None:
    assert cli("db", "upgrade").exit_code == cli("db", "check").exit_code == 0


def test_the_demo_lives_through_its_past_and_leaves_a_future(cli: Cli, world: World) -> None:
    result = cli("demo", "--people", "12")
    assert result.exit_code == 0, result.output
    rows = json.loads(cli("messages", "list", "--json", "--limit", "1000").stdout)
    statuses = {row["status"] for row in rows}
    assert {"accepted", "planned"} <= statuses
    now = json.loads(cli("clock", "show", "--json").stdout)["now"]
    assert all(row["due_at"] > now for row in rows if row["status"] == "planned")
    assert all(row["sent_at"] <= now for row in rows if row["sent_at"])
