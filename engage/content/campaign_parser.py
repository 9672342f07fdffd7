"""The few variables that staff may use in a campaign, and the one question: ``{% if name %}``.

No template language stands behind it: what is not in the list below is refused where it stands, so that nothing which
staff type, or paste, is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Final, Literal

from engage.content.campaign_characters import tidy, unfit
from engage.content.campaign_flaws import Field, Flaw, spot
from engage.content.merge import MARK

VARIABLES: Final = ("name", "clinic", "telephone")
When = Literal["always", "named", "nameless"]

_BRACES: Final = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}|[{}]")
_CLOSING: Final = {"{{": "}}", "{%": "%}"}
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SINGLE: Final = re.compile(r"\{\s*(\w+)\s*\}")
# What the same thing is called elsewhere.
_MEANT: Final = {
    "given_name": "name",
    "first_name": "name",
    "firstname": "name",
    "fname": "name",
    "phone": "telephone",
    "tel": "telephone",
    "clinic_name": "clinic",
}
_KNOWN: Final = "only {{ name }}, {{ clinic }} and {{ telephone }} may stand between such braces"
_STATEMENTS: Final = "known are {% if name %}, {% else %} and {% endif %}"
_SHOWN: Final = 40
# Who pasted a page of something else needs to be told once.
_MOST_FLAWS: Final = 50


@dataclass(frozen=True, slots=True)
class Piece:
    """Words as they stand, or the name of a variable; ``when``: for whom."""

    words: str
    variable: str
    when: When


@dataclass(frozen=True, slots=True)
class Parsed:
    """One field of a campaign. ``typed`` is what was typed, tidied."""

    typed: str
    pieces: tuple[Piece, ...]

    @property
    def needs_name(self) -> bool:
        """Whether a name is printed outside of the question for it: people without one can't be written to."""
        return any(piece.variable == "name" and piece.when == "always" for piece in self.pieces)

    def prints_name(self, named: bool) -> bool:
        """Whether the name stands in what people with a name, or without one, get."""
        when = "named" if named else "nameless"
        return any(piece.variable == "name" and piece.when in ("always", when) for piece in self.pieces)

    @property
    def asks(self) -> bool:
        """Whether people without a name get other words."""
        return any(piece.when != "always" for piece in self.pieces)

    def text(self, named: bool, values: Mapping[str, str]) -> str:
        """What people with a name, or without one, get; ``values`` has one for each variable."""
        when = "named" if named else "nameless"
        return "".join(
            values[piece.variable] if piece.variable else piece.words
            for piece in self.pieces
            if piece.when in ("always", when)
        )


def parse(name: Field, raw: str) -> tuple[Parsed | None, list[Flaw]]:
    """The field in pieces, or None with all that is wrong with it."""
    text = tidy(raw)
    flaws = unfit(name, text)
    if any(flaw.code == "too-long" and not flaw.line for flaw in flaws):
        return None, flaws
    flaws += [
        Flaw(name, *spot(text, found.start()), "literal-mark", f"{found[0]} is a mark of ours", "put it in other words")
        for found in islice(MARK.finditer(text), _MOST_FLAWS)
    ]  # fmt: skip
    reader = _Reader(name, text)
    reader.read()
    flaws += reader.flaws
    return (None if flaws else Parsed(text, tuple(reader.pieces))), flaws


@dataclass(slots=True)
class _Reader:
    name: Field
    text: str
    pieces: list[Piece] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    when: When = "always"
    asked_at: int = -1
    answered: bool = False
    # Whether braces went wrong: what they would have opened or closed can't be told.
    lost: bool = False

    def read(self) -> None:
        at = 0
        while (found := _BRACES.search(self.text, at)) and len(self.flaws) < _MOST_FLAWS:
            self._words(self.text[at : found.start()])
            at = self._brace(found)
        self._words(self.text[at:])
        if found:
            return
        if self.asked_at >= 0:
            self._wrong(self.asked_at, "if-open", "{% if name %} is never ended", "put {% endif %} behind it")

    def _brace(self, found: re.Match[str]) -> int:
        """Reads what a brace begins; where to go on: of braces that went wrong the first of a line tells enough."""
        closing = _CLOSING.get(found[0])
        newline = self.text.find("\n", found.end())
        line_end = newline if newline >= 0 else len(self.text)
        if closing is None:
            self._stray(found)
            return line_end
        end = self.text.find(closing, found.end(), line_end)
        inside = self.text[found.end() : end]
        if end < 0 or "{" in inside:
            cure = "close it with " + closing + " on the same line, and put nothing else in braces into it"
            self._wrong(found.start(), "braces", f"{found[0]} is not closed", cure)
            return line_end
        if found[0] == "{{":
            self._variable(found.start(), inside.strip())
            return end + 2
        self._statement(found.start(), " ".join(inside.split()))
        return self._rest_of_line(found.start(), end + 2)

    def _words(self, words: str) -> None:
        if words:
            self.pieces.append(Piece(words, "", self.when))

    def _variable(self, at: int, inside: str) -> None:
        if inside in VARIABLES:
            if inside == "name" and self.when == "nameless":
                cure = "between {% else %} and {% endif %} stands what people without a name get"
                self._wrong(at, "name-in-else", "there is no name here", cure)
            self.pieces.append(Piece("", inside, self.when))
        elif not inside:
            self._wrong(at, "unknown-variable", "nothing stands between the braces", _KNOWN)
        elif _WORD.fullmatch(inside):
            self._wrong(at, "unknown-variable", f"unknown variable {_short(inside)}", _meant(inside))
        else:
            self._wrong(at, "unknown-variable", f"{_short(inside)} is no variable", _KNOWN)

    def _statement(self, at: int, inside: str) -> None:
        if inside == "if name":
            if self.asked_at >= 0:
                self._wrong(at, "if-nested", "an {% if name %} stands in another", "end the first one before")
            self.when, self.asked_at, self.answered = "named", at, False
        elif inside == "else":
            if self.asked_at < 0:
                self._wrong(
                    at, "if-stray", "{% else %} belongs to no {% if name %}", "put {% if name %} before it"
                )
            elif self.answered:
                self._wrong(at, "if-stray", "this is a second {% else %}", "delete one of them")
            self.when, self.answered = "nameless", True
        elif inside == "endif":
            if self.asked_at < 0:
                self._wrong(
                    at, "if-stray", "{% endif %} ends no {% if name %}", "put {% if name %} before it"
                )
            self.when, self.asked_at = "always", -1
        elif inside.startswith("if "):
            self._wrong(at, "unknown-statement", f"nothing but the name can be asked for, not {_short(inside[3:])}",
                        "write {% if name %}")  # fmt: skip
        else:
            self._wrong(
                at, "unknown-statement", f"unknown statement {_short(inside) or 'of no words'}", _STATEMENTS
            )

    def _rest_of_line(self, start: int, end: int) -> int:
        """A question that has a line to itself takes the whole line with it."""
        line = self.text.rfind("\n", 0, start) + 1
        newline = self.text.find("\n", end)
        after = newline if newline >= 0 else len(self.text)
        if self.text[line:start].strip() or self.text[end:after].strip():
            return end
        if self.pieces and not self.pieces[-1].variable:
            last = self.pieces[-1]
            self.pieces[-1] = Piece(last.words.rstrip(" \t"), "", last.when)
        return min(after + 1, len(self.text))

    def _stray(self, found: re.Match[str]) -> None:
        single = _SINGLE.match(self.text, found.start()) if found[0] == "{" else None
        if single and single[1] in (*VARIABLES, *_MEANT):
            cure = f"write {{{{ {_MEANT.get(single[1], single[1])} }}}}"
            self._wrong(found.start(), "braces", f"{single[0]} has single braces", cure)
        else:
            cure = "delete it, or use round brackets; " + _KNOWN
            self._wrong(found.start(), "braces", f"{found[0]} would be shown as it stands", cure)

    def _wrong(self, at: int, code: str, message: str, cure: str) -> None:
        if self.lost and code.startswith("if-"):
            return
        self.lost = self.lost or code == "braces"
        self.flaws.append(Flaw(self.name, *spot(self.text, at), code, message, cure))


def _meant(word: str) -> str:
    close = [_MEANT.get(word.lower(), ""), *get_close_matches(word.lower(), VARIABLES, n=1)]
    guess = next(filter(None, close), "")
    return f"did you mean {guess}?" if guess else f"known are {', '.join(VARIABLES)}"


def _short(words: str) -> str:
    return words if len(words) <= _SHOWN else words[:_SHOWN] + "..."
