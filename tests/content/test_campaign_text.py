from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engage.content.campaign_flaws import CampaignTextError
from engage.content.campaign_sms import estimate, signed, told
from engage.content.campaign_text import Draft, Variant, variants
from engage.content.clinic_text import ClinicText
from engage.content.library import Library
from engage.content.problems import ContentErrors
from engage.content.render import ContentPlan, Renderer
from engage.content.sms import segments

LINKS = {
    "unsubscribe_url": "https://engage.example/unsubscribe/x",
    "preferences_url": "https://engage.example/preferences/y",
}
LETTER = Draft(
    "email",
    "{% if name %}{{ name }}, we{% else %}We{% endif %} are open on Saturdays",
    "From nine to one",
    "{% if name %}\nHello {{ name }},\n{% else %}\nHello,\n{% endif %}\n\n"
    "{{ clinic }} is open *on Saturdays*. [See the hours](https://harmonia.example/hours?a=1&b=2).\n\n"
    '[Choose a time](https://harmonia.example/book "button")\n\nOr call {{ telephone }}.\n',
)


@pytest.fixture
def renderer(real_templates: Path, clinic: ClinicText) -> Renderer:
    return Renderer(real_templates, clinic)


def received(renderer: Renderer, draft: Draft, name: str) -> tuple[str, str, str]:
    """Subject, HTML and plain text as somebody of that name gets them."""
    variant: Variant = "named" if name else "nameless"
    content = variants(draft, renderer)[variant]
    assert content is not None
    return ContentPlan.of(content).fill(LINKS | ({"given_name": name} if name else {}))


def test_somebody_with_a_name_is_greeted_by_it(renderer: Renderer) -> None:
    subject, html, text = received(renderer, LETTER, "Ana & <Bo>")
    assert subject == "Ana & <Bo>, we are open on Saturdays"
    assert "Hello Ana &amp; &lt;Bo&gt;," in html
    assert "<em>on Saturdays</em>" in html
    assert 'href="https://harmonia.example/hours?a=1&amp;b=2"' in html
    assert 'class="button-link"' in html
    assert text.startswith(
        "Harmonia Health\n\nHello Ana & <Bo>,\n\nHarmonia Health Solutions is open on Saturdays"
    )
    assert "Choose a time: https://harmonia.example/book\n" in text
    assert "Or call +1 555 010 0140." in text


def test_somebody_without_a_name_is_greeted_too_and_never_by_a_gap(renderer: Renderer) -> None:
    subject, html, text = received(renderer, LETTER, "")
    assert subject == "We are open on Saturdays"
    assert "Hello," in html
    assert "Hello,\n" in text
    assert "Hello ," not in text + html
    assert "-mt-" not in subject + html + text


def test_a_name_outside_of_its_question_leaves_nothing_for_those_without(renderer: Renderer) -> None:
    found = variants(replace(LETTER, body="Hi {{ name }},\n\nsee you.\n"), renderer)
    assert found["nameless"] is None
    assert found["named"] is not None


def test_a_text_that_never_asks_is_one_text(renderer: Renderer) -> None:
    found = variants(Draft("email", "Open", "", "We are open.\n"), renderer)
    assert found["named"] == found["nameless"]
    assert found["named"] is not None
    assert found["named"].names == {"unsubscribe_url", "preferences_url"}


def test_every_campaign_by_email_says_why_it_came_how_to_leave_and_from_where(
    renderer: Renderer, clinic: ClinicText
) -> None:
    _, html, text = received(renderer, LETTER, "Ana")
    for part in (html, " ".join(text.split())):
        assert "because you agreed to news and offers from Harmonia Health Solutions by email" in part
        assert LINKS["unsubscribe_url"] in part
        assert LINKS["preferences_url"] in part
        assert clinic.postal_address in part


def test_a_footer_without_a_way_out_is_refused_at_the_start(templates: Path, clinic: ClinicText) -> None:
    footer = templates / "email/_layout/footer-campaign.md"
    footer.write_text("No way out.\n")
    with pytest.raises(ContentErrors, match=r"footer-campaign\.md: campaigns need a way out"):
        Library.load(templates, clinic)
    footer.write_text("[Leave]({{ unsubscribe_ulr }})\n")
    with pytest.raises(ContentErrors, match=r"footer-campaign\.md:1: unknown variable unsubscribe_ulr"):
        Library.load(templates, clinic)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Star*clinic* [x](https://x.example)", "Star*clinic* [x](https://x.example)"),
        ("<b>Clinic</b>", "&lt;b&gt;Clinic&lt;/b&gt;"),
        ("{{ name }}", "{{ name }}"),
    ],
)
def test_the_clinics_name_is_shown_as_it_is(
    real_templates: Path, clinic: ClinicText, name: str, shown: str
) -> None:
    renderer = Renderer(real_templates, replace(clinic, name=name))
    _, html, _ = received(renderer, Draft("email", "Open", "", "We are {{ clinic }}, hello."), "Ana")
    assert f"We are {shown}, hello." in html


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Open on Saturdays.", "Open on Saturdays.\nHarmonia Health. Reply STOP to end"),
        ("Harmonia Health: open.", "Harmonia Health: open.\nReply STOP to end"),
        ("{{ clinic }}: open. Reply STOP to end", "Harmonia Health: open. Reply STOP to end"),
        ("Open. Text STOP to end", "Open. Text STOP to end\nHarmonia Health"),
        ("harmonia health: STOP ends texts", "harmonia health: STOP ends texts"),
        ("Open. Stop by soon", "Open. Stop by soon\nHarmonia Health. Reply STOP to end"),
        ("STOP and smell", "STOP and smell\nHarmonia Health. Reply STOP to end"),
        ("It’s “open” – now…  \n\n  Bye  now ", "It's \"open\" - now...\n\n Bye now\nHarmonia Health. Reply STOP to end"),
        ("Hi {{ name }}!", "Hi Ana!\nHarmonia Health. Reply STOP to end"),
    ],
)  # fmt: skip
def test_a_text_says_who_it_is_from_and_how_to_end_it(renderer: Renderer, typed: str, sent: str) -> None:
    subject, html, text = received(renderer, Draft("sms", "", "", typed), "Ana")
    assert (subject, html, text) == ("", "", sent)


def test_a_clinic_with_typographic_quotes_is_signed_in_cheap_letters() -> None:
    assert signed("Open", "Ana’s") == "Open\nAna's. Reply STOP to end"
    assert segments(signed("Open", "Ana’s")).encoding == "GSM-7"


@pytest.mark.parametrize(
    "body",
    [
        "See https://ana.example",
        "See ana.example",
        "Write to x@ana.example",
        "Ananas",
        "https://x.example/ana/b",
    ],
)
def test_an_address_does_not_say_who_writes(body: str) -> None:
    assert signed(body, "Ana") == f"{body}\nAna. Reply STOP to end"
    assert signed(f"{body} - ANA.", "Ana") == f"{body} - ANA.\nReply STOP to end"


def test_an_estimate_counts_every_segment_of_everybody() -> None:
    assert estimate(segments("a" * 160), 1000).dollars == "$8.30"
    two = estimate(segments("a" * 161), 150_000, 1.25)
    assert (two.segments_each, two.segments, two.dollars) == (2, 300_000, "$3,750.00")
    assert estimate(segments("a"), 1, 0.83).dollars == "$0.01"
    assert told(segments("я" * 80)) == "2 segments, UCS-2"
    assert told(segments("a")) == "1 segment, GSM-7"


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        (Draft("email", "", "", "Hello"), "subject: the subject is empty; write it"),
        (Draft("email", "Open", "", " \n"), "body: the body is empty; write it"),
        (
            Draft("email", "{% if name %}{{ name }}{% endif %}", "", "Hello"),
            "subject: the subject is empty for people without a name; write something for people without a name after "
            "{% else %}",
        ),
        (Draft("sms", "", "", "{% if name %}Hi{% endif %}"), "body: the body is empty for people without a name"),
        (Draft("sms", "", "", "-mt\u200a-given"), ""),
        (Draft("sms", "", "", "–mt–given_name–"), "body: this would turn into a mark of ours"),
        (Draft("email", "Open", "", "\\-mt\\-lesson_url\\-"), "body: this would turn into a mark of ours"),
        (Draft("email", "Open", "", "{{ x }}"), "body, line 1, column 1: unknown variable x"),
    ],
)  # fmt: skip
def test_what_can_not_be_rendered_is_refused_by_name(renderer: Renderer, draft: Draft, says: str) -> None:
    if not says:
        assert variants(draft, renderer)["named"]
        return
    with pytest.raises(CampaignTextError) as error:
        variants(draft, renderer)
    assert str(error.value).startswith(says)
