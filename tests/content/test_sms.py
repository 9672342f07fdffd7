from __future__ import annotations

import pytest

from engage.content.sms import fold, segments


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("é" * 160, "GSM-7", 160, 1),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("[]{}~^|\\", "GSM-7", 16, 1),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # the escape does not fit at the end of the first
        ("a" * 151 + "€" + "a" * 153, "GSM-7", 306, 2),
        ("я" * 70, "UCS-2", 70, 1),
        ("я" * 71, "UCS-2", 71, 2),
        ("я" * 134, "UCS-2", 134, 2),
        ("я" * 135, "UCS-2", 135, 3),
        ("🌿" * 35, "UCS-2", 70, 1),
        ("🌿" * 36, "UCS-2", 72, 2),
        ("a" * 66 + "🌿" + "a" * 66, "UCS-2", 134, 3),  # a surrogate pair is not cut
        ("👩‍⚕️", "UCS-2", 5, 1),
        ("hi\n\r", "GSM-7", 4, 1),
        ("\x1b", "UCS-2", 1, 1),
    ],
)
def test_segments_are_counted_as_the_carrier_does(text: str, encoding: str, units: int, count: int) -> None:
    found = segments(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_the_characters_that_cost_are_named_once() -> None:
    assert segments("“See you” – soon “").culprits == ("“", "”", "–")
    assert segments("See you").culprits == ()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("It’s “fine” – really…", 'It\'s "fine" - really...'),
        ("9\u202fam\u00a0today", "9 am today"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
        ("José 🌿", "José 🌿"),
    ],
)
def test_typographic_characters_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_folded_text_stays_in_the_cheap_alphabet() -> None:
    assert segments(fold("‘a’ “b” — • … × −")).encoding == "GSM-7"
