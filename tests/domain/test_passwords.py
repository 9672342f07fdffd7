"""Which passwords may be chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.passwords import normal_password, problem
from engage.services.staff_secrets import common_passwords

ABOUT = ["Sam Rivera", "sam.rivera@example.org", "sam.rivera", "Harmonia Health Solutions", "Harmonia Health"]


@pytest.mark.parametrize(
    "password",
    [
        "seven teal umbrellas at noon",
        "correcthorsebicycleumbrella",
        "Sam likes teal umbrellas",
        "пять синих зонтиков",
        "五把蓝色的雨伞在中午很好看吗",
        "🌂🚲🌵🐙🍋🎻🌙🧵🪁🛶🧊🫖",
        "            x  ,  y  z 4 q w",
        "tR7#kq9!Lm2$",
        "x" * 5 + "umbrella" + "y" * 115,
    ],
)
def test_long_passwords_of_any_kind_are_fine(password: str) -> None:
    assert problem(password, common_passwords(), ABOUT) is None


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "x" * 129,
        "passwordpassword",
        "Password12345!",
        "P@ssw0rd2026!",
        "p455w0rd2024!!",
        "welcome123456",
        "iloveyou!!!!!!",
        "qwertyuiopasdf",
        "asdfghjklzxc",
        "zyxwvutsrqponm",
        "123456789012",
        "098765432109",
        "aaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "correct horse battery staple",
        "Sam Rivera 2026",
        "sam.rivera@example.org",
        "HarmoniaHealth1",
        "harmonia health solutions",
        "2026 Harmonia!",
    ],
)
def test_short_known_and_personal_ones_are_refused_with_a_sentence(password: str) -> None:
    sentence = problem(password, common_passwords(), ABOUT)
    assert sentence is not None and sentence.endswith(".")
    assert not password or password not in sentence


@given(st.text(max_size=140))
def test_nothing_outside_of_the_lengths_is_ever_accepted(password: str) -> None:
    if problem(password, frozenset({"password"}), ABOUT) is None:
        assert 12 <= len(normal_password(password)) <= 128
