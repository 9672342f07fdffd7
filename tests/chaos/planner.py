"""A process that plans a list of messages, as many do at once: ``python -m tests.chaos.planner LIST``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from engage.runtime import build
from engage.settings import load as settings
from tests.chaos import load, planted
from tests.chaos.load import Planned


def main(path: Path) -> None:
    """Plans everything that the file lists."""
    planted.plant()
    rt = build(settings(os.environ), pool_size=1)
    load.write(rt, [Planned(**one) for one in json.loads(path.read_text())])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
