"""A process that delivers what is due each time it is told to: a line in, a line out.

``python -m bench.deliverer`` answers ``ready``; then each line it reads makes it deliver until
nothing is due in the lanes that it names (none: the bulk lanes), and answer with the number of
messages that were accepted.
"""

from __future__ import annotations

import os
import sys

from engage.runtime import build
from engage.services.deliver import BULK_LANES, deliver
from engage.settings import load
from engage.tasks import long_lived


def main() -> None:
    """Reads and answers until standard input ends."""
    rt = build(load(os.environ), pool_size=2)
    rt.ahead()
    long_lived()  # as a worker's child does
    print("ready", flush=True)
    for line in sys.stdin:
        lanes = [int(word) for word in line.split()] or BULK_LANES
        accepted = 0
        while (tally := deliver(rt, lanes, seconds=60)).seen:
            accepted += tally.accepted
        print(accepted, flush=True)


if __name__ == "__main__":
    main()
