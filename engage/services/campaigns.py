"""Campaigns, as staff handle them: written, submitted, approved, started, taken back, paused, cancelled, done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection

from engage.domain import campaigns as rules
from engage.domain.campaigns import ACTS, STATE_WORDS, Act, State
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.messages import Channel
from engage.domain.segments import read
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import audit, campaign_content, campaign_run, segments, trial_mode
from engage.services.audit import Actor
from engage.storage import campaigns
from engage.storage.database import lock_value

LONGEST_NAME = 100
# An email a second is slow; ten thousand a minute is more than a small sender's good name bears.
RATES = (1, 100_000)
# How far ahead a campaign can be told to begin.
AHEAD = timedelta(days=60)


class NoSuchCampaign(LookupError):
    """There is no campaign with that id."""


class NotNow(Exception):
    """The campaign is in a state in which that can't be done; the message says in which, and what can."""

    def __init__(self, act: Act, state: State) -> None:
        self.act, self.state = act, state
        can = [other for other, (states, _) in ACTS.items() if state in states]
        words = f"possible now: {', '.join(can).replace('_', ' ')}" if can else "it can only be cloned"
        super().__init__(f"{act.replace('_', ' ')} is not possible: {STATE_WORDS[state].lower()}; {words}")


@dataclass(frozen=True, slots=True)
class Written:
    """What an editor may change. ``rules``: the audience's; ``begin_wish`` is aware UTC, None for at once."""

    name: str
    rules: Mapping[str, Any]
    subject: str = ""
    preheader: str = ""
    body: str = ""
    segment_id: UUID | None = None
    segment_version: int | None = None
    rate_per_minute: int | None = None
    begin_wish: datetime | None = None


def create(rt: Runtime, actor: Actor, name: str, channel: Channel) -> UUID:
    """A new draft. Raises InvalidInput."""
    called = _name(name)
    id = new_id()
    with rt.transaction() as tx:
        now = rt.now(tx)
        campaigns.add(tx, id, called, channel, actor.staff_id, now)
        _note(rt, tx, actor, id, "created", now)
    return id


def one(rt: Runtime, id: UUID) -> Any:
    """A campaign's row. Raises NoSuchCampaign."""
    with rt.transaction() as tx:
        return _one(tx, id)


def listing(rt: Runtime, limit: int) -> list[Any]:
    """Rows of campaigns: what is under way first, then the newest."""
    with rt.transaction() as tx:
        return campaigns.listing(tx, limit)


def clone(rt: Runtime, actor: Actor, id: UUID) -> UUID:
    """A new draft with the same text, audience rules and pace. Raises NoSuchCampaign."""
    new = new_id()
    with rt.transaction() as tx:
        old, now = _one(tx, id), rt.now(tx)
        name = f"{old.name} (again)"[:LONGEST_NAME]
        campaigns.add(tx, new, name, old.channel, actor.staff_id, now, cloned_from=id)
        kept = ("subject", "preheader", "body", "segment_id", "segment_version", "rules", "rate_per_minute")
        campaigns.change(tx, new, now, {column: getattr(old, column) for column in kept}, edited=False)
        _note(rt, tx, actor, new, "created", now, {"cloned_from": str(id)})
    return new


def edit(rt: Runtime, actor: Actor, id: UUID, version: int, written: Written) -> None:
    """Changes a draft. What has yet to be mended in its text does not keep it from being saved.

    Raises NoSuchCampaign, NotNow, ChangedMeanwhile when ``version`` is not its any more, InvalidInput.
    """
    with rt.transaction() as tx:
        row = _locked(tx, id, "edit", version)
        now = rt.now(tx)
        errors = _errors(rt, written, now) | _refused(rt, written.rules)
        campaign_content.refuse_hopeless(written.subject, written.preheader, written.body, errors)
        if errors:
            raise InvalidInput(errors)
        changes: dict[str, Any] = {
            "name": written.name.strip(),
            "rules": dict(written.rules),
            "segment_id": written.segment_id,
            "segment_version": written.segment_version,
            "subject": written.subject.strip(),
            "preheader": written.preheader.strip(),
            "body": written.body,
            "rate_per_minute": written.rate_per_minute,
            "begin_wish": written.begin_wish,
        }
        if written.body != row.body or written.subject != row.subject or written.preheader != row.preheader:
            # A word was let pass in the text as it was.
            changes["waived"] = []
        campaigns.change(tx, id, now, changes)
        _note(rt, tx, actor, id, "edited", now)


def waive(rt: Runtime, actor: Actor, id: UUID, version: int, word: str) -> None:
    """Lets a word of the private list pass in this very text; it is written down who did. Raises as ``edit`` does."""
    with rt.transaction() as tx:
        row = _locked(tx, id, "edit", version)
        now = rt.now(tx)
        asked = word.strip().lower()
        if asked not in {found.lower() for found in campaign_content.private_words(rt, row)}:
            raise InvalidInput({"word": "That word does not stand in the text."})
        campaigns.change(tx, id, now, {"waived": sorted({*row.waived, asked})})
        _note(rt, tx, actor, id, "waived", now, {"word": asked})


def submit(rt: Runtime, actor: Actor, id: UUID, version: int) -> None:
    """The draft is ready: its text is made, its audience is fixed within a second or so, and with more people than
    ``approve_above`` somebody else has to approve it.

    Raises as ``edit`` does, and InvalidInput for whatever must be mended first.
    """
    with rt.transaction() as tx:
        row = _locked(tx, id, "submit", version)
        now = rt.now(tx)
        errors = _refused(rt, row.rules)
        errors |= campaign_content.by_field(campaign_content.blocking(rt, row))
        if errors:
            raise InvalidInput(errors)
        if not segments.count(rt, row.rules, row.channel).chosen:
            raise InvalidInput(
                {"audience": "Nobody would get it: the list beside says who is left out, and why."}
            )
        contents = campaign_content.keep(rt, tx, row, now)
        changes = {
            "state": "freezing",
            "contents": contents,
            "submitted_by": actor.staff_id,
            "approved_by": None,
        }
        campaigns.change(tx, id, now, changes)
        _note(rt, tx, actor, id, "submitted", now)


def approve(rt: Runtime, actor: Actor, id: UUID, version: int) -> None:
    """A second person says yes. Raises as ``edit`` does, and InvalidInput where it is the same person."""
    with rt.transaction() as tx:
        row = _locked(tx, id, "approve", version)
        now = rt.now(tx)
        if actor.staff_id is None or actor.staff_id in campaigns.hands(tx, id):
            raise InvalidInput(
                {"approve": "Somebody who did not write, change or submit it has to approve it."}
            )
        campaigns.change(tx, id, now, {"state": "approved", "approved_by": actor.staff_id})
        _note(rt, tx, actor, id, "approved", now, {"audience": row.audience})


def send_back(rt: Runtime, actor: Actor, id: UUID, version: int) -> None:
    """It becomes a draft again; its audience is fixed anew when it is submitted. Raises as ``edit`` does."""
    with rt.transaction() as tx:
        _locked(tx, id, "send_back", version)
        now = rt.now(tx)
        changes = {
            "state": "draft",
            "approved_by": None,
            "audience": None,
            "excluded": None,
            "frozen_at": None,
        }
        campaigns.change(tx, id, now, changes)
        _note(rt, tx, actor, id, "sent_back", now)


@dataclass(frozen=True, slots=True)
class Asked:
    """What must be said before it can start. ``again``: the name of the campaign that brought the same text to the same
    people, and when. ``grown``: how many more the rules choose by now than were approved; they get nothing."""

    again: str | None
    again_at: datetime | None
    grown: int


def asked_before_start(rt: Runtime, id: UUID) -> Asked:
    """What the page asks before it offers the button. Raises NoSuchCampaign."""
    with rt.transaction() as tx:
        return _asked(rt, tx, _one(tx, id), rt.now(tx))


def start(
    rt: Runtime, actor: Actor, id: UUID, version: int, typed: str = "", *, grown_is_fine: bool = False
) -> datetime:
    """It goes out after ``undo_seconds``, or at the moment that was wished for. Returns when (aware UTC).

    ``typed``: the number of people, where the same text went to the same people before. Raises as ``edit`` does.
    """
    with rt.transaction() as tx:
        row = _locked(tx, id, "start", version)
        now = rt.now(tx)
        policy = rt.clinic.campaigns.policy
        if rules.needs_second(row.audience, policy) and row.approved_by is None:
            raise InvalidInput({"approve": "A second person has to approve it first."})
        # Two copies that start at once must not each find nothing like them.
        lock_value(tx, row.fingerprint)
        asked = _asked(rt, tx, row, now)
        errors = {}
        if trial_mode.in_force(rt):
            errors["trial"] = "On trial only staff get messages, so it would wait for weeks. Go live first."
        if asked.again is not None and typed.strip().replace(",", "") != str(row.audience):
            errors["typed"] = (
                f"The same text went to these people before, or to half of them ({asked.again}). "
                f"To send it again, type how many people that is: {row.audience}."
            )
        if asked.grown > 0 and not grown_is_fine:
            errors["grown"] = (
                f"{asked.grown} more people match by now than were approved ({row.audience}). Start it for those who "
                "were approved, or send it back and submit it again."
            )
        if row.begin_wish is not None and row.begin_wish < now - policy.late:
            errors["begin_wish"] = (
                "The moment at which it was to begin is over; send it back and choose another."
            )
        if errors:
            raise InvalidInput(errors)
        begins_at = max(now + policy.undo, row.begin_wish or now)
        campaigns.change(
            tx, id, now, {"state": "starting", "begins_at": begins_at, "started_by": actor.staff_id}
        )
        _note(rt, tx, actor, id, "started", now, {"audience": row.audience, "again": asked.again is not None})
        return begins_at


def undo(rt: Runtime, actor: Actor, id: UUID, version: int) -> None:
    """Takes the start back: nothing has left. Raises as ``edit`` does."""
    with rt.transaction() as tx:
        _locked(tx, id, "undo", version)
        now = rt.now(tx)
        campaigns.change(tx, id, now, {"state": "approved", "begins_at": None})
        _note(rt, tx, actor, id, "undone", now)


def pause(rt: Runtime, actor: Actor, id: UUID, version: int | None = None) -> None:
    """Nothing of it is claimed after this; what is in a worker's hands at this moment still leaves.

    ``version`` None: whatever the page showed, as long as it runs. Raises NoSuchCampaign, NotNow, ChangedMeanwhile.
    """
    with rt.transaction() as tx:
        row = _locked(tx, id, "pause", version)
        now = rt.now(tx)
        campaign_run.pause(rt, tx, row, now)
        _note(rt, tx, actor, id, "paused", now, {"reason": "staff"})


def resume(rt: Runtime, actor: Actor, id: UUID, version: int | None = None) -> int:
    """It goes on where it stopped. Returns how many messages waited for it. Raises as ``pause`` does."""
    with rt.transaction() as tx:
        row = _locked(tx, id, "resume", version)
        now = rt.now(tx)
        woken = campaign_run.resume(rt, tx, row, now)
        _note(rt, tx, actor, id, "resumed", now, {"waited": woken})
        return woken


def cancel(rt: Runtime, actor: Actor, id: UUID, version: int | None = None) -> None:
    """Whoever has not got it by now never will. Raises as ``pause`` does."""
    with rt.transaction() as tx:
        row = _locked(tx, id, "cancel", version)
        now = rt.now(tx)
        changes: dict[str, Any] = {"state": "cancelled"}
        if not row.released:
            changes["ended_at"] = now
        campaigns.keep_claims_out(tx, id)
        campaigns.change(tx, id, now, changes)
        campaign_run.forget_alert(rt, tx, id)
        _note(rt, tx, actor, id, "cancelled", now)


def _asked(rt: Runtime, tx: Connection, row: Any, now: datetime) -> Asked:
    print_ = row.fingerprint
    same = campaigns.same(tx, row.id, print_, row.audience) if print_ is not None else None
    chosen = segments.count(rt, row.rules, row.channel).chosen if row.audience else 0
    grown = chosen - (row.audience or 0)
    return Asked(same.name, same.begins_at, grown) if same is not None else Asked(None, None, grown)


def _refused(rt: Runtime, told: Mapping[str, Any]) -> dict[str, str]:
    """Why an audience's rules can't be used, for whoever edits them."""
    try:
        return {"audience": " ".join(found.values())} if (found := segments.problems(rt, read(told))) else {}
    except InvalidInput as error:
        return {"audience": " ".join(error.errors.values())}


def _one(tx: Connection, id: UUID) -> Any:
    row = campaigns.one(tx, id)
    if row is None:
        raise NoSuchCampaign(str(id))
    return row


def _locked(tx: Connection, id: UUID, act: Act, version: int | None) -> Any:
    row = campaigns.lock(tx, id)
    if row is None:
        raise NoSuchCampaign(str(id))
    if version is not None and row.version != version:
        raise ChangedMeanwhile
    state = cast(State, row.state)
    if not rules.may(act, state):
        raise NotNow(act, state)
    return row


def _name(name: str) -> str:
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        raise InvalidInput(
            {"name": f"Please give it a name of at most {LONGEST_NAME} characters that can be printed."}
        )
    return called


def _errors(rt: Runtime, written: Written, now: datetime) -> dict[str, str]:
    errors: dict[str, str] = {}
    try:
        _name(written.name)
    except InvalidInput as error:
        errors |= error.errors
    least, most = RATES
    if written.rate_per_minute is not None and not least <= written.rate_per_minute <= most:
        errors["rate_per_minute"] = f"Please give a number from {least} to {most:,}, or leave it empty."
    if written.begin_wish is not None and not now - timedelta(minutes=1) <= written.begin_wish <= now + AHEAD:
        errors["begin_wish"] = f"Please choose a moment from now on, at most {AHEAD.days} days ahead."
    return errors


def _note(
    rt: Runtime,
    tx: Connection,
    actor: Actor,
    id: UUID,
    what: str,
    now: datetime,
    told: Mapping[str, Any] | None = None,
) -> None:
    campaigns.note(
        tx, id, what, actor.label, actor.staff_id, {**(told or {}), "real": str(datetime.now(UTC))}, now
    )
    audit.note(tx, rt, actor, "change", f"campaign {what}", id)
