"""The answers to texts, word for word: one segment, with the clinic's name and telephone (rules L2, L5, L7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engage.clinic import load
from engage.content.library import Library
from engage.content.sms import merged, segments
from engage.domain.messages import ANSWERS
from engage.runtime import clinic_text

CLINIC = load(Path(__file__).resolve().parents[2] / "clinic.toml")
# Of several people who share a number, and with an address as long as they are in production.
VALUES = {
    "names": "Ada and Bob",
    "visit_short": "Mon Nov 30, 2:00 PM (Ana)",
    "visit_where": "Larkspur Lane",
    "visit_telephone": "+1 555 010 0140",
    "visit_choices": "1 Mon Nov 30 2:00 PM Ana, 2 Tue Dec 1 10:30 AM Leo, 3 Wed Dec 2 9:00 AM Max",
    "visit_url": "https://engage.harmonia.example/appointments/" + "A" * 48,
}
PHONE = "+1 555 010 0140"

GOLDEN = {
    "answer-stopped": "Harmonia Health: you are unsubscribed and will get no more texts from us. Reply START to "
    f"resume. Questions? Call {PHONE}.",
    "answer-stopped-asking": "Harmonia Health: no more texts will come. Reply CARE to keep appointment reminders "
    f"only. No reply: none. Call {PHONE}.",
    "answer-help": f"Harmonia Health: for help call {PHONE}. Msg frequency varies. Msg & data rates may apply. "
    "Reply STOP to end texts. In an emergency call 911.",
    "answer-started": "Harmonia Health: texts that you agreed to before come again. Msg & data rates may apply. "
    f"HELP for help, STOP to end. Call {PHONE}.",
    "answer-started-shared": "Harmonia Health: texts agreed to before come again, for Ada and Bob. HELP for help, "
    f"STOP to end. Call {PHONE}.",
    "answer-not-started": "Harmonia Health: no texts are set up for this number, so none will start. Call "
    f"{PHONE} and we will help.",
    "answer-care-kept": "Harmonia Health: you keep appointment reminders and get no other texts. HELP for help, "
    f"STOP to end all. Call {PHONE}.",
    "answer-care-kept-shared": "Harmonia Health: only appointment reminders come, for Ada and Bob. HELP for help, "
    f"STOP to end all. Call {PHONE}.",
    "answer-wrong-person": "Harmonia Health: sorry for the mix-up. This number gets nothing more unless it is "
    f"confirmed with us. Reply STOP to make sure. Call {PHONE}.",
    "answer-visit-confirmed": "Harmonia Health: thanks. You are confirmed for Mon Nov 30, 2:00 PM (Ana) at Larkspur "
    f"Lane. Call {PHONE} if anything changes.",
    "answer-visit-move": "Harmonia Health: you ask to move Mon Nov 30, 2:00 PM (Ana). When? "
    + VALUES["visit_url"],
    "answer-visit-cancel": "Harmonia Health: the desk will cancel Mon Nov 30, 2:00 PM (Ana) and tell you. Changed your "
    f"mind? Reply C or call {PHONE}.",
    "answer-visit-late": "Harmonia Health: thanks for telling us. The desk knows about Mon Nov 30, 2:00 PM (Ana). To "
    f"talk to us call {PHONE}.",
    "answer-visit-which": f"Harmonia Health: which one? Reply with its number: {VALUES['visit_choices']}. Or call {PHONE}",
    "answer-visit-over": "Harmonia Health: your appointment Mon Nov 30, 2:00 PM (Ana) is over. With a question, or for "
    f"another one, call {PHONE}.",
    "answer-visit-off": "Harmonia Health: your appointment Mon Nov 30, 2:00 PM (Ana) is cancelled. To find another "
    f"time, call {PHONE}.",
    "answer-visit-changed": "Harmonia Health: your appointment is now Mon Nov 30, 2:00 PM (Ana), Larkspur Lane. Reply C "
    "to confirm, R to change, X to cancel.",
    "answer-urgent": "If this may be an emergency call 911 now. In crisis? Call or text 988. Our staff has been alerted "
    f"and will call you. Harmonia Health {PHONE}",
    "answer-urgent-stopped": "Emergency? Call 911. In crisis? Call or text 988. Our staff is alerted. You get no more "
    f"texts from us; START resumes. Harmonia Health {PHONE}",
    "answer-unclear": "Harmonia Health: sorry if our texts bother you. Reply STOP to end all of them. A person "
    f"will read what you wrote. Call {PHONE}.",
    "answer-not-well": f"Harmonia Health: sorry to hear that. Please call us at {PHONE}; we will also try to reach "
    "you. In an emergency call 911.",
}


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(Path(__file__).resolve().parents[2] / "templates", clinic_text(CLINIC))


def test_every_answer_has_its_golden_text() -> None:
    assert {kind.name for kind in ANSWERS} == set(GOLDEN)


@pytest.mark.parametrize("name", GOLDEN)
def test_an_answer_says_this_and_fits_one_cheap_segment(library: Library, name: str) -> None:
    text = merged(library.text_message(name).text, VALUES)
    assert text.strip() == GOLDEN[name]
    size = segments(text)
    assert (size.encoding, size.count) == ("GSM-7", 1) and size.units <= 160
    assert CLINIC.short_name in text
    # There the page has it, or the text before.
    assert CLINIC.telephone in text or name in ("answer-visit-move", "answer-visit-changed")


def test_only_what_answers_an_opt_out_and_help_go_to_a_number_that_opted_out() -> None:
    passing = {kind.name for kind in ANSWERS if kind.despite_opt_out}
    assert passing == {"answer-stopped", "answer-stopped-asking", "answer-help", "answer-urgent-stopped"}
