from __future__ import annotations

import pytest

from engage.content.markdown import parse
from engage.content.text import WIDTH, plain

LONG = "https://example.org/" + "a" * 100


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Hello *you* and **you**.", "Hello you and you.\n"),
        ("One\ntwo  \nthree", "One two\nthree\n"),
        ("## Safety & you", "Safety & you\n------------\n"),
        ("- a\n- b", "- a\n- b\n"),
        ("3. a\n4. b", "3. a\n4. b\n"),
        ("- a\n  - b\n- c", "- a\n  - b\n- c\n"),
        ("- a\n\n  more\n\n- b", "- a\n\n  more\n\n- b\n"),
        ("> Said\n>\n> twice", "> Said\n>\n> twice\n"),
        ("a\n\n---\n\nb", "a\n\n* * *\n\nb\n"),
        ("[Words](https://example.org/)", "Words: https://example.org/\n"),
        ("[Words:](https://example.org/)", "Words: https://example.org/\n"),
        ("<https://example.org/>", "https://example.org/\n"),
        ("[hello@example.org](mailto:hello@example.org)", "hello@example.org\n"),
        ("[Call us](tel:+15550100140)", "Call us: +15550100140\n"),
        ("See [it](https://example.org/).", "See it: https://example.org/\n"),
        ("See [it](https://example.org/). Then go.", "See it: https://example.org/\nThen go.\n"),
        ("(see [it](https://example.org/))", "(see it: https://example.org/ )\n"),
        ("[*Rich* words](https://example.org/) on", "Rich words: https://example.org/ on\n"),
        ('[Confirm](-mt-confirm_url- "button")', "Confirm: -mt-confirm_url-\n"),
        ("| Who | What |\n|---|---|\n| Ann | **Better** |\n| Bo | |", "Ann\n  What: Better\n\nBo\n"),
        ("    code  here", "    code  here\n"),
        ("Fish &amp; <b>chips</b>", "Fish & <b>chips</b>\n"),
    ],
)
def test_markdown_becomes_plain_text(markdown: str, text: str) -> None:
    assert plain(parse(markdown)) == text


def test_lines_are_wrapped_in_lists_and_quotes_too() -> None:
    words = "word " * 60
    text = plain(parse(f"{words}\n\n- {words}\n  1. {words}\n\n> {words}"))
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    assert text.count("word") == 240


def test_an_address_is_never_broken() -> None:
    text = plain(parse(f"- Some words before [the long guide]({LONG}) and after"))
    assert LONG in text.splitlines()[1]


def test_a_mark_is_never_broken() -> None:
    text = plain(parse("word " * 13 + "-mt-given_name-, and more"))
    assert "-mt-given_name-," in text.split()
