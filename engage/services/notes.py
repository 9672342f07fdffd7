"""What staff write down about somebody."""

from __future__ import annotations

from engage.domain.consultations import BadMessage, clean_message
from engage.domain.forms import InvalidInput


def clean_note(raw: str) -> str:
    """A note, trimmed; the rules of a visitor's message hold. Raises InvalidInput for the field "note"."""
    try:
        return clean_message(raw)
    except BadMessage as error:
        raise InvalidInput({"note": str(error)}) from error
