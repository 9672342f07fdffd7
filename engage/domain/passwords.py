"""Which passwords may be chosen. Long is enough: nothing is asked about kinds of characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SHORTEST = 12
LONGEST = 128
# What has to be left once names and the like are taken out.
OWN_PART = 8

_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789" * 13,
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)
_LEET = str.maketrans("013457@$!", "oieastasi")


def normal_password(typed: str) -> str:
    """The spelling that is kept and compared: one keyboard's accents are another's (NFKC)."""
    return unicodedata.normalize("NFKC", typed)


def problem(password: str, common: frozenset[str], about: Iterable[str]) -> str | None:
    """Why ``password`` can't be chosen, as a sentence; None when it can.

    ``common`` are known passwords in lower case; those under 12 characters are words to which
    people add figures and signs. ``about`` are the owner's name and address and the clinic's name.
    """
    length = len(normal_password(password))
    if length < SHORTEST:
        return f"Please use at least {SHORTEST} characters. A few words that only you would put together are fine."
    if length > LONGEST:
        return f"Please use at most {LONGEST} characters."
    if _without(password, about) < OWN_PART:
        return "Please use a password that is not made from your name, your address or the clinic’s name."
    if _is_common(password, common) or _is_a_run(password):
        return "That password is on the lists of known ones, which are tried first. Please choose another."
    return None


def _without(password: str, about: Iterable[str]) -> int:
    """How many letters and figures are left without the words ``about``; signs in between don't count."""
    rest = whole = _plain(password)
    if not whole:
        return len(password)  # signs only, or emoji: there is no name in it
    words = {_plain(part) for text in about for part in [text, *re.split(r"[\W_]+", text)]}
    for word in sorted((word for word in words if len(word) > 3), key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) if rest != whole else len(password)


def _is_common(password: str, common: frozenset[str]) -> bool:
    lower = normal_password(password).casefold().strip()
    bare = "".join(lower.split())
    if lower in common or bare in common:
        return True
    for spelled in (bare, bare.translate(_LEET)):
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", spelled)
        if core in common or _unit(core) in common:
            return True
    # Figures that stood for letters at the end were read as letters: p455w0rd2024.
    core = re.sub(r"[\W\d_]+$", "", bare).translate(_LEET)
    return core in common


def _is_a_run(password: str) -> bool:
    """One short thing again and again, or along the keyboard, the alphabet or the figures."""
    text = _plain(password) or password.casefold()
    if len(set(text)) < 4 or len(_unit(text)) <= 4:
        return True
    return any(text in run or text in run[::-1] for run in _RUNS)


def _unit(text: str) -> str:
    """The shortest piece that ``text`` is a repetition of: itself when it is none."""
    at = (text + text).find(text, 1)
    return text[:at] if 0 < at < len(text) else text


def _plain(text: str) -> str:
    return "".join(char for char in normal_password(text).casefold() if char.isalnum())
