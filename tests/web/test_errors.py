"""What people see when something goes wrong, and what the log says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from engage.links import BadLink
from engage.runtime import Runtime

Offline = Callable[..., tuple[FlaskClient, Runtime]]

SOMEBODY = UUID("01939a4e-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("reason", "status", "words"),
    [("invalid", 404, "We can’t find that page"), ("expired", 410, "This link has run out")],
)
def test_a_link_that_is_no_use_says_why(
    offline: Offline, reason: Literal["invalid", "expired"], status: int, words: str
) -> None:
    client, _ = offline()

    @client.application.get("/link")
    def link() -> str:
        raise BadLink(reason)

    answer = client.get("/link")

    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize(
    "address", ["/nowhere", "/confirm", "/confirm/a/b", "/courses/%00", "/lessons/é/none"]
)
def test_an_address_that_leads_nowhere_is_not_found(client: FlaskClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert "We can’t find that page" in answer.text


def test_a_database_that_is_away_is_a_friendly_503_and_the_log_holds_no_token(
    offline: Offline, capfd: pytest.CaptureFixture[str]
) -> None:
    client, world = offline()
    token = world.links.token("confirm", SOMEBODY)

    answer = client.get(f"/confirm/{token}?secret=canary")
    logged = "".join(capfd.readouterr())

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "We’ll be right back" in answer.text
    assert "OperationalError" in logged
    assert "/confirm/<token>" in logged
    assert token not in logged
    assert "canary" not in logged


def test_a_bug_shows_no_trace_and_no_value(offline: Offline, capfd: pytest.CaptureFixture[str]) -> None:
    client, _ = offline()

    @client.application.get("/bug")
    def bug() -> str:
        raise RuntimeError("canary")

    answer = client.get("/bug")
    logged = "".join(capfd.readouterr())

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "canary" not in answer.text + logged
    assert "RuntimeError" in logged


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("PUT", "/", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/consultation/thanks", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/lessons/x/pause", {"POST", "OPTIONS"}),
        ("GET", "/lessons/x/next", {"POST", "OPTIONS"}),
        ("DELETE", "/confirm/x", {"GET", "HEAD", "POST", "OPTIONS"}),
    ],
)
def test_another_method_is_refused_with_those_that_work(
    client: FlaskClient, method: str, address: str, allowed: set[str]
) -> None:
    answer = client.open(address, method=method)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert "works another way" in answer.text


@pytest.mark.parametrize(
    "address",
    ["/courses/chronic-pain", "/confirm/x", "/lessons/x/next", "/unsubscribe/x", "/numbers/x", "/nowhere"],
)
def test_ten_megabytes_are_refused_before_any_view_runs(client: FlaskClient, address: str) -> None:
    answer = client.post(address, data={"given_name": "a" * 10_000_000})

    assert answer.status_code == 413
    assert "too much at once" in answer.text


def test_a_course_that_does_not_exist_is_not_found(client: FlaskClient) -> None:
    assert client.get("/courses/none").status_code == 404
    assert client.post("/courses/none").status_code == 404


@pytest.mark.parametrize("days", ["", "0", "3", "-7", "7.0", "٧", "99999999999999999999"])
def test_a_pause_of_another_length_is_refused(client: FlaskClient, days: str) -> None:
    assert client.post("/lessons/x/pause", data={"days": days}).status_code == 422


def test_readiness_names_what_fails(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert "database" in answer.json["failing"]
    assert {"name", "ok", "detail"} == set(answer.json["checks"][0])


def test_being_alive_needs_nothing(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"


def test_the_mailbox_is_nowhere_in_production(offline: Offline) -> None:
    client, _ = offline(ENGAGE_ENV="production", ENGAGE_BASE_URL="https://engage.example.org")

    for address in ("/dev/mailbox", "/dev/mailbox?format=json", f"/dev/mailbox/{SOMEBODY}"):
        assert client.get(address).status_code == 404
    assert client.post("/dev/mailbox").status_code == 404
    assert "/dev/mailbox" not in client.get("/").text
