"""The official words, when they are the whole message: as they are, misspelt, said politely, or signed (L3, L7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engage.domain.replies.folding import FIGURES, LOOK_ALIKES, letters
from engage.domain.replies.reading import NEARLY_OFFICIAL, OFFICIAL, Intent, Keyword
from engage.domain.replies.signs import knows
from engage.domain.replies.typos import Misspelt, edits_away
from engage.domain.replies.words import CLASSES, NAMES, SPELLINGS, each

# 47 CFR 64.1200(a)(10) names stop, quit, end, revoke, opt out, cancel, unsubscribe; Twilio and the carriers STOPALL,
# OPTOUT, START, UNSTOP, YES, HELP, INFO. The others are what they are called in Spanish and in French (Canada).
_CALLED: Final[tuple[tuple[Keyword, str], ...]] = (
    ("stop", "stop parar pare paren para alto detener detenga detengan detente detenganse detengase parense stopp arret arrete arreter remove removeme estop pararmensajes stopplease"),
    ("stopall", "stopall parartodo detenertodo"),
    ("unsubscribe", "unsubscribe unsub baja desuscribir desuscribirme desuscribirse dardebaja darmedebaja darsedebaja darnosdebaja debaja unsubscribeme unsubscribed"),
    ("cancel", "cancel cancelar cancela cancele cancelen annuler"),
    ("end", "end fin terminar finalizar"),
    ("quit", "quit salir quitar quitarme"),
    ("revoke", "revoke revocar"),
    ("optout", "optout optmeout optingout optedout nomas nomore excluir excluirme"),
    ("start", "start iniciar empezar comenzar reanudar alta inicio suscribir suscribirme subscribe resubscribe optin"),
    ("unstop", "unstop"),
    ("help", "help ayuda aide"),
    ("info", "info informacion information"),
    ("yes", "yes si y oui"),
)  # fmt: skip
OFFICIAL_WORDS: Final[dict[str, Keyword]] = {
    word: keyword for keyword, words in _CALLED for word in words.split()
}
_NOT_OFFICIAL: Final = frozenset({"stopp", "stopplease", "unsubscribed", "fin", "estop"})
INTENT_OF: Final[dict[str, Intent]] = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), "stop"),
    **dict.fromkeys(("start", "unstop"), "start"),
    **dict.fromkeys(("help", "info"), "help"),
    "yes": "other",
}
# The same requests in other scripts, as a whole message.
_ELSEWHERE: Final[dict[str, Keyword]] = {
    **dict.fromkeys(
        each("стоп стой хватит отписаться отписка 停止 停 退订 退訂 取消订阅 توقف قف ايقاف"), "stop"
    ),
    **dict.fromkeys(each("停止して 중지 그만 수신거부 रोको"), "stop"),
    **dict.fromkeys(each("помощь 帮助 幫助 مساعدة"), "help"),
}

# Words one edit away from a short official word that people send for their own sake.
_ORDINARY: Final = frozenset(
    each(
        """step shop slop top sop stoop stomp strop stow atop stops spot post quiet quite suit quid quip quilt
    quits quint quick unit and ned den eng ent enc send bend tend lend mend fend rend wend vend ends
    cancer cancels cancelme canceled cancelo evoke invoke provoke revoked revokes revote smart stat star tart
    stare starts stark stary strait stuart starr tstart held hell hemp heap heel helm yelp kelp whelp
    helps helo hello hep hero info yes yeas eyes yep yea yet dyes parara paran parada parat paras padre
    pararse pagar parir parra alo alot alta alts salto altos falto bajas bajo bija caja raja faja paja
    vaja baba salir saliri salid sali salar sabir fina fino fine infos infor into outing option options
    optical subscribe stall install all tall ayudan ayudas ayude quitter quota quiz remote removed
    removes remover rename restart upstart strat unstop stopped stopping unomas"""
    )
)
# Short words are misspelt only like this; any other neighbour is a word of its own.
_ERRORS: Final[tuple[tuple[Keyword, str], ...]] = (
    ("end", "edn endd ennd eend"),
    ("help", "hlep hepl ehlp helpp heelp hellp hhelp hlp halp hwlp jelp helpo"),
    ("info", "ifno inof infoo inffo iinfo innfo nifo imfo"),
    ("start", "satrt statr tsart sttart staart starrt startt sstart strt syart dtart atart stsrt"),
    ("quit", "qiut quti uqit quiit quitt quuit qqit qit quut quir qyit"),
)
_SHORT: Final[dict[str, Keyword]] = {word: keyword for keyword, words in _ERRORS for word in words.split()}
_MISSPELT: Final = Misspelt(
    [
        word
        for word, keyword in OFFICIAL_WORDS.items()
        if (len(word) >= 5 or word == "stop")
        and keyword not in ("start", "help", "info", "yes")
        and word != "paren"
    ],
    _ORDINARY,
)
_STOPS: Final = frozenset({"stop", "stopall", "unsubscribe", "optout", "revoke", "quit"})
_YES: Final = frozenset({"yes", "si"})
_POLITE: Final = CLASSES["POLITE"]
_PURE: Final = CLASSES["PURE"]
_LONGEST: Final = 120
_LONGEST_WORD: Final = max(map(len, OFFICIAL_WORDS)) + 1
_WORDS: Final = re.compile(r"[^\W_]+(?:['*$@!][^\W_]+)*")
_TWO: Final = re.compile(
    r"\b(opt|stop|un|no|op|re)[ _-]+(out|all|al|subscribe|stop|suscribe|mas|more|in|ou)\b"
)
_SIGNED: Final = re.compile(
    r"(.{1,40}?)(?:\s*[,.!\n–—]+\s*|\s+-+\s*|\s{3,})((?:[A-Z][a-z'.]*\s*){1,3})[\s.!]*", re.DOTALL
)
_SHOUTED: Final = re.compile(r"(\W*[A-Z]{4,11}\W*)\s((?:[A-Z][a-z']+\s*){1,3})")
_SENT_FROM: Final = re.compile(
    r"\b(?:sent from|sent via|get outlook|enviado desde|sent with)\b[^\n]*", re.IGNORECASE
)
_SENT_FROM_WITHIN: Final = 80
# Courtesies of several words, of which each alone could belong to something else.
_PHRASES: Final = re.compile(
    r"\b(?:(?:thanks|thank you) (?:in advance|for (?:everything|your (?:time|help)))|for the love of \w+|for (?:gods|fucks|christs) sake"
    r"|have an? (?:nice|good|great) \w+|right (?:away|now)|once and for all|at once|for real|que tenga buen \w+|de una vez)\b"
)
_HELD: Final = re.compile(r"(.)\1+")
_TWICE: Final = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Word:
    """An official word that is the whole message; ``confidence`` as in ``Reading``, ``polite`` with words around."""

    keyword: Keyword
    confidence: float
    polite: bool = False

    @property
    def intent(self) -> Intent:
        return INTENT_OF[self.keyword]


def official(folded: str) -> Word | None:
    """The official word that a folded text is as a whole; None when it says anything else.

    Any case, spacing, punctuation and emoji (1.0); a typing error, courtesies or a signature (0.95). CANCEL and END
    have another meaning in a clinic, so they allow only plain courtesies: "cancel today" is about a visit.
    """
    if len(folded) > _LONGEST:
        folded = _unsent(folded)
        if len(folded) > _LONGEST:
            return _repeated(folded)
    exact = _whole(folded, OFFICIAL) or ("$" in folded and _whole(folded.replace("$", "s"), NEARLY_OFFICIAL))
    if exact:
        return exact
    text = _unsent(folded)
    unsent = _whole(text, NEARLY_OFFICIAL) if text != folded else None
    return unsent or _courteous(text) or _signed(text)


def _whole(text: str, confidence: float) -> Word | None:
    """The official word that ``text`` is without its spaces; misspelt only if no single letter stands by itself
    ("I stop" is no misspelt STOP), or all do."""
    lengths = [len(part) for part in text.split()]
    return _exact(letters(text), confidence, near=bool(lengths) and (min(lengths) > 1 or max(lengths) == 1))


def _unsent(folded: str) -> str:
    """The text without "Sent from my telephone" at its end."""
    start = max(0, len(folded) - _SENT_FROM_WITHIN)
    found = _SENT_FROM.search(folded, start)
    if found is None or folded[found.end() :].strip():
        return folded
    return folded[: found.start()].rstrip(" \n-–—.,!")


def _exact(compact: str, confidence: float = OFFICIAL, near: bool = True) -> Word | None:
    keyword = OFFICIAL_WORDS.get(compact)
    if keyword:
        return Word(keyword, min(confidence, NEARLY_OFFICIAL if compact in _NOT_OFFICIAL else OFFICIAL))
    if compact in _ELSEWHERE:
        return Word(_ELSEWHERE[compact], NEARLY_OFFICIAL)
    if not compact.isascii():
        keyword = OFFICIAL_WORDS.get(compact.translate(LOOK_ALIKES))
        if keyword and len(compact) > 2:
            return Word(keyword, confidence)
    return _nearly(compact) if near else None


def _nearly(compact: str) -> Word | None:
    """The official word of which ``compact`` is a misspelling."""
    if (
        not 3 <= len(compact) <= 60
        or compact.isdigit()
        or compact in _ORDINARY
        or (knows(compact) and compact not in SPELLINGS)
    ):
        return None
    if len(compact) > _LONGEST_WORD and not _TWICE.search(compact):
        return None
    spellings = {compact: None, compact.translate(FIGURES): None}
    if _HELD.search(compact):
        spellings |= {_HELD.sub(r"\1", compact): None, _TWICE.sub(r"\1\1", compact): None}
    for spelling in spellings:
        if len(spelling) <= _LONGEST_WORD and spelling not in _ORDINARY:
            keyword = _SHORT.get(spelling) or OFFICIAL_WORDS.get(spelling if len(spelling) > 2 else "")
            keyword = keyword or OFFICIAL_WORDS.get(_MISSPELT.nearest(spelling))
            if keyword:
                return Word(keyword, NEARLY_OFFICIAL)
            if _unsubscribes(spelling):
                return Word("unsubscribe", NEARLY_OFFICIAL)
    return None


def _unsubscribes(word: str) -> bool:
    """Whether ``word`` is UNSUBSCRIBE with two errors: one less when a letter is dropped."""
    if not 8 <= len(word) <= 14 or not word.startswith(("un", "us", "um", "nu", "on", "in", "ub")):
        return False
    return any(edits_away(word[:n] + word[n + 1 :], "unsubscribe") for n in range(len(word))) or any(
        edits_away(word, "unsubscribe"[:n] + "unsubscribe"[n + 1 :]) for n in range(1, 11)
    )


def _courteous(text: str) -> Word | None:
    """An official word with nothing but courtesies, repetitions and numbers around it."""
    words = _WORDS.findall(_TWO.sub(r"\1\2", _PHRASES.sub(" please ", text.casefold().replace("'", ""))))
    if not 1 <= len(words) <= 20:
        return None
    return _among(words)


def _among(words: list[str]) -> Word | None:
    found: Word | None = None
    others: list[str] = []
    for word in words:
        plain = word.replace("'", "").replace("*", "")
        plain = SPELLINGS.get(plain, plain)
        known = None if plain in _POLITE else _exact(plain)
        if known is None:
            if plain not in _POLITE and not plain.isdigit():
                return None
            others.append(plain)
        elif found is None or (found.keyword not in _STOPS and known.keyword in _STOPS):
            found = known
    if found is None and not _YES.isdisjoint(others):
        found = Word("yes", NEARLY_OFFICIAL)
        others = [word for word in others if word not in _YES]
    if found is None:
        return None
    if found.keyword not in _STOPS and any(word not in _PURE for word in others):
        return None
    return Word(found.keyword, NEARLY_OFFICIAL, polite=True)


def _repeated(folded: str) -> Word | None:
    """A long message that is one official word over and over."""
    words = set(_WORDS.findall(folded.casefold()))
    return _among(list(words)) if 1 <= len(words) <= 6 else None


def _signed(text: str) -> Word | None:
    """An official word and then a name: after a dash, a comma or a line break, or with STOP itself in capitals."""
    if len(text) > 80:
        return None
    cut = _SIGNED.fullmatch(text.strip()) or _SHOUTED.fullmatch(text.strip())
    if not cut or any(knows(name.casefold().strip("'.")) and not _is_name(name) for name in cut[2].split()):
        return None
    word = _exact(letters(cut[1])) or _courteous(cut[1])
    if word is None or word.keyword == "yes":
        return None
    return Word(word.keyword, NEARLY_OFFICIAL, polite=True)


def _is_name(word: str) -> bool:
    return word.casefold().strip("'.") in NAMES
