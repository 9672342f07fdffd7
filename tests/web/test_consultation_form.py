"""The consultation form: what it shows, and what it gives back when something is wrong."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from engage.runtime import Runtime
from engage.services.consultations import consent_wording

FORM = "/consultation"
TYPED = {
    "given_name": "Zoë <b>",
    "email": "no address",
    "telephone": "12",
    "reach": "text",
    "time-saturday": "yes",
    "message": '\n\n  first "line"\n<script>alert(1)</script></textarea>',
    "main_pain": "neck",
}


def test_the_consent_box_is_not_ticked_and_its_wording_is_the_one_that_is_kept(
    client: FlaskClient, world: Runtime
) -> None:
    page = client.get(FORM).text
    assert "checked" not in "".join(re.findall(r"<input[^>]*type=\"(?:checkbox|radio)\"[^>]*>", page))
    assert f'<label for="consent">{consent_wording(world)}</label>' in page


def test_a_refused_form_keeps_what_was_typed_and_says_what_to_do(client: FlaskClient) -> None:
    answer = client.post(FORM, data=TYPED)
    page = answer.text
    assert answer.status_code == 422
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<title>Error: " in page
    assert 'value="Zoë &lt;b&gt;"' in page
    assert re.search(r'id="reach-text"[^>]*checked', page)
    assert re.search(r'id="time-saturday"[^>]*checked', page)
    assert '<option value="neck" selected>' in page
    kept = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert kept is not None
    assert unescape(kept[1]) == TYPED["message"]
    assert "<script>" not in page
    for field in ("email", "telephone", "consent"):
        assert f'<a href="#{field}">' in page
        assert f'id="{field}-error"' in page


def test_nothing_at_all_is_answered_with_the_form(client: FlaskClient) -> None:
    answer = client.post(FORM)
    assert answer.status_code == 422
    assert answer.text.count('class="wrong"') >= 3
    assert '<a href="#reach-email">' in answer.text


@pytest.mark.parametrize("body", [b"given_name=%ff%fe&message=%00", b"\xff\xfe", b"reach=%ed%a0%80"])
def test_bytes_that_are_no_text_are_answered_too(client: FlaskClient, body: bytes) -> None:
    answer = client.post(FORM, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422


def test_a_program_that_fills_in_the_hidden_field_gets_the_same_answer_and_reaches_no_database(
    client: FlaskClient,
) -> None:
    good = {"given_name": "Ana", "email": "ana@example.org", "reach": "email", "consent": "yes"}
    answer = client.post(FORM, data=good | {"website": "https://example.com"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/consultation/thanks")
    assert client.post(FORM, data=good).status_code == 503


def test_the_page_after_it_needs_no_database_and_repeats_nothing(client: FlaskClient) -> None:
    answer = client.get("/consultation/thanks")
    assert answer.status_code == 200
    assert "We have your request" in answer.text


def test_the_landing_page_leads_to_the_form(client: FlaskClient) -> None:
    assert client.get("/").text.count('href="/consultation"') >= 2
