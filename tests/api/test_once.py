"""A request that is sent again under its Idempotency-Key does nothing twice, whatever happened the first time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any, ClassVar

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from engage.services import api_answers, api_keys, recover
from engage.web.api.dispatch import view_of
from engage.web.api.problems import Refusal
from engage.web.api.routes import Answer, Call, Routes
from engage.web.api.shapes import Body
from engage.web.app import create_app
from tests.api.system import System, rows
from tests.world import World

# An act of its own, so that the rule is proven apart from what any route does: it makes a key by a service that has a
# transaction of its own.
routes = Routes()


class Wanted(Body):
    name: str
    then: str = "answer"
    example: ClassVar[dict[str, Any]] = {"name": "Robot"}


class Made(BaseModel):
    prefix: str


@routes.declare("POST", "/robots", "people:write", "Make a robot", {201: Made}, body=Wanted)
def make_robot(call: Call, body: Wanted) -> Answer:
    """Makes a key with that name, then does what is asked."""
    made = api_keys.create(call.rt, call.actor, body.name, ["people:read"])
    if body.then == "refuse":
        raise Refusal("conflict", "Not today.")
    if body.then == "crash":
        raise RuntimeError("canary")
    return Answer(Made(prefix=made.prefix), 201, {"Location": f"/api/v1/robots/{made.prefix}"})


class Robots(System):
    """A system whose API has the route above as well."""

    app: FlaskClient | None = None

    @property
    def client(self) -> FlaskClient:
        if self.app is None:
            app = create_app(self.rt)
            app.add_url_rule(
                "/api/v1/robots", view_func=view_of(routes.all[0]), methods=["POST"], endpoint="robots"
            )
            self.app = app.test_client()
        return self.app

    def make(self, name: str | None, body: dict[str, str] | None = None, **headers: str) -> TestResponse:
        more = {"Idempotency_Key": name} if name is not None else {}
        return self.post("/robots", body or {"name": "Robot"}, **more, **headers)

    def count(self) -> int:
        return len(rows(self.rt, "SELECT 1 FROM api_keys WHERE name = 'Robot'"))


@pytest.fixture
def robots(world: World) -> Robots:
    return Robots(world)


def test_the_same_request_gets_the_same_answer_and_is_done_once(robots: Robots) -> None:
    first, again = robots.make("n-1"), robots.make("n-1")

    assert (first.status_code, robots.count()) == (201, 1)
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers


def test_without_a_name_and_with_another_it_is_done_each_time(robots: Robots) -> None:
    for name in (None, None, "n-1", "n-2"):
        assert robots.make(name).status_code == 201
    assert robots.count() == 4


def test_another_request_under_the_same_name_is_refused(robots: Robots) -> None:
    robots.make("n-1")
    answer = robots.make("n-1", {"name": "Robot", "then": "else"})

    assert answer.status_code == 422
    assert answer.json is not None and answer.json["type"] == "/api/#other-request"
    assert robots.count() == 1


def test_another_system_may_use_the_same_name(robots: Robots) -> None:
    other = Robots(robots.world)

    assert robots.make("n-1").data != other.make("n-1").data
    assert robots.count() == 2


@pytest.mark.parametrize("then", ["refuse", "crash"])
def test_a_request_that_failed_left_nothing_and_may_come_again(robots: Robots, then: str) -> None:
    failed = robots.make("n-1", {"name": "Robot", "then": then})
    assert failed.status_code == {"refuse": 409, "crash": 500}[then]
    assert "canary" not in failed.text
    assert robots.count() == 0
    assert rows(robots.rt, "SELECT 1 FROM api_answers") == []

    assert robots.make("n-1").status_code == 201
    assert robots.count() == 1


def test_twelve_at_once_are_done_once_and_all_get_the_same_answer(robots: Robots) -> None:
    robots.make("first")
    client, barrier = robots.client.application, Barrier(6)
    headers = {"Authorization": f"Bearer {robots.made.key}", "Idempotency-Key": "n-1"}

    def send(_: int) -> bytes:
        own = client.test_client()
        barrier.wait()
        return bytes(own.post("/api/v1/robots", json={"name": "Robot"}, headers=headers).data)

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(send, range(12)))
    assert len(answers) == 1
    assert robots.count() == 2


def test_a_day_later_the_name_is_free_and_the_answer_forgotten(robots: Robots) -> None:
    first = robots.make("n-1")
    _age(robots.rt, timedelta(hours=23))
    assert robots.make("n-1").data == first.data
    _age(robots.rt, timedelta(hours=25))
    assert robots.make("n-1").data != first.data
    assert robots.count() == 2

    _age(robots.rt, timedelta(hours=25))
    assert api_answers.forget in recover.SWEEPS
    assert api_answers.forget(robots.rt) == 1


@pytest.mark.parametrize("name", ["", "a" * 256, "a\tb", "é"])
def test_a_name_that_can_not_be_is_refused(robots: Robots, name: str) -> None:
    answer = robots.make(name)

    assert answer.status_code == 400
    assert answer.json is not None and answer.json["type"] == "/api/#bad-header"
    assert robots.count() == 0


@pytest.mark.parametrize(
    ("body", "type", "status", "name"),
    [
        ('{"name": "Robot"}', "text/plain", 415, "not-json-type"),
        ("name=Robot", "application/x-www-form-urlencoded", 415, "not-json-type"),
        ("", "application/json", 400, "invalid-json"),
        ('{"name": "Robot"', "application/json", 400, "invalid-json"),
        (b'{"name": "\xff"}', "application/json", 400, "invalid-json"),
        ('{"name": "\\ud800"}', "application/json", 400, "invalid-json"),
        ("[" * 60_000, "application/json", 400, "invalid-json"),
        ('{"name": "Robot", "' + "a" * 70_000 + '": 1}', "application/json", 413, "too-large"),
        ("[]", "application/json", 422, "invalid"),
        ("null", "application/json", 422, "invalid"),
    ],
)
def test_a_body_that_is_none_is_told_so(
    robots: Robots, body: str | bytes, type: str, status: int, name: str
) -> None:
    answer = robots.post("/robots", body, Content_Type=type)

    assert answer.status_code == status, answer.text
    assert answer.json is not None and answer.json["type"] == f"/api/#{name}"
    assert robots.count() == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/name"),
        ({"name": 7}, "#/name"),
        ({"name": None}, "#/name"),
        ({"name": "Robot", "a/b~c": 1}, "#/a~1b~0c"),
    ],
)
def test_a_wrong_field_is_named_by_a_json_pointer(robots: Robots, body: dict[str, Any], pointer: str) -> None:
    answer = robots.post("/robots", body)

    assert answer.status_code == 422
    assert answer.json is not None
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]


def _age(rt: Runtime, by: timedelta) -> None:
    with rt.transaction() as tx:
        tx.exec_driver_sql("UPDATE api_answers SET created_at = %(at)s", {"at": datetime.now(UTC) - by})
