"""What Twilio refuses when a message is created, with its error numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

NUMBER = re.compile(r"\+[1-9]\d{6,14}")
MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21211: "The 'To' number is not a valid phone number",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21602: "Message body is required",
    21603: "A 'From' phone number is required",
    21604: "A 'To' phone number is required",
    21609: "The 'StatusCallback' URL is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number is not currently reachable",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21701: "The Messaging Service does not exist",
    30001: "Queue overflow",
    30002: "Account suspended",
    30034: "Message from an Unregistered Number",
    63038: "Daily message limit exceeded",
    90007: "Invalid validity period value",
    90014: "Validity Period should be positive integer",
}


@dataclass(frozen=True)
class Refusal:
    status: int
    code: int

    def body(self) -> dict[str, object]:
        return {
            "code": self.code,
            "message": MESSAGES.get(self.code, f"Error {self.code}"),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def refusal(form: Mapping[str, str], service: str, opted_out: frozenset[str] = frozenset()) -> Refusal | None:
    """Why a message would not be created; None when it would."""
    code = _code(form, service, opted_out)
    return Refusal(400, code) if code else None


def _code(form: Mapping[str, str], service: str, opted_out: frozenset[str]) -> int | None:
    to, body = form.get("To", ""), form.get("Body", "")
    if not to:
        return 21604
    if not NUMBER.fullmatch(to):
        return 21211
    if not form.get("MessagingServiceSid") and not form.get("From"):
        return 21603
    if form.get("MessagingServiceSid", service) != service:
        return 21701
    if not body and not form.get("MediaUrl"):
        return 21602
    if len(body) > 1600:
        return 21617
    if "StatusCallback" in form and not _is_callback(form["StatusCallback"]):
        return 21609
    if (period := form.get("ValidityPeriod")) is not None:
        if not re.fullmatch(r"\d+", period):
            return 90014
        if not 1 <= int(period) <= 36_000:
            return 90007
    return 21610 if to in opted_out else None


def _is_callback(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and bool(host) and "_" not in host and len(url) <= 4000
