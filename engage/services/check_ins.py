"""Answers to check-ins: on the page behind a signed link, or by text. Each is kept in the place of an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import outcomes as rules
from engage.domain.messages import ANSWER_NOT_WELL, Channel
from engage.domain.outcomes import Answer, Asks
from engage.domain.timing import local, usable
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import check_in_plans, danger
from engage.services.audit import PERSON, Actor, note
from engage.services.check_in_letters import LINK_LASTS
from engage.services.consultation_work import deadline
from engage.services.opening import opened
from engage.services.opt_outs import Holders
from engage.services.preferences import Forgotten
from engage.services.sms_answers import Text
from engage.services.sms_answers import answer as answer_text
from engage.storage import check_ins, follow_ups, merges, people

# A number in a text answers what was asked by text within this time.
ANSWERED_WITHIN = timedelta(days=3)
# Somebody who is not well is telephoned soon, whatever the hour.
CALL_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows. ``answer`` is what was answered before; ``until`` when it can be changed no more, aware, in
    the person's zone."""

    asks: Asks
    answer: Answer | None
    until: datetime


def page(rt: Runtime, token: str) -> Page:
    """What GET shows; it changes nothing. Raises BadLink, Forgotten."""
    with rt.transaction() as tx:
        row, person = _opened(rt, tx, token, lock=False)
        expires = rt.links.expires(token)
        assert expires is not None
        zone = usable(person.zone, rt.clinic.zone)
        return Page(cast(Asks, row.kind), _answer(rt, row), local(expires, zone))


def answer(rt: Runtime, token: str, form: Mapping[str, str]) -> None:
    """Keeps what was answered. The same twice changes nothing. Raises BadLink, Forgotten, InvalidInput."""
    with rt.transaction() as tx:
        row, _ = _opened(rt, tx, token, lock=True)
        _keep(rt, tx, row, rules.typed(cast(Asks, row.kind), form), rt.now(tx))


def score_by_text(
    rt: Runtime, tx: Connection, text: Text, holders: Holders, number: int, now: datetime
) -> str | None:
    """Keeps the answer that a number in a text is: the outcome, a slug of domain.inbound.OUTCOMES.

    None when it answers nothing of ours: no question left to that number within three days before it, or to more than
    one of those whose number it surely is, or the number means nothing there. The caller holds the number's locks.
    """
    asked = check_ins.latest_texts(
        tx, text.index, holders.sure, text.heard_at - ANSWERED_WITHIN, text.heard_at
    )
    if len(asked) != 1:
        return None
    row = check_ins.lock(tx, asked[0].check_in_id)
    given = rules.texted(cast(Asks, row.kind), number) if row is not None else None
    if row is None or given is None:
        return None
    _keep(rt, tx, row, given, now)
    if given.feeling != "not_well":
        return "check_in"
    answer_text(rt, tx, text, ANSWER_NOT_WELL, row.person_id, now)
    return "not_well"


def set_wish(
    rt: Runtime,
    tx: Connection,
    person: UUID,
    channel: Channel | None,
    source: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Whether a person agrees to be asked how they are, and by which way; None for not at all. ``source`` says where
    they said it. What is planned follows in the same transaction; the caller holds their lock. False when that was so
    already."""
    before = check_ins.wish(tx, person)
    way = channel or (before.channel if before is not None else None)
    if way is None or not check_ins.set_wish(tx, person, way, channel is not None, source, actor.name, now):
        return False
    note(tx, rt, actor, "change", "check-ins", None, person)
    check_in_plans.replan(rt, tx, [person], now)
    return True


def _keep(rt: Runtime, tx: Connection, row: Any, given: Answer, now: datetime) -> None:
    before = _answer(rt, row)
    person = merges.kept(tx, row.person_id)
    if given.feeling == "not_well":
        # Also said again: whoever called the first time has finished with that.
        _ask(tx, "not_well", row.id, person, now + CALL_WITHIN, now)
    if before == given:
        return
    sealed = rt.sealer.seal("check_ins", row.id, given.sealed())
    check_ins.answer(tx, row.id, sealed, now)
    note(tx, rt, PERSON, "change", "check-in", row.id, person)
    if given.words and (before is None or before.words != given.words):
        danger.look(tx, given.words, "check_in", row.id, person, now)
        _ask(tx, "check_in_words", row.id, person, deadline(rt, now), now)


def _ask(tx: Connection, kind: str, check_in: UUID, person: UUID, due: datetime, now: datetime) -> None:
    if not follow_ups.is_open(tx, kind, check_in):
        key = f"{kind}/{check_in}/{now.isoformat()}"
        follow_ups.add(tx, kind, "check_in", check_in, person, due, key, now)


def _answer(rt: Runtime, row: Any) -> Answer | None:
    return rules.kept(opened(rt, "check_ins", row.id, row.sealed))


def _opened(rt: Runtime, tx: Connection, token: str, *, lock: bool) -> tuple[Any, Any]:
    """The check-in and its person, locked when asked. A link from before the address changed opens nothing."""
    id = rt.links.read("check-in", token, rt.now(tx))
    row = check_ins.one(tx, id)
    if row is None:
        raise BadLink("expired")
    if lock:
        person = people.lock(tx, merges.lock_kept(tx, row.person_id))
    else:
        person = people.one(tx, merges.kept(tx, row.person_id))
    assert person is not None
    if person.state == "erased":
        raise Forgotten
    expires, since = rt.links.expires(token), person.links_since
    if expires is None or (since is not None and expires < since + LINK_LASTS):
        raise BadLink("expired")
    return (check_ins.lock(tx, id) if lock else row), person


def agreed(tx: Connection, person: UUID) -> Channel | None:
    """The way by which the person agreed to be asked."""
    found = check_ins.wish(tx, person)
    return cast(Channel, found.channel) if found is not None and found.agreed else None
