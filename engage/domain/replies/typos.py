"""Typing errors: one letter missing, doubled, wrong or swapped, in words that matter, and never an ordinary word."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final

from engage.domain.replies.words import each

# Words long enough that one wrong letter leaves no doubt.
_LONG: Final = each(
    """unsubscribe texting messaging messages message contact contacting remove cancel number please
    sending receive receiving reminders notifications bothering wrong stopall subscription permission
    consent disturb mensajes mensaje equivocado numero quitenme escriban escribir molesten cancelar
    detener desuscribir suicide suicidal breathing unconscious emergency ambulance seizure bleeding overdosed fainted
    appointment reschedule confirmed swallow sangrando emergencia ambulancia embarazada desmaye suicidio"""
)
# One letter away from those, and words of their own.
_ORDINARY: Final = frozenset(
    each(
        """massage massages massaging massaged messaged messenger passage passages contract contracts
    contracting contacts contacted remote removed removes remover removal cancer cancels lumber numbers
    numbered numbed spending tending sanding seeding bending lending mending vending feeding received
    receives receiver relieve relieving deceive deceiving perceive testing resting nesting vesting wring
    prong throng wrongs wrongly pleased pleases content consents convent contents reminder notification
    subscribe subscribes permissions remission bothered disturbs escriben escribe escribo detenet
    numeros subscriptions cancela cancelo cancele cancelan cancelas cancelen mensajero menaje sendings
    reprove rewove motherhood mothering brothering canceled detenerse contest context contact's
    cancellation presenting sensing breaching breeding shallow swallows emergence emergent
    reschedules conformed confirmer fainter embarazado embarazadas desmayes suicidios appointed"""
    )
)


def edits_away(one: str, other: str) -> bool:
    """Whether ``one`` becomes ``other`` by at most one edit: a letter added, dropped, changed, or two swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    least = min(len(one), len(other))
    while start < least and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[1::-1] and len(a) > 1 and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]


def _shorter(word: str) -> list[str]:
    return [word, *(word[:n] + word[n + 1 :] for n in range(len(word)))]


class Misspelt:
    """Which of ``words`` a word is a misspelling of. Looks up what is left when one letter is dropped on both sides,
    so the cost is a word's length, however many words there are. ``ordinary`` words are never misspellings."""

    def __init__(self, words: Iterable[str], ordinary: Container[str]) -> None:
        self._ordinary = ordinary
        self._index: dict[str, tuple[str, ...]] = {}
        for word in words:
            for form in _shorter(word):
                self._index[form] = (*self._index.get(form, ()), word)
        self._longest = max(map(len, self._index)) + 1

    def nearest(self, word: str) -> str:
        """The word at most one edit away whose first letter is among the first two of ``word``; empty if none is."""
        if not 3 <= len(word) <= self._longest or word in self._ordinary:
            return ""
        for form in _shorter(word):
            for known in self._index.get(form, ()):
                if known[0] in word[:2] and edits_away(word, known):
                    return known
        return ""


LONG_WORDS: Final = Misspelt(_LONG, _ORDINARY)
