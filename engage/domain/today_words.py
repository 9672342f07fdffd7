"""What needs somebody, in words: the urgent before the rest, and of those that are as urgent the first before the next."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

# now: somebody may come to harm, or nothing leaves. today: a person waits, or something stands still. soon: work without a
# clock. know: nothing to do about it, but staff should have heard of it.
Level = Literal["now", "today", "soon", "know"]
LEVELS: Final[tuple[Level, ...]] = ("now", "today", "soon", "know")

_FOLLOW_UPS: Final = "/staff/follow-ups?kind="


class Said(NamedTuple):
    """``one`` and ``many`` follow the count. Without ``many`` nothing is counted, and ``one`` is the whole sentence with what
    was found in place of {about}. ``place`` is where it is dealt with."""

    level: Level
    one: str
    many: str
    place: str


def _follow_up(level: Level, kind: str, one: str, many: str) -> tuple[str, Said]:
    return kind, Said(level, one, many, _FOLLOW_UPS + kind)


# The kinds of follow-up (domain/follow_ups.py) are all here, by their own names.
SAID: Final[dict[str, Said]] = dict(
    (
        ("copy", Said("now", "Nothing is sent: {about}", "", "/staff/messages?status=planned")),
        ("silent", Said("now", "Nothing is sent: {about}", "", "/staff/messages?status=planned")),
        _follow_up(
            "now",
            "urgent",
            "text may mean that somebody is in danger, and nobody has taken it",
            "texts may mean that somebody is in danger, and nobody has taken them",
        ),
        _follow_up(
            "now",
            "not_well",
            "person is not well after a visit: telephone",
            "people are not well after a visit: telephone",
        ),
        (
            "requests_late",
            Said(
                "now",
                "consultation request was not answered in time",
                "consultation requests were not answered in time",
                "/staff/requests",
            ),
        ),
        _follow_up(
            "now", "running_late", "person is running late for a visit", "people are running late for a visit"
        ),
        ("channel", Said("now", "{about}", "", "/staff/messages?status=planned")),
        (
            "requests_near",
            Said(
                "today",
                "consultation request is due soon",
                "consultation requests are due soon",
                "/staff/requests",
            ),
        ),
        (
            "urgent_taken",
            Said(
                "today",
                "text that may mean danger is in somebody’s hands, and not finished",
                "texts that may mean danger are in somebody’s hands, and not finished",
                _FOLLOW_UPS + "urgent",
            ),
        ),
        _follow_up(
            "today",
            "call_about_change",
            "person can’t be told by a message that a visit was changed: telephone",
            "people can’t be told by a message that a visit was changed: telephone",
        ),
        _follow_up(
            "today",
            "call_about_visit",
            "person with a visit soon was not told of it: telephone",
            "people with a visit soon were not told of it: telephone",
        ),
        _follow_up("today", "visit_cancel", "person asks to cancel a visit", "people ask to cancel a visit"),
        _follow_up(
            "today",
            "visit_move",
            "person asks for another time for a visit",
            "people ask for another time for a visit",
        ),
        _follow_up(
            "today",
            "care_not_delivered",
            "care message did not arrive: reach the person another way",
            "care messages did not arrive: reach the people another way",
        ),
        _follow_up(
            "today",
            "care_held",
            "care message was held back: let it go, or reach the person another way",
            "care messages were held back: let them go, or reach the people another way",
        ),
        ("course", Said("today", "The course {about}", "", "/staff/messages")),
        ("campaign", Said("today", "The campaign {about}", "", "/staff/campaigns")),
        (
            "held",
            Said(
                "today",
                "message waits until a person looks at it",
                "messages wait until a person looks at them",
                "/staff/messages",
            ),
        ),
        _follow_up(
            "soon",
            "wrong_number",
            "number is said to be somebody else’s",
            "numbers are said to be somebody else’s",
        ),
        _follow_up(
            "soon",
            "maybe_cancel",
            "CANCEL by text may have meant the visit and not the texts: ask",
            "CANCELs by text may have meant the visit and not the texts: ask",
        ),
        _follow_up(
            "soon",
            "unclear_text",
            "text sounds annoyed: ask what is wanted",
            "texts sound annoyed: ask what is wanted",
        ),
        _follow_up("soon", "texted", "text waits to be read", "texts wait to be read"),
        _follow_up(
            "soon", "unreadable_text", "text that came in can’t be read", "texts that came in can’t be read"
        ),
        _follow_up(
            "soon",
            "mailed",
            "email to the address for leaving waits to be read",
            "emails to the address for leaving wait to be read",
        ),
        _follow_up("soon", "check_in_words", "note came with a check-in", "notes came with a check-in"),
        _follow_up(
            "soon",
            "not_acknowledged",
            "person who asked for a consultation could not be told that it arrived",
            "people who asked for a consultation could not be told that it arrived",
        ),
        _follow_up(
            "soon",
            "deadline_passed",
            "late consultation request is to be followed up",
            "late consultation requests are to be followed up",
        ),
        _follow_up(
            "soon",
            "two_candidates",
            "message may be either of two at the sender: see whether it arrived",
            "messages may be either of two at the sender: see whether they arrived",
        ),
        _follow_up(
            "soon",
            "never_known",
            "message may or may not have left: see whether it arrived",
            "messages may or may not have left: see whether they arrived",
        ),
        _follow_up(
            "soon",
            "messages_expired",
            "list of messages that waited too long and were not sent",
            "lists of messages that waited too long and were not sent",
        ),
        _follow_up(
            "soon",
            "same_person",
            "new person has the address of somebody we know",
            "new people have the address of somebody we know",
        ),
        _follow_up(
            "soon",
            "address_taken",
            "person confirmed an address that another one has",
            "people confirmed an address that another one has",
        ),
        _follow_up(
            "soon",
            "address_differs",
            "person has another address in the booking system: ask which is right",
            "people have another address in the booking system: ask which is right",
        ),
        _follow_up(
            "soon",
            "not_erased_there",
            "erasure was not taken on by SendGrid",
            "erasures were not taken on by SendGrid",
        ),
        (
            "approve",
            Said(
                "soon",
                "campaign waits for a second person to look at it",
                "campaigns wait for a second person to look at them",
                "/staff/campaigns",
            ),
        ),
        ("channel_brief", Said("know", "{about}", "", "/staff/messages?status=planned")),
        (
            "unknown",
            Said(
                "know",
                "message was sent and no answer came back: evidence is awaited",
                "messages were sent and no answer came back: evidence is awaited",
                "/staff/messages?status=unknown",
            ),
        ),
        (
            "care_failed",
            Said(
                "know",
                "care message of the last days failed",
                "care messages of the last days failed",
                "/staff/messages?status=failed&purpose=care",
            ),
        ),
    )
)
