"""People by another system: told of once or a hundred times, found again, never overwritten, gone when erased."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from engage.services import erasure, merges
from engage.services.audit import CLI
from tests.api.system import COUNTS, System, kept, rows

PUT = "/people/by-external-id/cliniko/17"
ADA = {
    "given_name": "Ada",
    "family_name": "Lovelace",
    "email": "ada@example.org",
    "mobile": "(518) 555-0101",
    "consent": ["email", "sms"],
    "consent_source": "intake form",
}


def said(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def test_a_person_is_told_of_and_is_there(system: System) -> None:
    answer = system.post(
        "/people", {**ADA, "zone": "America/Chicago", "source": "cliniko", "external_id": "17"}
    )
    made = said(answer, 201)
    assert (made["outcome"], made["found_by"], made["staff_asked"]) == ("created", None, False)
    seen = system.get(answer.headers["Location"].removeprefix("/api/v1"))
    person = said(seen)

    assert person == {name: made[name] for name in person}
    assert seen.headers["ETag"] == answer.headers["ETag"]
    assert (person["given_name"], person["family_name"], person["zone"]) == (
        "Ada",
        "Lovelace",
        "America/Chicago",
    )
    assert person["external_ids"] == [{"source": "cliniko", "external_id": "17"}]
    assert {(one["channel"], one["address"], one["care_only"]) for one in person["contacts"]} == {
        ("email", "ada@example.org", True),
        ("sms", "+15185550101", True),
    }
    assert {(one["channel"], one["purpose"], one["granted"]) for one in person["agreements"]} == {
        ("email", "care", True),
        ("sms", "care", True),
    }


def test_telling_the_same_again_writes_nothing_and_says_so(system: System) -> None:
    first = system.send("PUT", PUT, ADA)
    assert said(first, 201)["outcome"] == "created"
    before = kept(system.rt, COUNTS)
    again = system.send("PUT", PUT, ADA)

    assert said(again)["outcome"] == "unchanged"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert kept(system.rt, COUNTS) == before


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("source=cliniko&external_id=17", True),
        ("source=cliniko&external_id=+17+", True),
        ("source=other&external_id=17", False),
        ("external_id=17", False),
        ("source=cliniko&external_id=1", False),
        ("mobile=518-555-0101", True),
        ("mobile=%2B15185550101", True),
        ("email=Ada@example.org", True),
    ],
)
def test_a_person_is_found_by_what_a_booking_system_has(system: System, query: str, found: bool) -> None:
    id = said(system.send("PUT", PUT, ADA), 201)["id"]

    assert [one["id"] for one in said(system.get(f"/people?{query}"))["data"]] == ([id] if found else [])


def test_a_subscriber_who_books_is_the_same_person(system: System) -> None:
    system.world.enrol()
    id = said(system.get("/people?email=ada@example.org"))["data"][0]["id"]
    told = said(system.send("PUT", PUT, ADA))

    assert (told["id"], told["found_by"], told["outcome"]) == (id, "email", "changed")


def test_another_address_is_never_put_in_its_place_and_staff_are_asked(system: System) -> None:
    said(system.send("PUT", PUT, ADA), 201)
    told = said(system.send("PUT", PUT, {**ADA, "email": "other@example.org"}))

    assert told["staff_asked"] is True
    assert {one["address"] for one in told["contacts"]} == {"ada@example.org", "+15185550101"}


def test_what_can_not_be_used_is_left_out_and_said_and_the_rest_is_kept(system: System) -> None:
    told = said(system.send("PUT", PUT, {**ADA, "mobile": "(800) 555-0199", "zone": "Mars/Olympus"}), 201)

    assert [one["field"] for one in told["left_out"]] == ["mobile", "zone"]
    assert "toll-free" in told["left_out"][0]["detail"]
    assert [one["address"] for one in told["contacts"]] == ["ada@example.org"]
    assert [(one["channel"], one["reason"]) for one in told["not_agreed"]] == [("sms", "no_address")]


@pytest.mark.parametrize(
    ("other", "pointer"),
    [
        ({"given_name": " "}, "#/given_name"),
        ({"given_name": "www.example.org"}, "#/given_name"),
        ({"given_name": "Ada\x00"}, "#/given_name"),
        ({"given_name": None}, "#/given_name"),
        ({"family_name": "a" * 101}, "#/family_name"),
        ({"consent_source": ""}, "#/consent_source"),
        ({"consent_source": "ada@example.org said so"}, "#/consent_source"),
        ({"consent": ["letter"]}, "#/consent/0"),
        ({"consent": "email"}, "#/consent"),
        ({"consent_at": "2026-11-01"}, "#/consent_at"),
        ({"consent_at": 10811}, "#/consent_at"),
        ({"consent_at": "10811"}, "#/consent_at"),
        ({"consent_at": "2099-01-01T00:00:00Z"}, "#/consent_at"),
        ({"check_ins": "yes"}, "#/check_ins"),
        ({"email": None, "mobile": None, "consent": []}, "#/external_id"),
        ({"source": "Cliniko 2"}, "#/source"),
        ({"diagnosis": "none of our business"}, "#/diagnosis"),
    ],
)
def test_what_refuses_a_person_is_told_at_its_place_and_nothing_is_written(
    system: System, other: dict[str, Any], pointer: str
) -> None:
    system.get("/messages?limit=1")
    before = kept(system.rt, COUNTS)
    problem = said(system.post("/people", {**ADA, **other}, Idempotency_Key="n-1"), 422)

    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    assert kept(system.rt, COUNTS) == before


def test_an_erased_person_is_not_made_again_by_a_system_that_has_not_heard(system: System) -> None:
    id = said(system.send("PUT", PUT, ADA), 201)["id"]
    said(system.post("/people", ADA, Idempotency_Key="n-1"))
    erasure.erase(system.rt, UUID(id), CLI)
    assert rows(system.rt, "SELECT 1 FROM api_answers") == []

    problem = said(system.send("PUT", PUT, ADA), 410)
    assert problem["type"] == "/api/#gone"
    assert "asked to be forgotten" in problem["detail"]


def test_two_records_made_one_answer_to_either_id(system: System) -> None:
    one = said(system.send("PUT", PUT, ADA), 201)["id"]
    other = said(system.send("PUT", PUT + "0", {"given_name": "Adah", "email": "adah@example.org"}), 201)[
        "id"
    ]
    merges.merge(system.rt, CLI, UUID(one), UUID(other))

    assert said(system.get(f"/people/{other}"))["id"] == one
    assert said(system.get(f"/people/{other}/timeline"))["person_id"] == one
    visit = {"person_id": other, "starts_at": "2026-11-12T14:00", "minutes": 60, "location": "Larkspur Lane"}
    assert said(system.post("/appointments", visit), 201)["person_id"] == one
    assert len(said(system.get(f"/appointments?person={other}"))["data"]) == 1


def test_a_visit_names_its_person_by_the_booking_systems_id(system: System) -> None:
    id = said(system.send("PUT", PUT, ADA), 201)["id"]
    visit = {
        "person_external_id": "17",
        "starts_at": "2026-11-12T14:00",
        "minutes": 60,
        "location": "Larkspur Lane",
    }
    path = "/appointments/by-external-id/cliniko/v-1"
    assert said(system.send("PUT", path, visit), 201)["person_id"] == id

    for wrong, pointer in (
        ({**visit, "person_external_id": "18"}, "#/person_external_id"),
        ({**visit, "person_id": id}, "#/person_id"),
    ):
        assert said(system.send("PUT", path, wrong), 422)["errors"][0]["pointer"] == pointer
    other = "/appointments/by-external-id/other/v-1"
    assert said(system.send("PUT", other, visit), 422)["errors"][0]["pointer"] == "#/person_external_id"


def test_whoever_was_slower_is_told(system: System) -> None:
    mark = system.send("PUT", PUT, ADA).headers["ETag"]
    assert said(system.send("PUT", PUT, {**ADA, "check_ins": True}, If_Match=mark))["check_ins"] is True

    assert said(system.send("PUT", PUT, ADA, If_Match=mark), 412)["type"] == "/api/#changed"
    assert said(system.send("PUT", PUT + "0", ADA, If_Match="*"), 412)["type"] == "/api/#changed"


def test_ten_systems_that_tell_of_the_same_at_once_make_one_person(system: System) -> None:
    app, headers = system.client.application, {"Authorization": f"Bearer {system.made.key}"}

    def put(_: int) -> str:
        answer = app.test_client().put(f"/api/v1{PUT}", json=ADA, headers=headers)
        return str((answer.json or {}).get("outcome"))

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(put, range(10))) == ["created", *["unchanged"] * 9]
    assert len(rows(system.rt, "SELECT 1 FROM people")) == 1


def test_the_trail_names_the_key_and_the_database_no_address(system: System) -> None:
    said(system.send("PUT", PUT, ADA), 201)
    said(system.post("/people", ADA, Idempotency_Key="n-1"))

    trail = {row[0] for row in rows(system.rt, "SELECT actor FROM audit WHERE what <> 'api key'")}
    assert trail == {f"api:{system.made.prefix}"}
    dump = str([rows(system.rt, f"SELECT * FROM {name}") for name in kept(system.rt)])
    assert "ada@example" not in dump and "5550101" not in dump and "Lovelace" not in dump
