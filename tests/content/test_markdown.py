from __future__ import annotations

import pytest

from engage.content.markdown import parse, to_html, without_link


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# Title", "<h2>Title</h2>"),
        ("### Title", "<h3>Title</h3>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("Hello -mt-given_name-,", "<p>Hello -mt-given_name-,</p>"),
        ("[x](-mt-lesson_url-)", '<p><a href="-mt-lesson_url-">x</a></p>'),
        ("|a|\n|---|\n|b|", '<table class="data">\n<thead>\n<tr>\n<th scope="col">a</th>'),
    ],
)
def test_markdown_becomes_html(markdown: str, html: str) -> None:
    assert to_html(parse(markdown)).startswith(html)


def test_a_paragraph_that_is_one_link_titled_button_is_a_button() -> None:
    html = to_html(parse('[Yes & *go*](-mt-confirm_url- "button")'))
    assert '<a class="button-link" href="-mt-confirm_url-">Yes &amp; go</a>' in html
    assert html.startswith('<table role="presentation"')


def test_on_the_web_a_button_is_a_link_with_a_class() -> None:
    html = to_html(parse('[Go](https://example.org/ "button")'), web=True)
    assert html == '<p><a class="button" href="https://example.org/">Go</a></p>\n'


@pytest.mark.parametrize(
    "markdown", ['Then [go](x "button")', '[a](x "button") [b](y "button")', '[go](x "other")']
)
def test_any_other_link_is_no_button(markdown: str) -> None:
    assert "button-link" not in to_html(parse(markdown))


def test_what_is_only_a_link_to_one_address_can_be_left_out() -> None:
    tokens = parse(
        'Stay [here](a).\n\n[Gone](a)\n\n[Gone too](a "button")\n\n[Stays](b "button")\n\n- [in a list](b)'
    )
    html = to_html(without_link(tokens, "a"), web=True)
    assert "Gone" not in html
    assert html.count("<a ") == 3
