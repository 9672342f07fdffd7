"""What the staff's first page asks of the database: it never walks through the messages that lie there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from engage.runtime import Runtime
from engage.services import today, today_week
from engage.storage.database import run
from tests import full_week

OLD = 12_000


@contextmanager
def asked(rt: Runtime) -> Iterator[list[tuple[str, Any]]]:
    """The statements that run meanwhile, with their values."""
    found: list[tuple[str, Any]] = []

    def heard(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        found.append((statement, values))

    event.listen(rt.engine, "before_cursor_execute", heard)
    yield found
    event.remove(rt.engine, "before_cursor_execute", heard)


def test_neither_the_page_nor_the_count_walks_through_all_messages(rt: Runtime) -> None:
    now = rt.now()
    for batch in range(4):
        at = now - timedelta(days=30 + batch)
        full_week.put(rt, "education", "email", [("delivered", at)] * (OLD // 4))
    full_week.fill(rt)
    with rt.transaction() as tx:
        run(tx, "ANALYZE")
    with asked(rt) as statements:
        today_week.count(rt)
        page = today.see(rt)
    assert "were delivered" in page.week[0].sentence
    about = [one for one in statements if "messages" in one[0] and one[0].lstrip().startswith("SELECT")]
    assert len(about) == 4
    assert len(statements) < 25
    with rt.transaction() as tx:
        for statement, values in about:
            plan = "\n".join(row[0] for row in run(tx, f"EXPLAIN {statement}", values))
            assert "Seq Scan on messages" not in plan, plan
