"""What a reading says: the intent, how sure we are, and why, in words for staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Intent = Literal[
    "stop", "start", "help", "wrong_person", "unclear_negative", "other",
    "confirm", "reschedule", "cancel", "late", "score", "urgent",
]  # fmt: skip
INTENTS: Final[tuple[Intent, ...]] = get_args(Intent)

# The official words, by the one spelling that stands for each. ``yes`` has no intent of its own.
Keyword = Literal[
    "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "start", "unstop", "help", "info", "yes"
]  # fmt: skip

# How sure, from 0 to 1: what kind of rule spoke. Above 0.9 only official words, 0.9 and 0.8 whole requests.
OFFICIAL: Final = 1.0
NEARLY_OFFICIAL: Final = 0.95
DIRECT: Final = 0.9
INDIRECT: Final = 0.8
UNCLEAR: Final = 0.6
PLAIN: Final = 0.9
ABOUT_SOMETHING_ELSE: Final = 0.7
UNREADABLE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message means.

    ``confidence`` is 1.0 for an official word that is the whole message, whatever its case, spacing, punctuation,
    emoji and language; 0.95 for one that is misspelt, has only courtesies or a signature around it, or is a sentence
    of its own; 0.9 for a direct request in other words; 0.8 for an indirect one (a question, a report of having asked
    before); 0.6 for ``unclear_negative``. For ``other`` it is 0.9 where nothing points elsewhere, 0.7 where words of
    another intent are about something else, 0.5 where nothing could be read. A letter that our messages offer (C, R, X)
    counts as an official word with courtesies, 0.95. It compares rules; it is no probability.

    ``why`` names the rule for staff and never repeats the person's text.

    ``keyword`` is the official word that is the message's whole point, as its English name, also where it is misspelt
    or said politely or in Spanish (``CANCELAR`` is ``cancel``, ``SÍ`` is ``yes``); empty for free text. ``bare`` is
    True when the message is that word and nothing else but space around it: what carriers and Twilio act upon by
    themselves. ``also`` are further intents that the message has besides: "wrong number, stop" is ``stop`` and also
    ``wrong_person``. Whoever acts upon a reading looks there for ``stop``: "STOP I have chest pain" is ``urgent`` and
    also ``stop``. ``number``, from 0 to 10, is a score or a choice, by what was asked ("7", "C 2", "the second one");
    of "6.5", "6-7" and "6 or 7" it is 7. None where none was said.
    """

    intent: Intent
    confidence: float
    why: str
    keyword: Keyword | Literal[""] = ""
    bare: bool = False
    also: tuple[Intent, ...] = ()
    number: int | None = None
