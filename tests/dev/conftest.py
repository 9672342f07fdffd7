"""A data directory for tests that start the servers as ``make run`` does."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that the servers' account can pass through, unlike ``tmp_path`` when root runs the tests:
    so nothing is kept outside of it."""
    directory = Path(tempfile.mkdtemp(prefix="engage-test-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)
