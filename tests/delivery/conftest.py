"""A transport that trusts an authority of the moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engage.delivery.transport import Transport
from tests.fakes import certificates


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def transport(authority: Path) -> Iterator[Transport]:
    one = Transport(authority)
    yield one
    one.close()
