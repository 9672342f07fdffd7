"""Follow-ups: work that waits for a person."""

from __future__ import annotations

KINDS: dict[str, str] = {
    "deadline_passed": "A consultation request was not answered in time.",
    "care_not_delivered": "A care message could not be delivered; please reach the person another way.",
    "care_held": "A care message waits for a person; please let it go on, or reach the person another way.",
    "two_candidates": "Two messages at the sender could be this one; please see whether it arrived.",
    "never_known": "Nobody can tell whether this message left; please see whether it arrived.",
    "messages_expired": "Messages waited too long and were not sent; the list shows which.",
    "not_acknowledged": "A consultation request with only an email address could not be acknowledged.",
    "not_erased_there": "SendGrid has not taken on the erasure of a person; see whether its key may erase recipients.",
}
OUTCOMES: dict[str, str] = {
    "done": "Done",
    "not_reached": "Could not be reached",
    "not_needed": "Not needed any more",
}
