"""A campaign by text: signed with the clinic's name, with a way to end it, and what it costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Final

from engage.content.sms import Segments, fold

STOP: Final = "Reply STOP to end"
# What Twilio takes in one message (its error 21617).
MOST_CHARACTERS: Final = 1600
# Above this staff are told what each segment adds.
FEW_SEGMENTS: Final = 2
# A guess for texts to US numbers, without what carriers add: each clinic sets its own.
COST_CENTS: Final = Decimal("0.83")
_TELLS_STOP: Final = re.compile(
    r"\b(?:[Rr]eply|[Tt]ext|[Ss]end|REPLY|TEXT|SEND)\s+[\"']?STOP\b|\bSTOP\s+(?:to\s+(?:end|stop|quit)|ends)\b"
)
_SPACES: Final = re.compile(r"[ \t]+(?=\n|$)|(?<=[ \t])[ \t]+")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a text to so many people may cost: ``cents`` for ``segments`` in all. Long names and other letters in a name
    can add some, so it is an estimate."""

    recipients: int
    segments_each: int
    segments: int
    cents: Decimal

    @property
    def dollars(self) -> str:
        """As it is shown: ``$1,245.00``, rounded up."""
        return f"${(self.cents / 100).quantize(Decimal('0.01'), rounding=ROUND_UP):,}"


def signed(text: str, short_name: str) -> str:
    """The text in the cheap alphabet, with the clinic's short name and the way to end added where they are missing."""
    body = _SPACES.sub("", fold(text)).strip()
    if not body:
        return ""
    name = fold(short_name)
    told = bool(_TELLS_STOP.search(body))
    # A host such as harmonia.example tells nobody who writes.
    if re.search(rf"(?<![\w./@-]){re.escape(name)}(?![\w/@-]|\.\w)", body, re.IGNORECASE):
        return body if told else f"{body}\n{STOP}"
    return f"{body}\n{name}" if told else f"{body}\n{name}. {STOP}"


def estimate(
    counted: Segments, recipients: int, cost_cents_per_segment: Decimal | float = COST_CENTS
) -> Estimate:
    """What a text of so many segments costs for so many people."""
    each = counted.count
    cents = Decimal(str(cost_cents_per_segment)) * each * recipients
    return Estimate(recipients, each, each * recipients, cents)


def told(found: Segments) -> str:
    """Segments in a few words: ``2 segments, GSM-7``."""
    return f"{found.count} {'segment' if found.count == 1 else 'segments'}, {found.encoding}"
