"""Who may ask: keys that are right, wrong, revoked, too narrow or too busy, and what asking leaves behind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from engage.domain.api_keys import SCOPES
from engage.services import api_keys, audit
from engage.services.api_keys import Limiter
from engage.services.audit import CLI
from engage.web.api import ROUTES
from engage.web.api.routes import Route
from tests.api.system import System, kept, rows
from tests.world import World

NOBODYS = "engage_k7m2q9xw_" + "A" * 43
SOMETHING = "01939a4e-0000-7000-8000-000000000001"


def address(route: Route) -> str:
    """The route with something that fits in each of its places."""
    return (
        route.path.replace("<uuid:id>", SOMETHING)
        .replace("<source>", "cliniko")
        .replace("<path:external_id>", "x-1")
    )


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        f"Bearer {NOBODYS}",
        "Bearer engage_",
        "Bearer \x00",
        f"Basic {NOBODYS}",
        f"Bearer  {NOBODYS} {NOBODYS}",
        "Bearer " + "a" * 5000,
        "Bearer ключ",
    ],
)
def test_without_a_key_that_works_every_route_asks_for_one(system: System, route: Route, given: str) -> None:
    answer = system.send(route.method, address(route), Authorization=given)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="engage"')
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None and answer.json["type"] == "/api/#unauthorized"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_key_may_do_what_its_scopes_say_and_the_answer_names_the_one_that_it_lacks(
    world: World, route: Route
) -> None:
    system = System(world, tuple(scope for scope in SCOPES if scope != route.scope))
    answer = system.send(route.method, address(route))

    assert answer.status_code == 403
    assert answer.json is not None and route.scope in answer.json["detail"]
    assert f'scope="{route.scope}"' in answer.headers["WWW-Authenticate"]


def test_a_right_prefix_with_another_secret_is_no_key(system: System) -> None:
    wrong = system.made.key[:-1] + ("A" if system.made.key[-1] != "A" else "B")

    assert system.get("/messages").status_code == 200
    assert system.get("/messages", Authorization=f"Bearer {wrong}").status_code == 401


def test_a_revoked_key_stops_at_its_next_request(system: System) -> None:
    assert system.get("/messages").status_code == 200
    api_keys.revoke(system.rt, CLI, system.made.prefix)

    assert system.get("/messages").status_code == 401
    with pytest.raises(api_keys.NoSuchKey):
        api_keys.revoke(system.rt, CLI, system.made.prefix)


def test_only_the_hash_of_a_key_is_kept(system: System) -> None:
    secret = system.made.key.rsplit("_", 1)[1]

    kept = rows(system.rt, "SELECT * FROM api_keys")
    assert secret not in repr(kept)
    assert secret not in repr(api_keys.listing(system.rt))


def test_a_thousand_requests_without_a_key_write_nothing(system: System) -> None:
    before = kept(system.rt)
    given = ["", f"Bearer {NOBODYS}", f"Bearer {system.made.key}x"]
    for n in range(1000):
        route = ROUTES[n % len(ROUTES)]
        headers = {"Authorization": given[n % 3], "Idempotency_Key": f"n-{n}"}
        assert system.send(route.method, address(route), {}, **headers).status_code == 401

    assert kept(system.rt) == before


def test_cookies_open_nothing_and_none_is_set(system: System) -> None:
    system.client.set_cookie("engage", "x")

    answer = system.client.get("/api/v1/messages")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" not in system.get("/messages").headers


def test_the_day_of_its_last_use_is_kept_once_a_day(system: System) -> None:
    assert api_keys.listing(system.rt)[0].last_used_on is None
    system.get("/messages")
    before = rows(system.rt, "SELECT xmin::text, last_used_on FROM api_keys")
    system.get("/messages")

    assert before[0].last_used_on is not None
    assert rows(system.rt, "SELECT xmin::text, last_used_on FROM api_keys") == before


def test_every_look_is_in_the_audit_trail_with_the_key_that_asked(system: System) -> None:
    person = system.world.enrol()
    found = system.get("/people?email=ada@example.org").json
    assert found is not None and person is not None
    id = found["data"][0]["id"]
    system.get(f"/people/{id}/timeline")
    system.get(f"/messages?person={id}")

    trail = rows(system.rt, "SELECT actor, action, what, person_id::text FROM audit WHERE actor <> 'cli'")
    who = f"api:{system.made.prefix}"
    assert sorted(tuple(row) for row in trail) == [
        (who, "view", "message list", id),
        (who, "view", "person", id),
        (who, "view", "timeline", id),
    ]
    audit.chain(system.rt)
    assert audit.verify(system.rt).sound


def test_a_key_is_held_to_its_requests_a_minute_and_told_how_long_to_wait(world: World) -> None:
    clinic = world.base.clinic
    few = clinic.model_copy(update={"api": clinic.api.model_copy(update={"requests_per_minute": 5})})
    system = System(World(replace(world.base, clinic=few)))
    other = System(system.world)

    answers = [system.get("/messages") for _ in range(12)]
    refused = [answer for answer in answers if answer.status_code == 429]
    # A new minute may have begun meanwhile.
    assert 2 <= len(refused) <= 7
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert told(refused[0]) == "/api/#too-many-requests"
    assert other.get("/messages").status_code == 200


def test_two_processes_share_one_limit(system: System) -> None:
    caller = api_keys.recognise(system.rt, system.made.key)
    assert caller is not None
    first, second = Limiter(100), Limiter(100)
    waits = [limiter.admit(system.rt, caller) for _ in range(100) for limiter in (first, second)]

    # A new minute may have begun meanwhile.
    assert 100 <= waits.count(None) <= 200
    counted = rows(system.rt, "SELECT count FROM form_counts ORDER BY hour LIMIT 1")[0][0]
    assert counted <= 104


def told(answer: TestResponse) -> str:
    assert answer.json is not None
    return str(answer.json["type"])
