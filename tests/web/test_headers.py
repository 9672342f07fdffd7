"""What every answer carries, whatever it is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from engage.runtime import Runtime

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
Offline = Callable[..., tuple[FlaskClient, Runtime]]

OPEN = ["/", "/courses/chronic-pain", "/privacy", "/terms", "/api/"]
OTHERS = [
    "/check-inbox",
    "/confirm/x",
    "/not-me/x",
    "/lessons/x",
    "/unsubscribe/x",
    "/texts/x",
    "/numbers/x",
    "/preferences/x",
    "/my-data/x",
    "/appointments/x",
    "/appointments/x.ics",
    "/confirm-address/x",
    "/not-my-address/x",
    "/api/v1/messages",
    "/api/v1/nowhere",
    "/healthz",
    "/nowhere",
]


@pytest.mark.parametrize("address", OPEN + OTHERS)
def test_every_answer_is_locked_down_and_sets_no_cookie(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers

    assert headers.getlist("Content-Security-Policy") == [POLICY]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Set-Cookie" not in headers
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("address", OTHERS)
def test_pages_behind_links_are_kept_nowhere(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers

    assert headers.getlist("Cache-Control") == ["no-store"]
    assert headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("address", OPEN)
def test_open_pages_may_be_gone_back_to(client: FlaskClient, address: str) -> None:
    assert client.get(address).headers.getlist("Cache-Control") == ["no-cache"]


def test_https_is_insisted_on_where_people_come_by_https(offline: Offline) -> None:
    client, _ = offline(ENGAGE_BASE_URL="https://engage.example.org")

    assert client.get("/").headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("address", [*OPEN, "/check-inbox", "/nowhere"])
def test_no_page_has_inline_code_or_asks_another_host(client: FlaskClient, address: str) -> None:
    page = client.get(address).text

    assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert not re.search(r"<(?:link|script|img|iframe|source)[^>]*(?:href|src)=\"(?!/static/)", page)


def test_styles_ask_no_other_host_either(client: FlaskClient) -> None:
    for name in ("tokens.css", "site.css", "mailbox.css", "api.css"):
        css = client.get(f"/static/{name}").text
        assert "@import" not in css
        assert all(found.startswith('"fonts/') for found in re.findall(r"url\(([^)]*)\)", css))


def test_static_files_are_kept_for_a_year_under_an_address_that_changes_with_them(
    client: FlaskClient,
) -> None:
    address = re.findall(r'href="(/static/site\.css\?v=[0-9a-f]{10})"', client.get("/").text)[0]
    answer = client.get(address)

    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert "Content-Security-Policy" in answer.headers
