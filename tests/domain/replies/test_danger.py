"""Signs of danger are found whatever stands around them, and take nothing else that was asked away."""

from __future__ import annotations

import pytest

from engage.domain.replies import Intent, classify
from engage.domain.replies.corpus import parse
from tests.conftest import PROJECT

CORPUS = parse(
    (PROJECT / "tests" / "domain" / "replies" / "corpus.tsv").read_text(encoding="utf-8").split("\n")
)
# What telephones send of themselves, with our own text in it.
REACTIONS = "Is a reaction to one of our messages"


@pytest.mark.parametrize(
    "text",
    [
        "chest pain", "I can't breathe", "my husband fainted", "thinking about suicide", "I took too many pills",
        "face drooping and slurred speech", "numb on one side", "my throat is closing", "bleeding won't stop",
        "pregnant and bleeding", "fever and a hot red spot where the needle was", "sharp pain when I breathe in",
        "I want to die", "call 911", "911", "me duele el pecho", "me falta el aire", "me desmayé", "quiero morir",
        "se me cierra la garganta", "fiebre y una mancha roja caliente", "no para de sangrar",
    ],
)  # fmt: skip
def test_a_sign_of_danger_is_urgent(text: str) -> None:
    assert classify(text).intent == "urgent"


@pytest.mark.parametrize(
    "text",
    [
        "this traffic is killing me", "dying to see you", "my chest of drawers", "the heart of the matter",
        "I passed out flyers", "no chest pain at all thanks", "my phone died", "I had a stroke in 2015",
        "emergency contact form", "not an emergency", "what if I faint?", "my dog fainted", "me muero de risa",
        "no tengo dolor de pecho", "take a deep breath", "hurt myself at the gym", "kill two birds with one stone",
    ],
)  # fmt: skip
def test_a_figure_of_speech_and_what_is_denied_or_past_are_not(text: str) -> None:
    assert classify(text).intent != "urgent"


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain but I can't breathe", "never had chest pain like this", "not an emergency but I fainted",
        "this traffic is killing me and my chest hurts", "I'm not suicidal but I don't want to be here anymore",
        "my phone died and my husband collapsed", "had a stroke in 2015 and now my face is drooping again",
        "no shortness of breath, just chest pain", "not bleeding anymore but I passed out", "dying to see you, jk I want to die",
        "no tengo fiebre pero me duele el pecho", "me muero de risa pero no puedo respirar",
    ],
)  # fmt: skip
def test_what_is_no_danger_does_not_hide_what_is(text: str) -> None:
    assert classify(text).intent == "urgent"


@pytest.mark.parametrize(
    "around",
    [
        "{}. I have chest pain",
        "{} and I can't breathe",
        "{}, my husband fainted",
        "I want to die. {}",
        "me desmayé. {}",
    ],
)
def test_no_text_of_the_corpus_hides_a_danger_beside_it(around: str) -> None:
    texts = [x.text for x in CORPUS[::5] if not classify(x.text).why.startswith(REACTIONS)]
    assert [t for t in texts if classify(around.format(t)).intent != "urgent"] == []


@pytest.mark.parametrize(
    ("text", "also"),
    [
        ("STOP I have chest pain", ("stop",)),
        ("stop texting me, I want to die", ("stop",)),
        ("STOP\nSent from my phone. I have chest pain", ("stop",)),
        ("wrong number, and I'm having a heart attack", ("wrong_person",)),
        ("can't make it, I fainted", ("cancel",)),
        ("can we do Thursday instead? my throat is swelling", ("reschedule",)),
        ("running late, I passed out", ("late",)),
        ("this is annoying, and my chest hurts", ()),
    ],
)
def test_what_is_asked_besides_stays(text: str, also: tuple[Intent, ...]) -> None:
    reading = classify(text)
    assert (reading.intent, reading.also) == ("urgent", also)


def test_our_own_words_in_a_reaction_are_nobody_in_danger() -> None:
    assert classify("Liked “If you have chest pain call 911 now.”").intent == "other"


def test_dots_between_the_words_do_not_hide_them() -> None:
    assert classify("i... can't... breathe...").intent == "urgent"
