"""Words in cells: what booking systems call the states of a visit, and yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from engage.domain.appointments import STATUSES, Status
from engage.domain.imports.columns import plain
from engage.domain.imports.times import BadCell

_STATUSES: Final[dict[Status, str]] = {
    "booked": "booked, scheduled, confirmed, active, open, upcoming, approved, accepted, reserved, new, unconfirmed, "
    "not confirmed, client confirmed, patient confirmed, left message, reminded, normal",
    "pending": "pending, requested, request, tentative, awaiting confirmation, pending confirmation",
    "proposed": "proposed",
    "waitlist": "waitlist, wait list, waiting list, waitlisted, standby",
    "arrived": "arrived, in waiting room, waiting, here",
    "checked-in": "checked in, check in, in progress, in session, in room, started, with provider",
    "fulfilled": "fulfilled, completed, complete, done, attended, seen, checked out, check out, showed, show, kept, "
    "finished, attended appointment",
    "cancelled": "cancelled, canceled, cancel, cancellation, late cancel, late cancelled, late canceled, "
    "late cancellation, cancelled late, canceled late, cancelled by client, canceled by client, cancelled by patient, "
    "canceled by patient, cancelled by clinic, canceled by clinic, cancelled by provider, canceled by provider, "
    "client cancelled, client canceled, declined, rejected, void, voided",
    "entered-in-error": "entered in error, deleted, error",
    "noshow": "noshow, no show, missed, missed appointment, did not attend, did not arrive, dna, dns, absent, "
    "failed to attend, not attended",
}
_STATUS: Final[dict[str, Status]] = {
    name.strip(): status for status, names in _STATUSES.items() for name in names.split(",")
}
_YES: Final = frozenset(
    {"yes", "y", "true", "t", "1", "x", "on", "opted in", "opt in", "agreed", "granted", "ok"}
)
_NO: Final = frozenset(
    {"", "no", "n", "false", "f", "0", "off", "opted out", "opt out", "declined", "none", "stop"}
)


def status(cell: str, told: Mapping[str, str]) -> Status:
    """The status that a word stands for; an empty cell is booked. ``told`` maps more words. Raises BadCell."""
    if not cell.strip():
        return "booked"
    word = plain(cell)
    for name, meant in told.items():
        if plain(name) == word:
            return cast(Status, meant)
    found = _STATUS.get(word)
    if found is None:
        raise BadCell(
            "This status is not known.",
            f'Say what it means: --status "{cell.strip()[:40]}=STATUS", one of {", ".join(STATUSES)}.',
        )
    return found


def yes(cell: str) -> bool:
    """Whether a cell says yes; an empty one says no. Raises BadCell for what is neither."""
    word = plain(cell)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadCell("That is neither yes nor no.", "Please write yes or no.")
