"""What people answer about their visits: C, R, X, or that they come, want another time, can't come, will be late."""

from __future__ import annotations

import re
from typing import Final

from engage.domain.replies import visits_english as english
from engage.domain.replies import visits_spanish as spanish
from engage.domain.replies.reading import ABOUT_SOMETHING_ELSE as SURE
from engage.domain.replies.reading import INDIRECT, NEARLY_OFFICIAL, Intent
from engage.domain.replies.rules import Rule, Table
from engage.domain.replies.visits_guards import NOT_ASKED

# What is said of a visit, in the order of weight: who asks for another time can't come, and does not confirm.
TABLES: Final[tuple[tuple[Intent, Table], ...]] = (
    ("reschedule", Table(*english.RESCHEDULE, *spanish.RESCHEDULE)),
    ("cancel", Table(*english.CANCEL, *spanish.CANCEL)),
    ("late", Table(*english.LATE, *spanish.LATE)),
    ("confirm", Table(*english.CONFIRM, *spanish.CONFIRM)),
)

# The letters that our own messages offer, as a whole message: with the number of a visit, courtesies and a signature.
# "Thanks x" is a kiss and "X-ray" a picture: little stands before a letter, and a space after it.
_LETTER: Final = re.compile(
    r"\W*(?:(?:hi|hello|hey|hola|ok|okay|yes|si|please)\W+){0,2}"
    r"(?P<letter>[crx])(?:\W*(?:(?:option|number|visit)\W*)?(?P<number>\d)\b)?\W*"
    r"(?:(?:please|pls|plz|thanks|thank you|thx|ty|gracias|por favor|yes|so much|very much|both)\b\W*){0,3}"
    r"(?:(?:\s[-–—]\s*|,\s*|\n\s*)(?-i:[A-Z][a-z]{1,15}(?: [A-Z][a-z.]{0,15})?)\W*)?",
    re.IGNORECASE,
)
_LONGEST: Final = 60
_OFFERED: Final[tuple[tuple[str, Intent], ...]] = (("c", "confirm"), ("r", "reschedule"), ("x", "cancel"))
_LETTERS: Final = {
    letter: (intent, Rule(f"Answers {letter.upper()}, which our messages offer.", NEARLY_OFFICIAL, ""))
    for letter, intent in _OFFERED
}

CHOICE: Final = Table(
    Rule(
        "Chooses one of several.",
        INDIRECT,
        """
        <<< (SEP|POLITE|yes|i|choose|pick|want|take|mean|meant|i will take){0,5} (option|choice|visit|appointment|answer|opcion|numero|cita|number) (number|#)? SCORE (SEP|POLITE){0,3} >>
        <<< (SEP|POLITE|yes|i|choose|pick|want|take|mean|meant|i will take|para){0,5} (the|la|el)? ORDINAL (one|visit|appointment|appt|option|time|cita|visita|opcion)? (SEP|POLITE|one){0,3} >>
        """,
    ),
)
# Which of several visits a request is about: "cancel the second one".
CHOSEN: Final = Table(
    Rule(
        "Names one of several.",
        SURE,
        """
        <<< (SEP|POLITE){0,3} (confirm|confirmed|cancel|reschedule|move|change|confirmo|cancelar|cambiar) (my|the|option|number|visit|#){0,2} SCORE (SEP|POLITE){0,3} >>
        (cancel|confirm|reschedule|move|change|make|keep|cancelar|confirmo|cambiar|mover) (the|la|el) ORDINAL (one|visit|appointment|appt|option|cita|visita|>)
        """,
    ),
)


def letter(folded: str) -> tuple[Intent, Rule, int | None] | None:
    """What a folded text that is C, R or X means, and the number of the visit beside it; None for any other text."""
    found = _LETTER.fullmatch(folded) if len(folded) <= _LONGEST else None
    if found is None:
        return None
    intent, rule = _LETTERS[found["letter"].casefold()]
    return intent, rule, int(found["number"]) if found["number"] else None


def said(signs: str) -> tuple[tuple[Intent, Rule], ...]:
    """All that is said of a visit, and the rules that find it, in the order of ``TABLES``."""
    if all(table.search(signs) is None for _, table in TABLES):
        return ()
    heard = NOT_ASKED.mask(signs)
    return tuple((intent, found[0]) for intent, table in TABLES if (found := table.search(heard)))
