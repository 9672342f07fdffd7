"""What other systems can read: people, messages, timelines; in pages, with marks, and nothing that is private."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from engage.services import erasure
from engage.services.audit import CLI
from tests.api.system import System, rows

NOBODY = "01939a4e-0000-7000-8000-000000000001"


def said(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def ada(system: System) -> str:
    """A subscriber's id."""
    system.world.enrol()
    return str(said(system.get("/people?email=ada@example.org"))["data"][0]["id"])


def test_a_person_is_found_by_the_whole_address_whatever_its_case_and_by_no_part_of_it(
    system: System,
) -> None:
    id = ada(system)
    for found in ("ada@example.org", "ADA@Example.ORG"):
        data = said(system.get(f"/people?email={found}"))["data"]
        assert [one["id"] for one in data] == [id]
    for nobody in ("ada@example.or", "da@example.org", "ada%25@example.org"):
        assert said(system.get(f"/people?email={nobody}"))["data"] == []


def test_a_person_has_what_is_needed_to_write_to_them_and_not_their_pain(system: System) -> None:
    person = said(system.get(f"/people/{ada(system)}"))

    assert person["given_name"] == "Ada"
    ours = {"channel": "email", "address": "ada@example.org", "state": "confirmed", "care_only": False}
    assert person["contacts"] == [ours]
    assert [(one["purpose"], one["granted"]) for one in person["agreements"]] == [("education", True)]
    assert "neck" not in str(person)


def test_an_erased_person_is_gone_and_the_other_system_is_told_so(system: System) -> None:
    id = ada(system)
    erasure.erase(system.rt, UUID(id), CLI)

    assert said(system.get(f"/people/{id}"), 410)["type"] == "/api/#gone"
    assert said(system.get(f"/people/{id}/timeline"), 410)["type"] == "/api/#gone"
    assert said(system.get("/people?email=ada@example.org"))["data"] == []


@pytest.mark.parametrize("path", [f"/people/{NOBODY}", f"/people/{NOBODY}/timeline", f"/messages/{NOBODY}"])
def test_what_is_not_there_is_not_found(system: System, path: str) -> None:
    assert said(system.get(path), 404)["type"] == "/api/#not-found"


def test_the_timeline_tells_what_went_what_comes_and_why(system: System) -> None:
    id = ada(system)
    system.world.pass_time(timedelta(days=2))
    line = said(system.get(f"/people/{id}/timeline"))

    assert line["past"][0]["status_words"] == "Handed over to the sender"
    assert line["past"][0]["what"].startswith("Lesson: ")
    assert line["coming"][0]["when"] == "waiting"
    assert line["coming"][0]["at"].endswith("09:00:00-05:00")
    assert {one["when"] for one in line["coming"][1:]} == {"would"}


def test_a_message_is_explained_in_the_words_of_the_staff_pages(system: System) -> None:
    ada(system)
    first = said(system.get("/messages?status=accepted"))["data"][0]
    told = said(system.get(f"/messages/{first['id']}"))

    assert {name: told[name] for name in first} == first
    assert told["attempts"] == 1
    assert told["story"][0]["words"] == "Planned."
    assert "ada@example.org" not in str(told)


def test_a_lesson_names_the_consent_that_it_relied_on(system: System) -> None:
    ada(system)
    system.world.pass_time(timedelta(days=1))
    lesson = next(
        m for m in said(system.get("/messages"))["data"] if m["kind"] == "course-lesson" and m["sent_at"]
    )
    told = said(system.get(f"/messages/{lesson['id']}"))

    assert told["consent_needed"] == "education"
    assert told["consent"]["action"] == "granted"


def test_pages_follow_one_another_without_a_gap_or_a_double(system: System) -> None:
    for n in range(7):
        system.world.sign_up(email=f"one-{n}@example.org")
    system.world.work()
    whole = [one["id"] for one in said(system.get("/messages"))["data"]]
    assert len(whole) == 7

    seen: list[str] = []
    path = "/messages?limit=3"
    while path:
        answer = system.get(path)
        seen += [one["id"] for one in said(answer)["data"]]
        link = answer.headers.get("Link", "")
        path = link.partition("<")[2].partition(">")[0].removeprefix("/api/v1")
        assert bool(path) == (answer.json is not None and answer.json["next_cursor"] is not None)
    assert seen == whole


def test_messages_are_filtered_by_status_person_and_time(system: System) -> None:
    id = ada(system)
    system.world.enrol(email="bo@example.org", given_name="Bo")
    mine = said(system.get(f"/messages?person={id}"))["data"]
    assert mine and {one["person_id"] for one in mine} == {id}
    planned = said(system.get("/messages?status=planned"))["data"]
    assert {one["status"] for one in planned} == {"planned"}
    assert said(system.get("/messages?since=2026-11-03T00:00:00Z&until=2026-11-03T00:00:01Z"))["data"] == []
    later = said(system.get("/messages?since=2026-11-03T00:00:00-05:00"))["data"]
    assert {one["kind"] for one in later} == {"course-lesson"}


def test_a_cursor_opens_nothing_but_its_own_list(system: System) -> None:
    for n in range(2):
        system.world.sign_up(email=f"one-{n}@example.org")
    system.world.work()
    cursor = said(system.get("/messages?limit=1"))["next_cursor"]

    assert said(system.get(f"/messages?cursor={cursor}"))["data"]
    bent = cursor[:-2] + ("AA" if not cursor.endswith("AA") else "BB")
    for other in (f"status=planned&cursor={cursor}", f"cursor={bent}", "cursor=x", "cursor=%C3%A9"):
        problem = said(system.get(f"/messages?{other}"), 422)
        assert problem["errors"][0]["parameter"] == "cursor"


def test_what_did_not_change_is_not_sent_again(system: System) -> None:
    id = ada(system)
    first = system.get(f"/people/{id}")
    again = system.get(f"/people/{id}", If_None_Match=first.headers["ETag"])
    other = system.get(f"/people/{id}", If_None_Match='"x", W/"y"')

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (other.status_code, other.data) == (200, first.data)


def test_a_look_that_finds_nobody_leaves_no_row_about_anybody(system: System) -> None:
    system.get("/people?email=nobody@example.org")

    assert rows(system.rt, "SELECT 1 FROM audit WHERE actor <> 'cli'") == []
