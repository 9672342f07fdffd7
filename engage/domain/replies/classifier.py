"""From a text message to its intent: official words, then guards and the tables of requests, and danger above all."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from engage.domain.replies import opt_out_english, opt_out_spanish
from engage.domain.replies.danger import danger
from engage.domain.replies.displeasure import AGAINST, DISPLEASED
from engage.domain.replies.folding import LOOK_ALIKES, fold, kind
from engage.domain.replies.guards import ABOUT_SOMETHING_ELSE, KEEP, LIMITED
from engage.domain.replies.keywords import Word, official
from engage.domain.replies.other_requests import HELP, NOT_THE_WRONG_PERSON, START, WRONG_PERSON
from engage.domain.replies.reading import ABOUT_SOMETHING_ELSE as ELSEWHERE
from engage.domain.replies.reading import OFFICIAL, PLAIN, UNCLEAR, UNREADABLE, Intent, Reading
from engage.domain.replies.rules import Rule, Table
from engage.domain.replies.scores import number, score
from engage.domain.replies.signs import finish, read
from engage.domain.replies.visits import CHOICE, CHOSEN, TABLES, letter, said

_INSISTENT: Final = Table(*opt_out_english.INSISTENT)
_OPT_OUT: Final = Table(
    *opt_out_english.DIRECTLY,
    *opt_out_spanish.DIRECTLY,
    *opt_out_english.INDIRECTLY,
)
_LOOSE: Final = Table(*opt_out_english.LOOSELY)
finish()
# What is asked when nothing asks for the end: the first table that fits, then what is said of a visit, then
# displeasure. A new intent is a new line.
_OTHERS: Final[tuple[tuple[Intent, Table], ...]] = (
    ("start", START),
    ("help", HELP),
)
# What a person in danger may want besides, and what is not forgotten over it.
_KEPT: Final = frozenset({"stop", "start", "wrong_person", "score", *(intent for intent, _ in TABLES)})
# The letters that our messages offer, as a Russian keyboard has them.
_LETTERS: Final = frozenset("СсХх")

# What telephones send when somebody taps a heart on a message: our own text, quoted, with "reply STOP" in it.
_REACTION: Final = re.compile(
    r"\s*(?:(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted \S+ to|removed an? .{1,20} from"
    r"|le gusto|le encanto|no le gusto|se rio de|enfatizo|exclamo por|pregunto por|reacciono con \S+ a"
    r"|me gusta|me encanta) \W{0,3}[\"']|\S{1,8} (?:to|a) \W{0,3}\")",
    re.IGNORECASE,
)
_STOP_SIGN: Final = "\N{OCTAGONAL SIGN}"
_UNWORDED: Final = {
    "empty": ("Is empty.", OFFICIAL),
    "numbers": ("Is a number.", PLAIN),
    "emoji": ("Is only emoji or punctuation.", PLAIN),
    "script": ("Is in a script that the rules can't read: a person has to look.", UNREADABLE),
}
_WORD_WHY: Final = {
    "stop": "the official opt-out word",
    "start": "the official word for coming back",
    "help": "the official word for help",
    "other": "YES, whose meaning depends on what was asked",
}


def classify(text: str) -> Reading:
    """What ``text``, one inbound message of any length, means. Never raises; takes linear time.

    Rules: L3 and L7, 47 CFR 64.1200(a)(10). Nothing is kept, and ``why`` repeats nothing of the text. A bare YES is
    ``other`` with ``keyword`` "yes", and a bare number ``score``: the service knows what was asked.
    """
    folded = fold(text)
    word = official(folded)
    if word is not None:
        worded = _worded(word, text)
        return worded if word.confidence == OFFICIAL else _weighed(worded, read(folded))
    if folded.strip() in _LETTERS:
        folded = folded.translate(LOOK_ALIKES)
    offered = letter(folded)
    if offered is not None:
        intent, rule, chosen = offered
        return Reading(intent, rule.confidence, rule.why, number=chosen)
    unworded = kind(folded)
    if unworded == "numbers":
        return _weighed(_numbered(read(folded)), read(folded))
    if unworded != "latin":
        if unworded == "emoji" and not AGAINST.isdisjoint(text):
            return Reading("unclear_negative", UNCLEAR, "Is only emoji, and they are against something.")
        why, confidence = _UNWORDED[unworded]
        return Reading("other", confidence, why)
    if _REACTION.match(folded):
        return Reading("other", PLAIN, "Is a reaction to one of our messages, which it quotes.")
    signs = read(folded.replace(_STOP_SIGN, " stop "))
    return _weighed(_requested(signs), signs)


def _worded(word: Word, text: str) -> Reading:
    how = "Is " if word.confidence == OFFICIAL else "Is, with courtesies, a signature or a typing error, "
    bare = text.strip().casefold() == word.keyword
    return Reading(word.intent, word.confidence, f"{how}{_WORD_WHY[word.intent]}.", word.keyword, bare)


def _numbered(signs: str) -> Reading:
    """The reading of figures alone."""
    found = score(signs)
    if found:
        return Reading("score", found[0].confidence, found[0].why, number=found[1])
    why, confidence = _UNWORDED["numbers"]
    return Reading("other", confidence, why)


def _weighed(asked: Reading, signs: str) -> Reading:
    """``asked``, unless there is a sign of danger: that outweighs all that is asked, and takes none of it away."""
    in_danger = danger(signs)
    if in_danger is None:
        return asked
    kept = tuple(intent for intent in (asked.intent, *asked.also) if intent in _KEPT)
    return replace(
        asked, intent="urgent", confidence=in_danger.confidence, why=in_danger.why, bare=False, also=kept
    )


def _requested(signs: str) -> Reading:
    """What free text asks for."""
    guard = _rule(ABOUT_SOMETHING_ELSE.search(signs))
    heard = ABOUT_SOMETHING_ELSE.mask(signs) if guard else signs
    wrong = _rule(WRONG_PERSON.search(NOT_THE_WRONG_PERSON.mask(signs)))
    visit = () if wrong else said(signs)
    also: tuple[Intent, ...] = ("wrong_person",) if wrong else tuple(intent for intent, _ in visit)
    insistent = _rule(_INSISTENT.search(signs))
    if insistent:
        return Reading("stop", insistent.confidence, insistent.why, also=also)
    stop = _OPT_OUT.search(heard) or _LOOSE.search(heard)
    if stop:
        rule, _, end = stop
        partly = LIMITED.follows(heard, end) or _rule(KEEP.search(heard))
        if partly:
            return Reading("unclear_negative", partly.confidence, partly.why, also=also)
        return Reading("stop", rule.confidence, rule.why, also=also)
    if wrong:
        return Reading("wrong_person", wrong.confidence, wrong.why)
    for intent, table in _OTHERS:
        found = _rule(table.search(heard))
        if found:
            return Reading(intent, found.confidence, found.why, also=also)
    told = score(signs)
    if visit:
        intent, asked = visit[0]
        also = (*also[1:], *(("score",) if told else ()))
        return Reading(
            intent, asked.confidence, asked.why, also=also, number=told[1] if told else _chosen(signs)
        )
    if told:
        return Reading("score", told[0].confidence, told[0].why, number=told[1])
    displeased = _rule(DISPLEASED.search(heard))
    if displeased:
        return Reading("unclear_negative", displeased.confidence, displeased.why)
    choice = CHOICE.search(signs)
    if choice:
        return Reading("other", PLAIN, choice[0].why, number=number(signs[choice[1] : choice[2]]))
    if guard:
        return Reading("other", ELSEWHERE, guard.why)
    return Reading("other", PLAIN, "Says nothing about our messages that a rule knows: a person may read it.")


def _chosen(signs: str) -> int | None:
    """Which of several visits is meant."""
    found = CHOSEN.search(signs)
    return found and number(signs[found[1] : found[2]])


def _rule(found: tuple[Rule, int, int] | None) -> Rule | None:
    return found and found[0]
