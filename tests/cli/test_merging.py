"""``engage people merge`` and ``unmerge``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import audit
from engage.settings import Settings
from tests.patients import ADA, rows, who

Cli = Callable[..., Result]


@pytest.fixture
def cli(settings: Settings, rt: Runtime) -> Cli:
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ENGAGE_DATA_DIR": str(settings.data_dir),
        "ENGAGE_CLINIC": str(settings.clinic_file),
        "ENGAGE_TEMPLATES": str(settings.templates_dir),
    }
    return lambda *words, input=None: CliRunner(env=environ).invoke(main, words, input=input)


def test_merging_asks_first_and_says_how_to_undo_it(cli: Cli, rt: Runtime) -> None:
    keep, other = who(rt, ADA), who(rt, replace(ADA, external_id="18", given_name="Adah"))
    refused = cli("people", "merge", str(keep), str(other), input="n\n")
    assert (refused.exit_code, refused.stderr.endswith("Nothing was changed.\n")) == (1, True)
    done = cli("people", "merge", str(keep), str(other), "--yes")
    assert done.exit_code == 0
    found = re.fullmatch(r"merged; undo it with: engage people unmerge ([\w-]+)\n", done.stdout)
    assert found is not None
    states = {row.id: row.state for row in rows(rt, "SELECT id, state FROM people")}
    assert states == {keep: "active", other: "merged"}
    parted = cli("people", "unmerge", found[1], input="y\n")
    assert parted.stdout == f"{other} is a person of its own again\n"
    noted = [(row.what, row.actor) for row in audit.listing(rt, other) if "merge" in row.what]
    assert noted == [("unmerge", "cli"), ("merge", "cli")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("merge", "{ada}", "{ada}"), "the same person twice"),
        (("merge", "{ada}", "{nobody}"), "There is no person {nobody}"),
        (("unmerge", "{nobody}"), "There is no merge with that id"),
    ],
)
def test_what_can_not_be_done_is_told_in_one_sentence(
    cli: Cli, rt: Runtime, words: tuple[str, ...], sentence: str
) -> None:
    names = {"ada": str(who(rt, ADA)), "nobody": str(new_id())}
    result = cli("people", *(word.format(**names) for word in words), "--yes")
    assert result.exit_code == 1
    assert sentence.format(**names) in result.stderr
    assert cli("people", "merge", "ada@example.org", "x").exit_code == 2
