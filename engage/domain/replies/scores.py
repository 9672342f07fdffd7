"""How bad the pain is, from 0 to 10: a bare number, or a number beside a word of pain."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.care_words import OF_TEN, ORDINALS, SMALL, WORDS_OF_NUMBERS
from engage.domain.replies.reading import DIRECT, INDIRECT
from engage.domain.replies.rules import Rule, Table
from engage.domain.replies.signs import MASKED, sign

_NUMBER: Final = "(SCORE|OF_TEN)"
# "Out of ten", and the second of two: "6 or 7", "from 8 to 5".
_OUT: Final = "((out of|outta|of|over|de|sobre) TEN|TEN (?=>))"
_MORE: Final = f"((or|to|now|SEP now|o|a) (now|at|a|an|about|un|ya|just|only){{0,2}} {_NUMBER} {_OUT}?)"
_VALUE: Final = f"((between|entre) {_NUMBER} (and|y) {_NUMBER} {_OUT}?|{_NUMBER} {_OUT}? {_MORE}?)"
# Single words stand in a group of their own: it becomes one class, so that no word fits in two ways.
_ABOUT: Final = (
    "((SEP|hi|hello|hey|ok|okay|please|thanks|thank you|good morning|hola|gracias|buenos|buenas|dias|tardes|now|so|very|well|PAIN|yes|free|doc|doctor|dr|today|just|again|sorry|ugh|lol|i|am|at|is|it|its|was|be|been|were|would|say|give|call|put|the|my|mine|todays|of|on|an|a|about"
    "|around|maybe|probably|like|still|roughly|almost|nearly|approx|approximately|down|up|back|to|from|went|rate"
    "|rating|level|score|scale|ranking|number|#|current|currently|overall|right|guess|think|feel|feels|feeling"
    "|stayed|steady|same|hovering|usual|usually|tonight|s|dropped|increased|jumped|worst|average|yesterday|only|nivel"
    "|mi|mis|el|la|es|esta|en|como|unos|un|diria|que|yo|seria|hoy|aproximadamente|casi|bajo|subio|estoy|lo|pondria"
    "|sigue|igual|along|are|pretty|de)|close to|closer to|more like|mas o menos|SCORE (?=(to|now|SEP now)))"
)
_AFTER: Final = (
    "((SEP|PAIN|please|thanks|thank|you|gracias|por|favor|doc|doctor|dr|very|once|just|all|ish|today|now|right|the|in|this|morning|afternoon|evening|tonight|again|still|better"
    "|worse|much|really|bad|good|day|so|than|yesterday|last|week|i|think|guess|or|probably|maybe|currently|overall|lol"
    "|yay|unfortunately|sadly|when|walk|sit|move|stand|my|level|scale|is|not|great|bit|a|little|manageable|rough"
    "|tolerable|rest|night|hoy|ahora|de|mejor|peor|que|ayer|esta|manana|noche|creo|bastante|poco|un|down|up|from"
    "|improving|thankfully|finally|ugh|was|sorry|feeling|improved|average|usual|as)|at (the moment|rest|night|least|times|most))"
)

_SCALE: Final = Table(
    Rule(
        "Names the scale.",
        DIRECT,
        """
        (scale|scale of|escala|escala de|rango|scale from|del|de) SCORE (to|a|al|through) TEN
        (scale|escala) (of|from|de|del|is)? BIG
        (a|the|una|la) BIG (point)? (scale|escala)
        (on|en) (a|the|una|la) SCORE? (to|a|al)? TEN (point)? (scale|escala)
        (scale|escala) (of|de)? TEN
        (SCORE) (to|a) TEN scale
        """,
    )
)
SCORES: Final = Table(
    Rule(
        "Is a number from 0 to 10.",
        DIRECT,
        f"""
        <<< (?!(at|for|to|on|en|por) SCORE >>) {_ABOUT}{{0,9}} {_VALUE} {_AFTER}{{0,9}} >>
        """,
    ),
    Rule(
        "Tells how bad the pain is.",
        INDIRECT,
        f"""
        (pain|hurts|hurting|ache|aches|aching|dolor|duele|score|headache|migraine|soreness) (level|score|rating|today|is|s|was|at|a|an|about|like|around|now|still|SEP|of|has been|went|down|up|to|from|still|currently|in my _|right now|this morning|sits|stays|nivel|de|es|un|en|como|hoy|esta|mi|el|me|unos|been|maybe|probably|are|really|approximately|again|feels|scale|yesterday|it|on the|more|SCORE (?=(to|now|SEP now))){{0,6}} {_VALUE}(?! (UNIT|NUM|SEP NUM|weeks|on|slash))
        OF_TEN (on the)? (pain|dolor)
        (SCORE|OF_TEN) (out of|of) TEN (on the)? pain
        (pain|dolor) (SEP|_){{0,4}} OF_TEN
        (am|are|is|its|at) (at|a|an|about|around){{1,2}} (OF_TEN|SCORE (out of|of) TEN)
        """,
    ),
)

_VALUES: Final = {
    **{sign(word): int(word) for word in SMALL},
    **{sign(word): n for n, word in enumerate(OF_TEN)},
    **{sign(word): n for word, n in WORDS_OF_NUMBERS.items()},
}
_ORDINALS: Final = {sign(word): n for word, n in ORDINALS.items()}
_TENS: Final = frozenset(map(sign, ("10", "ten", "diez")))
_OUT_OF: Final = frozenset(
    map(sign, ("of", "outta", "over", "de", "sobre", "out", *SMALL, *WORDS_OF_NUMBERS))
)


def score(signs: str) -> tuple[Rule, int] | None:
    """The rule that finds a score in ``signs``, and the score: of "6 or 7" and of "down from 8 to 5" the second."""
    plain = _SCALE.mask(signs).replace(MASKED, "")
    found = SCORES.search(plain)
    if found is None:
        return None
    rule, start, end = found
    value = number(plain[start:end])
    return None if value is None else (rule, value)


def number(signs: str) -> int | None:
    """The last number from 0 to 10 in ``signs``, but for the ten of "out of ten" and the one of "the second one"; None
    when there is none."""
    for char in signs:
        if char in _ORDINALS:
            return _ORDINALS[char]
    for n in range(len(signs) - 1, -1, -1):
        char = signs[n]
        if char in _VALUES and not (char in _TENS and n and signs[n - 1] in _OUT_OF):
            return _VALUES[char]
    return None
