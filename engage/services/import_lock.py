"""One file of visits at a time: two at once would each find what the other has not written yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engage.runtime import Runtime
from engage.storage import imports as storage


class Busy(Exception):
    """Another file is being imported, or an import taken back."""


@contextmanager
def alone(rt: Runtime) -> Iterator[None]:
    """Raises Busy when somebody else is at it. Dies with the connection."""
    with rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        if not storage.try_lock(own):
            raise Busy
        try:
            yield
        finally:
            storage.unlock(own)
