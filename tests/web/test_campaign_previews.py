"""The letter in its frame: as sent, in light and in dark, running nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from engage.content.campaign_check import check
from engage.content.campaign_text import Draft
from engage.runtime import Runtime
from engage.services import campaign_previews
from engage.services.audit import CLI
from engage.web.staff.campaign_previews import in_theme
from tests.apps import app_of
from tests.campaign_texts import LETTER, NEEDS_NAME, TEXT, called, written
from tests.web.staff_world import Desk, new_member
from tests.world import World


@pytest.fixture
def world(rt: Runtime) -> World:
    return World(rt)


@pytest.fixture
def desk(world: World) -> Desk:
    desk = new_member(world.rt)
    desk.sign_in()
    return desk


def test_the_frame_shows_the_letter_of_this_person_and_runs_nothing(world: World, desk: Desk) -> None:
    person, campaign = called(world, "Ana <script>").id, written(world, LETTER)
    frame = desk.get(f"/staff/campaigns/{campaign}/preview/{person}/html")
    assert frame.status_code == 200
    assert "Hello Ana &lt;script&gt;," in frame.text
    assert '<base target="_blank">' in frame.text
    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert (
        "sandbox allow-popups" in policy and "frame-ancestors 'self'" in policy and "script-src" not in policy
    )
    assert frame.headers.getlist("Cache-Control") == ["no-store"]


@pytest.mark.parametrize(
    ("asked", "has", "has_not"),
    [
        ("", "@media not all {", "@media all {"),
        ("?theme=light", "color-scheme:light;", "light dark"),
        ("?theme=dark", "@media all {", "@media not all {"),
        ("?theme=dark", "color-scheme:dark;supported-color-schemes:dark", "light dark"),
        ("?theme=dark", 'name="color-scheme" content="dark"', "prefers-color-scheme"),
        ("?theme=<x>", "@media not all {", "<x>"),
    ],
)
def test_the_theme_is_what_was_asked_for_and_not_what_the_browser_prefers(
    world: World, desk: Desk, asked: str, has: str, has_not: str
) -> None:
    person, campaign = called(world, "Ana").id, written(world, LETTER)
    frame = desk.get(f"/staff/campaigns/{campaign}/preview/{person}/html{asked}").text
    assert has in frame
    assert has_not not in frame
    assert "@media (max-width: 480px)" in frame, "and it still fits a small telephone"


def test_words_of_the_letter_are_left_alone() -> None:
    document = "<head><style>@media (prefers-color-scheme: dark) {}</style></head>color-scheme:light dark"
    assert in_theme(document, "dark") == "<head><style>@media all {}</style></head>color-scheme:light dark"


def test_where_there_is_no_letter_there_is_no_page(world: World, desk: Desk) -> None:
    person, nobody = called(world, "Ana", 1).id, called(world, "", 2).id
    faulty = written(world, Draft("email", "Open", "", "{{ nmae }}"))
    for campaign, who in (
        (written(world, TEXT), person),
        (written(world, NEEDS_NAME), nobody),
        (faulty, person),
        (written(world, LETTER), uuid4()),
        (uuid4(), person),
    ):
        assert desk.get(f"/staff/campaigns/{campaign}/preview/{who}/html").status_code == 404


@pytest.fixture
def part(world: World) -> Iterator[Any]:
    """The parts that the pages of campaigns are made of."""
    app = app_of(world.rt)
    with app.test_request_context():
        yield app.jinja_env.get_template("staff/parts/campaign-text.html").module


def test_what_was_found_is_told_with_place_and_cure_and_as_words(world: World, part: Any) -> None:
    draft = Draft("email", "Your knee", "", "Hi {{ name }}. <script>alert(1)</script>")
    found = part.found(check(draft, world.rt.library.renderer))
    assert "3 things to mend before it can go out" in found
    assert "<script>" not in found
    assert (
        "Body, line 1, column 16:</span> <bdi>&lt;script&gt; would be shown as it stands, and does nothing"
        in found
    )
    assert "Use another word, or waive this one by name." in found
    assert "Worth a thought" in found and "people without a name can&#39;t be written to" in found
    typo = part.found(check(Draft("sms", "", "", "{{ nmae }}"), world.rt.library.renderer))
    assert "unknown variable nmae</bdi>. Did you mean name?</li>" in typo
    assert "Nothing speaks against this text." in part.found(
        check(Draft("email", "Open", "Now", "Hello."), world.rt.library.renderer)
    )


def test_a_preview_shows_the_frame_the_words_or_why_there_are_none(world: World, part: Any) -> None:
    ana, nobody, campaign = called(world, "Zoë <b>", 1).id, called(world, "", 2).id, uuid4()

    def shown(draft: Draft, person: UUID, **how: Any) -> str:
        preview = campaign_previews.preview(world.rt, CLI, campaign, draft, person)
        return str(part.shown(preview, campaign, draft.channel, **how))

    wide = shown(LETTER, ana)
    assert f'src="/staff/campaigns/{campaign}/preview/{ana}/html?theme=light"' in wide
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in wide
    assert "Hello Zoë &lt;b&gt;," in wide
    small = shown(LETTER, ana, theme="dark", narrow=True)
    assert 'class="frame narrow" title="The letter in dark, 320 pixels wide"' in small
    assert "1 segment, UCS-2, because of <bdi>ë</bdi>" in shown(TEXT, ana)
    assert "there is no name for them" in shown(NEEDS_NAME, nobody)
