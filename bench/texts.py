"""Test messages that are due, of any lane and channel, put in with a few statements."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from bench.place import PROJECT, BenchError, Place
from engage.domain.messages import TESTS, Channel, Purpose
from engage.ids import new_ids
from engage.storage import messages
from engage.storage.messages import Plan

CHUNK = 5_000


def plan(place: Place, channel: Channel, purpose: Purpose, count: int) -> list[UUID]:
    """``count`` test messages to as many addresses, due now. Returns their ids in order."""
    rt, kind = place.rt, TESTS[channel, purpose]
    made: list[UUID] = []
    for first in range(0, count, CHUNK):
        ids = new_ids(min(CHUNK, count - first))
        made += ids
        with rt.transaction() as tx:
            now = rt.now(tx)
            plans = [
                Plan(
                    id=id,
                    kind=kind,
                    cause="staff",
                    cause_id=id,
                    dedup_key=f"staff/test/{id}",
                    due_at=now,
                    not_after=now + timedelta(hours=1),
                    anytime=True,
                    sealed=rt.sealer.seal("messages", id, {"to": address(channel, first + n), "values": {}}),
                )
                for n, id in enumerate(ids)
            ]
            messages.plan(tx, plans, now)
    with rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        own.exec_driver_sql("ANALYZE messages")
    return made


def address(channel: Channel, number: int) -> str:
    """Somebody's, for each number another."""
    return f"person.{number}@example.org" if channel == "email" else f"+1555{2_000_000 + number:07d}"


def open_clinic(directory: Path) -> str:
    """The path of a copy of the clinic's file whose numbers carry more than can be sent here."""
    text = (PROJECT / "clinic.toml").read_text(encoding="utf-8")
    for was, now in (
        ("numbers = 1\n", "numbers = 400\n"),
        ("segments_per_second = 1.0\n", "segments_per_second = 100.0\n"),
    ):
        if text.count(was) != 1:
            raise BenchError(f"clinic.toml has no line {was.strip()!r} to change")
        text = text.replace(was, now)
    path = directory / "clinic.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)
