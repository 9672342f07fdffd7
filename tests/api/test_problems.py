"""What can't be used is told once, by its place, with the cure, and without repeating what was sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from engage.runtime import Runtime
from engage.web.api.problems import KINDS
from tests.api.system import System

CANARY = "canary7"


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/people", "email"),
        ("/people?email=a@example.org&mobile=%2B15185550123", "email"),
        ("/people?email=a@example.org&email=b@example.org", "email"),
        ("/people?email=" + "a" * 255, "email"),
        ("/people?email=" + CANARY, "email"),
        ("/people?email=%00@example.org", "email"),
        ("/people?mobile=" + CANARY, "mobile"),
        ("/people?mobile=%00", "mobile"),
        ("/people?name=" + CANARY, "name"),
        ("/messages?limit=0", "limit"),
        ("/messages?limit=201", "limit"),
        ("/messages?limit=" + CANARY, "limit"),
        ("/messages?limit=", "limit"),
        ("/messages?status=" + CANARY, "status"),
        ("/messages?person=" + CANARY, "person"),
        ("/messages?since=" + CANARY, "since"),
        ("/messages?since=2026-11-24T10:00:00", "since"),
        ("/messages?until=2026-13-24T10:00:00Z", "until"),
        ("/messages?since=10811", "since"),
        ("/appointments?from=10811", "from"),
        ("/appointments?to=2026-11-24", "to"),
        ("/appointments?status=lunch", "status"),
        ("/people?external_id=", "external_id"),
        ("/people?external_id=1&source=X", "source"),
        ("/messages?page=2", "page"),
    ],
)
def test_a_parameter_that_can_not_be_used_is_named(system: System, path: str, parameter: str) -> None:
    answer = system.get(path)

    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["type"] == "/api/#invalid"
    assert [one["parameter"] for one in answer.json["errors"]] == [parameter]
    assert answer.json["errors"][0]["detail"]
    assert CANARY not in answer.text


def test_several_mistakes_are_told_at_once(system: System) -> None:
    answer = system.get("/messages?limit=x&status=y&z=1")

    assert answer.json is not None
    assert {one["parameter"] for one in answer.json["errors"]} == {"limit", "status", "z"}


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/messages/1", 404, "not-found"),
        ("DELETE", "/messages", 405, "method-not-allowed"),
        ("OPTIONS", "/messages", 405, "method-not-allowed"),
        ("TRACE", "/messages", 405, "method-not-allowed"),
    ],
)
def test_a_way_that_does_not_exist_is_told_in_the_same_form(
    system: System, method: str, path: str, status: int, name: str
) -> None:
    answer = system.send(method, path)

    assert answer.status_code == status
    assert answer.json is not None and answer.json["type"] == f"/api/#{name}"
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_ten_megabytes_are_too_large_before_anything_is_read(system: System) -> None:
    answer = system.send("POST", "/people", "a" * 10_000_000, Content_Type="application/json")

    assert answer.status_code in (405, 413)
    assert answer.mimetype == "application/problem+json"


def test_a_database_that_is_away_is_a_problem_with_the_time_to_wait(
    offline: Callable[..., tuple[FlaskClient, Runtime]],
) -> None:
    client, _ = offline()
    key = "engage_k7m2q9xw_" + "A" * 43
    answer = client.get("/api/v1/messages", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None and answer.json["type"] == "/api/#unavailable"


def test_every_type_leads_to_its_words_on_the_page(system: System) -> None:
    page = system.client.get("/api/").text

    assert all(f'id="{name}"' in page for name in KINDS)
