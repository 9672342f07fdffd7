"""The texts around the course: word for word, one segment even for long names, nothing private."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engage.content.clinic_text import ClinicText
from engage.content.library import Library
from engage.content.sms import segments
from engage.content.wording import private_words

KINDS = ("number-confirm", "number-confirmed", "course-lesson-text")
# A token is 48 characters long; the longest host for which a text with the longest name is one segment has 26.
LINK = "https://courses.harmoniahealth.com/lessons/" + "a" * 48
VALUES = {"code": "012345", "lesson_url": LINK}


def texts(root: Path, clinic: ClinicText) -> dict[str, str]:
    library = Library.load(root, clinic)
    return {kind: library.plan(library.text_message(kind)).text.fill(VALUES) for kind in KINDS}


def test_the_texts_word_for_word(real_templates: Path, clinic: ClinicText) -> None:
    assert texts(real_templates, replace(clinic, short_name="Harmonia Health")) == {
        "number-confirm": "Harmonia Health: code 012345 or reply YES for lesson texts. Msg frequency varies. "
        "Msg&data rates may apply. HELP for help, STOP to end.",
        "number-confirmed": "Harmonia Health: thank you, your number is confirmed. A text comes with each lesson. "
        "Msg frequency varies. HELP for help, STOP to stop.",
        "course-lesson-text": f"Harmonia Health: new lesson at {LINK} STOP to stop",
    }


@pytest.mark.parametrize("name", ["Harmonia Health", "N" * 40])
def test_each_is_one_cheap_segment_that_names_the_clinic_and_no_condition(
    real_templates: Path, clinic: ClinicText, name: str
) -> None:
    for text in texts(real_templates, replace(clinic, short_name=name)).values():
        found = segments(text)
        assert (found.encoding, found.count) == ("GSM-7", 1), (found.units, text)
        assert text.startswith(f"{name}: ")
        assert "STOP" in text
        assert not private_words(text)
