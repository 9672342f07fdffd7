"""Crash points: every step of a message's life at which a process may die. The product knows nothing of them.

A point is the moment just before or just after a call, found by name. ``half`` and ``taken`` are two more, inside a
provider's request: half of its bytes are written; the vendor has taken it and its answer is not read.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

When = Literal["before", "after", "half", "taken"]
Role = Literal["web", "worker"]
Column = Literal["ok", "late", "lost"]

COLUMNS: tuple[Column, ...] = ("ok", "late", "lost")
TOLD: tuple[Column, ...] = ("ok", "late")


class Point(NamedTuple):
    """Where it is: ``what`` is a name in ``module`` (a method as ``Class.method``). ``k`` is its number in the
    reference list, empty for those that the list does not have; ``columns`` those in which it can be reached."""

    k: str
    role: Role
    module: str
    what: str
    when: When
    columns: tuple[Column, ...] = COLUMNS


_CLAIM, _DELIVER = "engage.services.claim", "engage.services.deliver"
_RECOVER, _RECEIPTS = "engage.services.recover", "engage.services.receipts"
_SENDGRID, _TWILIO = "engage.delivery.sendgrid", "engage.delivery.twilio"
_ATTEMPTS, _PIPE, _KEPT = "engage.storage.attempts", "engage.storage.pipe", "engage.storage.receipts"

POINTS: dict[str, Point] = {
    "a sign-up came, not kept": Point("K1", "web", "engage.storage.signups", "add", "before"),
    "a sign-up is kept, not answered": Point("K2", "web", "engage.services.signups", "accept", "after"),
    "a sign-up is weighed, not committed": Point(
        "K2", "worker", "engage.storage.signups", "decide_many", "after"
    ),
    "a claim is noted": Point("K5", "worker", "engage.storage.claims", "note", "after"),
    "a claim is decided": Point("K5", "worker", _CLAIM, "_decide_all", "after"),
    "an attempt is opened, not committed": Point("K5", "worker", _ATTEMPTS, "open_many", "after"),
    "a claim is written, not committed": Point("K5", "worker", _PIPE, "mark_claimed", "after"),
    "a next lesson is planned, not committed": Point("K14", "worker", _CLAIM, "plan_after", "after"),
    "a claim is committed": Point("K5", "worker", _DELIVER, "claim", "after"),
    "an attempt is started, not committed": Point("K6", "worker", _ATTEMPTS, "start", "after"),
    "an email's attempt is started": Point("K6", "worker", _SENDGRID, "SendGridSender.send", "before"),
    "a text's attempt is started": Point("K6", "worker", _TWILIO, "TwilioSender.send", "before"),
    "half of an email's request is written": Point("K7", "worker", _SENDGRID, "", "half"),
    "half of a text's request is written": Point("K7", "worker", _TWILIO, "", "half"),
    "an email is taken, the answer unread": Point("K8", "worker", _SENDGRID, "", "taken"),
    "a text is taken, the answer unread": Point("K8", "worker", _TWILIO, "", "taken"),
    "an email's answer is read": Point("K9", "worker", _SENDGRID, "SendGridSender.send", "after"),
    "a text's answer is read": Point("K9", "worker", _TWILIO, "TwilioSender.send", "after"),
    "an answer is recorded, not committed": Point("K9", "worker", _PIPE, "accept", "after"),
    "smaller attempts are opened, not committed": Point("K9", "worker", _DELIVER, "_open_again", "after"),
    "an answer is recorded": Point("K10", "worker", _DELIVER, "record", "after"),
    "a callback came, not kept": Point("K11", "web", _KEPT, "keep", "before", TOLD),
    "a callback is kept, not answered": Point("K12", "web", _RECEIPTS, "keep", "after", TOLD),
    "one of many events is read": Point("K13", "worker", _RECEIPTS, "_read", "after", TOLD),
    "events are kept, not committed": Point("K13", "worker", _KEPT, "keep_events", "after", TOLD),
    "events moved messages, not committed": Point("K13", "worker", _KEPT, "move", "after", TOLD),
    "receipts are applied, not committed": Point("K13", "worker", _KEPT, "applied", "after", TOLD),
    "receipts are applied": Point("K13", "worker", _RECEIPTS, "_round", "after", TOLD),
    "a lease is given back, not committed": Point("K17", "worker", _ATTEMPTS, "release_unstarted", "after"),
    "an attempt is doubted, not committed": Point("K17", "worker", _ATTEMPTS, "doubt_unanswered", "after"),
    "a doubt is taken up, not committed": Point("K17", "worker", _ATTEMPTS, "unresolved", "after"),
    "a doubt is taken up": Point("K17", "worker", _RECOVER, "_resolve", "before"),
    "a vendor was asked about a doubt": Point("K17", "worker", _TWILIO, "TwilioSender.lookup", "after"),
    "a doubt is proven, not committed": Point("K17", "worker", _RECOVER, "_proven", "after"),
    "a doubt without proof, not committed": Point("K17", "worker", _RECOVER, "_without_proof", "after"),
    "a doubt is settled": Point("K17", "worker", _RECOVER, "_resolve", "after"),
    "a text without final word, not committed": Point("", "worker", _KEPT, "not_final", "after", ("lost",)),
    "a final word is asked for": Point("", "worker", "engage.services.poll", "_ask", "before", ("lost",)),
    "a final word is kept": Point("", "worker", "engage.services.poll", "_ask", "after", ("lost",)),
}

# Those of a campaign, on its way from a list of people to messages: F14 comes there.
_CAMPAIGN = "engage.services.campaign_run"
CAMPAIGN_POINTS: dict[str, Point] = {
    "an audience is fixed, not committed": Point(
        "K15", "worker", _CAMPAIGN, "_fingerprint", "after", ("ok", "lost")
    ),
    "a campaign's messages are planned, not committed": Point(
        "K15", "worker", _CAMPAIGN, "_release", "after", ("ok", "lost")
    ),
    "a campaign's messages are planned": Point("K15", "worker", _CAMPAIGN, "_go_on", "after", ("ok", "lost")),
}
EVERY = POINTS | CAMPAIGN_POINTS

# K18: a migration that dies on its way, on a database of its own: before the n-th of its statements, or at its end.
MIGRATION = ("before a statement", "before the commit")
