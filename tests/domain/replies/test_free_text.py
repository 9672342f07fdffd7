"""Opt-outs in free words are found, and what only looks like one is not. The tables are examples; the corpus is the proof."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.replies import INTENTS, Intent, classify


def intent(text: str) -> Intent:
    return classify(text).intent


VERBS = [
    "stop",
    "quit",
    "cease",
    "please stop",
    "Stop",
    "pls quit",
    "you need to stop",
    "can you please stop",
]
DOING = [
    "texting me",
    "messaging me",
    "contacting me",
    "sending me texts",
    "texting this number",
    "txting me",
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("doing", DOING)
def test_a_verb_of_ending_and_one_of_writing_make_an_opt_out(verb: str, doing: str) -> None:
    assert intent(f"{verb} {doing}") == "stop"


@pytest.mark.parametrize("verb", ["take", "remove", "please remove", "delete", "get"])
@pytest.mark.parametrize("what", ["me off your list", "my number from your list", "me off this texting list"])
def test_asking_to_be_taken_off_the_list_is_an_opt_out(verb: str, what: str) -> None:
    assert intent(f"{verb} {what}") == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "stop by at 3", "can you stop by?", "bus stop",
        "I can't stop thinking about it", "the pain won't stop", "should I stop taking ibuprofen", "end of the day",
        "I quit smoking", "help with parking?", "no more pain!", "please don't stop the reminders",
        "did you stop sending reminders?", "If I reply STOP do I still get reminders?", "don't call me, text me",
        "Liked “Your visit is at 2. Reply STOP to opt out.”", "take me off the waitlist",
        "I don't text while driving", "ignore my last message", "no puedo dejar de toser", "para mañana",
        "no más dolor", "fin de semana", "who is this", "no thanks",
    ],
)  # fmt: skip
def test_words_of_an_opt_out_about_something_else_are_none(text: str) -> None:
    assert intent(text) == "other"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not interested", "unclear_negative"),
        ("not interested, remove me", "stop"),
        ("ugh", "unclear_negative"),
        ("ugh my back hurts", "other"),
        ("leave me alone", "stop"),
        ("leave it", "unclear_negative"),
        ("leave it at the desk", "other"),
        ("who is this", "other"),
        ("who is Maria?", "wrong_person"),
        ("you have the wrong number", "wrong_person"),
        ("I gave you the wrong number for my insurance", "other"),
        ("stop texting me", "stop"),
        ("stop texting me so early", "unclear_negative"),
        ("stop the ads but keep my appointment reminders", "unclear_negative"),
        ("don't text me", "stop"),
        ("don't text me before 9am", "unclear_negative"),
        ("don't call, text me", "other"),
        ("do not call or text me", "stop"),
        ("start texting me again", "start"),
        ("start at 3 works", "other"),
        ("I need help", "help"),
        ("I need help with the form", "other"),
        ("número equivocado", "wrong_person"),
        ("me equivoqué de día", "other"),
        ("deje de escribirme", "stop"),
        ("deje el formulario ahí", "other"),
    ],
)
def test_a_word_more_can_turn_the_meaning(text: str, expected: Intent) -> None:
    assert intent(text) == expected


def test_a_stop_from_the_wrong_person_is_both() -> None:
    reading = classify("Wrong number, stop texting me")
    assert (reading.intent, reading.also) == ("stop", ("wrong_person",))


@given(st.text(max_size=1600))
def test_every_text_has_an_outcome(text: str) -> None:
    reading = classify(text)
    assert reading.intent in INTENTS and 0 <= reading.confidence <= 1 and reading.why


WORDS = [
    "stop",
    "please",
    "do",
    "not",
    "text",
    "me",
    "my",
    "number",
    "list",
    "cancel",
    "no",
    "more",
    "wrong",
    "why",
]


@given(st.lists(st.sampled_from(WORDS)))
def test_the_reason_never_repeats_what_was_written(words: list[str]) -> None:
    text = " ".join(["xyzzy", *words])
    assert "xyzzy" not in classify(text).why


LONG = 100_000
ADVERSARIES = [
    "stop ", "please ", "no more ", "do not text ", "a", "a'", "- ", "!?.", "s t o p ", "a.b.c.d.", "\u0301", "🛑", " ",
    "\n", '"', "i want to ", "my number ", "take me off the ", "xyzzy ", "сtop ", "sent from ", "Liked ", "1:", "*a", "no me ",
    "7 ", "about a 7 or ", "pain is like a ", "my chest ", "not ", "i can not make ", "late ", "can we do ", "do not want to live ",
]  # fmt: skip


@pytest.mark.parametrize("piece", ADVERSARIES)
def test_a_hundred_thousand_characters_take_no_longer_than_their_share(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        return min(_timed(text) for _ in range(2))

    # Ten times as long may take ten times as long, with room for a busy machine; a square would take a hundred times.
    assert seconds(LONG) < 45 * max(seconds(LONG // 10), 0.002)


def _timed(text: str) -> float:
    start = time.process_time()
    classify(text)
    return time.process_time() - start
