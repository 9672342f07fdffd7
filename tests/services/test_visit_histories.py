"""Random histories of visits end with one message or a stated reason for each rule, and nobody believes an old time.

10,000 of them with ENGAGE_WHOLE_PROOFS=1, 120 otherwise.
"""

from __future__ import annotations

import os

import pytest

from engage.runtime import Runtime
from tests.histories import Histories

AT_ONCE = 60
WHOLE = 10_000
SEEDS = range(-(-WHOLE // AT_ONCE)) if os.environ.get("ENGAGE_WHOLE_PROOFS") else range(2)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_history_ends_well(rt: Runtime, seed: int) -> None:
    wrong = Histories(rt, seed, AT_ONCE).run()
    assert not wrong, "\n".join(wrong[:10])
