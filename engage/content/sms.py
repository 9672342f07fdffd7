"""How a text message is cut into segments, and how to keep it in the cheap alphabet."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gsm0338.charset import (
    BASIC_CHARACTER_SET,
    BASIC_CHARACTER_SET_EXTENSION,
)

from engage.content.merge import Plan, compile_plan

_ESCAPE: Final = 0x1B
# Units in a message of one segment, and in each of several (the rest holds the joining header).
_LIMITS: Final = {"GSM-7": (160, 153), "UCS-2": (70, 67)}

_FOLDED: Final = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "…": "...", "•": "-", "·": "-", "×": "x", "⁄": "/", "‹": "<", "›": ">",
        "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2007": " ", "\u2009": " ", "\u200a": " ",
        "\u202f": " ", "\u200b": "", "\u200c": "", "\u2060": "", "\ufeff": "", "\u00ad": "", "\t": " ",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segments:
    """``encoding`` is GSM-7 or UCS-2, ``units`` its septets or 16-bit units, ``count`` the segments paid
    for; ``culprits`` are the characters, in order, that force UCS-2."""

    encoding: str
    units: int
    count: int
    culprits: tuple[str, ...] = ()


def segments(text: str) -> Segments:
    """How ``text`` is sent. An empty text is one segment."""
    if _plain().issuperset(text):
        single, each = _LIMITS["GSM-7"]
        return Segments("GSM-7", len(text), 1 if len(text) <= single else -(-len(text) // each))
    cost = _septets()
    culprits = tuple(dict.fromkeys(character for character in text if character not in cost))
    if culprits:
        encoding, sizes = "UCS-2", [2 if ord(character) > 0xFFFF else 1 for character in text]
    else:
        encoding, sizes = "GSM-7", [cost[character] for character in text]
    single, each = _LIMITS[encoding]
    units = sum(sizes)
    return Segments(encoding, units, 1 if units <= single else _filled(sizes, each), culprits)


def fold(text: str) -> str:
    """The same words in characters that cost less: straight quotes, plain dashes and spaces."""
    return text.translate(_FOLDED)


def merged(text: str, values: Mapping[str, str]) -> str:
    """What one person gets: ``text`` with its marks replaced, folded as a whole. Raises MissingValue."""
    return fold(_plan(text).fill(values))


@lru_cache(maxsize=256)
def _plan(text: str) -> Plan:
    return compile_plan(text)


def _filled(sizes: list[int], each: int) -> int:
    """Segments needed when a character of two units may not be cut in half."""
    count, room = 1, each
    for size in sizes:
        if size > room:
            count, room = count + 1, each
        room -= size
    return count


@lru_cache(maxsize=1)
def _plain() -> frozenset[str]:
    return frozenset(character for character, septets in _septets().items() if septets == 1)


@lru_cache(maxsize=1)
def _septets() -> dict[str, int]:
    basic = {unicodedata.lookup(name): 1 for code, name in BASIC_CHARACTER_SET.items() if code != _ESCAPE}
    extended = {unicodedata.lookup(name): 2 for name in BASIC_CHARACTER_SET_EXTENSION.values()}
    return basic | extended
