"""After the whole journey: what people told us is in no table, log line, address or task."""

from __future__ import annotations

from pathlib import Path

from tests.privacy.conftest import ADA, CANARIES, ZOE, Journey
from tests.privacy.dump import dump
from tests.privacy.wiretap import BROKEN
from tests.processes.stack import APP


def test_the_search_finds_a_value_however_it_is_written() -> None:
    for written in (
        f"to={ADA['email']};",
        ADA["email"].upper(),
        ADA["email"].replace("@", "%40"),
        ADA["email"].encode().hex(),
        repr(ZOE["given_name"].encode()),
        ascii(ZOE["given_name"]),
    ):
        assert CANARIES.found_in(written), written
    assert not CANARIES.found_in("quill 7391 tendon joint")


def test_the_failures_were_real(journey: Journey) -> None:
    assert journey.failures == {
        "a table that is gone": 500,
        "a row that is refused": 500,
        "a sealed value that is not its row's": 500,
        "a field that is wrong": 422,
        "a name with a newline": 422,
        "an unknown choice": 422,
        "a body that is too long": 413,
    }


def test_no_table_holds_a_value_in_the_clear(journey: Journey) -> None:
    dumped = dump(journey.servers, journey.stack.env["DATABASE_URL"])
    assert {"table people", "table signups", "table mailbox", "table consents"} <= set(dumped)
    assert CANARIES.found_in_any(dumped.items()) == []


def test_no_log_line_has_a_value_in_it(journey: Journey) -> None:
    logs = {name: journey.stack.log(name).read_bytes() for name in (*APP, "engage", "valkey")}
    assert b"level=debug" in logs["web"] or b"debug" in logs["web"].lower(), "web told too little"
    assert b"engage.care" in logs["worker"] and b"engage.care" in logs["beat"], "Celery told too little"
    if journey.servers.postgres is not None:
        logs["postgres"] = Path(journey.servers.postgres.log).read_bytes()
        assert b"INSERT INTO signups" in logs["postgres"] and b"arameters: $1 = " in logs["postgres"]
    assert CANARIES.found_in_any(logs.items()) == []


def test_no_address_has_a_value_in_it(journey: Journey) -> None:
    visitor = journey.visitor
    assert len(visitor.visited) > 50 and visitor.sent_to
    assert CANARIES.found_in("\n".join([*visitor.visited, *visitor.sent_to])) == []


def test_tasks_carry_nothing_and_the_broker_hears_no_value(journey: Journey) -> None:
    tasks = journey.wiretap.tasks
    assert BROKEN not in journey.wiretap.heard
    assert {name for name, _ in tasks} >= {"engage.care", "engage.bulk", "engage.upkeep"}
    assert all((args, kwargs) == ([], {}) for _, (args, kwargs, _) in tasks)
    assert CANARIES.found_in("\n".join(journey.wiretap.heard)) == []
