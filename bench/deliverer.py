"""A process that delivers what is due each time it is told to: a line in, a line out.

``python -m bench.deliverer`` answers ``ready``; then each line it reads makes it deliver until
nothing is due, and answer with the number of messages that were accepted.
"""

from __future__ import annotations

import os
import sys

from engage.runtime import build
from engage.services.deliver import BULK_LANES, deliver
from engage.settings import load


def main() -> None:
    """Reads and answers until standard input ends."""
    rt = build(load(os.environ), pool_size=2)
    rt.ahead()
    print("ready", flush=True)
    for _ in sys.stdin:
        accepted = 0
        while (tally := deliver(rt, BULK_LANES, seconds=60)).seen:
            accepted += tally.accepted
        print(accepted, flush=True)


if __name__ == "__main__":
    main()
