"""Follow-ups: work that waits for a person."""

from __future__ import annotations

KINDS: dict[str, str] = {
    "deadline_passed": "A consultation request was not answered in time.",
    "not_acknowledged": "A consultation request with only an email address could not be acknowledged.",
}
OUTCOMES: dict[str, str] = {
    "done": "Done",
    "not_reached": "Could not be reached",
    "not_needed": "Not needed any more",
}
