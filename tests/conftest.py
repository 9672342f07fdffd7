"""Real servers for the suite: one PostgreSQL and one Valkey for each test process, a fresh database for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from engage.dev.embedded import Servers
from engage.runtime import Runtime, build
from engage.settings import Settings, load
from engage.storage import schema
from engage.storage.database import make_engine
from tests import together
from tests.browser import missing
from tests.emptying import Emptier
from tests.world import World

PROJECT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    together.first_the_slow(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return together.scheduler(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    missing.tell(terminalreporter)


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
def migrated_url(servers: Servers) -> Iterator[str]:
    """A database at the newest schema, for this test process."""
    name = f"engage_test_{uuid4().hex[:12]}"
    _admin(servers, f"CREATE DATABASE {name} OWNER {_user(servers)}")
    url = make_url(servers.database_url).set(database=name).render_as_string(hide_password=False)
    engine = make_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    yield url
    _admin(servers, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def settings(migrated_url: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings as a newcomer has them: none set but the servers."""
    return load(
        {
            "DATABASE_URL": migrated_url,
            "REDIS_URL": servers.redis_url,
            "ENGAGE_DATA_DIR": str(tmp_path_factory.mktemp("keys")),
            "ENGAGE_CLINIC": str(PROJECT / "clinic.toml"),
            "ENGAGE_TEMPLATES": str(PROJECT / "templates"),
        }
    )


@pytest.fixture(scope="session")
def built(settings: Settings) -> Iterator[Runtime]:
    """The runtime, built once for the process: texts and pool are shared by its tests."""
    runtime = build(settings)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture(scope="session")
def emptier() -> Emptier:
    """What empties the process's database."""
    return Emptier()


@pytest.fixture
def rt(built: Runtime, emptier: Emptier) -> Runtime:
    """The runtime on an empty database."""
    with built.transaction() as tx:
        emptier.empty(tx)
    return replace(built, content_ids={}, paces={}, gone_live=[])


@pytest.fixture
def world(rt: Runtime) -> World:
    """A clinic whose clock stands where the test puts it."""
    return World(rt)


def _user(servers: Servers) -> str:
    return f'"{make_url(servers.database_url).username}"'


def _admin(servers: Servers, sql: str) -> None:
    url = make_url(servers.owner_url or servers.database_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(sql))
    engine.dispose()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keeps how the run ended for `.ci/run`: 1 is that every test had its turn, and some failed."""
    if not hasattr(session.config, "workerinput") and session.config.cache is not None:
        session.config.cache.set("engage/ended", int(exitstatus))
