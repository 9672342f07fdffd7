"""What Twilio's error codes mean, in an answer and in a status callback alike.

Source: Twilio's error dictionary (docs/api/errors), its table of message delivery errors, and what other
programs that send by Twilio made of them; docs/providers.md says how they were weighed.
"""

from __future__ import annotations

from typing import Final

from engage.domain.failures import Meaning

CODES: Final[dict[int, Meaning]] = {
    # Never processed: too many requests, or maintenance.
    20429: "not_processed",
    21730: "not_processed",
    # The person said STOP, or the carrier blocks the sender for them.
    21610: "opted_out",
    30004: "opted_out",
    # The number is none, takes no text messages, or is out of reach of this sender for good.
    21211: "bad_address",
    21217: "bad_address",
    21265: "bad_address",
    21268: "bad_address",
    21401: "bad_address",
    21407: "bad_address",
    21421: "bad_address",
    21612: "bad_address",
    21614: "bad_address",
    21635: "bad_address",
    30005: "bad_address",
    30006: "bad_address",
    # Another try may go through.
    21611: "temporary",
    30001: "temporary",
    30003: "temporary",
    30008: "temporary",
    30009: "temporary",
    30017: "temporary",
    30022: "temporary",
    # The carrier or Twilio held it for spam or fraud.
    30007: "filtered",
    30450: "filtered",
    30640: "filtered",
    # The account may not send to that country, or on trial to that number: a matter of the number.
    21408: "filtered",
    21608: "filtered",
    # The account, the messaging service or its registration: nothing leaves until a person mends it.
    20003: "channel_down",
    20005: "channel_down",
    20008: "channel_down",
    20403: "channel_down",
    20404: "channel_down",
    21601: "channel_down",
    21603: "channel_down",
    21606: "channel_down",
    21609: "channel_down",
    21701: "channel_down",
    21703: "channel_down",
    21705: "channel_down",
    30002: "channel_down",
    30023: "channel_down",
    30027: "channel_down",
    30032: "channel_down",
    30034: "channel_down",
    30127: "channel_down",
    63038: "channel_down",
    # Its time was over in Twilio's queue, or the hour was not decent there.
    30036: "late",
    30610: "late",
    # Something is wrong with this message.
    21602: "invalid",
    21604: "invalid",
    21605: "invalid",
    21617: "invalid",
    21619: "invalid",
    # The carrier did not answer in time: it may have it.
    30410: "ambiguous",
}
# HTTP statuses of a refusal whose code is not in the table above.
STATUSES: Final[dict[int, Meaning]] = {
    401: "channel_down",
    403: "channel_down",
    404: "channel_down",
    405: "channel_down",
    408: "ambiguous",
}


def meaning_of(code: str | int | None) -> Meaning:
    """The class of an ErrorCode, as text or number; ``unknown_code`` for what stands in no table."""
    try:
        return CODES.get(int(code or 0), "unknown_code")
    except ValueError:
        return "unknown_code"
