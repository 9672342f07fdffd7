"""One running product for these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engage.dev.embedded import Servers
from tests.processes import stack as stacks
from tests.processes.stack import Stack


@pytest.fixture(scope="package")
def stack(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Web, worker and beat, ready. A lease lasts one second, so that what was killed is soon missed."""
    directory = tmp_path_factory.mktemp("stack")
    with stacks.stack(directory, servers, env={"ENGAGE_LEASE_SECONDS": "1"}) as running:
        running.start()
        running.wait_ready()
        yield running
