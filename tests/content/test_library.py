from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engage.content.clinic_text import ClinicText
from engage.content.library import ContentErrors, Library, UnknownContent
from engage.content.render import with_marks
from engage.content.sms import merged

Change = Callable[[str, str, str], None]
VALUES = {
    "given_name": "Ana <3 & co",
    "lesson_url": "https://clinic.example/lessons/a?b=1&c=2",
    "unsubscribe_url": "https://clinic.example/unsubscribe/a",
    "preferences_url": "https://clinic.example/preferences/a",
}


@pytest.fixture
def library(templates: Path, clinic: ClinicText) -> Library:
    return Library.load(templates, clinic)


def test_a_lesson_is_rendered_with_its_marks_in(library: Library) -> None:
    content = library.lesson("mornings", "welcome")
    assert content.subject == "Your first lesson, -mt-given_name-"
    assert content.names == {"given_name", "lesson_url", "unsubscribe_url", "preferences_url"}
    assert "Better mornings" in content.text
    assert "Open the lesson: -mt-lesson_url-" in content.text
    assert "Light &amp; air" in content.html
    assert "Light & air\n-----------" in content.text
    assert len(content.hash) == 32


def test_a_letter_for_one_person_has_escaped_values_in_html_only(library: Library) -> None:
    subject, html, text = library.plan(library.lesson("mornings", "welcome")).fill(VALUES)
    assert subject == "Your first lesson, Ana <3 & co"
    assert "Hello Ana &lt;3 &amp; co," in html
    assert 'href="https://clinic.example/lessons/a?b=1&amp;c=2"' in html
    assert "Hello Ana <3 & co," in text
    assert "Open the lesson: https://clinic.example/lessons/a?b=1&c=2" in text
    assert "-mt-" not in subject + html + text


def test_substituting_gives_the_same_bytes_as_filling(library: Library) -> None:
    content = library.lesson("mornings", "welcome")
    marked = with_marks(content, "Zk41")
    filled = [marked.subject, marked.html, marked.text]
    for key, value in marked.substitutions(VALUES).items():
        filled = [text.replace(key, value) for text in filled]
    assert tuple(filled) == library.plan(content).fill(VALUES)


def test_the_css_is_in_the_elements_and_the_dark_colours_stay(library: Library) -> None:
    html = library.lesson("mornings", "welcome").html
    assert "@media (prefers-color-scheme: dark)" in html
    assert html.index('charset="utf-8"') < 200
    assert 'class="button-link" href="-mt-lesson_url-" style="' in html
    assert '<html lang="en"' in html
    assert "<title>Your first lesson, -mt-given_name-</title>" in html
    assert "<img" not in html


def test_loading_twice_gives_the_same_hash(templates: Path, clinic: ClinicText, library: Library) -> None:
    again = Library.load(templates, clinic)
    assert again.lesson("mornings", "welcome") == library.lesson("mornings", "welcome")


def test_another_word_gives_another_hash(
    templates: Path, clinic: ClinicText, library: Library, change: Change
) -> None:
    change("welcome/body.md", "Open a window", "Open the window")
    again = Library.load(templates, clinic)
    assert again.lesson("mornings", "welcome").hash != library.lesson("mornings", "welcome").hash
    assert again.lesson("mornings", "your-own").hash == library.lesson("mornings", "your-own").hash


def test_the_email_is_the_same_for_all_and_has_no_part(library: Library) -> None:
    content = library.lesson("mornings", "your-own")
    assert "Part for" not in content.html + content.text


def test_the_page_has_the_part_that_the_person_chose_in_its_place(library: Library) -> None:
    page = library.lesson_page("mornings", "your-own", "back")
    assert page.title == "Your own morning"
    assert page.names == {"given_name"}
    before, part, after = (
        page.html.index(words) for words in ("Before.", "Part for <em>back</em>", "After.")
    )
    assert before < part < after


@pytest.mark.parametrize("branch", [None, "a-pain-that-was-once-a-choice"])
def test_without_a_choice_the_page_has_no_part(library: Library, branch: str | None) -> None:
    assert "Part for" not in library.lesson_page("mornings", "your-own", branch).html


def test_a_part_without_a_place_comes_last(templates: Path, clinic: ClinicText, change: Change) -> None:
    change("your-own/body.md", "{{ branch_part }}\n\n", "")
    html = Library.load(templates, clinic).lesson_page("mornings", "your-own", "neck").html
    assert html.index("After.") < html.index("Part for <em>neck</em>")


def test_the_page_has_no_link_to_itself(library: Library) -> None:
    page = library.lesson_page("mornings", "welcome", None)
    assert "lesson_url" not in page.names
    assert "Open the lesson" not in page.html
    assert "style=" not in page.html


def test_an_authors_own_plain_text_goes_before_ours(templates: Path, clinic: ClinicText) -> None:
    (templates / "courses/mornings/welcome/body.txt").write_text("Dear {{ given_name }}, *as it is*\n")
    text = Library.load(templates, clinic).lesson("mornings", "welcome").text
    assert "Dear -mt-given_name-, *as it is*" in text
    assert "Light & air" not in text
    assert "-mt-unsubscribe_url-" in text


def test_a_message_may_have_its_own_footer(templates: Path, clinic: ClinicText) -> None:
    (templates / "email/signup-confirm/footer.md").write_text("Only this.\n")
    content = Library.load(templates, clinic).message("signup-confirm")
    assert "Only this." in content.html
    assert "Only this." in content.text


def test_what_does_not_exist_is_named(library: Library) -> None:
    for ask in (
        lambda: library.lesson("mornings", "gone"),
        lambda: library.message("gone"),
        lambda: library.lesson_page("gone", "welcome", None),
    ):
        with pytest.raises(UnknownContent, match="gone"):
            ask()


HERE = "courses/mornings/"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("course.toml", None, f"{HERE}course.toml: course.toml is missing [missing-file]"),
        ("course.toml", "title = \n", f"{HERE}course.toml:1: not valid TOML"),
        ("welcome/subject.txt", None, f"{HERE}welcome/subject.txt: subject.txt is missing"),
        ("welcome/subject.txt", "\n", f"{HERE}welcome/subject.txt:1: subject.txt is empty"),
        ("welcome/subject.txt", "one\ntwo\n", f"{HERE}welcome/subject.txt:2: subject.txt must be one line"),
        ("welcome/preheader.txt", "one\u2028two\n", "preheader.txt:2: preheader.txt must be one line"),
        ("welcome/body.md", "  \n", f"{HERE}welcome/body.md:1: body.md is empty"),
        ("welcome/body.md", "a\n{{ nam }}\n", f"{HERE}welcome/body.md:2: unknown variable nam"),
        ("welcome/body.md", "a\n{{ confirm_url }}\n", "welcome/body.md:2: unknown variable confirm_url"),
        ("welcome/body.md", "{{ given_name|upper }}\n", "body.md:1: given_name is a personal value"),
        ("welcome/body.md", "-mt-given_name-\n", f"{HERE}welcome/body.md:1: -mt-given_name- is a mark"),
        ("welcome/bdy.txt", "a", "bdy.txt is not a file of a letter; did you mean body.txt?"),
        ("welcom/body.md", "a", f"{HERE}welcom: welcom is not listed in course.toml; did you mean welcome?"),
        ("welcome/parts/back.md", "a", f"{HERE}welcome/parts: welcome has parts but no branch"),
        ("your-own/parts/neck.md", None, f"{HERE}your-own/parts/neck.md: the part for Neck pain is missing"),
        ("your-own/parts/neck.md", "\n", f"{HERE}your-own/parts/neck.md:1: neck.md is empty"),
        ("your-own/parts/nek.md", "a", "nek.md: no main pain has the key nek; did you mean neck?"),
        ("your-own/parts/neck.md", "{{ x }}", f"{HERE}your-own/parts/neck.md:1: unknown variable x"),
        ("../../email/_layout/base.html", None, "email/_layout/base.html: base.html is missing"),
        ("../../email/_layout/base.html", "{{ x", "email/_layout/base.html:1: unexpected end"),
        ("../../email/_layout/footer-course.md", "{{ x }}", "footer-course.md:1: unknown variable x"),
    ],
)  # fmt: skip
def test_a_broken_course_is_refused_with_file_and_line(
    templates: Path, clinic: ClinicText, name: str, text: str | None, says: str
) -> None:
    path = templates / HERE / name
    if text is None:
        path.unlink()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    with pytest.raises(ContentErrors) as error:
        Library.load(templates, clinic)
    assert says in str(error.value)


def test_a_lesson_without_a_folder_is_named(templates: Path, clinic: ClinicText) -> None:
    shutil.rmtree(templates / HERE / "welcome")
    with pytest.raises(ContentErrors, match="lists welcome, but there is no such folder"):
        Library.load(templates, clinic)


def test_bytes_that_are_no_text_are_named(templates: Path, clinic: ClinicText) -> None:
    (templates / HERE / "welcome/body.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ContentErrors, match=r"welcome/body.md: body.md is not UTF-8 text"):
        Library.load(templates, clinic)


def test_all_problems_come_at_once(templates: Path, clinic: ClinicText, change: Change) -> None:
    change("welcome/body.md", "given_name", "given_nam")
    change("your-own/subject.txt", "Your own", "{{ your.own }}")
    (templates / "email/signup-confirm/preheader.txt").unlink()
    with pytest.raises(ContentErrors) as error:
        Library.load(templates, clinic)
    assert len(error.value.problems) == 3


def test_a_text_message_is_folded_and_keeps_its_marks(templates: Path, clinic: ClinicText) -> None:
    (templates / "sms").mkdir(exist_ok=True)
    (templates / "sms/hello.txt").write_text("{{ clinic.short_name }}: it’s {{ given_name }} – “hello”…\n")
    library = Library.load(templates, clinic)
    content = library.text_message("hello")
    assert (content.subject, content.html) == ("", "")
    assert content.text == f'{clinic.short_name}: it\'s -mt-given_name- - "hello"...'
    assert content.names == {"given_name"}
    assert merged(content.text, {"given_name": "D’Arcy"}).endswith("it's D'Arcy - \"hello\"...")
    assert "hello" in library.texts and "hello" not in library.kinds
    with pytest.raises(UnknownContent):
        library.text_message("gone")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ x }}", "sms/hello.txt:1: unknown variable x"),
        ("{% if given_name %}a{% endif %}", "sms/hello.txt:1: given_name is a personal value"),
        (" \n", "sms/hello.txt:1: hello.txt is empty"),
        ("a -mt-given_name- b", "sms/hello.txt:1: -mt-given_name- is a mark of ours"),
    ],
)
def test_a_broken_text_message_is_refused(templates: Path, clinic: ClinicText, text: str, says: str) -> None:
    (templates / "sms").mkdir(exist_ok=True)
    (templates / "sms/hello.txt").write_text(text)
    with pytest.raises(ContentErrors) as error:
        Library.load(templates, clinic)
    assert says in str(error.value)
