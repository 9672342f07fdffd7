"""A message as a string with one sign per word, so that a rule can be a regular expression whose letters are words.

``please stop texting me!`` becomes five signs: four words and the end of a sentence. A sign is one character: each
word that a rule knows has its own, words that no rule knows share one (names, by their capital, another). So a rule
that says ``CEASE ADV{0,2} TEXTING`` reads like a sentence and runs over a dozen characters.
"""

from __future__ import annotations

import re
from typing import Final

from engage.domain.replies.care_words import HIGH, OF_TEN, RESCUE, SMALL
from engage.domain.replies.folding import FIGURES
from engage.domain.replies.typos import LONG_WORDS
from engage.domain.replies.words import CLASSES, NAMES, SPELLINGS, each

SOFT: Final = "\x01"  # a comma, a dash
HARD: Final = "\x02"  # a full stop, a line break
ASKED: Final = "\x03"  # a question mark
UNKNOWN: Final = "\x04"
NAMED: Final = "\x05"  # an unknown word with a capital
NUMBER: Final = "\x06"  # any but those that have a sign of their own: 0 to 10, 911, 103
MASKED: Final = "\x07"  # words that a guard has taken out
_SEPARATORS: Final = SOFT + HARD + ASKED
_FIRST_SIGN: Final = 0x100

_signs: Final[dict[str, str]] = {}


def sign(word: str) -> str:
    """The sign of ``word``, which has one from now on. To be called before ``finish`` is."""
    return _signs.setdefault(word, chr(_FIRST_SIGN + len(_signs)))


for _words in (*CLASSES.values(), NAMES):
    for _word in sorted(_words):
        sign(_word)
_names: Final = "".join(_signs[name] for name in sorted(NAMES))
_large: Final = NUMBER + "".join(_signs[number] for number in (*HIGH, *RESCUE))
_numbers: Final = _large + "".join(_signs[number] for number in (*SMALL, *OF_TEN))

# So common that a message without any of them is rare.
COMMON: Final = frozenset(
    map(
        sign,
        each(
            """i am is are was be been it my me you your the a an to of in on at for and or but not no do does did
            have has had can could will would this that with from so if he she we they what how when go going come
            get want need like please thanks ok just now today tomorrow yes still all any el la los las un una de en
            a que y no es me mi se por para con su lo al si ya hoy muy"""
        ),
    )
) | {SOFT, HARD, ASKED, UNKNOWN, NAMED}

# --- rules ------------------------------------------------------------------------------------------------------

_FIXED: Final = {
    "<<<": "^",
    "<<": f"(?:^|(?<=[{HARD}{ASKED}]))",
    "<": f"(?:^|(?<=[{_SEPARATORS}]))",
    ">>": f"(?=[{_SEPARATORS}]?$)",
    ">": f"(?=[{_SEPARATORS}]|$)",
    "_": f"[^{_SEPARATORS}{MASKED}]",
    "SEP": f"[{_SEPARATORS}]",
    "END": f"[{HARD}{ASKED}]",
    "ASKED": ASKED,
    "NAME": f"[{NAMED}{_names}]",
    "UNKNOWN": f"[{UNKNOWN}{NAMED}]",
    "NUM": f"[{_numbers}]",
    "BIG": f"[{_large}]",
}
_PART: Final = re.compile(
    r"\(\?<?[!=:]|\{[\d,]+\}|<<<|<<|>>|[<>_]|[A-Z][A-Z_]*|[a-z#]+|[()|?]|\s+|(?P<bad>.)"
)


def pattern(rule: str) -> str:
    """The regular expression over signs for ``rule``, which is one over words.

    Words stand for themselves and CLASSES for any of their words; ``( ) | ? {0,3}`` and lookarounds are as in ``re``;
    ``<`` and ``>`` are the edges of a clause, ``<<`` the start of a sentence, ``<<<`` of the message, ``>>`` its end; ``_`` is
    any word, ``UNKNOWN`` one that no rule knows, ``NAME`` a name, ``NUM`` a number in figures, ``BIG`` one above ten,
    ``SEP`` any punctuation. There is no ``*`` and no ``+`` on purpose: bounded gaps keep every rule linear. Raises ValueError on anything else.
    """
    out = []
    for part in _PART.finditer(rule):
        word = part[0]
        if part["bad"]:
            raise ValueError(f"{word!r} has no meaning in the rule {rule!r}")
        if word in _FIXED:
            out.append(_FIXED[word])
        elif word in CLASSES:
            out.append("[" + "".join(sorted(_signs[w] for w in CLASSES[word])) + "]")
        elif word[0].isupper():
            raise ValueError(f"there is no class {word} for the rule {rule!r}")
        elif word[0].islower() or word == "#":
            signs = "".join(map(sign, SPELLINGS.get(word, word).split()))
            out.append(signs if len(signs) == 1 else f"(?:{signs})")
        elif not word.isspace():
            out.append("(?:" if word == "(" else word)
    return "".join(out)


def knows(word: str) -> bool:
    """Whether any rule, class or spelling has the folded lower-case ``word``."""
    return word in _signs or word in SPELLINGS


# --- messages ---------------------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(
    r"<3+|(?<!\w)[:;]-?3(?!\d)|\d+(?:[:.,/-]\d+)*(?:(?:st|nd|rd|th)\b)?|\b(?:[DMdm]rs?|[Mm]s|[Ss]ra?)\.(?=\s)|[ap]\.m\b\.?|[^\W_]+(?:['*@$!][^\W_]+|\*+(?=[^\W_]|\s|$))*|\$(?=\d)|%|[.!?;:,()\n—–…。！？、，؟]+|#|&|(?<=\s)-+"
)  # fmt: skip
# One letter at a time, as in "s t o p" or "S.T.O.P.".
_SPELT: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .*_-]){3,11}[^\W\d_](?![^\W_])")
_TRIPLE: Final = re.compile(r"(.)\1\1+")
_GLUED: Final = ("stop", "please", "unsubscribe", "remove", "nomore", "dont")


def read(folded: str) -> str:
    """The signs of a folded text."""
    if _SPELT.search(folded):
        folded = _SPELT.sub(_joined, folded)
    out: list[str] = []
    last = SOFT
    for token in _TOKEN.findall(folded):
        sign = _known.get(token.casefold()) or _unknown(token)
        if sign in _SEPARATORS and last in _SEPARATORS:
            if out and sign > last:
                out[-1] = last = sign
            continue
        out.append(sign)
        last = sign
    return "".join(out)


def _joined(spelt: re.Match[str]) -> str:
    word = "".join(char for char in spelt[0] if char.isalpha())
    return word if knows(word.casefold()) and len(word) > 3 else spelt[0]


def _unknown(token: str) -> str:
    """The sign or signs of a token that no table has as it stands."""
    first = token[0]
    if first in "$%":
        return UNKNOWN
    if not (first.isalnum() or first == "#"):
        return _separator(token)
    word = token.casefold()
    if word.isdigit() or (first.isdigit() and not any(char.isalpha() for char in word)):
        return _number(word)
    if len(word) == 2 and first in "CcRrXx" and word[1] in _DIGITS:
        return _known[word[0]] + _known[word[1]]
    plain = word.replace("'", "").replace("*", "").rstrip(".")
    for spelling in (plain, *_guesses(plain)):
        if spelling in _known:
            return _known[spelling]
    if word.endswith("'s") and word[:-2] in _known:
        return _known[word[:-2]]
    if first.isdigit():
        return NUMBER
    for head in _GLUED:
        if word.startswith(head) and word[len(head) :] in _known and len(word) > len(head) + 1:
            return "".join(_signs[w] for w in _GLUE.get(head, head).split()) + _known[word[len(head) :]]
    return NAMED if token[0].isupper() and token[1:].islower() else UNKNOWN


_DIGITS: Final = frozenset("0123456789")
_FIGURES: Final = re.compile(
    r"(?:(?P<from>\d{1,2})-)?0?(?P<whole>\d{1,3})(?:[.](?P<tenth>\d)|,(?P<half>5))?(?P<of>/10)?"
)


def _number(word: str) -> str:
    """The sign of a number. "6.5" and "6-7" are 7, as a number from 0 to 10 is asked for; "7/10" has its own."""
    found = _FIGURES.fullmatch(word)
    if found is None:
        return NUMBER
    value = int(found["whole"]) + (int(found["tenth"] or found["half"] or 0) >= 5)
    least = int(found["from"]) if found["from"] else value - 1
    if value > 10:
        return _signs.get(found["whole"], NUMBER)
    return _signs[f"{value}{found['of'] or ''}"] if value - 3 < least < value else NUMBER


_GLUE: Final = {"nomore": "no more", "dont": "do not"}


def _guesses(word: str) -> list[str]:
    """Other spellings of a word: letters held too long, figures for letters, a typing error in a word that matters."""
    found = []
    if _TRIPLE.search(word):
        found += [_TRIPLE.sub(r"\1", word), _TRIPLE.sub(r"\1\1", word)]
    if not word.isalpha():
        found.append(word.translate(FIGURES))
    return [*found, *filter(None, map(LONG_WORDS.nearest, [word, *found]))]


def _separator(token: str) -> str:
    if "?" in token or "？" in token or "؟" in token:
        return ASKED
    if set(token) <= set("…") or (token.startswith("..") and set(token) == {"."}):
        return SOFT
    return HARD if set(token) & set(".!;\n。！") else SOFT


_known: Final[dict[str, str]] = {}


def finish() -> None:
    """Takes up the words that rules brought along; called once, when all rules are compiled."""
    _known.update(_signs)
    _known.update({spelling: "".join(map(sign, meant.split())) for spelling, meant in SPELLINGS.items()})
    _known.update({",": SOFT, ".": HARD, "!": HARD, "\n": HARD, "?": ASKED})
    _known["&"] = sign("and")
