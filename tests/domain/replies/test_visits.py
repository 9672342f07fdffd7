"""What people answer about a visit, and how bad the pain is. The tables are examples; the corpus is the proof."""

from __future__ import annotations

import pytest

from engage.domain.replies import Intent, classify


@pytest.mark.parametrize(
    ("text", "intent", "number"),
    [
        ("C", "confirm", None),
        ("c.", "confirm", None),
        ("C 2", "confirm", 2),
        ("hi, C thanks", "confirm", None),
        ("С", "confirm", None),  # Cyrillic
        ("R", "reschedule", None),
        ("r1", "reschedule", 1),
        ("X - Lee", "cancel", None),
        ("X\nMaria Lopez", "cancel", None),
        ("Thanks x", "other", None),
        ("xxx", "other", None),
        ("X-ray", "other", None),
        ("C section", "other", None),
        ("are you ok?", "other", None),
    ],
)
def test_the_letters_that_our_messages_offer(text: str, intent: Intent, number: int | None) -> None:
    reading = classify(text)
    assert (reading.intent, reading.number) == (intent, number)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("see you then", "confirm"),
        ("I'll be there", "confirm"),
        ("I won't be there", "cancel"),
        ("I'll be there in 15", "late"),
        ("confirm", "confirm"),
        ("I can't confirm", "other"),
        ("can you confirm the time?", "other"),
        ("cancel my appointment", "cancel"),
        ("CANCEL", "stop"),
        ("cancel my reminders", "stop"),
        ("did you cancel my appointment?", "other"),
        ("please don't cancel", "other"),
        ("can't make it tomorrow", "cancel"),
        ("can't make it on time", "late"),
        ("can't make it, can we do Thursday?", "reschedule"),
        ("can we do Thursday instead?", "reschedule"),
        ("need to change my appointment", "reschedule"),
        ("need to change my address", "other"),
        ("running 10 min late", "late"),
        ("is the doctor running late?", "other"),
        ("stuck in traffic, be there in 15", "late"),
        ("sorry for the late reply", "other"),
        ("confirmo", "confirm"),
        ("no puedo ir", "cancel"),
        ("no puedo dormir", "other"),
        ("puedo cambiar la cita?", "reschedule"),
        ("voy tarde", "late"),
        ("más tarde le llamo", "other"),
    ],
)
def test_a_word_more_can_turn_the_meaning(text: str, intent: Intent) -> None:
    assert classify(text).intent == intent


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7), ("0", 0), ("10", 10), ("7/10", 7), ("7 / 10", 7), ("7 out of 10", 7), ("seven", 7), ("siete", 7),
        ("pain is 7 today", 7), ("about a 6", 6), ("6.5", 7), ("6.4", 6), ("4,5", 5), ("6-7", 7), ("6 or 7", 7),
        ("down from 8 to 5", 5), ("on a scale of 1 to 10 it's a 7", 7), ("９", 9), ("7️⃣", 7), ("🔟", 10), ("7 de 10", 7),
    ],
)  # fmt: skip
def test_a_score_is_a_number_from_0_to_10(text: str, number: int) -> None:
    reading = classify(text)
    assert (reading.intent, reading.number) == ("score", number)


@pytest.mark.parametrize(
    "text",
    ["11", "70", "15/10", "12/25", "7pm", "at 7", "7:30", "7 days", "June 7", "555-0100", "10/10 service", "1 and 3", "<3",
     "one moment", "room 5", "a las 7", "7%", "$7", "5700"],
)  # fmt: skip
def test_other_numbers_are_no_score(text: str) -> None:
    reading = classify(text)
    assert (reading.intent, reading.number) == ("other", None)


@pytest.mark.parametrize(
    ("text", "intent", "number"),
    [
        ("option 2", "other", 2),
        ("the second one", "other", 2),
        ("the 2nd one", "other", 2),
        ("la primera", "other", 1),
        ("cancel the second one", "cancel", 2),
        ("confirm 1", "confirm", 1),
    ],
)
def test_which_of_several_visits_is_told(text: str, intent: Intent, number: int) -> None:
    reading = classify(text)
    assert (reading.intent, reading.number) == (intent, number)


@pytest.mark.parametrize(
    ("text", "intent", "also"),
    [
        ("please cancel and reschedule", "reschedule", ("cancel",)),
        ("running late but I'll be there", "late", ("confirm",)),
        ("confirmed. pain is 4 today", "confirm", ("score",)),
        ("stop texting me and cancel my appointment", "stop", ("cancel",)),
    ],
)
def test_a_text_that_says_two_things_is_both(text: str, intent: Intent, also: tuple[Intent, ...]) -> None:
    reading = classify(text)
    assert (reading.intent, reading.also) == (intent, also)
