"""Attempts are written three times for each request, and a request may be one message."""

from __future__ import annotations

from engage.ids import new_ids
from engage.runtime import Runtime
from engage.storage import attempts
from engage.storage.attempts import Opened
from engage.storage.database import run

IN_PLACE = "SELECT pg_stat_get_xact_tuples_hot_updated('attempts'::regclass)"


def test_one_that_starts_changes_no_index(rt: Runtime) -> None:
    ids = new_ids(50)
    with rt.transaction() as tx:
        attempts.open_many(tx, [Opened(id, "twilio", "sms", [id]) for id in ids], 20.0)
    with rt.transaction() as tx:
        # What the connection did just before may not be counted in yet.
        before = run(tx, IN_PLACE).scalar_one()
        assert attempts.start(tx, ids, 20.0) == set(ids)
        assert run(tx, IN_PLACE).scalar_one() - before == len(ids)
