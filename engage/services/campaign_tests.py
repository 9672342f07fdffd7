"""A campaign's text to whoever writes or approves it: marked as a test, sent through the whole pipe, counted nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.forms import InvalidInput
from engage.domain.messages import CAMPAIGN_TEST, CAMPAIGN_TEST_TEXT, Channel
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import audit, campaign_content, staff, trial
from engage.services.audit import Actor
from engage.services.campaigns import NoSuchCampaign
from engage.storage import campaigns, messages
from engage.storage import staff as staff_rows
from engage.storage.messages import Plan

USEFUL = timedelta(hours=1)
# How often one campaign is tried within an hour at most.
MOST_PER_HOUR = 10
_KINDS = {"email": CAMPAIGN_TEST, "sms": CAMPAIGN_TEST_TEXT}


def send(rt: Runtime, actor: Actor, id: UUID, to: str) -> UUID:
    """Plans a test for now; ``to`` is the address of a member of staff, or any mobile number for a text. Returns the
    message's id. Raises NoSuchCampaign, InvalidInput (``to``, ``body``)."""
    with rt.transaction() as tx:
        row = campaigns.lock(tx, id)
        if row is None:
            raise NoSuchCampaign(str(id))
        channel = cast(Channel, row.channel)
        now = rt.now(tx)
        address = trial.address_for(rt, tx, to.strip(), channel, "service", now)
        if channel == "email" and not _of_staff(rt, tx, address):
            raise InvalidInput(
                {"to": "A test goes to members of staff only; nobody of the staff has that address."}
            )
        content, values = campaign_content.for_test(rt, tx, row, now)
        if campaigns.count_events(tx, id, "tested", now - timedelta(hours=1)) >= MOST_PER_HOUR:
            raise InvalidInput({"to": f"{MOST_PER_HOUR} tests in an hour are enough; please wait a little."})
        message = new_id()
        plan = Plan(
            id=message,
            kind=_KINDS[channel],
            cause="staff",
            cause_id=id,
            step=str(content),
            dedup_key=f"staff/campaign-test/{message}",
            due_at=now,
            not_after=now + USEFUL,
            sealed=rt.sealer.seal("messages", message, {"to": address, "values": values}),
        )
        messages.plan(tx, [plan], now)
        campaigns.note(tx, id, "tested", actor.label, actor.staff_id, {}, now)
        audit.note(tx, rt, actor, "change", "campaign tested", id)
        return message


def _of_staff(rt: Runtime, tx: Connection, address: str) -> bool:
    row = staff_rows.at(tx, staff.address_index(rt, address))
    return row is not None and row.state == "active"
