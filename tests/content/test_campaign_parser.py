from __future__ import annotations

import pytest

from engage.content.campaign_parser import parse

VALUES = {"name": "Ana", "clinic": "Harmonia", "telephone": "555"}


def both(text: str) -> tuple[str, str]:
    parsed, flaws = parse("body", text)
    assert parsed is not None, [str(flaw) for flaw in flaws]
    return parsed.text(True, VALUES), parsed.text(False, VALUES)


@pytest.mark.parametrize(
    ("typed", "with_name", "without"),
    [
        ("Hello {{ name }}", "Hello Ana", "Hello Ana"),
        ("{{name}}, {{  clinic  }}: {{telephone}}", "Ana, Harmonia: 555", "Ana, Harmonia: 555"),
        ("{% if name %}Hi {{ name }}{% endif %}!", "Hi Ana!", "!"),
        ("{% if name %}Hi {{ name }}{% else %}Hello{% endif %}!", "Hi Ana!", "Hello!"),
        ("a {%if name%}b{%  else  %}c{%endif%} {% if name %}d{% endif %}", "a b d", "a c "),
        ("{% if name %}\nHi,\n{% else %}\nHello,\n{% endif %}\n\nBody", "Hi,\n\nBody", "Hello,\n\nBody"),
        ("a\n  {% if name %}  \nb\n\t{% endif %}\nc", "a\nb\nc", "a\nc"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree", "one\ntwo\nthree"),
        ("so\u00adft\u200b\ufeff", "soft", "soft"),
        ("100 % of no", "100 % of no", "100 % of no"),
    ],
)
def test_people_with_a_name_and_without_get_their_own_words(typed: str, with_name: str, without: str) -> None:
    assert both(typed) == (with_name, without)


@pytest.mark.parametrize(
    ("typed", "needs"),
    [
        ("Hello", False),
        ("Hello {{ name }}", True),
        ("{% if name %}Hi {{ name }}{% endif %}", False),
        ("{% if name %}Hi{% endif %} {{ name }}", True),
    ],
)
def test_a_name_outside_of_its_question_is_needed_of_everybody(typed: str, needs: bool) -> None:
    parsed, _ = parse("body", typed)
    assert parsed is not None
    assert parsed.needs_name is needs


KNOWN = "only {{ name }}, {{ clinic }} and {{ telephone }} may stand between such braces"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("{{ nmae }}", "line 3, column 6: unknown variable nmae; did you mean name?"),
        ("{{ Name }}", "line 3, column 6: unknown variable Name; did you mean name?"),
        ("{{ given_name }}", "line 3, column 6: unknown variable given_name; did you mean name?"),
        ("{{ phone }}", "line 3, column 6: unknown variable phone; did you mean telephone?"),
        ("{{ config }}", "line 3, column 6: unknown variable config; known are name, clinic, telephone"),
        ("{{ self }}", "line 3, column 6: unknown variable self; known are name, clinic, telephone"),
        ("{{ unsubscribe_url }}", "line 3, column 6: unknown variable unsubscribe_url; known are name, clinic, telephone"),
        ("{{ }}", f"line 3, column 6: nothing stands between the braces; {KNOWN}"),
        ("{{ name.__class__ }}", f"line 3, column 6: name.__class__ is no variable; {KNOWN}"),
        ("{{ name|upper }}", f"line 3, column 6: name|upper is no variable; {KNOWN}"),
        ("{{ name or 'there' }}", f"line 3, column 6: name or 'there' is no variable; {KNOWN}"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", f"line 3, column 6: ''.__class__.__mro__[1].__subclasses__() is no variable; {KNOWN}"),
        ("{{ 7*7 }}", f"line 3, column 6: 7*7 is no variable; {KNOWN}"),
        ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", f"line 3, column 6: cycler.__init__.__globals__.os.popen('id... is no variable; {KNOWN}"),
        ("{{ {{ name }} }}", "line 3, column 6: {{ is not closed; close it with }} on the same line, and put nothing else in braces into it"),
        ("{{{ name }}}", "line 3, column 6: {{ is not closed; close it with }} on the same line, and put nothing else in braces into it"),
        ("{{ name", "line 3, column 6: {{ is not closed; close it with }} on the same line, and put nothing else in braces into it"),
        ("{{ na\nme }}", "line 3, column 6: {{ is not closed; close it with }} on the same line, and put nothing else in braces into it"),
        ("name }}", f"line 3, column 11: }}}} would be shown as it stands; delete it, or use round brackets; {KNOWN}"),
        ("{name}", "line 3, column 6: {name} has single braces; write {{ name }}"),
        ("{first_name}", "line 3, column 6: {first_name} has single braces; write {{ name }}"),
        ("a { b", f"line 3, column 8: {{ would be shown as it stands; delete it, or use round brackets; {KNOWN}"),
        ("{# note #}", f"line 3, column 6: {{# would be shown as it stands; delete it, or use round brackets; {KNOWN}"),
        ("{% include 'x' %}", "line 3, column 6: unknown statement include 'x'; known are {% if name %}, {% else %} and {% endif %}"),
        ("{% set x = name %}", "line 3, column 6: unknown statement set x = name; known are {% if name %}, {% else %} and {% endif %}"),
        ("{% for x in name %}", "line 3, column 6: unknown statement for x in name; known are {% if name %}, {% else %} and {% endif %}"),
        ("{%- if name -%}", "line 3, column 6: unknown statement - if name -; known are {% if name %}, {% else %} and {% endif %}"),
        ("{% raw %}{% endraw %}", "line 3, column 6: unknown statement raw; known are {% if name %}, {% else %} and {% endif %}"),
        ("{% if clinic %}x{% endif %}", "line 3, column 6: nothing but the name can be asked for, not clinic; write {% if name %}"),
        ("{% if name == 'Ana' %}x{% endif %}", "line 3, column 6: nothing but the name can be asked for, not name == 'Ana'; write {% if name %}"),
        ("{% if name %}x", "line 3, column 6: {% if name %} is never ended; put {% endif %} behind it"),
        ("{% endif %}", "line 3, column 6: {% endif %} ends no {% if name %}; put {% if name %} before it"),
        ("{% else %}", "line 3, column 6: {% else %} belongs to no {% if name %}; put {% if name %} before it"),
        ("{% if name %}{% if name %}x{% endif %}", "line 3, column 19: an {% if name %} stands in another; end the first one before"),
        ("{% if name %}a{% else %}b{% else %}c{% endif %}", "line 3, column 31: this is a second {% else %}; delete one of them"),
        ("{% if name %}a{% else %}{{ name }}{% endif %}", "line 3, column 30: there is no name here; between {% else %} and {% endif %} stands what people without a name get"),
        ("-mt-given_name-", "line 3, column 6: -mt-given_name- is a mark of ours; put it in other words"),
        ("a\0b", "line 3, column 7: the character U+0000 can't be shown; delete it, or type the words anew"),
        ("a\x1b[31m", "line 3, column 7: the character U+001B can't be shown; delete it, or type the words anew"),
        ("a\u2028b", "line 3, column 7: the character U+2028 (LINE SEPARATOR) can't be shown; delete it, or type the words anew"),
        ("a\ud800", "line 3, column 7: the character U+D800 can't be shown; delete it, or type the words anew"),
        ("a\u202eb", "line 3, column 7: the character U+202E (RIGHT-TO-LEFT OVERRIDE) turns the text around it; delete it, or type the words anew"),
        ("\u2067x", "line 3, column 6: the character U+2067 (RIGHT-TO-LEFT ISOLATE) turns the text around it; delete it, or type the words anew"),
        ("x" * 70_000, ": the body has 70,008 bytes, and 65,536 is the most; shorten it, or put the rest on a page and link there"),
        ("x" * 1_048_576, ": the body has 1,048,584 bytes, and 65,536 is the most; shorten it, or put the rest on a page and link there"),
        ("x" * 300, "line 3, column 6: xxxxxxxxxxxxxxxxxxxx... has 300 characters without a space; put spaces between the words"),
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_refused_with_place_and_cure(typed: str, told: str) -> None:
    parsed, flaws = parse("body", "a\n\n     " + typed)
    assert parsed is None
    assert str(flaws[0]) == (f"body, {told}" if told.startswith("line") else f"body{told}")
    assert all(flaw.blocks for flaw in flaws)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Open\r\nBcc: everybody@example.org", "subject, line 1, column 5: the subject has more than one line; put all of it on one"),
        ("Open\rnow", "subject, line 1, column 5: the subject has more than one line; put all of it on one"),
        ("x y " * 60, "subject: the subject has 239 characters, and 200 is the most; shorten it"),
        ("ż" * 500, "subject: the subject has 1,000 bytes, and 800 is the most; shorten it, or put the rest on a page and link there"),
    ],
)  # fmt: skip
def test_a_subject_is_one_line_of_some_length(typed: str, told: str) -> None:
    parsed, flaws = parse("subject", typed)
    assert parsed is None
    assert [str(flaw) for flaw in flaws] == [told]


def test_all_that_is_wrong_is_told_at_once_but_not_without_end() -> None:
    _, flaws = parse("body", "{{ a }}\n{name}\n{% b %}")
    assert [(flaw.line, flaw.code) for flaw in flaws] == [
        (1, "unknown-variable"),
        (2, "braces"),
        (3, "unknown-statement"),
    ]
    _, flaws = parse("body", "{\n" * 30_000)
    assert len(flaws) == 50


@pytest.mark.parametrize("typed", ["👩‍⚕️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿", "سلام‌ها", "مرحبا", "Zoë – “ok”\t…", "日本語" * 200])
def test_every_script_and_emoji_may_stand_in_a_text(typed: str) -> None:
    assert both(typed) == (typed, typed)
