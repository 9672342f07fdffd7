"""The reading grade of a letter: Flesch-Kincaid, with syllables counted as groups of vowels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from markdown_it.token import Token

from engage.content.markdown import words

_WORD: Final = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|\d[\d.,:]*%?")
_URL: Final = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+")
_DOTTED: Final = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|St|vs|No|e\.g|i\.e|etc|a\.m|p\.m|U\.S|U\.K)\.(?=\s+\S)")
_END: Final = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+")
# An e that is not said: at the end, before -s and -d, and before an ending such as -ment.
_SILENT: Final = re.compile(
    r"(?:[^laeiouy]|[aeiouy]l|ll)e$|[^aeiouytdl]ed$|[aeiouyl]led$|[^aeiouyscxzgl]es$|[aeiouy]les$|aches$"
    r"|[^aeiouyl]e(?=(?:ments?|ful|fully|ly|less|ness|times?|things?|body|where)$)|^every|^evening|^everyone"
)
# Vowels that stand together and are said apart, as in trial, radio, science, area, usual, going.
_APART: Final = re.compile(
    r"(?<![tcgs])ia|cia(?=t)|(?<![tcgs])io|^sci(?=[ae])|(?<![tcr])ien|rien(?!d)|[aeiouy][^aeiouy]+ea$|^area|^idea"
    r"|(?<!q)ual|[aeiouy]ing|creat|iet|uid$|ruin|(?:t|th|id|st?er|^n|^g)eo(?=$|[^p])|(?<=o)a(?=rth)|eal(?=ity)|yal|lgia$|yone$|(?<=[a-z]{2})iers?$|ius$"
)
_SOURCES: Final = frozenset({"sources", "source", "references", "where this comes from"})


@dataclass(frozen=True, slots=True)
class Grades:
    """US school grades of one text: ``raw``, and ``with_terms`` when needed terms count as two syllables
    at most. A text without sentences has grade 0."""

    raw: float
    with_terms: float
    words: int
    sentences: int


def grades(prose: Iterable[str], terms: Iterable[str] = ()) -> Grades:
    """The grades of blocks of prose, as ``prose_of`` gives them."""
    sentences = [words for block in prose for piece in _sentences(block) if (words := _WORD.findall(piece))]
    everything = [word.lower() for sentence in sentences for word in sentence]
    if not everything:
        return Grades(0.0, 0.0, 0, 0)
    needed = {part for term in terms for part in re.findall(r"[a-z]+", term.lower())}
    raw = [syllables(word) for word in everything]
    eased = [
        min(count, 2) if _is_term(word, needed) else count
        for word, count in zip(everything, raw, strict=True)
    ]
    length = len(everything) / len(sentences)
    return Grades(
        raw=_grade(length, sum(raw) / len(raw)),
        with_terms=_grade(length, sum(eased) / len(eased)),
        words=len(everything),
        sentences=len(sentences),
    )


def prose_of(tokens: Sequence[Token]) -> list[str]:
    """Paragraphs and list items; headings, tables, addresses and everything under "Sources" are left out."""
    blocks: list[str] = []
    in_sources = 0
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            level = int(token.tag[1])
            if in_sources and level <= in_sources:
                in_sources = 0
            if is_sources(words(tokens[at + 1])):
                in_sources = in_sources or level
        elif token.type == "paragraph_open" and not in_sources:
            text = _URL.sub(" ", words(tokens[at + 1])).strip()
            if is_sources(text):
                in_sources = 6
            elif text:
                blocks.append(text)
    return blocks


def is_sources(title: str) -> bool:
    """Whether a heading, or a short line in its place, begins the list of sources."""
    return title.strip().rstrip(":").lower() in _SOURCES


def syllables(word: str) -> int:
    """Groups of vowels less a silent ending; a number is one, joined words count each part."""
    parts = re.findall(r"[a-z]+", word.lower().replace("'", "").replace("’", ""))
    return sum(_of_one(part) for part in parts) or 1


def _of_one(word: str) -> int:
    count = len(re.findall(r"[aeiouy]+", word)) + len(_APART.findall(word))
    if len(word) > 2:
        count -= len(_SILENT.findall(word))
    return max(count, 1)


def _sentences(block: str) -> list[str]:
    return _END.split(_DOTTED.sub(lambda found: found[0].replace(".", ""), block))


def _is_term(word: str, needed: set[str]) -> bool:
    parts = re.findall(r"[a-z]+", word.removesuffix("'s").removesuffix("’s"))
    return any(part in needed or part.removesuffix("s") in needed for part in parts)


def _grade(words_per_sentence: float, syllables_per_word: float) -> float:
    return round(0.39 * words_per_sentence + 11.8 * syllables_per_word - 15.59, 1)
