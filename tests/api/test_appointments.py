"""Visits by another system: booked, put, moved, called off, listed; and every way to get one wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from engage.services import erasure
from engage.services.audit import CLI
from tests.api.system import COUNTS, System, kept, rows
from tests.visits import got, patient

PUT = "/appointments/by-external-id/cliniko/v-1"
# The world stands at Monday, November 2nd, 10:00 in New York.
VISIT = {"starts_at": "2026-11-12T14:00", "minutes": 60, "location": "Larkspur Lane"}


def said(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def visit(person: UUID | str, **other: Any) -> dict[str, Any]:
    return {"person_id": str(person), **VISIT, **other}


@pytest.fixture
def ada(system: System) -> UUID:
    return patient(system.world)


def test_a_visit_is_booked_and_its_person_reminded(system: System, ada: UUID) -> None:
    made = said(system.post("/appointments", visit(ada)), 201)
    assert made["starts_at"] == "2026-11-12T14:00:00-05:00"
    assert made["ends_at"] == "2026-11-12T15:00:00-05:00"
    assert (made["status"], made["version"], made["outcome"]) == ("booked", 1, "created")

    system.world.pass_time(timedelta(days=11))
    assert ("visit-reminder-text", "Wed Nov 11 14:00") in got(system.world)
    shown = said(system.get(f"/people/{ada}/timeline"))["past"]
    assert any(one["what"].startswith("Reminder") or "visit" in one["what"].lower() for one in shown)


def test_where_it_stands_afterwards_is_told_with_its_address_and_mark(system: System, ada: UUID) -> None:
    made = system.post("/appointments", visit(ada))
    seen = system.get(made.headers["Location"].removeprefix("/api/v1"))

    assert seen.headers["ETag"] == made.headers["ETag"]
    assert made.json is not None and seen.json == {k: v for k, v in made.json.items() if k != "outcome"}


@pytest.mark.parametrize(
    ("other", "starts_at"),
    [
        ({"starts_at": "2026-11-12T14:00-05:00"}, "2026-11-12T14:00:00-05:00"),
        ({"starts_at": "2026-11-12T19:00:00Z"}, "2026-11-12T14:00:00-05:00"),
        ({"starts_at": "2026-11-12T19:00:00.000+00:00"}, "2026-11-12T14:00:00-05:00"),
        ({"location": "Prairie Street"}, "2026-11-12T14:00:00-06:00"),
        ({"zone": "America/Los_Angeles"}, "2026-11-12T14:00:00-08:00"),
        # The clocks go back on the first Sunday of November: 1:30 comes twice, in 2027 on the 7th.
        ({"starts_at": "2027-11-07T01:30", "fold": 0}, "2027-11-07T01:30:00-04:00"),
        ({"starts_at": "2027-11-07T01:30", "fold": 1}, "2027-11-07T01:30:00-05:00"),
        ({"starts_at": "2027-11-07T01:30-05:00"}, "2027-11-07T01:30:00-05:00"),
        ({"minutes": None, "ends_at": "2026-11-12T15:00"}, "2026-11-12T14:00:00-05:00"),
        # 60 minutes by the clock that goes back meanwhile are 120.
        (
            {"starts_at": "2027-11-07T00:30", "minutes": None, "ends_at": "2027-11-07T02:30"},
            "2027-11-07T00:30:00-04:00",
        ),
    ],
)
def test_a_time_is_written_with_an_offset_or_by_the_clocks_of_the_place(
    system: System, ada: UUID, other: dict[str, Any], starts_at: str
) -> None:
    assert said(system.post("/appointments", visit(ada, **other)), 201)["starts_at"] == starts_at


@pytest.mark.parametrize(
    ("other", "pointer", "words"),
    [
        ({"starts_at": "2027-03-14T02:30"}, "#/starts_at", "does not exist in America/New_York"),
        ({"starts_at": "2027-11-07T01:30"}, "#/starts_at", "-04:00 is the first, -05:00 the second"),
        ({"starts_at": "2026-10-30T14:00"}, "#/starts_at", "That time is over"),
        ({"starts_at": "2036-11-12T14:00"}, "#/starts_at", "more than two years ahead"),
        ({"starts_at": "2026-02-30T14:00"}, "#/starts_at", "no such day or time"),
        ({"starts_at": "2026-11-12T25:00"}, "#/starts_at", "no such day or time"),
        ({"starts_at": "0001-01-01T00:00+23:59"}, "#/starts_at", "beyond the calendar"),
        ({"starts_at": "9999-12-31T23:59-23:59"}, "#/starts_at", "beyond the calendar"),
        ({"starts_at": "2026-11-12"}, "#/starts_at", "Write it to the minute"),
        ({"starts_at": "12.11.2026 14:00"}, "#/starts_at", "Write it to the minute"),
        ({"starts_at": "2026-11-12T14:00:30"}, "#/starts_at", "Write it to the minute"),
        ({"starts_at": "٢٠٢٦-11-12T14:00"}, "#/starts_at", "Write it to the minute"),
        ({"starts_at": 1794500000}, "#/starts_at", "string"),
        ({"minutes": None, "ends_at": "2026-11-12T13:00"}, "#/ends_at", "end before it begins"),
        ({"minutes": None, "ends_at": "2026-11-12T14:00"}, "#/ends_at", "end before it begins"),
        ({"ends_at": "2026-11-12T15:00"}, "#/ends_at", "not both"),
        ({"minutes": None}, "#/minutes", "minutes or ends_at"),
        ({"minutes": None, "ends_at": "2026-11-14T14:00"}, "#/minutes", "between 1 and 720"),
        ({"minutes": 0}, "#/minutes", "greater than or equal to 1"),
        ({"minutes": "60"}, "#/minutes", "integer"),
        ({"minutes": 60.5}, "#/minutes", "integer"),
        ({"zone": "Mars/Olympus"}, "#/zone", "Mars/Olympus"),
        ({"zone": "../etc/passwd"}, "#/zone", "zone"),
        ({"location": "Nowhere"}, "#/location", "there is: Larkspur Lane, Prairie Street"),
        ({"location": None}, "#/location", "Say where"),
        ({"status": "fulfilled"}, "#/status", "'booked'"),
        ({"status": "lunch"}, "#/status", "'booked'"),
        ({"person_id": str(uuid4())}, "#/person_id", "no such person"),
        ({"person_id": "ada"}, "#/person_id", "UUID"),
        ({"person_id": 7}, "#/person_id", "UUID"),
        ({"person_id": None}, "#/person_id", "person_external_id"),
        ({"note": "a\x00b"}, "#/note", "control characters"),
        ({"note": "a" * 1001}, "#/note", "1000"),
        ({"external_id": " "}, "#/external_id", "1 to 200 printable"),
        ({"external_id": "x" * 201}, "#/external_id", "200"),
        ({"source": "The System"}, "#/source", "pattern"),
        ({"diagnosis": "none of our business"}, "#/diagnosis", "no such field"),
    ],
)
def test_what_can_not_be_is_told_once_at_its_place_and_nothing_is_written(
    system: System, ada: UUID, other: dict[str, Any], pointer: str, words: str
) -> None:
    system.get("/messages?limit=1")  # The day of the key’s last use is known then, and its look written down.
    before = kept(system.rt, COUNTS)
    problem = said(system.post("/appointments", visit(ada, **other), Idempotency_Key="n-1"), 422)

    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    assert words in problem["errors"][0]["detail"]
    assert kept(system.rt, COUNTS) == before


def test_a_person_has_one_visit_at_a_time(system: System, ada: UUID) -> None:
    said(system.post("/appointments", visit(ada)), 201)
    problem = said(system.post("/appointments", visit(ada, starts_at="2026-11-12T14:30")), 422)
    assert problem["errors"] == [
        {"pointer": "#/starts_at", "detail": "The person has another visit then, from 14:00 on 2026-11-12."}
    ]

    said(system.post("/appointments", visit(ada, starts_at="2026-11-12T15:00")), 201)
    said(system.post("/appointments", visit(patient(system.world, "Bo", "bo@example.org", None))), 201)


def test_one_id_of_a_booking_system_is_one_visit_and_the_other_is_named(system: System, ada: UUID) -> None:
    first = said(system.post("/appointments", visit(ada, source="cliniko", external_id="v-1")), 201)
    again = visit(ada, source="cliniko", external_id=" v-1 ", starts_at="2026-11-13T14:00")
    problem = said(system.post("/appointments", again), 409)
    assert first["id"] in problem["detail"]

    said(system.post("/appointments", {**again, "external_id": "V-1"}), 201)
    said(system.post("/appointments", {**again, "source": "other", "starts_at": "2026-11-14T14:00"}), 201)


def test_putting_a_visit_makes_it_then_changes_nothing_and_says_so(system: System, ada: UUID) -> None:
    first = system.send("PUT", PUT, visit(ada, practitioner="R. Vale"))
    assert said(first, 201)["outcome"] == "created"
    before = kept(system.rt, COUNTS)
    again = system.send("PUT", PUT, visit(ada, practitioner="R. Vale"))

    assert said(again)["outcome"] == "unchanged"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert kept(system.rt, COUNTS) == before


@pytest.mark.parametrize(
    ("other", "now"),
    [
        ({"starts_at": "2026-11-13T09:00"}, ("booked", 2)),
        ({"minutes": 30}, ("booked", 2)),
        ({"location": "Prairie Street"}, ("booked", 2)),
        ({"status": "cancelled"}, ("cancelled", 2)),
        ({"status": "cancelled", "starts_at": "2026-11-13T09:00"}, ("cancelled", 2)),
        ({"status": "arrived"}, ("arrived", 1)),
        ({"status": "booked", "practitioner": "R. Vale"}, ("booked", 1)),
    ],
)
def test_putting_it_otherwise_changes_it_once(
    system: System, ada: UUID, other: dict[str, Any], now: tuple[str, int]
) -> None:
    first = said(system.send("PUT", PUT, visit(ada)), 201)
    changed = said(system.send("PUT", PUT, visit(ada, **other)))
    again = said(system.send("PUT", PUT, visit(ada, **other)))

    assert (changed["status"], changed["version"]) == now
    assert (changed["id"], changed["outcome"], again["outcome"]) == (first["id"], "changed", "unchanged")


def test_a_visit_that_was_off_is_on_again_at_another_time_in_one_step(system: System, ada: UUID) -> None:
    said(system.send("PUT", PUT, visit(ada)), 201)
    said(system.send("PUT", PUT, visit(ada, status="cancelled")))
    back = said(system.send("PUT", PUT, visit(ada, starts_at="2026-11-13T09:00")))

    assert (back["status"], back["version"], back["starts_at"]) == ("booked", 3, "2026-11-13T09:00:00-05:00")


def test_a_past_visit_is_taken_with_how_it_went_and_not_as_one_to_come(system: System, ada: UUID) -> None:
    past = visit(ada, starts_at="2026-10-20T14:00")
    assert "#/starts_at" in said(system.send("PUT", PUT, past), 422)["errors"][0]["pointer"]
    assert said(system.send("PUT", PUT, {**past, "status": "fulfilled"}), 201)["outcome"] == "created"
    early = said(system.send("PUT", PUT, visit(ada, status="fulfilled")), 422)
    assert early["errors"] == [{"pointer": "#/status", "detail": "It has not begun yet."}]


def test_a_visit_stays_its_persons(system: System, ada: UUID) -> None:
    said(system.send("PUT", PUT, visit(ada)), 201)
    bo = patient(system.world, "Bo", "bo@example.org", None)

    assert said(system.send("PUT", PUT, visit(bo)), 422)["errors"][0]["pointer"] == "#/person_id"
    erasure.erase(system.rt, ada, CLI)
    assert said(system.send("PUT", PUT, visit(ada)), 422)["errors"][0]["pointer"] == "#/person_id"


@pytest.mark.parametrize(
    ("source", "id"), [("Cliniko", "1"), ("9", "1"), ("cliniko", "%20"), ("cliniko", "x" * 201)]
)
def test_an_address_that_can_not_be_is_told_by_its_part(
    system: System, ada: UUID, source: str, id: str
) -> None:
    problem = said(system.send("PUT", f"/appointments/by-external-id/{source}/{id}", visit(ada)), 422)
    assert problem["errors"][0]["parameter"] == ("source" if source != "cliniko" else "external_id")


def test_an_id_may_have_any_signs_that_ids_have(system: System, ada: UUID) -> None:
    for n, id in enumerate(["a/b/c", "%E2%82%AC-1", "1?", "A:B;C"]):
        path = f"/appointments/by-external-id/cliniko/{id.replace('?', '%3F')}"
        made = said(system.send("PUT", path, visit(ada, starts_at=f"2026-11-{12 + n}T09:00")), 201)
        assert made["external_id"] == id.replace("%E2%82%AC", "€")


def test_ten_systems_that_put_the_same_at_once_make_one_visit(system: System, ada: UUID) -> None:
    app, headers = system.client.application, {"Authorization": f"Bearer {system.made.key}"}
    system.get("/messages?limit=1")

    def put(_: int) -> str:
        answer = app.test_client().put(f"/api/v1{PUT}", json=visit(ada), headers=headers)
        return str((answer.json or {}).get("outcome"))

    with ThreadPoolExecutor(5) as pool:
        outcomes = sorted(pool.map(put, range(10)))
    assert outcomes == ["created", *["unchanged"] * 9]
    assert len(rows(system.rt, "SELECT 1 FROM appointments")) == 1


def test_a_visit_is_moved_and_keeps_what_is_not_named(system: System, ada: UUID) -> None:
    made = said(system.post("/appointments", visit(ada, minutes=45)), 201)
    path = f"/appointments/{made['id']}/move"
    moved = said(system.post(path, {"starts_at": "2026-11-13T09:00"}))
    again = said(system.post(path, {"starts_at": "2026-11-13T09:00"}))

    assert (moved["starts_at"], moved["minutes"]) == ("2026-11-13T09:00:00-05:00", 45)
    assert (moved["outcome"], again["outcome"], again["version"]) == ("changed", "unchanged", 2)
    there = said(system.post(path, {"starts_at": "2026-11-13T09:00", "location": "Prairie Street"}))
    assert there["starts_at"] == "2026-11-13T09:00:00-06:00"


def test_a_visit_is_called_off_once(system: System, ada: UUID) -> None:
    id = said(system.post("/appointments", visit(ada)), 201)["id"]
    off = said(system.post(f"/appointments/{id}/cancel"))
    again = said(system.post(f"/appointments/{id}/cancel", {}))

    assert (off["status"], off["outcome"], again["outcome"]) == ("cancelled", "changed", "unchanged")
    problem = said(system.post(f"/appointments/{id}/move", {"starts_at": "2026-11-13T09:00"}), 409)
    assert problem["type"] == "/api/#conflict"
    assert "Only a visit to come can be moved" in problem["detail"]


def test_whoever_was_slower_is_told_and_nothing_is_done(system: System, ada: UUID) -> None:
    made = system.post("/appointments", visit(ada, source="cliniko", external_id="v-1"))
    id, mark = said(made, 201)["id"], made.headers["ETag"]
    said(system.post(f"/appointments/{id}/move", {"starts_at": "2026-11-13T09:00"}, If_Match=mark))

    for late in (
        system.post(f"/appointments/{id}/move", {"starts_at": "2026-11-14T09:00"}, If_Match=mark),
        system.post(f"/appointments/{id}/cancel", If_Match=mark),
        system.send("PUT", PUT, visit(ada), If_Match=mark),
        system.send("PUT", PUT + "0", visit(ada), If_Match="*"),
    ):
        assert said(late, 412)["type"] == "/api/#changed"
    assert said(system.get(f"/appointments/{id}"))["version"] == 2
    assert said(system.post(f"/appointments/{id}/cancel", If_Match="*"))["outcome"] == "changed"


def test_a_retried_booking_is_one_visit(system: System, ada: UUID) -> None:
    answers = [system.post("/appointments", visit(ada), Idempotency_Key="n-1") for _ in range(3)]

    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert len(rows(system.rt, "SELECT 1 FROM appointments")) == 1


def test_visits_are_listed_in_order_by_time_status_and_person_in_pages(system: System, ada: UUID) -> None:
    bo = patient(system.world, "Bo", "bo@example.org", None)
    for day in (15, 12, 13):
        said(system.post("/appointments", visit(ada, starts_at=f"2026-11-{day}T14:00")), 201)
    off = said(system.post("/appointments", visit(bo, starts_at="2026-11-14T14:00")), 201)["id"]
    said(system.post(f"/appointments/{off}/cancel"))

    def days(query: str) -> list[str]:
        return [one["starts_at"][8:10] for one in said(system.get(f"/appointments?{query}"))["data"]]

    assert days("") == ["12", "13", "14", "15"]
    assert days(f"person={bo}") == days("status=cancelled") == ["14"]
    assert days("from=2026-11-13T00:00:00-05:00&to=2026-11-14T14:00:00-05:00") == ["13"]
    first = system.get("/appointments?limit=3&status=booked")
    assert first.json is not None and first.json["next_cursor"] is None
    first = system.get("/appointments?limit=2")
    rest = system.get(first.headers["Link"].partition("<")[2].partition(">")[0].removeprefix("/api/v1"))
    assert [one["starts_at"][8:10] for one in said(rest)["data"]] == ["14", "15"]


def test_what_staff_know_of_a_visit_is_sealed_and_named_in_no_log_of_who_did_it(
    system: System, ada: UUID
) -> None:
    said(system.send("PUT", PUT, visit(ada, practitioner="R. Vale", note="Prefers the ground floor")), 201)
    dump = str(rows(system.rt, "SELECT * FROM appointments")) + str(
        rows(system.rt, "SELECT * FROM api_answers")
    )

    assert "Vale" not in dump and "ground" not in dump
    trail = rows(system.rt, "SELECT actor, action, what FROM audit WHERE what = 'appointment'")
    assert [tuple(row) for row in trail] == [(f"api:{system.made.prefix}", "change", "appointment")]
    assert rows(system.rt, "SELECT actor FROM appointment_versions")[0][0] == f"api:{system.made.prefix}"
