"""Migrations."""

from __future__ import annotations

from alembic.config import Config
from alembic.script import ScriptDirectory

from engage.runtime import Runtime
from engage.storage import schema


def test_the_newest_file_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema._MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.wanted()]


def test_upgrading_again_changes_nothing(rt: Runtime) -> None:
    assert schema.upgrade(rt.engine) == (schema.wanted(), schema.wanted())
    assert schema.current(rt.engine) == schema.wanted()
