"""What was done with a campaign, when and by whom, as staff read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engage.domain.campaigns import PAUSED_WORDS
from engage.runtime import Runtime
from engage.storage import campaigns

WORDS: dict[str, str] = {
    "created": "Created",
    "edited": "Changed",
    "waived": "A word was let pass",
    "tested": "Sent as a test",
    "submitted": "Submitted",
    "frozen": "The audience was fixed",
    "refused": "Its audience can’t be used any more, so it became a draft again",
    "empty": "Nobody would have got it, so it became a draft again",
    "approved": "Approved",
    "sent_back": "Sent back to be changed",
    "started": "Started",
    "undone": "Taken back before anything left",
    "began": "The first messages went out",
    "paused": "Paused",
    "resumed": "Resumed",
    "cancelled": "Cancelled",
    "done": "Done",
}
# Who did what nobody of the staff did.
ACTORS = {"system": "the service itself", "cli": "somebody at the server’s terminal"}


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that was done. ``at`` is aware UTC; ``staff_id`` is None where ``actor`` (in words) did it. ``times``:
    the same person did it so often in a row, at ``at`` the last time."""

    what: str
    words: str
    more: str
    at: datetime
    staff_id: UUID | None
    actor: str
    times: int = 1


def events(rt: Runtime, id: UUID) -> list[Happened]:
    """Oldest first; changes that one member made in a row count as one."""
    with rt.transaction() as tx:
        found = [_happened(row) for row in campaigns.events(tx, id)]
    told: list[Happened] = []
    for one in found:
        last = told[-1] if told else None
        if (
            last
            and one.what in ("edited", "tested")
            and (one.what, one.staff_id) == (last.what, last.staff_id)
        ):
            told[-1] = Happened(
                one.what, one.words, one.more, one.at, one.staff_id, one.actor, last.times + 1
            )
        else:
            told.append(one)
    return told


def last_edit(rt: Runtime, id: UUID) -> Happened | None:
    """The newest thing that somebody did about it, so that a page from before is outdated."""
    with rt.transaction() as tx:
        rows = [row for row in campaigns.events(tx, id) if row.what != "tested" and row.actor != "system"]
    return _happened(rows[-1]) if rows else None


def _happened(row: Any) -> Happened:
    return Happened(
        row.what,
        WORDS.get(row.what, row.what),
        _more(row.what, row.told),
        row.at,
        row.staff_id,
        ACTORS.get(row.actor.partition(":")[0], "a program"),
    )


def _more(what: str, told: Mapping[str, Any]) -> str:
    """Figures and reasons, as sentences."""
    if what == "frozen":
        return f"{told['audience']:,} people, {told['excluded']:,} left out."
    if what in ("approved", "started") and told.get("audience"):
        again = " The same text had gone to the same people before." if told.get("again") else ""
        return f"For {told['audience']:,} people.{again}"
    if what == "waived":
        return f"“{told.get('word', '')}”"
    if what == "paused":
        return pause_words(told)
    if what == "resumed" and told.get("waited"):
        return f"{told['waited']:,} messages waited for it."
    if what == "refused":
        return " ".join(str(sentence) for sentence in told.values())
    if what == "created" and told.get("cloned_from"):
        return "As a copy of another campaign."
    return ""


def pause_words(told: Mapping[str, Any]) -> str:
    """Why it was paused, with the figures that led to it."""
    reason = str(told.get("reason", ""))
    words = PAUSED_WORDS.get(reason, reason)
    counts = {"complaint": "complaints", "bounce": "bounces", "stop": "stops"}
    for one, many in counts.items():
        if reason.endswith((one, many)) and told.get(many) is not None and told.get("left"):
            return f"{words} {told[many]:,} of {told['left']:,} that had left."
    return words


def why_paused(rt: Runtime, id: UUID) -> str:
    """The sentence about its newest pause; empty when it never was."""
    with rt.transaction() as tx:
        rows = [row for row in campaigns.events(tx, id) if row.what == "paused"]
    return pause_words(rows[-1].told) if rows else ""
