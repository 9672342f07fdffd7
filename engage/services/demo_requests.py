"""The demo's consultation requests, one in each state that staff meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from engage.runtime import Runtime
from engage.services import consultation_work, consultations
from engage.services.deliver import deliver
from engage.storage import staff
from engage.storage.database import run


@dataclass(frozen=True, slots=True)
class _Asked:
    """Somebody who asked ``days`` ago, and what staff did about it."""

    days: float
    given_name: str
    reach: str
    message: str
    became: Literal["new", "taken", "called", "booked", "not_reached"]
    main_pain: str = ""
    telephone: str = ""


REQUESTS = (
    _Asked(16.2, "Imani", "call", "I read lesson four and would like to try it.", "booked", "back", "0111"),
    _Asked(9.3, "Tove", "text", "Do you see people after a knee operation?", "not_reached", "", "0112"),
    _Asked(
        5.1, "Mateo", "call", "My neck has hurt for two years. Mornings are best.", "called", "neck", "0113"
    ),
    _Asked(3.4, "Leila", "email", "", "new"),
    _Asked(
        0.4, "Jonas", "call", "I am a bit afraid of needles. Can we talk first?", "taken", "headache", "0114"
    ),
    _Asked(0.1, "Hana", "email", "May I bring my daughter to translate?", "new", "fibromyalgia"),
)


def fill(rt: Runtime, now: datetime) -> int:
    """Makes them all, in the order of time. Returns how many."""
    with rt.transaction() as tx:
        members = [row.id for row in staff.everyone(tx) if row.state == "active"]
    for asked in sorted(REQUESTS, key=lambda one: -one.days):
        then = rt.at(now - timedelta(days=asked.days))
        id = _ask(then, asked)
        _act(rt, id, asked, members[0] if members else None, now)
    consultation_work.watch(rt)
    return len(REQUESTS)


def _ask(then: Runtime, asked: _Asked) -> UUID:
    form = {
        "given_name": asked.given_name,
        "email": f"demo.{asked.given_name.lower()}@example.org",
        "telephone": f"518 555 {asked.telephone}" if asked.telephone else "",
        "reach": asked.reach,
        "time-weekday-morning": "yes",
        "message": asked.message,
        "main_pain": asked.main_pain,
        "consent": "yes",
    }
    consultations.accept(then, form, f"2001:db8:ffff:{int(asked.days * 10):x}::1")
    consultation_work.answer_new(then)
    deliver(then, seconds=60)
    with then.transaction() as tx:
        sql = "SELECT id FROM consultations ORDER BY created_at DESC, id DESC LIMIT 1"
        return UUID(str(run(tx, sql).scalar_one()))


def _act(rt: Runtime, id: UUID, asked: _Asked, member: UUID | None, now: datetime) -> None:
    def later(hours: float) -> Runtime:
        return rt.at(min(now, now - timedelta(days=asked.days) + timedelta(hours=hours)))

    if asked.became == "new":
        return
    consultations.assign(later(0.5), id, member, member)
    if asked.became == "taken":
        return
    reached = asked.became != "not_reached"
    said = "Would like to come in the morning." if reached else "No answer; left word to call back."
    consultations.log_call(later(1.5), id, member, said, reached)
    if asked.became == "booked":
        consultations.close(later(2), id, member, "booked", "First visit is arranged.")
    elif asked.became == "not_reached":
        consultations.log_call(later(26), id, member, "No answer again.", False)
        consultations.close(later(50), id, member, "not_reached")
