"""Random histories of visits end with one message or a stated reason for each rule, and nobody believes an old time.

10,000 of them with ENGAGE_WHOLE_PROOFS=1, 80 otherwise.
"""

from __future__ import annotations

import os

import pytest

from engage.runtime import Runtime
from tests.histories import Histories

WHOLE = bool(os.environ.get("ENGAGE_WHOLE_PROOFS"))
AT_ONCE = 500 if WHOLE else 40
SEEDS = range(20) if WHOLE else range(2)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_history_ends_well(rt: Runtime, seed: int) -> None:
    wrong = Histories(rt, seed, AT_ONCE).run()
    assert not wrong, "\n".join(wrong[:10])
