"""The sign-up form: what it shows, and what it gives back when something is wrong."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from engage.runtime import Runtime
from engage.services.signups import consent_wording

FORM = "/courses/chronic-pain"


def test_the_consent_box_is_not_ticked_and_its_wording_is_the_one_that_is_kept(
    client: FlaskClient, world: Runtime
) -> None:
    page = client.get(FORM).text
    box = re.findall(r"<input[^>]*name=\"consent\"[^>]*>", page)[0]

    assert "checked" not in box
    assert f'<label for="consent">{consent_wording(world, "chronic-pain")}</label>' in page


def test_the_zone_is_the_clinics_until_the_browser_says_better(client: FlaskClient, world: Runtime) -> None:
    page = client.get(FORM).text

    assert re.findall(r'<option value="([^"]+)" selected', page) == [world.clinic.zone]
    assert "data-guess" in page
    assert page.count('value="Europe/Lisbon"') == page.count('value="America/Chicago"') == 1


@pytest.mark.parametrize("name", ["Zoë", "نور", "Ana 🌿", "D’Arcy & <b>", '"><script>'])
def test_a_refused_form_keeps_what_was_typed_and_says_what_to_do(client: FlaskClient, name: str) -> None:
    typed = {"given_name": name, "email": "no address", "main_pain": "neck", "zone": "Europe/Lisbon"}

    answer = client.post(FORM, data=typed)
    page = answer.text

    assert answer.status_code == 422
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<title>Error: " in page
    assert re.findall(r'<option value="([^"]+)" selected', page) == ["neck", "Europe/Lisbon"]
    assert "data-guess" not in page
    assert 'value="no address"' in page
    for field in ("email", "consent"):
        assert f'<a href="#{field}">' in page
        assert f'id="{field}-error"' in page
        assert re.search(
            rf'name="{field}"[^>]*aria-describedby="[^"]*{field}-error"[^>]*aria-invalid="true"', page
        )
    assert 'aria-invalid="true"' not in re.findall(r"<input[^>]*name=\"given_name\"[^>]*>", page)[0]
    assert "<script>" not in page


def test_each_place_is_offered_once_and_older_names_are_accepted(client: FlaskClient) -> None:
    page = client.get(FORM).text
    offered = re.findall(r'<option value="([^"]+)"', page)
    assert len(offered) == len(set(offered)) and "Asia/Kolkata" in offered and "Asia/Calcutta" not in offered
    # For browsers that still use it.
    assert re.search(r'<option value="Asia/Kolkata" data-also="[^"]*Asia/Calcutta', page)
    kept = client.post(FORM, data={"zone": "Asia/Calcutta"}).text
    assert 'value="Asia/Calcutta" selected' in kept and 'href="#zone"' not in kept


def test_a_zone_that_does_not_exist_is_refused_and_not_repeated(client: FlaskClient) -> None:
    page = client.post(FORM, data={"zone": "Mars/Olympus"}).text

    assert '<a href="#zone">' in page
    assert "Mars/Olympus" not in page


def test_nothing_at_all_is_answered_with_the_form(client: FlaskClient) -> None:
    answer = client.post(FORM)

    assert answer.status_code == 422
    assert answer.text.count('class="wrong"') >= 3


def test_bytes_that_are_no_text_are_answered_too(client: FlaskClient) -> None:
    body = b"given_name=%ff%fe&email=%00&zone=\xff&consent=yes"

    assert client.post(FORM, data=body, content_type="application/x-www-form-urlencoded").status_code == 422


def test_a_program_that_fills_in_the_hidden_field_gets_the_same_answer_and_reaches_no_database(
    client: FlaskClient,
) -> None:
    typed = {"given_name": "Ana", "email": "ana@example.org", "zone": "America/New_York", "consent": "yes"}

    answer = client.post(FORM, data=typed | {"website": "https://example.com"})

    assert answer.status_code == 303
    assert re.fullmatch(r"/check-inbox\?sent=[\w-]{48}", answer.headers["Location"])
    assert client.post(FORM, data=typed).status_code == 503
