"""Names and addresses: what is accepted, and the one spelling that is compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from email_validator import EmailNotValidError, validate_email

MAX_NAME = 60
# An address may be written in many ways; longer than this none is (RFC 5321, 4.5.3.1.3).
MAX_EMAIL = 254
# Zero-width joiner and non-joiner belong to emoji and to Persian and Indic spelling.
_JOINERS = {"\u200c", "\u200d"}


# Mail programs make a link of these, and a stranger's name must not advertise.
_DOMAIN = re.compile(r"\w\.(com|net|org|info|biz|io|ru|cn|xyz|top|shop|site|online|example)\b", re.IGNORECASE)


class BadName(ValueError):
    """A name that can't be used, with a sentence for the person who typed it."""


def clean_name(raw: str) -> str:
    """A given name, trimmed and in NFC, without invisible marks. Raises BadName on the rest.

    Emoji and every script are welcome. Direction marks are dropped, since they can turn the
    text around them; a name is right-to-left by its letters alone.
    """
    name = unicodedata.normalize("NFC", raw)
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs", "Co"} for char in name):
        raise BadName("A name can't have line breaks or control characters in it.")
    name = "".join(char for char in name if not _invisible(char))
    name = re.sub(r"[ \u00a0]+", " ", name).strip()
    if len(name) > MAX_NAME:
        raise BadName(f"Please keep the name under {MAX_NAME} characters.")
    if _DOMAIN.search(name) or "://" in name or "www." in name.lower() or "@" in name:
        raise BadName("Please give a name without an address or link in it.")
    return name


def _invisible(char: str) -> bool:
    return (
        unicodedata.category(char) == "Cf"
        and char not in _JOINERS
        and not "\U000e0020" <= char <= "\U000e007f"
    )


def normal_email(address: str) -> str:
    """The spelling of an address that the blind index compares: NFKC, lower case."""
    return unicodedata.normalize("NFKC", address).strip().lower()


def clean_email(raw: str) -> str:
    """The address as it will be written to. Raises ValueError."""
    if len(raw) > MAX_EMAIL:
        raise ValueError("too long")
    try:
        # Names for examples and tests are fine where nothing leaves; a wrong one simply never confirms.
        return validate_email(
            raw.strip(), check_deliverability=False, test_environment=True, strict=True
        ).normalized
    except EmailNotValidError as error:
        raise ValueError("no address") from error


def full_name(told: Mapping[str, Any]) -> str:
    """What staff call a person of whom this is kept: given name and, where it is known, family name."""
    return " ".join(part for part in (told.get("given_name", ""), told.get("family_name", "")) if part)
