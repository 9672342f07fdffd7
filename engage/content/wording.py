"""Words that may not stand where everyone can see them, and words that promise too much."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape
from importlib.resources import files
from typing import Final

from engage.content.merge import MARK

FIRST_SEEN: Final = 40
_DENIED: Final = re.compile(
    r"\b(?:not|no|none|never|nor|neither|cannot|without|nobody|rather than|too good|wary|careful|beware|avoid"
    r"|warning|suspicious|promis\w+|claim\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+")
_NUMBERED_CLAIM: Final = re.compile(
    r"\b(?:stud(?:y|ies)|trials?|research\w*|reviews?|meta-analys[ei]s)\b", re.IGNORECASE
)


def private_words(text: str) -> list[str]:
    """The conditions, body parts and treatments that ``text`` names, as they stand there."""
    return list(dict.fromkeys(found[0] for found in _private().finditer(text)))


def promises(prose: Iterable[str]) -> list[str]:
    """What the sentences promise, as written; a sentence that denies or warns is left alone."""
    found = []
    for sentence in _sentences(prose):
        if not _DENIED.search(_without_idle_no(sentence)):
            found += [match[0] for pattern in _promise() if (match := pattern.search(sentence))]
    return found


def unsourced_claims(prose: Iterable[str]) -> list[str]:
    """Sentences with a number that speak of studies, trials, reviews or research."""
    return [one for one in _sentences(prose) if _NUMBERED_CLAIM.search(one) and re.search(r"\d", one)]


def first_seen(text: str) -> str:
    """The first 40 characters that a list of messages shows, with personal values left out."""
    return " ".join(MARK.sub("", text).split())[:FIRST_SEEN]


def visible_html(html: str) -> str:
    """The words of an HTML letter, less its head and its hidden preheader."""
    text = re.sub(r"(?s)<head.*?</head>|<!--.*?-->", " ", html)
    text = re.sub(r"(?s)<div class=\"preheader\".*?</div>", " ", text)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _without_idle_no(sentence: str) -> str:
    # "No side effects" and "without risk" are promises themselves, so their own "no" denies nothing.
    return re.sub(r"\b(?:no|without(?: any)?) (?:risks?|side effects)\b", " ", sentence, flags=re.IGNORECASE)


def _sentences(prose: Iterable[str]) -> Iterator[str]:
    for block in prose:
        yield from _SENTENCE.split(block)


def _lines(name: str) -> list[str]:
    text = files("engage.content").joinpath(name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


@lru_cache(maxsize=1)
def _private() -> re.Pattern[str]:
    words = [
        re.escape(word[:-1]) + r"\w*" if word.endswith("*") else re.escape(word) + r"(?:e?s)?(?:['’]s)?"
        for word in sorted(_lines("private_words.txt"), key=len, reverse=True)
    ]
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def _promise() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(line, re.IGNORECASE) for line in _lines("promise_words.txt"))
