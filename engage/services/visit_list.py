"""Visits to look at on the command line, and what was told of each."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from engage.runtime import Runtime
from engage.services import visit_told
from engage.services.appointments import Appointment, opened
from engage.services.visit_plans import policy_of
from engage.services.visit_told import VisitTold
from engage.storage import appointments

MOST = 1000


def ahead(rt: Runtime, span: timedelta) -> list[Appointment]:
    """Visits that start from now on, for so long."""
    with rt.transaction() as tx:
        now = rt.now(tx)
        return [opened(rt, row) for row in appointments.between(tx, now, now + span, MOST)]


def told(rt: Runtime, id: UUID) -> VisitTold:
    """What a visit brought and brings, and why the rest of the policy does not apply; nothing of one that there is not."""
    with rt.transaction() as tx:
        row = appointments.one(tx, id)
        return visit_told.of_visit(tx, row, policy_of(rt, tx)) if row is not None else VisitTold()
