"""Visits that a file holds no more, in the days that it is about. They are cancelled only when somebody says so, and many
of them only when somebody says how many: a file that came short must not call off a clinic's week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.appointments import OPEN
from engage.domain.imports.survey import short
from engage.runtime import Runtime
from engage.services import visit_plans
from engage.services.appointments import named
from engage.services.import_rows import Job
from engage.services.visit_changes import change_unseen
from engage.storage import imports as storage
from engage.storage.appointments import Changed
from engage.storage.imports import Did, Standing

GonePolicy = Literal["ask", "keep", "cancel"]
# More than this share of a source's visits is never cancelled without their number.
MOST = 0.2
PAGE = 1000
_NOTHING = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Gone:
    """``count`` visits that stand here are not in the file, of ``of`` between its first and last day (aware UTC). ``open``
    is what keeps them from being cancelled: "" nothing, "ask" nobody said so, "many" it has to be said how many, "unnamed"
    rows of which nobody knows which visit they are about, "empty" the file has no visit."""

    count: int = 0
    of: int = 0
    first: datetime | None = None
    last: datetime | None = None
    open: Literal["", "ask", "many", "unnamed", "empty"] = ""
    cancel: bool = False


def look(rt: Runtime, job: Job, policy: GonePolicy, yes_cancel: int | None) -> Gone:
    """What is gone, and whether it is to be cancelled."""
    survey, span = job.survey, job.survey.span()
    if span is None:
        return Gone(open="empty")
    if policy == "keep":
        return Gone()
    first, last = span
    count = of = 0
    for page in _pages(rt, job, first, last):
        of += len(page)
        count += sum(survey.find(short(one.external_index)) is None for one in page)
    found = Gone(count, of, first, last)
    if not count:
        return found
    if survey.unnamed:
        return Gone(count, of, first, last, open="unnamed")
    if policy == "ask":
        return Gone(count, of, first, last, open="ask")
    if yes_cancel != count and (count > MOST * of or yes_cancel is not None):
        return Gone(count, of, first, last, open="many")
    return Gone(count, of, first, last, cancel=True)


def cancel_page(rt: Runtime, job: Job, page: list[Standing], tx: Connection, now: datetime) -> None:
    """Calls off those of these visits that the file does not hold and that stand still."""
    ids = [one.id for one in page if job.survey.find(short(one.external_index)) is None]
    if not ids:
        return
    rows = [row for row in storage.lock_visits(tx, ids) if row.status in OPEN and row.starts_at > now]
    if not rows:
        return
    change_unseen(
        tx,
        rows,
        [Changed(row.id, row.starts_at, row.zone, row.minutes, row.location, "cancelled") for row in rows],
        named(job.actor),
        now,
    )
    job.begin(tx, now)
    storage.note(tx, job.import_id, [Did(row.id, "cancelled", row.version + 1, row.status) for row in rows])
    storage.forget_told(tx, [row.id for row in rows])
    job.counts["cancelled"] += len(rows)
    job.counts["messages"] += visit_plans.replan(rt, tx, list({row.person_id for row in rows}), now)


def pages(rt: Runtime, job: Job, gone: Gone) -> Iterator[list[Standing]]:
    """The visits to look at for ``cancel_page``."""
    if gone.cancel and gone.first is not None and gone.last is not None:
        yield from _pages(rt, job, gone.first, gone.last)


def _pages(rt: Runtime, job: Job, first: datetime, last: datetime) -> Iterator[list[Standing]]:
    source = job.reader.meaning.source
    after, after_id = first, _NOTHING
    while True:
        with rt.transaction() as tx:
            page = storage.standing(tx, source, rt.now(tx), after, after_id, last, PAGE)
        if not page:
            return
        yield page
        after, after_id = page[-1].starts_at, page[-1].id
