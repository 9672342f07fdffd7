"""Sends requests at a fixed rate, whether answered or not, and says how long answers took.

``python -m bench.steady PORT FILE RATE``: FILE holds whole requests, one a line in base64. Prints one line of JSON. As
in ``bench.posting``, the time of each runs from the moment at which it should have left.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.place import PROJECT, BenchError, module
from bench.posting import Posted, run


def measure(port: int, requests: Sequence[bytes], rate: float, kept: Path) -> Posted:
    """In a process of its own. Raises BenchError when it fails."""
    kept.write_bytes(b"\n".join(b64encode(one) for one in requests))
    done = subprocess.run(
        module("bench.steady", str(port), str(kept), str(rate)),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=len(requests) / rate + 60,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"requests at a fixed rate: {done.stderr.strip().splitlines()[-1]}")
    return Posted(**json.loads(done.stdout))


def main() -> None:
    """As the module's words say."""
    port, file, rate = sys.argv[1:]
    requests = [b64decode(line) for line in Path(file).read_bytes().splitlines()]
    print(json.dumps(asdict(asyncio.run(run(int(port), requests, float(rate))))), flush=True)


if __name__ == "__main__":
    main()
