"""The carriers' and the FCC's words are found in whatever way a telephone can write them (L3, L7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.replies import Intent, classify

OPT_OUT = [
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "opt out",
    "opt-out",
]
SPANISH = ["parar", "alto", "baja", "cancelar", "detener", "pare", "no más"]
BACK = ["start", "unstop"]
HELP = ["help", "info", "ayuda"]
AROUND = st.text(" \n\t.,;:!?\"'()[]*_~-–—…“”«»🛑🙏👍😤✋🏽\u200b\u200d\ufeff\ufe0f", max_size=8)
BETWEEN = st.sampled_from(["", " ", "  ", ".", "-", "_", "*", "\u200b", " . "])


def wide(word: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in word)


@st.composite
def written(draw: st.DrawFn, words: list[str]) -> str:
    """One of ``words`` in any case, spacing, punctuation, width, with emoji and invisible signs."""
    word = draw(st.sampled_from(words))
    cased = "".join(char.upper() if draw(st.booleans()) else char for char in word)
    if draw(st.booleans()):
        cased = wide(cased)
    between = draw(BETWEEN)
    return draw(AROUND) + between.join(cased) + draw(AROUND)


@given(written([*OPT_OUT, *SPANISH]))
def test_every_opt_out_word_is_stop_however_it_is_written(text: str) -> None:
    reading = classify(text)
    assert (reading.intent, reading.confidence) == ("stop", 1.0)


@given(written(BACK))
def test_every_word_for_coming_back_is_start(text: str) -> None:
    assert classify(text).intent == "start"


@given(written(HELP))
def test_every_word_for_help_is_help(text: str) -> None:
    assert classify(text).intent == "help"


@pytest.mark.parametrize(
    ("text", "keyword", "bare"),
    [
        ("STOP", "stop", True),
        (" stop\n", "stop", True),
        ("Stop.", "stop", False),
        ("S T O P", "stop", False),
        ("PARAR", "stop", False),
        ("Cancel", "cancel", True),
        ("CANCELAR", "cancel", False),
        ("cancel please", "cancel", False),
        ("opt out", "optout", False),
        ("OPTOUT", "optout", True),
        ("STPO", "stop", False),
        ("Unstop", "unstop", True),
        ("INFO", "info", True),
        ("yes", "yes", True),
        ("Sí", "yes", False),
        ("YES please", "yes", False),
        ("please quit texting me", "", False),
    ],
)
def test_the_word_is_told_and_whether_carriers_act_upon_it_too(text: str, keyword: str, bare: bool) -> None:
    reading = classify(text)
    assert (reading.keyword, reading.bare) == (keyword, bare)


@pytest.mark.parametrize("text", ["YES", "yes!", "Y", "sí", "SI", "yes please"])
def test_a_bare_yes_has_no_intent_of_its_own(text: str) -> None:
    reading = classify(text)
    assert (reading.intent, reading.keyword) == ("other", "yes")


@pytest.mark.parametrize(
    "text",
    [
        "stpo", "sotp", "stopp", "stoooop", "st0p", "$top", "stop pls", "please stop", "Stop thanks", "STOP STOP STOP",
        "STOP - Maria", "Stop\nMaria Lopez", "STOP John Smith", "Stop. Sent from my iPhone", "unsuscribe", "unsubcribe",
        "unsubsribe pls", "cancle", "canel", "qiut", "otpout", "opt out please", "por favor paren", "STOP 1234",
        "ЅТОР", "stор", "стоп", "退订", "🅂🅃🄾🄿", "🅢🅣🅞🅟", "ꜱᴛᴏᴘ", "S̶T̶O̶P̶", "ok, stop, have a nice day",
    ],
)  # fmt: skip
def test_errors_courtesies_and_signatures_do_not_hide_the_word(text: str) -> None:
    reading = classify(text)
    assert (reading.intent, reading.confidence >= 0.95) == ("stop", True)


@pytest.mark.parametrize(
    "text",
    [
        "shop", "step", "top", "stoop", "stomp", "atop", "spot", "post", "quite", "quiet", "suit", "and", "send", "ned",
        "cancer", "held", "hello", "hell", "smart", "star", "provoke", "para mañana", "alot", "caja", "pagar", "salt",
        "the end", "start at 3", "no help",
    ],
)  # fmt: skip
def test_an_ordinary_word_is_no_misspelt_keyword(text: str) -> None:
    assert classify(text).intent == "other"


@pytest.mark.parametrize("text", ["cancel today", "cancel it", "cancel 3pm", "cancel, sick", "cancelar hoy"])
def test_cancel_with_a_word_about_a_visit_is_no_opt_out(text: str) -> None:
    reading = classify(text)
    assert (reading.intent, reading.keyword) == ("cancel", "")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("", "other"),
        (" \n\t ", "other"),
        ("\u200b\u200b", "other"),
        ("👍", "other"),
        ("🖕", "unclear_negative"),
        ("🛑", "unclear_negative"),
        ("...", "other"),
        ("7", "score"),
        ("70", "other"),
        ("Спасибо, буду", "other"),
        ("明天可以改时间吗", "other"),
        ("شكرا", "other"),
        ("\ud800", "other"),
        ("\x00\x07", "other"),
    ],
)
def test_what_has_no_words_has_an_outcome(text: str, intent: Intent) -> None:
    assert classify(text).intent == intent
