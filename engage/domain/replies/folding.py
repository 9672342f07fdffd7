"""One spelling for what telephones can write: case, width, accents, look-alike letters, invisible signs, emoji."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from engage.domain.replies.words import each

# Letters of other alphabets that look like Latin ones. They count as Latin only in a word that is Latin otherwise, or
# that becomes an official word by it (``keywords`` asks).
LOOK_ALIKES: Final = str.maketrans(
    {
        pair[0]: pair[1]
        for pair in each(
            """аa вb сc ԁd еe һh іi јj ӏl кk мm нh оo пn рp ԛq ѕs тt уy хx ѵv ԝw АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP
    ЅS ТT УY ХX ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa εe ιi κk νv οo ρp τt υu χx ςs σo ıi ɑa ɡg
    ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"""
        )
    }
)
# Digits and signs that stand for letters inside a word.
FIGURES: Final = str.maketrans("0134578$@!|", "oieastbsaii")

# Letters as pictures, which NFKC leaves alone: white in black circles and squares, and flags' letters.
_PICTURES: Final = {
    start + n: chr(ord("a") + n) for start in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)
} | {0x1F51F: "10", 0x2019: "'", 0x2018: "'", 0x00B4: "'", 0x201C: '"', 0x201D: '"', 0x00AB: '"', 0x00BB: '"'}
_MARKS: Final = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe00-\ufe0f]+")
_OTHERS: Final = re.compile(r"[\W_]+")
_LATIN: Final = re.compile(r"[A-Za-z]")


def fold(text: str) -> str:
    """``text`` with one spelling for what looks the same; its case is kept, and so are line breaks.

    Full-width, bold, circled and boxed letters are plain ones; accents, strokes and invisible characters are gone;
    typographic quotes are straight. Takes any string, lone surrogates too, in linear time.
    """
    if text.isascii():
        return text
    wide = unicodedata.normalize("NFKC", text.translate(_PICTURES))
    bare = _MARKS.sub("", unicodedata.normalize("NFD", wide))
    if bare.isascii():
        return bare
    kept = "".join(
        char for char in bare if char.isascii() or unicodedata.category(char) not in {"Cf", "Cs", "Cc", "Mn"}
    )
    return " ".join(_latin(word) for word in kept.split(" "))


def _latin(word: str) -> str:
    """``word`` with look-alikes turned Latin, if it has Latin letters too."""
    if word.isascii() or not _LATIN.search(word):
        return word
    return word.translate(LOOK_ALIKES)


def letters(text: str) -> str:
    """The letters and digits of folded ``text`` alone, in lower case."""
    return _OTHERS.sub("", text.casefold())


def kind(folded: str) -> str:
    """What a text without any Latin letter is: ``empty``, ``numbers``, ``emoji`` (or punctuation), ``script``;
    ``latin`` for all others."""
    if _LATIN.search(folded):
        return "latin"
    shown = [char for char in folded if not char.isspace()]
    if not shown:
        return "empty"
    if any(char.isalpha() for char in shown):
        return "script"
    return "numbers" if any(char.isdigit() for char in shown) else "emoji"
