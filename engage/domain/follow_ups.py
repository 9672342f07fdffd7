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
    "texted": "Somebody wrote a text; please read it, and answer if it needs an answer.",
    "wrong_number": "Somebody says that a number is not the person's; it gets nothing until the person says it is.",
    "unclear_text": "A text sounds annoyed; courses and offers by text wait two weeks. Please ask what is wanted.",
    "maybe_cancel": "CANCEL ended the texts to a number. It may have meant the appointment; please ask.",
    "unreadable_text": "A text came in that can't be read; please look at it.",
    "address_taken": "Somebody confirmed a new address that another person has already. Nothing was changed; please find out whether they are the same person.",
    "mailed": "Somebody wrote to the address for leaving, and no link of ours was in it; please read it.",
    "call_about_change": "A visit was changed, and no message can tell the person; please telephone.",
    "call_about_visit": "A visit is near, and the person was not told of it; please telephone.",
    "same_person": "Somebody new has an address of somebody we know; please see whether they are one person.",
    "address_differs": "A booking system has another address than the one we write to; please ask which one is right.",
    "visit_move": "Somebody asks for another time for a visit; please find one. Until then it stands as it is.",
    "visit_cancel": "Somebody asks to cancel a visit; please cancel it, or ask. Until then it stands as it is.",
    "running_late": "Somebody is running late for a visit of today.",
    "urgent": "A text may mean that somebody is in danger: read it now, and call. The emergency numbers were sent where texts may go.",
    "not_well": "Somebody answered that they are not well after a visit; please telephone.",
    "check_in_words": "Somebody wrote a note with a check-in; please read it on their page.",
    "not_erased_there": "SendGrid has not taken on the erasure of a person; see whether its key may erase recipients.",
}
# What a person wishes of a visit: at most one of them waits for a visit, and none once it was moved or called off.
MOVE, CANCEL = WISHES = ("visit_move", "visit_cancel")
# Staff are told of these until somebody has taken or finished them: each has an alert of the same name.
ALERTING = ("urgent", "running_late")
OUTCOMES: dict[str, str] = {
    "done": "Done",
    "not_reached": "Could not be reached",
    "not_needed": "Not needed any more",
}
