"""``engage appointments import``, ``imports`` and ``undo-import``, as somebody types them."""

from __future__ import annotations

import csv
import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.runtime import Runtime
from engage.services.import_lock import alone
from tests.patients import rows
from tests.visit_imports import ADA, BAO, row, text

NAMED = ("--source", "cliniko", "--consent-source", "signed intake form 2026", "--location", "Larkspur Lane")


@pytest.fixture(autouse=True)
def _settings(rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("DATABASE_URL", rt.settings.database_url),
        ("REDIS_URL", rt.settings.redis_url),
        ("ENGAGE_DATA_DIR", str(rt.settings.data_dir)),
        ("ENGAGE_CLINIC", str(rt.settings.clinic_file)),
        ("ENGAGE_TEMPLATES", str(rt.settings.templates_dir)),
    ):
        monkeypatch.setenv(name, value)


def engage(*words: str) -> Result:
    return CliRunner().invoke(main, ["appointments", *words])


def written(tmp_path: Path, content: str) -> str:
    path = tmp_path / "visits.csv"
    path.write_text(content)
    return str(path)


# The clock is the real one here.
def soon(*bases: tuple[str, ...]) -> list[tuple[str, ...]]:
    day = datetime.now(UTC) + timedelta(days=20)
    return [row(base, start=f"{day:%Y-%m-%d} {14 + n}:00") for n, base in enumerate(bases)]


def test_a_file_is_taken_in_listed_and_taken_back(rt: Runtime, tmp_path: Path) -> None:
    file = written(tmp_path, text(soon(ADA, BAO)))
    done = engage("import", file, *NAMED)
    assert done.exit_code == 0, done.output
    assert "2 rows (utf-8)" in done.stdout
    assert "2 added" in done.stdout
    assert "Mobile = mobile" in done.stdout
    id = done.stdout.split()[-1]
    assert id in engage("imports").stdout
    (listed,) = json.loads(engage("imports", "--json").stdout)
    assert (listed["id"], listed["state"], listed["counts"]["added"]) == (id, "done", 2)
    assert engage("undo-import", id, "--yes").stdout.startswith("2 visits taken back")
    assert "undone before" in engage("undo-import", id, "--yes").output
    assert "Ada" not in done.output


def test_what_is_wrong_is_written_to_a_file_for_its_owner_alone(rt: Runtime, tmp_path: Path) -> None:
    wrong = row(soon(ADA)[0], start="=HYPERLINK(1)", first_name="Ada")
    file, errors = written(tmp_path, text([wrong, *soon(BAO)])), tmp_path / "errors.csv"
    errors.write_text("old")
    errors.chmod(0o644)
    done = engage("import", file, *NAMED, "--errors", str(errors))
    assert done.exit_code == 3
    assert "row 2, Start: That is no date and time that we can read." in done.stderr
    assert "HYPERLINK" not in done.output
    assert stat.S_IMODE(os.stat(errors).st_mode) == 0o600
    head, line = csv.reader(errors.read_text("utf-8-sig").splitlines())
    assert head == ["row", "column", "cell", "refused", "what is wrong", "what to do"]
    assert line[:4] == ["2", "Start", "'=HYPERLINK(1)", "yes"]


def test_visits_that_are_gone_are_asked_about(rt: Runtime, tmp_path: Path) -> None:
    ten = [
        row(one, appointment_id=f"T{n}", patient_id=f"T{n}", email=f"t{n}@example.org", mobile="")
        for n in range(10)
        for one in soon(ADA)
    ]
    engage("import", written(tmp_path, text(ten)), *NAMED)
    asked = engage("import", written(tmp_path, text(ten[:6])), *NAMED)
    assert asked.exit_code == 3
    assert "4 of 10 visits to come" in asked.stdout
    assert "--gone cancel" in asked.stdout
    many = engage("import", written(tmp_path, text(ten[:6])), *NAMED, "--gone", "cancel")
    assert "--yes-cancel 4" in many.stdout
    done = engage("import", written(tmp_path, text(ten[:6])), *NAMED, "--gone", "cancel", "--yes-cancel", "4")
    assert (done.exit_code, "They are cancelled." in done.stdout) == (0, True)
    assert len(rows(rt, "SELECT id FROM appointments WHERE status = 'cancelled'")) == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--consent-source", ""), "consent_source: "),
        (("--source", "Our System"), "source: Name the system in small letters"),
        (("--map", "Mobile=handset"), "map: There is no field handset"),
        (("--map", "Handy=mobile"), "no column “Handy”"),
        (("--map", "Handy"), "needs an equals sign"),
        (("--status", "Gone=away"), "status: There is no status away"),
        (("--place", "Main=Moon"), "place: There is no place Moon"),
        (("--location", "Moon"), "location: There is no place Moon"),
        (("--zone", "Moon/Base"), "zone: Moon/Base is no time zone"),
    ],
)
def test_what_can_t_be_meant_is_told(rt: Runtime, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    done = engage("import", written(tmp_path, text(soon(ADA))), *NAMED, *words)
    assert done.exit_code in (1, 2)
    assert told in done.output
    assert not rows(rt, "SELECT id FROM appointments")


def test_one_file_at_a_time(rt: Runtime, tmp_path: Path) -> None:
    with alone(rt):
        done = engage("import", written(tmp_path, text(soon(ADA))), *NAMED)
    assert (done.exit_code, "Another file is being imported" in done.output) == (1, True)


def test_as_json(rt: Runtime, tmp_path: Path) -> None:
    done = engage("import", written(tmp_path, text(soon(ADA))), *NAMED, "--json", "--dry-run")
    told = json.loads(done.stdout)
    assert (told["dry_run"], told["import_id"], told["counts"]["added"]) == (True, None, 1)


def test_what_is_wrong_is_not_written_over_the_file(rt: Runtime, tmp_path: Path) -> None:
    file = written(tmp_path, text(soon(ADA)))
    done = engage("import", file, *NAMED, "--errors", file)
    assert (done.exit_code, "names the file itself" in done.output) == (1, True)
    assert "Lovelace" in Path(file).read_text()
