"""What Prometheus reads."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from engage.runtime import Runtime
from engage.services import deliver as delivering
from engage.services import instance
from engage.services.deliver import deliver
from engage.storage.database import run
from tests.apps import app_of
from tests.conftest import PROJECT
from tests.stand import Stand, plan, routed
from tests.world import World

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def world(rt: Runtime) -> World:
    """A clinic with a database."""
    return World(rt)


def scrape(rt: Runtime) -> Samples:
    answer = app_of(rt).test_client().get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((f"engage_{name}", frozenset(labels.items())))


def with_settings(rt: Runtime, **settings: object) -> FlaskClient:
    return app_of(replace(rt, settings=rt.settings.model_copy(update=settings))).test_client()


def test_what_is_due_and_how_long_the_oldest_has_been(world: World) -> None:
    for minutes in (0, 5, 10):
        plan(world.rt, "email", "care", late=timedelta(minutes=minutes))
    plan(world.rt, "sms", "marketing", late=-timedelta(minutes=5))
    found = scrape(world.rt)
    assert value(found, "messages_due", lane="care", channel="email") == 3
    assert value(found, "oldest_due_seconds", lane="care", channel="email") == 600
    assert value(found, "messages_due", lane="marketing", channel="sms") is None


def test_what_waits_for_evidence_or_a_person_by_lane_and_reason(world: World) -> None:
    rt = routed(world.rt, Stand("email", "sendgrid", "unknown"))
    for purpose in ("care", "care", "marketing"):
        plan(rt, purpose=purpose, to=f"{purpose}@example.org")
    deliver(rt)
    with rt.transaction() as tx:
        run(
            tx,
            "UPDATE attempts SET unknown_since = unknown_since - interval '1 hour' WHERE message_ids = '{}'",
        )
        id = plan(rt)
    with rt.transaction() as tx:
        run(tx, "UPDATE messages SET status = 'held', reason = 'poison' WHERE id = %(id)s", {"id": id})
    found = scrape(rt)
    assert value(found, "messages_unknown", lane="care", channel="email", reason="no_answer") == 2
    assert value(found, "messages_unknown", lane="marketing", channel="email", reason="no_answer") == 1
    assert value(found, "messages_held", lane="service", channel="email", reason="poison") == 1
    oldest = value(found, "oldest_unknown_seconds", channel="email", sender="sendgrid")
    assert oldest is not None
    assert 0 <= oldest < 30


def test_what_is_being_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(world.rt, "email", "care")
    seen: list[Samples] = []
    stand = Stand("email", "sendgrid")
    send = stand.send

    def look(batches, until):  # type: ignore[no-untyped-def]
        seen.append(scrape(world.rt))
        return send(batches, until)

    stand.send = look  # type: ignore[method-assign]
    delivering.deliver(routed(world.rt, stand))
    assert value(seen[0], "messages_claimed", lane="care", channel="email") == 1
    assert value(seen[0], "messages_due", lane="care", channel="email") is None
    assert (
        value(seen[0], "requests_5m", lane="care", channel="email", sender="sendgrid", result="under_way")
        == 1
    )


def test_how_requests_ended_and_how_long_they_took(world: World) -> None:
    rt = routed(world.rt, Stand("email", "sendgrid"))
    for n in range(3):
        plan(rt, to=f"p{n}@example.org")
    deliver(rt)
    plan(rt)
    deliver(rt)
    with rt.transaction() as tx:
        run(
            tx,
            "UPDATE attempts SET ended_at = started_at + interval '300 ms' WHERE cardinality(message_ids) = 3",
        )
        run(
            tx,
            "UPDATE attempts SET ended_at = started_at + interval '20 s' WHERE cardinality(message_ids) = 1",
        )
    found = scrape(rt)
    who = {"channel": "email", "sender": "sendgrid"}
    assert value(found, "requests_5m", lane="service", **who, result="answered") == 2
    assert value(found, "request_messages_5m", lane="service", **who, result="answered") == 4
    counts = {
        le: value(found, "request_seconds_5m_bucket", **who, le=le) for le in ("0.25", "0.5", "10.0", "+Inf")
    }
    assert counts == {"0.25": 0, "0.5": 1, "10.0": 1, "+Inf": 2}
    assert value(found, "request_seconds_5m_gsum", **who) == pytest.approx(20.3)


def test_a_sender_that_hangs_shows_by_the_answers_that_were_given_up(world: World) -> None:
    rt = routed(world.rt, Stand("email", "sendgrid", "unknown"))
    plan(rt)
    deliver(rt)
    with rt.transaction() as tx:
        run(tx, "UPDATE attempts SET ended_at = started_at + interval '10 s'")
    who = {"channel": "email", "sender": "sendgrid"}
    found = scrape(rt)
    assert value(found, "requests_5m", lane="service", **who, result="no_answer") == 1
    assert [value(found, "request_seconds_5m_bucket", **who, le=le) for le in ("5.0", "+Inf")] == [0, 1]


def test_a_sender_that_rests_shows(world: World) -> None:
    rt = routed(world.rt, Stand("email", "sendgrid", "failed", "channel_down", "401"))
    assert value(scrape(rt), "sender_resting", channel="email", sender="sendgrid") is None
    plan(rt)
    deliver(rt)
    assert value(scrape(rt), "sender_resting", channel="email", sender="sendgrid") == 1


def test_what_a_person_holds_back_is_no_restored_copy(world: World) -> None:
    instance.hold(world.rt)
    assert (value(scrape(world.rt), "held"), value(scrape(world.rt), "restored_copy")) == (1, 0)


def test_labels_are_words_that_we_know(world: World) -> None:
    with world.rt.transaction() as tx:
        id = plan(world.rt)
    with world.rt.transaction() as tx:
        run(
            tx,
            "UPDATE messages SET status = 'held', reason = 'ada@example.org' WHERE id = %(id)s",
            {"id": id},
        )
        run(tx, "INSERT INTO sender_states (sender) VALUES ('email:ada@example.org')")
    answer = app_of(world.rt).test_client().get("/metrics").text
    assert "ada" not in answer
    assert 'reason="other"' in answer
    assert not re.search(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}", answer)


def test_without_a_database_it_says_just_that(offline) -> None:  # type: ignore[no-untyped-def]
    client, _ = offline()
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "engage_database_up 0.0" in answer.text
    assert "engage_messages_due" not in answer.text


def test_production_shows_nothing_without_a_token(rt: Runtime) -> None:
    assert with_settings(rt, env="production").get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic s3cret"}, 401),
        ({"Authorization": "s3cret"}, 401),
        ({"Authorization": "Bearer s3cret\xe9"}, 401),
        ({"Authorization": "Bearer s3cret"}, 200),
        ({"Authorization": "bearer  s3cret "}, 200),
    ],
)
@pytest.mark.parametrize("env", ["development", "production"])
def test_the_token_opens_it(rt: Runtime, given: dict[str, str], status: int, env: str) -> None:
    client = with_settings(rt, env=env, metrics_token="s3cret")
    assert client.get("/metrics", headers=given).status_code == status
    assert client.get("/metrics?token=s3cret").status_code == 401


def test_several_who_ask_at_once_cost_one_look(world: World) -> None:
    client = app_of(world.rt).test_client()
    first = client.get("/metrics").text
    plan(world.rt)
    assert client.get("/metrics").text == first


def test_each_metric_is_explained_to_operators(rt: Runtime) -> None:
    told = (PROJECT / "docs" / "operations.md").read_text()
    answer = app_of(rt).test_client().get("/metrics").text
    names = set(re.findall(r"^# TYPE (\S+)", answer, re.MULTILINE))
    names = {re.sub(r"_(gcount|gsum)$", "", name) for name in names}
    assert len(names) > 15
    assert names == set(re.findall(r"`(engage_\w+)", told))
