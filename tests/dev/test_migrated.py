"""Migrations are left out only where nothing changed: neither they nor the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from engage.dev import migrated
from engage.dev.embedded import Servers


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers.start(tmp_path_factory.mktemp("migrated"), fast=True) as started:
        with psycopg.connect(started.database_url) as connection:
            connection.execute("CREATE TABLE alembic_version (version_num text)")
        yield started


@pytest.fixture
def noted(tmp_path: Path, servers: Servers) -> Path:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0001.py").write_text("first", encoding="utf-8")
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("TRUNCATE alembic_version")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    migrated.note(tmp_path, tmp_path / "migrations", servers.database_url)
    return tmp_path


def still(directory: Path, servers: Servers) -> bool:
    return migrated.still(directory, directory / "migrations", servers.database_url)


def test_nothing_changed(noted: Path, servers: Servers) -> None:
    assert still(noted, servers)


def test_a_new_or_changed_migration_is_run(noted: Path, servers: Servers) -> None:
    (noted / "migrations" / "0002.py").write_text("second", encoding="utf-8")
    assert not still(noted, servers)


def test_a_database_at_another_revision_is_migrated(noted: Path, servers: Servers) -> None:
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    assert not still(noted, servers)


def test_an_emptied_database_is_migrated(noted: Path, servers: Servers) -> None:
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("DELETE FROM alembic_version")
    assert not still(noted, servers)


def test_a_database_that_does_not_answer_is_migrated(noted: Path) -> None:
    assert not migrated.still(noted, noted / "migrations", "postgresql://nobody@127.0.0.1:9/none")
