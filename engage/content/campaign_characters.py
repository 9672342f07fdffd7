"""Which characters a campaign's text may hold, and how many: looked at before anything is parsed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final

from engage.content.campaign_flaws import Field, Flaw, spot

# Bytes of UTF-8 that each field may have.
MOST_BYTES: Final[dict[Field, int]] = {"subject": 800, "preheader": 800, "body": 64 * 1024}
# Characters beyond which no mail program or list shows a line.
LONGEST_LINE: Final[dict[Field, int]] = {"subject": 200, "preheader": 200}
# Nothing that is read has so many letters without a space; scripts that need no spaces have paragraphs.
_LONGEST_WORD: Final = re.compile(r"[!-~]{200,}|\S{2000,}")
# They come along when text is pasted and show nothing; left in they would hide a word from a search.
_UNSEEN: Final = str.maketrans(dict.fromkeys("\u00ad\u200b\u2060\ufeff"))
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Joiners belong to emoji and to Persian and Indic spelling, tags to flags.
_JOINERS: Final = frozenset("\u200c\u200d")


def tidy(text: str) -> str:
    """What was typed, with one kind of line end and without what shows nothing."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)


def unfit(field: Field, text: str) -> list[Flaw]:
    """Why a tidied text can't be used at all; a text that is too long is not looked at further."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES[field]:
        message = f"the {field} has {size:,} bytes, and {MOST_BYTES[field]:,} is the most"
        return [
            Flaw(field, 0, 0, "too-long", message, "shorten it, or put the rest on a page and link there")
        ]
    return [*_characters(field, text), *_lines(field, text), *_words(field, text)]


def odd(text: str) -> Iterator[tuple[int, str]]:
    """Each character that may not stand in ``text``, the first of its kind: its place and its name."""
    seen = set()
    for at, char in enumerate(text):
        if char not in seen and _is_odd(char):
            seen.add(char)
            yield at, named(char)


def named(char: str) -> str:
    """A character as a person may look it up: ``U+202E (RIGHT-TO-LEFT OVERRIDE)``."""
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X} ({name})" if name else f"U+{ord(char):04X}"


def plain_letters(text: str) -> str:
    """The same words for a search: no joiners and accents, no wide or joined forms of letters."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(char for char in apart if unicodedata.category(char) not in {"Cf", "Mn", "Me"})


def _is_odd(char: str) -> bool:
    if char.isascii():
        return (char < " " and char not in "\n\t") or char == "\x7f"
    if char in _TURNING:
        return True
    category = unicodedata.category(char)
    if category == "Cf":
        return char not in _JOINERS and not "\U000e0020" <= char <= "\U000e007f"
    return category in {"Cc", "Cs", "Co", "Zl", "Zp"} or ord(char) & 0xFFFE == 0xFFFE


def _characters(field: Field, text: str) -> Iterator[Flaw]:
    for at, name in islice(odd(text), 20):
        code = "turning" if text[at] in _TURNING else "control"
        what = "turns the text around it" if code == "turning" else "can't be shown"
        message = f"the character {name} {what}"
        yield Flaw(field, *spot(text, at), code, message, "delete it, or type the words anew")


def _lines(field: Field, text: str) -> Iterator[Flaw]:
    if field == "body":
        return
    line = text.strip()
    if "\n" in line:
        place = spot(text, text.index("\n", text.index(line)))
        yield Flaw(field, *place, "newline", f"the {field} has more than one line", "put all of it on one")
    elif len(line) > LONGEST_LINE[field]:
        message = f"the {field} has {len(line)} characters, and {LONGEST_LINE[field]} is the most"
        yield Flaw(field, 0, 0, "too-long", message, "shorten it")


def _words(field: Field, text: str) -> Iterator[Flaw]:
    for found in _LONGEST_WORD.finditer(text):
        if "://" not in found[0] or len(found[0]) >= 2000:
            message = f"{found[0][:20]}... has {len(found[0])} characters without a space"
            yield Flaw(
                field, *spot(text, found.start()), "long-word", message, "put spaces between the words"
            )
