"""A campaign under way: its audience is fixed, it begins with a few, goes on, stops by itself, and ends.

Everything here is harmless to repeat and to interrupt: where a campaign has got to stands in its own row, written in
the transaction that plans the messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection

from engage import log
from engage.domain import campaigns as rules
from engage.domain.campaigns import KIND, Phase, Seen
from engage.domain.forms import InvalidInput
from engage.domain.messages import Channel, Kind
from engage.ids import new_ids
from engage.runtime import Runtime
from engage.services import segments
from engage.services.alerts import over, raise_alert
from engage.services.audit import SYSTEM
from engage.services.segments import Unsettled
from engage.storage import campaign_run, campaigns
from engage.storage.campaign_run import Tallied

logger = log.get(__name__)

ALERT = "campaign_paused"
# So many due messages lie ready for the workers at most: a pause has that much less to hold back.
QUEUE = 20_000
# Counting a large campaign takes a moment: it is done again after so long, or so many times that.
TALLY_EVERY = timedelta(seconds=2)
TALLY_SHARE = 10
# One count that the machine held up for long must not put off the next one for ten times as long.
TALLY_AT_LEAST_EVERY = timedelta(seconds=20)
RELEASE_AT_ONCE = 2000
BACK_AT_ONCE = 5000
NEVER_KNOWN = "never_known"
_UNDER_WAY = ("planned", "claimed", "unknown")


def run(rt: Runtime) -> int:
    """One round over all campaigns; what is wrong with one holds up no other. May run twice at once. Returns how many
    messages were planned."""
    _each(rt, "starting", _begin)
    planned = sum(count or 0 for count in _each(rt, "running", _go_on))
    _each(rt, "cancelled", _take_back)
    _each(rt, "freezing", _freeze)
    return planned


def _each(rt: Runtime, state: str, act: Callable[[Runtime, UUID], int | None]) -> list[int | None]:
    with rt.transaction() as tx:
        ids = campaigns.live(tx, [state])
    done = []
    for id in ids:
        try:
            done.append(act(rt, id))
        except Exception as error:
            logger.error("campaign failed", campaign_id=str(id), state=state, error=type(error).__name__)
    return done


def _freeze(rt: Runtime, id: UUID) -> None:
    """Fixes the audience of a campaign that was submitted."""
    with rt.transaction() as tx:
        row = campaigns.lock(tx, id, skip=True)
        if row is None or row.state != "freezing":
            return
        now = rt.now(tx)
        try:
            frozen = segments.freeze(rt, tx, id, row.rules, row.channel, now)
        except Unsettled:
            return  # Looked at again in a second.
        except InvalidInput as error:
            # A place or a tag that is no more: whoever submitted it has to choose anew.
            campaigns.change(tx, id, now, {"state": "draft"})
            campaigns.note(tx, id, "refused", "system", None, error.errors, now)
            return
        if not frozen.audience:
            campaigns.change(tx, id, now, {"state": "draft", "audience": 0, "excluded": frozen.excluded})
            campaigns.note(tx, id, "empty", "system", None, {"excluded": frozen.excluded}, now)
            return
        second = rules.needs_second(frozen.audience, rt.clinic.campaigns.policy)
        changes = {
            "state": "checking" if second else "approved",
            "audience": frozen.audience,
            "excluded": frozen.excluded,
            "fingerprint": _fingerprint(row.contents),
            "frozen_at": now,
        }
        campaigns.change(tx, id, now, changes)
        told = {"audience": frozen.audience, "excluded": frozen.excluded}
        campaigns.note(tx, id, "frozen", "system", None, told, now)


def _fingerprint(contents: Mapping[str, str]) -> bytes:
    """The same whenever the same text goes out."""
    return hashlib.sha256(
        " ".join(f"{variant}={id}" for variant, id in sorted(contents.items())).encode()
    ).digest()


def _begin(rt: Runtime, id: UUID) -> None:
    """Lets a campaign go out whose time to take it back is over."""
    with rt.transaction() as tx:
        row = campaigns.lock(tx, id, skip=True)
        now = rt.now(tx)
        if row is None or row.state != "starting" or row.begins_at > now:
            return
        policy = rt.clinic.campaigns.policy
        if rules.is_late(row.begins_at, now, policy):
            _pause(rt, tx, row, "late", {}, now)
            return
        changes = {"state": "running", "useful_until": now + policy.useful, **_watched(now)}
        campaigns.change(tx, id, now, {**changes, "progress_at": datetime.now(UTC)})
        campaigns.note(tx, id, "began", "system", None, {}, now)


def _take_back(rt: Runtime, id: UUID) -> None:
    """Cancels what a cancelled campaign still has planned; no claim would let it go either."""
    with rt.transaction() as tx:
        row = campaigns.lock(tx, id, skip=True)
        if row is None or row.ended_at is not None:
            return
        now = rt.now(tx)
        kind = KIND[cast(Channel, row.channel)]
        if row.released and campaign_run.take_back(tx, id, kind, BACK_AT_ONCE, now):
            return
        real = datetime.now(UTC)
        if row.tallied_at is not None and real < row.tallied_at + _patience(row.tally):
            return
        tally = _tally(campaign_run.tally(tx, id, now, now))
        changes: dict[str, Any] = {"tally": tally, "tallied_at": real}
        if not any(tally["statuses"].get(status) for status in _UNDER_WAY):
            changes["ended_at"] = now
        campaigns.change(tx, id, now, changes, edited=False)


def _go_on(rt: Runtime, id: UUID) -> int:
    counted = _counted_before(rt, id)
    with rt.transaction() as tx:
        row = campaigns.lock(tx, id, skip=True)
        if row is None or row.state != "running":
            return 0
        now, real, policy = rt.now(tx), datetime.now(UTC), rt.clinic.campaigns.policy
        last = row.progress_at or real
        kind = KIND[cast(Channel, row.channel)]
        stands = campaign_run.oldest_due(tx, id, kind, now - policy.late)
        if stands is not None or rules.is_late(row.tallied_at or last, real, policy):
            _pause(rt, tx, row, "late", {}, now)
            return 0
        seen, tally, changes = counted or _look(tx, row, now, real)
        why = rules.unwelcome(seen, cast(Phase, row.phase), policy)
        if why is not None:
            told = {
                "complaints": seen.complaints,
                "bounces": seen.bounces,
                "stops": seen.stops,
                "left": seen.left,
            }
            _pause(rt, tx, row, why, told, now, changes)
            return 0
        room = _room(tx, row, kind, real - last, now)
        step = rules.step(cast(Phase, row.phase), row.canary_done_at, seen, room, now, policy)
        changes["phase"] = step.phase
        if step.canary_done:
            changes["canary_done_at"] = now
        over_time = now >= row.useful_until
        count = 0
        if step.room and not over_time:
            place, count = _release(tx, row, kind, step.room, now)
            changes["released"] = place
        if row.rate_per_minute is None:
            changes["progress_at"] = real
        elif count:
            # What is left of a message's turn counts for the next one.
            took = timedelta(minutes=count / row.rate_per_minute)
            changes["progress_at"] = max(last + took, real - timedelta(minutes=1))
        if not count and (over_time or _all_released(tx, row)) and _is_over(tx, id, tally, now, changes):
            changes |= {"state": "done", "ended_at": now}
            campaigns.note(tx, id, "done", "system", None, {}, now)
        campaigns.change(tx, id, now, changes, edited="state" in changes)
        return count


def _release(tx: Connection, row: Any, kind: Kind, room: int, now: datetime) -> tuple[int, int]:
    """The next ``room`` of its messages, in handfuls that need little memory. Returns the place reached and how many."""
    place, count = int(row.released), 0
    while count < room:
        ids = new_ids(min(RELEASE_AT_ONCE, room - count))
        place, more = campaign_run.release(tx, row.id, kind, place, ids, row.useful_until, now)
        count += more
        if more < len(ids):
            break
    return place, count


def _all_released(tx: Connection, row: Any) -> bool:
    return bool(row.released >= campaign_run.last_place(tx, row.id))


def _is_over(
    tx: Connection, id: UUID, tally: Mapping[str, Any], now: datetime, changes: dict[str, Any]
) -> bool:
    """Whether nothing of it is to leave any more. What was counted a while ago is not enough for that."""
    if any(tally["statuses"].get(status) for status in _UNDER_WAY) and "tally" not in changes:
        return False
    fresh = _tally(campaign_run.tally(tx, id, now, now))
    changes |= {"tally": fresh, "tallied_at": datetime.now(UTC)}
    return not any(fresh["statuses"].get(status) for status in _UNDER_WAY)


def _room(tx: Connection, row: Any, kind: Kind, since: timedelta, now: datetime) -> int:
    room = QUEUE - campaign_run.waiting_in_queue(tx, kind, now, QUEUE)
    allowed = rules.allowance(row.rate_per_minute, since)
    return max(0, room if allowed is None else min(room, allowed))


Look = tuple[Seen, Mapping[str, Any], dict[str, Any]]


def _counted_before(rt: Runtime, id: UUID) -> Look | None:
    """What became of it, counted while nobody waits for its row: with many people that takes a second or two. The first
    few are counted with the row held, so that two workers do not both let them go."""
    with rt.transaction() as tx:
        row = campaigns.one(tx, id)
        if row is None or row.state != "running" or row.phase != "all":
            return None
        return _look(tx, row, rt.now(tx), datetime.now(UTC))


def _look(tx: Connection, row: Any, now: datetime, real: datetime) -> Look:
    """What became of it so far; counted anew where that was long ago or the first few are under way."""
    kept = row.tally or {}
    fresh = row.tallied_at is not None and real < row.tallied_at + _patience(kept)
    changes: dict[str, Any] = {}
    if fresh and kept and row.phase == "all":
        return _seen(kept), kept, changes
    began = datetime.now(UTC)
    tally = _tally(campaign_run.tally(tx, row.id, now, row.watched_since))
    found = campaign_run.unwelcome(tx, row.id, row.channel, row.watched_since, row.watched_since_real)
    tally["unwelcome"] = found._asdict() | {"bounces": tally.pop("failed_lately")}
    tally["took"] = (datetime.now(UTC) - began).total_seconds()
    tally["per_minute"] = _per_minute(kept, tally, row.tallied_at, real)
    changes |= {"tally": tally, "tallied_at": real}
    return _seen(tally), tally, changes


def _patience(tally: Mapping[str, Any]) -> timedelta:
    """How long a count is good for: counting takes a share of the time at most."""
    share = timedelta(seconds=tally.get("took", 0.0) * TALLY_SHARE)
    return min(max(TALLY_EVERY, share), TALLY_AT_LEAST_EVERY)


def _per_minute(
    before: Mapping[str, Any], after: Mapping[str, Any], then: datetime | None, real: datetime
) -> float:
    """Messages a minute lately: each look counts for a fifth, so that the page does not jump."""
    if not before or then is None or real <= then:
        return 0.0
    now = (_seen(after).left - _seen(before).left) * 60.0 / (real - then).total_seconds()
    known = float(before.get("per_minute", 0.0))
    return max(0.0, now if known == 0.0 else known + (now - known) / 5)


def _tally(counted: Sequence[Tallied]) -> dict[str, Any]:
    """As it is kept: how many of each status, how many of each reason, how many wait for a later moment."""
    tally: dict[str, Any] = {
        "statuses": {},
        "reasons": {},
        "later": 0,
        "left": 0,
        "failed_lately": 0,
        "unwelcome": {},
        "took": 0.0,
        "per_minute": 0.0,
    }
    for one in counted:
        # Nobody waits any more for what nobody will ever know.
        status = NEVER_KNOWN if one.reason == NEVER_KNOWN else one.status
        tally["statuses"][status] = tally["statuses"].get(status, 0) + one.number
        if one.reason is not None:
            key = f"{status}/{one.reason}"
            tally["reasons"][key] = tally["reasons"].get(key, 0) + one.number
        if one.later:
            tally["later"] += one.number
        if one.left:
            tally["left"] += one.number
        if one.failed_lately:
            tally["failed_lately"] += one.number
    return tally


def _seen(tally: Mapping[str, Any]) -> Seen:
    statuses, later = tally["statuses"], tally["later"]
    seen = Seen(tally["left"], sum(statuses.get(status, 0) for status in _UNDER_WAY) - later, later)
    return replace(seen, **tally["unwelcome"]) if tally["unwelcome"] else seen


def _pause(
    rt: Runtime,
    tx: Connection,
    row: Any,
    reason: str,
    told: Mapping[str, Any],
    now: datetime,
    changes: Mapping[str, Any] | None = None,
) -> None:
    campaigns.keep_claims_out(tx, row.id)
    paused = {**(changes or {}), "state": "paused", "paused_reason": reason, "paused_at": now}
    campaigns.change(tx, row.id, now, paused)
    campaigns.note(tx, row.id, "paused", SYSTEM.label, None, {"reason": reason, **told}, now)
    raise_alert(rt, tx, ALERT, str(row.id), f"/staff/campaigns/{row.id}")
    logger.warning("campaign paused", campaign_id=str(row.id), reason=reason)


def pause(rt: Runtime, tx: Connection, row: Any, now: datetime) -> None:
    """A person pauses a running campaign (its row is locked): nothing of it is claimed after this has committed."""
    campaigns.keep_claims_out(tx, row.id)
    campaigns.change(tx, row.id, now, {"state": "paused", "paused_reason": "staff", "paused_at": now})


def resume(rt: Runtime, tx: Connection, row: Any, now: datetime) -> int:
    """A person lets a paused campaign (its row is locked) go on. What led to the pause is not counted again. Returns how
    many messages waited for it."""
    policy = rt.clinic.campaigns.policy
    kind = KIND[cast(Channel, row.channel)]
    useful_until = max(row.useful_until or now, now + policy.useful)
    changes: dict[str, Any] = {
        "state": "running",
        "paused_reason": None,
        "paused_at": None,
        "useful_until": useful_until,
        "progress_at": datetime.now(UTC),
        "tallied_at": None,
        **_watched(now),
    }
    if (row.paused_reason or "").startswith("canary_"):
        # Somebody has looked at what came of the first few.
        changes["phase"] = "all"
    campaigns.change(tx, row.id, now, changes)
    over(rt, tx, ALERT, str(row.id))
    return campaign_run.wake(tx, row.id, kind, useful_until, now)


def _watched(now: datetime) -> dict[str, datetime]:
    return {"watched_since": now, "watched_since_real": datetime.now(UTC)}


def forget_alert(rt: Runtime, tx: Connection, id: UUID) -> None:
    """Nobody needs to be told of its pause any more."""
    over(rt, tx, ALERT, str(id))
