"""A process that delivers what is due and, at a named point, is killed or frozen by the kernel."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Literal

from engage.delivery.local import LocalSender
from engage.domain.messages import LANES
from engage.runtime import build
from engage.services import deliver as delivering
from engage.settings import Settings
from engage.storage import attempts, mailbox, pipe

How = Literal["killed", "frozen"]

# Where a worker may be when its end comes: just before or just after a call, in the order of a delivery.
POINTS: dict[str, tuple[Any, str, Literal["before", "after"]]] = {
    "the claim is decided, not committed": (pipe, "mark_claimed", "after"),
    "the claim is committed": (delivering, "claim", "after"),
    "the attempt is started, not committed": (attempts, "start", "after"),
    "the attempt is started": (LocalSender, "send", "before"),
    "the sender has taken it, not committed": (mailbox, "store", "after"),
    "the sender has taken it": (LocalSender, "send", "after"),
    "the answer is recorded, not committed": (attempts, "end", "after"),
    "the answer is recorded": (delivering, "send", "after"),
}


@contextmanager
def dying(settings: Settings, now: datetime, point: str, how: How) -> Iterator[BaseProcess]:
    """A process that has come to ``point`` and is dead or frozen there. It is gone after the block."""
    # Not forked from the test's own process: threads and connections do not survive that.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    here, there = context.Pipe()
    process = context.Process(target=_deliver, args=(settings, now, point, how, there), daemon=True)
    process.start()
    there.close()
    try:
        assert here.poll(30) and here.recv() == point, "it never came to that point"
        if how == "killed":
            process.join(10)
            assert process.exitcode == -signal.SIGKILL
        yield process
    finally:
        if process.is_alive():
            process.kill()
        process.join(10)


def thaw(process: BaseProcess) -> None:
    """Lets a frozen process go on, and waits for its ordinary end."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGCONT)
    process.join(20)
    assert process.exitcode == 0


def _deliver(settings: Settings, now: datetime, point: str, how: How, told: Connection) -> None:
    owner, name, when = POINTS[point]
    number = signal.SIGKILL if how == "killed" else signal.SIGSTOP

    def end() -> None:
        told.send(point)
        os.kill(os.getpid(), number)

    setattr(owner, name, _with_end(getattr(owner, name), when, end))
    rt = build(settings, pool_size=2).at(now)
    for lane in sorted(LANES.values()):
        delivering.deliver_batch(rt, lane, "email")


def _with_end(call: Callable[..., Any], when: str, end: Callable[[], None]) -> Callable[..., Any]:
    ended: list[bool] = []

    def wrapped(*args: Any, **words: Any) -> Any:
        if when == "before" and not ended:
            ended.append(True)
            end()
        result = call(*args, **words)
        # A claim that found nothing, or a batch of another lane, is not the one to die in.
        if when == "after" and not ended and getattr(result, "seen", True):
            ended.append(True)
            end()
        return result

    return wrapped
