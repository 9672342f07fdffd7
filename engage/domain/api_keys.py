"""Keys of other systems: what each may do, how they are written, and what is kept of them.

A key is ``engage_<prefix>_<secret>``: the prefix (8 characters) names it in lists and in the audit trail, the secret
holds 256 random bits in letters and figures, so that a double click selects all of it.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from typing import Literal, get_args

Scope = Literal["people:read", "people:write", "appointments:read", "appointments:write", "messages:read"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
SCOPE_WORDS: dict[Scope, str] = {
    "people:read": "look up people and their addresses",
    "people:write": "create and change people",
    "appointments:read": "see visits",
    "appointments:write": "book, move and cancel visits",
    "messages:read": "see messages, and a person's timeline: what went, what comes and why",
}

PREFIX_LENGTH = 8
SECRET_LENGTH = 43
PREFIX_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
LONGEST_NAME = 100
_FORM = re.compile(
    rf"engage_([{PREFIX_LETTERS}]{{{PREFIX_LENGTH}}})_[A-Za-z0-9]{{{SECRET_LENGTH}}}", re.ASCII
)


def written(prefix: str, secret: str) -> str:
    """The key as its owner gets it, once."""
    return f"engage_{prefix}_{secret}"


def prefix_of(key: str) -> str | None:
    """The prefix of what was given as a key; None for what can't be one."""
    found = _FORM.fullmatch(key)
    return found.group(1) if found is not None else None


def digest(key: str) -> bytes:
    """What is kept of a key: its SHA-256. With 256 random bits in it nothing slower is of use."""
    return sha256(key.encode()).digest()


def is_key(key: str, kept: bytes) -> bool:
    """Whether ``key`` is the one whose digest is kept, in the same time for every wrong one."""
    return hmac.compare_digest(digest(key), kept)


def clean_name(raw: str) -> str:
    """A name for a key, as it stands in lists. Raises ValueError with a sentence."""
    name = " ".join(raw.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"give the key a name of 1 to {LONGEST_NAME} ordinary characters")
    return name
