"""Migrations."""

from __future__ import annotations

import threading

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from engage.runtime import Runtime
from engage.storage import schema
from engage.storage.database import run


def test_the_newest_file_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema._MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.wanted()]


def test_upgrading_again_changes_nothing(rt: Runtime) -> None:
    assert schema.upgrade(rt.engine) == (schema.wanted(), schema.wanted())
    assert schema.current(rt.engine) == schema.wanted()


def as_if_new(monkeypatch: pytest.MonkeyPatch, rt: Runtime) -> None:
    """A migration that needs a table which somebody has in use."""

    def wants_attempts(connection: Connection) -> None:
        connection.execute(text("LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE"))

    monkeypatch.setattr(schema, "_run_migrations", wants_attempts)
    monkeypatch.setattr(schema, "_LOCK_SECONDS", 1)
    monkeypatch.setattr(schema, "_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(schema, "wanted", lambda: "9999")


def test_an_upgrade_behind_a_backup_does_not_stop_everybody_behind_it_and_goes_on_after_it(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_if_new(monkeypatch, rt)
    done = threading.Event()

    def upgrade() -> None:
        schema.upgrade(rt.engine)
        done.set()

    upgrading = threading.Thread(target=upgrade)
    with rt.transaction() as backup:
        run(backup, "LOCK TABLE attempts IN ACCESS SHARE MODE")
        upgrading.start()
        # A sender's statement is behind the upgrade, and comes through all the same.
        with rt.transaction() as tx:
            run(tx, "SET LOCAL statement_timeout = '5s'")
            for _ in range(3):
                run(tx, "SELECT 1 FROM attempts FOR NO KEY UPDATE")
                assert not done.wait(0.5)
    assert done.wait(10)
    upgrading.join()


def test_an_upgrade_that_never_finds_a_gap_says_so(rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    as_if_new(monkeypatch, rt)
    monkeypatch.setattr(schema, "_TRIES", 2)
    with rt.transaction() as backup:
        run(backup, "LOCK TABLE attempts IN ACCESS SHARE MODE")
        with pytest.raises(
            schema.UpgradeInTheWayError, match="let a running backup end, or stop the workers"
        ):
            schema.upgrade(rt.engine)
