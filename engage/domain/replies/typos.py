"""Typing errors: one letter missing, doubled, wrong or swapped, in words that matter, and never an ordinary word."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.words import each

# Words long enough that one wrong letter leaves no doubt.
_LONG: Final = each(
    """unsubscribe texting messaging messages message contact contacting remove cancel number please
    sending receive receiving reminders notifications bothering wrong stopall subscription permission
    consent disturb mensajes mensaje equivocado numero quitenme escriban escribir molesten cancelar
    detener desuscribir"""
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
    cancellation presenting sensing"""
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


def _shorter(word: str) -> set[str]:
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


_INDEX: Final[dict[str, tuple[str, ...]]] = {}
for _word in _LONG:
    for _form in _shorter(_word):
        _INDEX[_form] = (*_INDEX.get(_form, ()), _word)
_LONGEST: Final = max(map(len, _LONG)) + 1


def nearest(word: str) -> str:
    """The word that matters of which folded ``word`` is a misspelling; empty if there is none, or if ``word`` is one
    that people mean as it stands."""
    if not 4 <= len(word) <= _LONGEST or word in _ORDINARY:
        return ""
    for form in (word, *(word[:n] + word[n + 1 :] for n in range(len(word)))):
        for known in _INDEX.get(form, ()):
            if set(word[:2]) & set(known[:1]) and edits_away(word, known):
                return known
    return ""
