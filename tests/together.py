"""Which tests share a test process: those that share a running product, so that it is started once."""

from __future__ import annotations

from typing import Any

import pytest

# Directories whose tests walk through one product, the slowest first: they begin, the quick ones fill the gaps.
WHOLE = ("tests/chaos", "tests/processes", "tests/browser", "tests/privacy")


def first_the_slow(items: list[pytest.Item]) -> None:
    """Puts what takes longest in front; otherwise the order stays."""
    items.sort(key=lambda item: WHOLE.index(unit(item.nodeid)) if unit(item.nodeid) in WHOLE else len(WHOLE))


def unit(nodeid: str) -> str:
    """The directory or file that a test shares its process with."""
    path = nodeid.split("::", 1)[0]
    directory = path.rpartition("/")[0]
    # These need no running product, only a database.
    alone = ("test_kill_points.py", "test_poison.py", "test_mails_are_alike.py", "test_judge.py")
    return directory if directory in WHOLE and not path.endswith(alone) else path


def scheduler(config: pytest.Config, log: Any) -> Any:
    """For xdist. Its own marks for groups are lost on pytest 9.2, which has no ``_nodeid`` any more."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class Together(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return unit(nodeid)

    config.option.loadscopereorder = False
    return Together(config, log)
