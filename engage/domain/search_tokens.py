"""What a person can be found by, and what a typed search asks for: forms of names, addresses and numbers.

A form is a short text such as ``w:jos`` (the beginning of a word) or ``n:0140`` (digits out of a
number). Only keyed hashes of forms are stored, so everything that may be typed has to be a form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# As you type, each letter counts; from 12 on only now and then, and the rest is compared after opening.
PREFIXES = (*range(2, 13), 16, 24, 32)
RUNS = range(4, 11)
MAX_WORDS = 6
# Letters that people type without their stroke, and that Unicode does not take apart.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "ʻ": "'", "‐": "-", "‑": "-"})
_PIECES = re.compile(r"[^\W_]+", re.UNICODE)
_NUMBER = re.compile(r"[\d\s().+\-/]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word of a search: it is there when any of ``forms`` is. ``texts`` and ``digits`` are the whole of it."""

    forms: tuple[str, ...]
    texts: tuple[str, ...] = ()
    digits: str = ""


def forms_of(given_name: str, addresses: Iterable[str]) -> set[str]:
    """Every form that finds a person. Addresses are emails, or numbers as ``+15550100140``."""
    found: set[str] = set()
    for word in words_of(given_name, addresses):
        found |= {f"w:{prefix}" for prefix in _prefixes(word)}
    for address in addresses:
        if "@" not in address:
            found |= {f"n:{run}" for run in _runs(_digits(address))}
    return found


def words_of(given_name: str, addresses: Iterable[str]) -> set[str]:
    """The words whose beginnings count, with accents and without."""
    words: set[str] = set()
    for written in normal(given_name).split():
        words |= {written, *_PIECES.findall(written)}
    for address in addresses:
        if "@" in address:
            whole = normal(address)
            local, _, domain = whole.partition("@")
            words |= {whole, domain, *_PIECES.findall(local)}
    return words | {folded(word) for word in words} - {""}


def wanted(query: str) -> list[Wanted]:
    """What ``query`` asks for: all of these must be there. Empty when nothing can be looked for."""
    text = normal(query).strip()
    digits = _digits(text)
    if _NUMBER.fullmatch(text) and len(digits) >= RUNS[0] and len(text.split()) > 1:
        return [_number(digits)]
    return [_one(word) for word in text.split()[:MAX_WORDS]]


def is_there(wish: Wanted, words: set[str], addresses: Sequence[str]) -> bool:
    """Whether the whole of a wish is there. A form may be shorter than what was typed."""
    if any(word.startswith(text) for word in words for text in wish.texts):
        return True
    return bool(wish.digits) and any(wish.digits in _digits(a) for a in addresses if "@" not in a)


def normal(text: str) -> str:
    """The spelling that is compared: NFKC, case folded, without invisible marks."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in text.translate(_APOSTROPHES) if not _ignored(c))


def folded(text: str) -> str:
    """Without accents and points: what people type who do not have those keys."""
    apart = unicodedata.normalize("NFD", text)
    kept = "".join(c for c in apart if not _accent(c))
    return unicodedata.normalize("NFC", kept).translate(_PLAIN)


def _one(word: str) -> Wanted:
    texts = tuple(dict.fromkeys(text for text in (word, folded(word)) if text))
    digits = _digits(word)
    by_number = _number(digits).forms if _NUMBER.fullmatch(word) and len(digits) >= RUNS[0] else ()
    return Wanted(
        (*(f"w:{_longest(text)}" for text in texts), *by_number), texts, digits if by_number else ""
    )


def _number(digits: str) -> Wanted:
    last = digits[-RUNS[-1] :]
    return Wanted((f"n:{last}",), digits=last)


def _prefixes(word: str) -> Iterable[str]:
    # Where one sign is a word or a syllable, the first is worth looking for.
    first = (1,) if len(word) == 1 or unicodedata.category(word[0]) in {"Lo", "So"} else ()
    return (word[:length] for length in (*first, *PREFIXES) if length <= len(word))


def _longest(text: str) -> str:
    length = max((n for n in PREFIXES if n <= len(text)), default=1)
    return text[:length]


def _runs(digits: str) -> Iterable[str]:
    last = digits[-RUNS[-1] :]
    return (last[i : i + n] for n in RUNS for i in range(len(last) - n + 1))


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())


def _ignored(char: str) -> bool:
    """Joiners, direction marks and the choice between a drawn and a plain sign."""
    if "\ufe00" <= char <= "\ufe0f":
        return True
    return unicodedata.category(char) in {"Cf", "Cc"} and not char.isspace()


def _accent(char: str) -> bool:
    """Marks of Latin, Greek and Cyrillic, Hebrew points and Arabic vowel signs; not the vowels of Indic scripts."""
    return (
        "\u0300" <= char <= "\u036f"
        or "\u0591" <= char <= "\u05c7"
        or "\u064b" <= char <= "\u065f"
        or char == "\u0670"
    )
