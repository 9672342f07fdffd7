"""Names and addresses as people type them."""

from __future__ import annotations

import pytest

from engage.domain.people import BadName, clean_name, normal_email


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada", "Ada"),
        ("  Ada  Maria ", "Ada Maria"),
        ("Zoë", "Zoë"),
        ("Zoe\u0308", "Zoë"),
        ("דנה", "דנה"),
        ("مريم", "مريم"),
        ("👩‍⚕️ Ada", "👩‍⚕️ Ada"),
        ("🫨", "🫨"),
        ("O'Neil-Śmith", "O'Neil-Śmith"),
        ("<b>Ada</b>", "<b>Ada</b>"),
        ("{{ 7*7 }}", "{{ 7*7 }}"),
        ("\u202eadA", "adA"),
        ("\u200fדנה", "דנה"),
        ("\u200b", ""),
        ("", ""),
    ],
)
def test_a_name_is_kept_as_its_owner_writes_it(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["Ada\nBcc: x@example.org", "Ada\r", "A\x00da", "A\tda", "Ada\u2028", "A" * 61, "see https://x.example",
     "www.x.example", "a@example.org", "evil.com", "Buy-now.evil.example", "\ud800"],
)  # fmt: skip
def test_a_name_that_could_do_harm_is_refused(typed: str) -> None:
    with pytest.raises(BadName):
        clean_name(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("ada@example.org ", "ada@example.org"),
        ("ａda@example.org", "ada@example.org"),
    ],
)
def test_two_spellings_of_one_address_are_the_same(one: str, other: str) -> None:
    assert normal_email(one) == normal_email(other)
