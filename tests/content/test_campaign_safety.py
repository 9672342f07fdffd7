"""Whatever staff type or paste: what passes the check is a letter of ours, with links to listed hosts and no more."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage.content.campaign_check import check
from engage.content.campaign_links import wrong_link
from engage.content.campaign_text import Draft, variants
from engage.content.clinic_text import ClinicText
from engage.content.merge import MARK, mark
from engage.content.render import ContentPlan, Renderer

HOSTS = frozenset({"harmonia.example", "book.harmonia.example"})
OURS = {mark("unsubscribe_url"), mark("preferences_url"), "https://harmonia.example"}
TAGS = set(
    re.findall(
        r"\S+",
        "html head meta title style body div table thead tbody tr th td p h1 h2 h3 h4 h5 h6 strong em a ul ol li"
        " blockquote pre code hr br",
    )
)
# Pieces that mean something to Markdown, HTML, templates, addresses, or to our own marks.
PIECES = [
    "Hello", " ", " ", "\n", "\n\n", "    ", "*", "**", "_", "`", "#", "> ", "- ", "1. ", "|a|b|\n|-|-|\n|", "[a]", "[", "]", "(",
    ")", "](", '"', "'", '"button"', "![a](", "<", ">", "</", "<script>", "</script>", "<img src=x onerror=alert(1)>", "<!--", "-->",
    "javascript:", "data:text/html,", "https://", "http://", "//", "harmonia.example", "book.harmonia.example", "evil.com", "@",
    ":8443", "/x", "?a=", "#b", "%0a", "%2e", "\\", "&lt;", "&#106;", "&#58;", "&#x2d;", "&Tab;", "{{ name }}", "{{ clinic }}",
    "{% if name %}", "{% else %}", "{% endif %}", "{{", "}}", "-mt-", "given_name-", "lesson_url-", "-", "\u200b", "\u00ad", "–",
    "\u202e", "\0", "ś", "🌿", "style=", "onclick=", "knee", "STOP",
]  # fmt: skip
TYPED = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


class _Reading(HTMLParser):
    """Tags, addresses and attributes as a mail program finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {
            value or "" for name, value in attrs if name in {"href", "src", "action", "background"}
        }


@pytest.fixture(scope="module")
def renderer(clinic: ClinicText) -> Renderer:
    return Renderer(Path(__file__).parents[2] / "templates", clinic)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(subject=TYPED, body=TYPED, name=TYPED)
def test_what_passes_leads_nowhere_else_and_runs_nothing(
    renderer: Renderer, subject: str, body: str, name: str
) -> None:
    draft = Draft("email", f"Open {subject}", "", f"Hello.\n\n{body}\n")
    if not check(draft, renderer, HOSTS, waived={"knee"}).ready:
        return
    for variant, content in variants(draft, renderer).items():
        if content is None:
            continue
        reading = _Reading()
        reading.feed(content.html)
        assert reading.tags <= TAGS
        assert not [one for one in reading.attributes if one.startswith("on")]
        assert not [one for one in reading.addresses - OURS if wrong_link(one, HOSTS)]
        assert content.names <= {
            "unsubscribe_url",
            "preferences_url",
            *(["given_name"] if variant == "named" else []),
        }
        assert "{{" not in content.text and "{%" not in content.text
        merged = ContentPlan.of(content).fill(dict.fromkeys(content.names, f"{name}!"))
        told = _Reading()
        told.feed(merged[1])
        assert (told.tags, told.attributes) == (reading.tags, reading.attributes), (
            "a name brings no tag of its own"
        )


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=TYPED)
def test_a_text_that_passes_has_no_mark_but_the_name_and_can_be_ended(renderer: Renderer, body: str) -> None:
    draft = Draft("sms", "", "", f"Open. {body}")
    if not check(draft, renderer, HOSTS, waived={"knee"}).ready:
        return
    for variant, content in variants(draft, renderer).items():
        if content is None:
            continue
        assert set(MARK.findall(content.text)) <= ({"given_name"} if variant == "named" else set())
        assert "STOP" in content.text
        assert "Harmonia Health" in content.text
