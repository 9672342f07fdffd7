"""A system with every scope, beside the world that it talks to."""

from __future__ import annotations

import pytest

from tests.api.system import System
from tests.web.conftest import offline as offline
from tests.world import World


@pytest.fixture
def system(world: World) -> System:
    return System(world)
