"""The web app over a real runtime whose database is away: pages that need none work, others say so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from engage import runtime, settings
from engage.keys import fresh
from engage.runtime import Runtime
from tests.apps import app_of

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)

Offline = Callable[..., tuple[FlaskClient, Runtime]]


@pytest.fixture(scope="session")
def offline() -> Offline:
    """Builds a client and its runtime; keyword arguments are settings by their environment names."""

    def build(**environment: Any) -> tuple[FlaskClient, Runtime]:
        given = {
            # Port 1 of this machine refuses at once.
            "DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "ENGAGE_BASE_URL": "http://127.0.0.1:8000",
            "ENGAGE_CLINIC": str(ROOT / "clinic.toml"),
            "ENGAGE_TEMPLATES": str(ROOT / "templates"),
            **fresh(),
            **environment,
        }
        world = runtime.build(settings.load(given)).at(NOON)
        return app_of(world).test_client(), world

    return build


@pytest.fixture(scope="session")
def client(offline: Offline) -> FlaskClient:
    return offline()[0]


@pytest.fixture(scope="session")
def world(offline: Offline) -> Runtime:
    return offline()[1]
