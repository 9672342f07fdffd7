"""Real servers for the suite: one PostgreSQL and one Valkey for each test process, a fresh database for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from engage.dev.embedded import Servers
from engage.runtime import Runtime, build
from engage.settings import Settings, load
from engage.storage import schema
from engage.storage.database import make_engine
from tests.world import World

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """PostgreSQL and Valkey: those of DATABASE_URL and REDIS_URL, or embedded ones."""
    with Servers.start(
        tmp_path_factory.mktemp("servers"),
        fast=True,
        database_url=os.environ.get("DATABASE_URL", ""),
        redis_url=os.environ.get("REDIS_URL", ""),
    ) as running:
        yield running


@pytest.fixture(scope="session")
def template_database(servers: Servers) -> Iterator[str]:
    """The name of a database at the newest schema, to be copied."""
    name = f"engage_template_{uuid4().hex[:12]}"
    _admin(servers, f"CREATE DATABASE {name} OWNER {_user(servers)}")
    engine = make_engine(_database(servers, name))
    schema.upgrade(engine)
    engine.dispose()
    yield name
    _admin(servers, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def database_url(servers: Servers, template_database: str) -> Iterator[str]:
    """A database of the test's own."""
    name = f"engage_test_{uuid4().hex[:12]}"
    _admin(servers, f"CREATE DATABASE {name} TEMPLATE {template_database} OWNER {_user(servers)}")
    yield _database(servers, name)
    _admin(servers, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Development's keys, made once for the process."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def settings(database_url: str, servers: Servers, keys_dir: Path) -> Settings:
    """Settings as a newcomer has them: none set but the servers."""
    return load(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": servers.redis_url,
            "ENGAGE_DATA_DIR": str(keys_dir),
            "ENGAGE_CLINIC": str(PROJECT / "clinic.toml"),
            "ENGAGE_TEMPLATES": str(PROJECT / "templates"),
        }
    )


@pytest.fixture
def rt(settings: Settings) -> Iterator[Runtime]:
    """The runtime on the test's own database."""
    runtime = build(settings)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def world(rt: Runtime) -> World:
    """A clinic whose clock stands where the test puts it."""
    return World(rt)


def _database(servers: Servers, name: str) -> str:
    return make_url(servers.database_url).set(database=name).render_as_string(hide_password=False)


def _user(servers: Servers) -> str:
    return f'"{make_url(servers.database_url).username}"'


def _admin(servers: Servers, sql: str) -> None:
    url = make_url(servers.owner_url or servers.database_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(sql))
    engine.dispose()
