from __future__ import annotations

import time
from pathlib import Path

import pytest

from engage.content.campaign_check import Checked, check
from engage.content.campaign_text import Draft
from engage.content.clinic_text import ClinicText
from engage.content.render import Renderer

HOSTS = ("harmonia.example", "book.harmonia.example")
HARD = (
    "Longitudinal observational investigations of multidisciplinary organisations continually demonstrate "
    "considerable heterogeneity across participating institutions, notwithstanding methodological "
    "standardisation, which complicates interpretation. Nevertheless, collaborative investigators "
    "universally recommend individualised consideration of circumstances, expectations, particularities, "
    "practicalities, preferences and longstanding availability before any definitive recommendation."
)


@pytest.fixture
def renderer(real_templates: Path, clinic: ClinicText) -> Renderer:
    return Renderer(real_templates, clinic)


def letter(body: str, subject: str = "Open on Saturdays", preheader: str = "From nine to one") -> Draft:
    return Draft("email", subject, preheader, body)


def text(body: str) -> Draft:
    return Draft("sms", "", "", body)


def codes(checked: Checked) -> tuple[list[str], list[str]]:
    return [flaw.code for flaw in checked.problems], [flaw.code for flaw in checked.hints]


@pytest.mark.parametrize(
    "draft",
    [
        letter(
            "Hello {% if name %}{{ name }}{% else %}there{% endif %},\n\nwe are open. [See](https://harmonia.example/a?b=1#c).\n"
        ),
        letter(
            "# Open\n\n- one\n- two\n\n> said\n\n|a|b|\n|-|-|\n|c|d|\n\n<https://book.harmonia.example>\n\nOr {{ telephone }}."
        ),
        letter(
            "Write to hello@harmonia.example, or see harmonia.example. It is 1.5 miles, 24/7, e.g. at 9 a.m. in Suite 4."
        ),
        letter("سلام، تعال\n\n日本語。テキスト。\n\nПривет.Как дела? 👩‍⚕️"),
        letter("It costs 5 < 6 and 7 > 3."),
        text("{{ clinic }}: open now: https://harmonia.example/a"),
    ],
)
def test_a_good_text_has_no_problem_and_no_hint(renderer: Renderer, draft: Draft) -> None:
    found = check(draft, renderer, HOSTS)
    assert [str(flaw) for flaw in (*found.problems, *found.hints)] == []
    assert found.ready


@pytest.mark.parametrize(
    ("link", "code", "says"),
    [
        ("http://harmonia.example/", "link-scheme", "begins with http:; write all of it, beginning with https://"),
        ("//harmonia.example/", "link-scheme", "has no https://"),
        ("/book", "link-scheme", "has no https://"),
        ("book", "link-scheme", "has no https://"),
        ("ftp://harmonia.example/", "link-scheme", "begins with ftp:"),
        ("https:harmonia.example", "link-scheme", "begins with https:"),
        ("https:/harmonia.example", "link-scheme", "begins with https:"),
        ("mailto:x@evil.example", "link-scheme", "begins with mailto:"),
        ("tel:+15550100", "link-scheme", "begins with tel:"),
        ("javascript:alert(1)", "link-odd", "is no link that can be sent; write [words](https://...)"),
        ("JaVaScRiPt:alert(1)", "link-odd", "is no link that can be sent"),
        ("&#106;avascript:alert(1)", "link-odd", "is no link that can be sent"),
        ("data:text/html,<b>", "link-odd", "is no link that can be sent"),
        ("vbscript:x", "link-odd", "is no link that can be sent"),
        ("https://harmonia.example/a b", "link-odd", "is no link that can be sent"),
        ("https://evil.example/", "link-host", "links to evil.example are not allowed; links may lead to "
         "book.harmonia.example, harmonia.example; others are listed under [campaigns] link_hosts in clinic.toml"),
        ("https://harmonia.example.evil.example/", "link-host", "links to harmonia.example.evil.example are not"),
        ("https://www.harmonia.example/", "link-host", "links to www.harmonia.example are not allowed"),
        ("https://evil.example/harmonia.example", "link-host", "links to evil.example"),
        ("https://evil.example#harmonia.example", "link-host", "links to evil.example"),
        ("https://evil.example?harmonia.example", "link-host", "links to evil.example"),
        ("https://harmonia.example@evil.example/", "link-user", "leads to evil.example, whatever stands before the @"),
        ("https://a:b@harmonia.example/", "link-user", "leads to harmonia.example"),
        ("https://harmonia.example\\@evil.example/", "link-user", "leads to evil.example"),
        ("https://harmonia.example%2f@evil.example/", "link-user", "leads to evil.example"),
        ("https://harmonia.example:8443/", "link-port", "names a port; delete the colon and the number"),
        ("https://harmonia.example./", "link-dot", "ends with a dot; delete the dot"),
        ("https://hаrmonia.example/", "link-letters", "has letters that may look like others"),
        ("https://xn--hrmonia-3fg.example/", "link-letters", "has letters that may look like others"),
        ("https://harmonia.example%2eevil.example/", "link-host", "names no host"),
        ("https:///harmonia.example/", "link-host", "names no host"),
        ("https://[::1]/", "link-port", "names a port"),
        ("https://127.0.0.1/", "link-host", "links to 127.0.0.1 are not allowed"),
        ("https://localhost/", "link-host", "names no host"),
        ("https://harmonia.example/?who={{ name }}", "link-name", "holds a name; a link is the same for everybody"),
        ("https://{{ name }}.harmonia.example/", "link-name", "holds a name"),
        ("https://harmonia.example/" + "a/" * 300, "link-long", "use one of at most 500"),
    ],
)  # fmt: skip
def test_links_lead_to_listed_hosts_and_nowhere_else(
    renderer: Renderer, link: str, code: str, says: str
) -> None:
    if " " in link and "{{" not in link:
        typed = [f"Go [here]({link})."]
    else:
        link_ = link.replace("{{ name }}", "{% if name %}{{ name }}{% endif %}")
        typed = [f"Go [here]({link_}).", f'[Go]({link_} "button")', f"Go [here][1].\n\n[1]: {link_}"]
        if code == "link-odd":
            typed = typed[:2]
    for body in typed:
        found = check(letter(f"Hello.\n\n{body}\n"), renderer, HOSTS)
        (problem,) = [one for one in found.problems if one.code == code]
        assert says in str(problem), body
        assert not found.ready


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("See evil.com/x now", "link-host", "evil.com/x would become a link to evil.com; put a space behind the full stop, or link to"),
        ("See www.evil.example now", "link-host", "would become a link to www.evil.example"),
        ("See evil.com.", "link-host", "evil.com would become a link"),
        ("See EVIL.COM", "link-host", "EVIL.COM would become a link"),
        ("See (evil.org)", "link-host", "evil.org would become a link"),
        ("See https://evil.example/x.", "link-host", "links to evil.example are not allowed"),
        ("See //evil.com/x", "link-scheme", "has no https://"),
        ("See http://harmonia.example", "link-scheme", "begins with http:"),
        ("See javascript://harmonia.example/%0aalert(1)", "link-scheme", "begins with javascript:"),
        ("See harmonia.example/book", "link-scheme", "would become a link without https://; write https:// before it"),
        ("See harmonia.example:8443", "link-port", "names a port"),
        ("See 10.0.0.1/x", "link-host", "links to 10.0.0.1 are not allowed"),
        ("See https://harmonia.example@evil.com", "link-user", "leads to evil.com"),
        ("See bit.ly/abc", "link-host", "would become a link to bit.ly"),
    ],
)  # fmt: skip
def test_what_a_telephone_takes_for_a_link_is_one(
    renderer: Renderer, words: str, code: str, says: str
) -> None:
    for draft in (
        letter(words),
        letter("Hello.", subject=words),
        letter("Hello.", preheader=words),
        text(words),
    ):
        problems = check(draft, renderer, HOSTS).problems
        assert [flaw.code for flaw in problems] == [code], draft
        assert says in str(problems[0])


def test_without_a_list_links_lead_to_the_website(renderer: Renderer) -> None:
    assert check(letter("[a](https://harmonia.example/)"), renderer).ready
    assert codes(check(letter("[a](https://book.harmonia.example/)"), renderer))[0] == ["link-host"]


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ("Hi.\n\n<script>alert(1)</script>", "raw-html", (3, 1)),
        ("Hi.\n\nText <SCRIPT src=//evil.com/x>", "raw-html", (3, 6)),
        ("Hi <script", "raw-html", (1, 4)),
        ("Hi <img src=x onerror=alert(1)>", "raw-html", (1, 4)),
        ("Hi.\n\n<p class=\"MsoNormal\">pasted</p>", "raw-html", (3, 1)),
        ("Hi <!-- hidden -->", "raw-html", (1, 4)),
        ("Hi <![CDATA[x]]>", "raw-html", (1, 4)),
        ("Hi <javascript:alert(1)>", "raw-html", (1, 4)),
        ("Hi &lt;script&gt;", "raw-html", (0, 0)),
        ("Hi `<b>`", "raw-html", (1, 5)),
        ("Hi ![dot](https://harmonia.example/dot.png)", "image", (1, 4)),
        ("Hi \\-mt\\-given_name\\-", "literal-mark", (1, 5)),
        ("Hi -mt&#45;given_name-", "literal-mark", (1, 4)),
        ("Hi -mt-*given*_name-", "literal-mark", (1, 4)),
        ("Hi -mt{% if name %}-given_name-{% endif %}", "literal-mark", (1, 4)),
        ("Hi &#x202e;evil", "control", (0, 0)),
        ("Hi &#xE000;", "control", (0, 0)),
        ("Hi. {{ nmae }}", "unknown-variable", (1, 5)),
        ("[a](https://harmonia.example/) " * 1500, "html-size", (0, 0)),
        ("x" * 1_048_576, "too-long", (0, 0)),
        ("This is a sure cure.", "promise", (1, 16)),
        ("We guarantee it.", "promise", (1, 4)),
    ],
)  # fmt: skip
def test_what_must_not_leave_is_named_with_its_place(
    renderer: Renderer, body: str, code: str, place: tuple[int, int]
) -> None:
    found = check(letter(body), renderer, HOSTS)
    problem = next(flaw for flaw in found.problems if flaw.code == code)
    assert (problem.line, problem.column) == place
    assert problem.cure


@pytest.mark.parametrize(
    ("draft", "word", "place"),
    [
        (letter("Hello.\n\nHow is your knee?"), "knee", "body, line 3, column 13"),
        (letter("Hello.\n\nFor chronic\npain."), "chronic", "body, line 3, column 5"),
        (letter("Hello.\n\nMi**graine** days"), "migraine", "body"),
        (letter("Hello.\n\nMi\u00adgraine days"), "migraine", "body, line 3, column 1"),
        (letter("Hello.\n\nMi\u200dgraine days"), "migraine", "body"),
        (letter("Hello.\n\nmi&#103;raine"), "migraine", "body"),
        (letter("Hello.\n\nmi&shy;graine"), "migraine", "body"),
        (letter("Hello.\n\nｍｉｇｒａｉｎｅ"), "migraine", "body"),
        (letter("Hello.\n\nmígraine"), "migraine", "body"),
        (letter("Hello.\n\n[here](https://harmonia.example/knee)"), "knee", "body, line 3, column 33"),
        (letter("Hello.\n\n[here](https://harmonia.example/k%6Eee)"), "knee", "body"),
        (letter('Hello.\n\n[here](https://harmonia.example/ "Your knee")'), "knee", "body, line 3, column 40"),
        (letter('Hello.\n\n[Your knee](https://harmonia.example/ "button")'), "knee", "body, line 3, column 7"),
        (letter("Hello.\n\n|a|b|\n|-|-|\n|knee|d|"), "knee", "body, line 5, column 2"),
        (letter("Hello.", subject="Your knee"), "knee", "subject, line 1, column 6"),
        (letter("Hello.", preheader="Your knee"), "knee", "preheader, line 1, column 6"),
        (letter("Hi.\n{% if name %}Hi{% else %}Your knee{% endif %}"), "knee", "body, line 2, column 31"),
        (text("Your knee"), "knee", "body, line 1, column 6"),
        (text("https://harmonia.example/k%6eee"), "knee", "body"),
    ],
)  # fmt: skip
def test_a_private_word_blocks_wherever_it_hides_until_it_is_waived(
    renderer: Renderer, draft: Draft, word: str, place: str
) -> None:
    problems = [flaw for flaw in check(draft, renderer, HOSTS).problems if flaw.code == "private-word"]
    assert (problems[0].word, problems[0].place) == (word, place)
    assert str(problems[0]).endswith("; use another word, or waive this one by name")

    waived = {flaw.word for flaw in problems}
    assert "private-word" not in codes(check(draft, renderer, HOSTS, waived))[0]
    assert "private-word" in codes(check(draft, renderer, HOSTS, {"elbow"}))[0]


def test_a_waived_word_where_everybody_sees_it_is_still_told(renderer: Renderer) -> None:
    begins = check(letter("Your knee matters."), renderer, HOSTS, {"Knee"})
    assert codes(begins) == ([], ["waived"])
    later = check(
        letter("We are glad to tell you about our new place. Your knee matters."), renderer, HOSTS, {"KNEE"}
    )
    assert codes(later) == ([], [])


def test_a_promise_is_waived_by_its_words(renderer: Renderer) -> None:
    draft = letter("We guarantee a seat.")
    assert check(draft, renderer, HOSTS).problems[0].word == "guarantee"
    assert check(draft, renderer, HOSTS, {"guarantee"}).ready


@pytest.mark.parametrize(
    ("draft", "code", "says"),
    [
        (letter("Hello.", preheader=""), "no-preheader", "preheader: mail programs show no words beside the subject"),
        (letter("Hello.", subject="x y " * 18), "subject-length", "has 71 characters, and 70 is the most that is shown"),
        (letter("Hello {{ name }}."), "name-needed", "body: people without a name can't be written to; ask with {% if"),
        (letter("Hello.", subject="{{ name }}!"), "name-needed", "subject: people without"),
        (letter(f"Hello.\n\n{HARD}"), "grade", "and 8 is the most that all can read; use shorter sentences"),
        (letter("Hello.\n\nA study of 40 people."), "no-sources", "line 3, column 1: a number about studies needs"),
        (letter("Hello.\n\n    open"), "code", "open would be shown as program text; take the spaces"),
        (text("**Open** now"), "markdown", "** is shown as it stands".replace("** is", "**O is")),
        (text("[Open](https://harmonia.example/)"), "markdown", "]( is shown as it stands"),
        (text("Cześć"), "unicode", "line 1, column 4: ś is U+015B (LATIN SMALL LETTER S WITH ACUTE): it makes the "
         "whole text Unicode, 70 characters a segment and not 160"),
        (text("Open 🌿"), "unicode", "🌿 is U+1F33F (HERB)"),
        (text("We are open. " * 30), "segments", "sent as 3 segments, and each is paid for"),
    ],
)  # fmt: skip
def test_what_could_be_better_is_a_hint_and_blocks_nothing(
    renderer: Renderer, draft: Draft, code: str, says: str
) -> None:
    found = check(draft, renderer, HOSTS)
    assert found.problems == ()
    assert says in str(next(flaw for flaw in found.hints if flaw.code == code))


def test_the_numbers_are_those_of_the_larger_variant(renderer: Renderer) -> None:
    found = check(text("{% if name %}Hi {{ name }}, open.{% else %}Open ś.{% endif %}"), renderer, HOSTS)
    assert found.segments is not None
    assert (found.segments.count, found.segments.culprits) == (1, ())
    assert found.segments.units == len("Hi Sandra, open.\nHarmonia Health. Reply STOP to end")
    assert [flaw.code for flaw in found.hints] == ["unicode"]
    mail = check(letter(f"Hello {{{{ name }}}}.\n\n{HARD}"), renderer, HOSTS)
    assert mail.grade > 8
    assert mail.words > 40
    assert 5_000 < mail.html_bytes < 20_000
    assert mail.holds_nameless


def test_a_text_has_no_subject_to_look_at(renderer: Renderer) -> None:
    assert check(Draft("sms", "{{ x }}", "\0", "Open"), renderer, HOSTS).ready


def test_a_text_of_more_than_a_vendor_takes_is_refused(renderer: Renderer) -> None:
    assert codes(check(text("We are open. " * 130), renderer, HOSTS))[0] == ["too-long"]


@pytest.mark.parametrize(
    "unit",
    ["[", "![", "*a ", "> ", "`a", "[a](", "<", "<b>", "&", "*a_ ", "[x]: y\n", "|a", "- ", "\\", "{", "{{", "{%",
     "{% if name %}", "{% if name %}a{% endif %}", "-mt-a- ", "a.com ", "https://evil.com/a ", "//", "a.a.", "www.",
     "a@", "knee ", "guarantee ", "will you ", "\u202e", "\ue000", "ś", "\n", "# a\n", "a  \n", "|a|b|\n|-|-|\n",
     "[a](https://evil.com/) ", "![[]()", "&#x202e; ", "<a ", "1. ", "    a\n", "STOP ", "no risk "],
)  # fmt: skip
def test_no_text_keeps_the_server_busy(renderer: Renderer, unit: str) -> None:
    """64 KiB of the worst that somebody could paste, and a megabyte, both by email and by text."""
    start = time.perf_counter()
    whole = unit * (65_000 // len(unit.encode()))
    for draft in (
        letter(whole),
        text(whole),
        letter(unit * 1_000_000),
        letter("Hi.", subject=unit * 1_000_000),
    ):
        check(draft, renderer, HOSTS)
    # A second or two on a quiet machine; the bound tells it from what grows with the square, which takes minutes.
    assert time.perf_counter() - start < 60
