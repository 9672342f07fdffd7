"""What SendGrid's answers and events mean.

Source: SendGrid's documentation (mail/send errors, Event Webhook reference) and what other programs made of
it; docs/providers.md says how it was weighed. Its answers carry no codes, so the HTTP status is the code.
"""

from __future__ import annotations

from typing import Final

from engage.domain.failures import Failure, Meaning

# 400, 413 and 5xx are not here: what they mean depends on the body, or nobody can say.
STATUSES: Final[dict[int, Meaning]] = {
    429: "not_processed",
    # The key is wrong, lacks a right, the credits are used up, or the sender's address is not verified.
    401: "channel_down",
    403: "channel_down",
    # Not SendGrid that answers, or not its API: SENDGRID_API_URL is wrong.
    404: "channel_down",
    405: "channel_down",
    406: "channel_down",
    # Somebody on the way gave up waiting, after how much of the request nobody can say.
    408: "ambiguous",
}

# Fields of a 400 that all entries share: smaller requests would be refused as well.
SHARED_FIELDS: Final = frozenset(
    {"from", "reply_to", "subject", "content", "attachments", "headers", "custom_args", "tracking_settings"}
)

# Of these, what is the account's: an unverified sender refuses everything until a person mends it.
OF_THE_ACCOUNT: Final = frozenset({"from", "reply_to"})

# Reasons of a "dropped" event, in small letters, by how they begin.
DROPPED: Final[dict[str, Failure]] = {
    "bounced address": "bad_address",
    "unsubscribed address": "opted_out",
    "spam reporting address": "opted_out",
    "invalid smtpapi header": "invalid",
    "invalid": "bad_address",
    "spam content": "filtered",
    "recipient list over package quota": "channel_down",
}

# What a block's ``bounce_classification`` says, in small letters. Even an address that it calls invalid is not on
# SendGrid's list of bounces: the contact is marked, and nothing suppressed.
CLASSIFICATIONS: Final[dict[str, Failure]] = {
    "content": "filtered",
    "reputation": "filtered",
    "unclassified": "filtered",
    "frequency or volume too high": "temporary",
    "technical failure": "temporary",
    "mailbox unavailable": "temporary",
    "invalid address": "bad_address",
}


def dropped(reason: str) -> Failure:
    """The class of a "dropped" event. The longest beginning counts."""
    told = reason.strip().lower()
    known = [start for start in DROPPED if told.startswith(start)]
    return DROPPED[max(known, key=len)] if known else "unknown_code"


def blocked(classification: object) -> Failure:
    """The class of a block. Without a classification that we know it is not tried again."""
    told = classification.strip().lower() if isinstance(classification, str) else ""
    return CLASSIFICATIONS.get(told, "filtered")
