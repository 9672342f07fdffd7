"""What is old goes, a day too young stays, and evidence is kept for six years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.domain.audit_chain import Row
from engage.ids import first_id, new_id
from engage.runtime import Runtime
from engage.services import audit, retention
from engage.services.deliver import deliver
from engage.services.retention import Gone
from engage.storage import audit as audit_rows
from engage.storage import authorizations, changed_addresses, check_ins, consents, inbound
from engage.storage import receipts as receipt_rows
from engage.storage import retention as old_rows
from engage.storage.database import run
from tests.scripted import Somebody, plan, somebody
from tests.whole_life import live
from tests.world import World

DAY = timedelta(days=1)
YEAR = timedelta(days=365.25)
Kept = Callable[[Runtime, UUID], bool]


def went(gone: list[Gone]) -> dict[str, int]:
    return {one.step.name: one.count for one in gone if one.count}


def values(rt: Runtime, sql: str, **given: Any) -> list[Any]:
    with rt.transaction() as tx:
        return list(run(tx, sql, given or None).scalars())


def sent(rt: Runtime, **columns: Any) -> UUID:
    """A message that left, with these columns."""
    id = plan(rt, somebody(rt, int(new_id().int % 10_000)), "email", "care")
    assert deliver(rt, seconds=5).seen == 1
    with rt.transaction() as tx:
        for name, value in columns.items():
            run(tx, f"UPDATE messages SET {name} = %(value)s WHERE id = %(id)s", {"value": value, "id": id})
        run(tx, "DELETE FROM mailbox")
    return id


def has_values(rt: Runtime, id: UUID) -> bool:
    return values(rt, "SELECT sealed IS NOT NULL FROM messages WHERE id = %(id)s", id=id) == [True]


@pytest.mark.parametrize(("days", "stays"), [(0, True), (89, True), (90, True), (91, False), (4000, False)])
@pytest.mark.parametrize("status", ["delivered", "failed", "accepted", "skipped"])
def test_values_go_ninety_days_after_a_messages_end(rt: Runtime, days: int, stays: bool, status: str) -> None:
    world = World(rt)
    ended = {"sent_at": world.now} if status == "accepted" else {"ended_at": world.now}
    id = sent(world.rt, status=status, **ended)
    world.now += timedelta(days=days)
    assert went(retention.run(world.rt)) == ({} if stays else {"message_values": 1})
    assert has_values(rt, id) is stays


@pytest.mark.parametrize("status", ["planned", "held", "claimed"])
def test_what_has_not_ended_keeps_its_values(rt: Runtime, status: str) -> None:
    world = World(rt)
    id = sent(world.rt, status=status)
    world.now += timedelta(days=1000)
    assert went(retention.run(world.rt)) == {}
    assert has_values(rt, id)


def test_the_shared_text_stays_and_the_message_too(world: World) -> None:
    id = sent(world.rt, ended_at=world.now, status="delivered")
    world.now += 91 * DAY
    retention.run(world.rt)
    assert values(
        world.rt,
        "SELECT c.id FROM messages m JOIN contents c ON c.id = m.content_id WHERE m.id = %(id)s",
        id=id,
    )


def test_many_go_in_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    ids = [plan(world.rt, somebody(world.rt, n), "email", "care") for n in range(10)]
    deliver(world.rt, seconds=5)
    world.now += 91 * DAY
    assert went(retention.run(world.rt)) == {"message_values": 10, "mailbox": 10}
    assert not any(has_values(world.rt, id) for id in ids)
    assert went(retention.run(world.rt)) == {}


# What came in: by the real clock.


def came(rt: Runtime, days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


@pytest.mark.parametrize(("days", "stays"), [(0, True), (29, True), (29.9, True), (30.1, False), (31, False)])
def test_what_vendors_posted_goes_after_thirty_days(rt: Runtime, days: float, stays: bool) -> None:
    at = came(rt, days)
    ids = []
    with rt.transaction() as tx:
        for n, state in enumerate(("applied", "set aside", "waiting")):
            id = UUID(int=first_id(at).int + n)
            ids.append(id)
            receipt_rows.keep(
                tx, id, "twilio", "status", state.encode(), None, rt.sealer.seal("receipts", id, {})
            )
            run(tx, "UPDATE receipts SET received_at = %(at)s WHERE id = %(id)s", {"at": at, "id": id})
        receipt_rows.applied(tx, ids[:1])
        for _ in range(3):
            receipt_rows.failed(tx, ids[1], "ValueError", 3)
    retention.run(rt)
    left = set(values(rt, "SELECT id FROM receipts"))
    # Nobody has read the last one yet: that is somebody's trouble, and nothing to throw away.
    assert left == (set(ids) if stays else {ids[2]})


@pytest.mark.parametrize(("days", "stays"), [(0, True), (29.9, True), (30.1, False), (400, False)])
def test_texts_that_came_in_go_after_thirty_days(rt: Runtime, days: float, stays: bool) -> None:
    at = came(rt, days)
    id = first_id(at)
    with rt.transaction() as tx:
        sealed = rt.sealer.seal("inbound", id, {"from": "+15185550100", "body": "Thank you"})
        inbound.add(tx, id, "SM1", rt.sealer.index("sms", "+15185550100"), None, sealed, at)
    retention.run(rt)
    # Nobody has read it yet: it may be a STOP.
    assert values(rt, "SELECT sealed IS NOT NULL FROM inbound") == [True]
    with rt.transaction() as tx:
        inbound.understood(tx, id, "other", "No rule spoke.", "asked")
    retention.run(rt)
    assert values(rt, "SELECT sealed IS NOT NULL FROM inbound") == [stays]


# What people and staff wrote.


@pytest.mark.parametrize(("days", "stays"), [(364, True), (365, True), (366, False)])
def test_words_of_a_closed_request_go_after_a_year(world: World, days: int, stays: bool) -> None:
    life = live(world)
    with world.rt.transaction() as tx:
        run(
            tx,
            "UPDATE consultations SET state = 'closed', outcome = 'other', closed_at = %(now)s",
            {"now": world.now},
        )
        run(tx, "UPDATE follow_ups SET done_at = %(now)s WHERE state = 'done'", {"now": world.now})
    world.now += timedelta(days=days)
    gone = went(retention.run(world.rt))
    assert ("closed_requests" in gone, "follow_up_notes" in gone) == (not stays, not stays)
    sealed = """SELECT (SELECT count(sealed) FROM consultations) + (SELECT count(sealed) FROM consultation_events)
        + (SELECT count(sealed) FROM follow_ups)"""
    assert values(world.rt, sealed) == [3 if stays else 0]
    assert values(world.rt, "SELECT state FROM people WHERE id = %(id)s", id=life.person) == ["active"]


def test_an_open_request_keeps_its_words_however_old(world: World) -> None:
    world.ask()
    world.work()
    world.now += timedelta(days=3000)
    assert "closed_requests" not in went(retention.run(world.rt))
    assert values(world.rt, "SELECT count(sealed) FROM consultations") == [1]


@pytest.mark.parametrize(("days", "stays"), [(29, True), (30, True), (31, False)])
def test_sign_ups_that_nobody_confirmed_go_after_thirty_days(world: World, days: int, stays: bool) -> None:
    world.sign_up()
    world.now += timedelta(days=days)
    assert went(retention.run(world.rt)) == ({} if stays else {"unconfirmed": 1})


# Evidence.


def agreed(rt: Runtime, who: Somebody, *acts: tuple[str, float]) -> list[UUID]:
    """(granted or withdrawn, so many years ago) of courses by email."""
    with rt.transaction() as tx:
        return [
            consents.enter(
                tx,
                who.id,
                "email",
                "education",
                act,
                actor="person",
                source="x",
                now=datetime.now(UTC) - years * YEAR,
            )
            for act, years in acts
        ]


@pytest.mark.parametrize(
    ("acts", "left"),
    [
        ([("granted", 9)], [0]),
        ([("granted", 9), ("withdrawn", 8)], [1]),
        ([("granted", 9), ("withdrawn", 5.9)], [0, 1]),
        ([("granted", 9), ("withdrawn", 6.1)], [1]),
        ([("granted", 9), ("withdrawn", 8), ("granted", 7), ("withdrawn", 1)], [2, 3]),
        ([("granted", 5.9), ("withdrawn", 1)], [0, 1]),
    ],
)
def test_consent_stays_six_years_after_it_was_in_effect(
    rt: Runtime, acts: list[tuple[str, float]], left: list[int]
) -> None:
    world = World(rt, datetime.now(UTC))
    ids = agreed(world.rt, somebody(world.rt), *acts)
    retention.run(world.rt)
    assert set(values(rt, "SELECT id FROM consents")) == {ids[n] for n in left}


def test_an_authorization_stays_six_years_after_it_was_in_effect(rt: Runtime) -> None:
    world = World(rt, datetime.now(UTC))
    with rt.transaction() as tx:
        for n in range(2):
            who = somebody(world.rt, 800 + n)
            for act, years in (("granted", 9), ("withdrawn", 8), ("granted", 7), ("withdrawn", 5.9 + n)):
                authorizations.enter(
                    tx,
                    new_id(),
                    who.id,
                    act,
                    actor="staff",
                    staff=None,
                    source="signed on paper at the clinic",
                    now=datetime.now(UTC) - years * YEAR,
                )
    retention.run(world.rt)
    left = values(
        rt,
        "SELECT round(extract(epoch FROM now() - at) / 86400 / 365.25, 1)::float FROM authorizations ORDER BY 1",
    )
    assert left == [5.9, 6.9, 7.0]


def test_consent_that_a_younger_message_relied_on_stays(rt: Runtime) -> None:
    world = World(rt, datetime.now(UTC))
    who = somebody(world.rt)
    ids = agreed(world.rt, who, ("granted", 9), ("withdrawn", 8))
    message = plan(world.rt, who, "email", "care")
    with rt.transaction() as tx:
        run(tx, "UPDATE messages SET consent_id = %(c)s WHERE id = %(id)s", {"c": ids[0], "id": message})
    retention.run(world.rt)
    assert set(values(rt, "SELECT id FROM consents")) == set(ids)


@pytest.mark.parametrize("table", ["consents", "audit", "audit_chain"])
def test_the_database_itself_refuses_to_let_evidence_go_early(rt: Runtime, table: str) -> None:
    agreed(rt, somebody(rt), ("granted", 5.99))
    _noted(rt, 5.99)
    audit.chain(rt)
    with pytest.raises(Exception, match="append-only"), rt.transaction() as tx:
        run(tx, f"DELETE FROM {table}")


def test_a_clock_that_was_moved_ahead_takes_no_evidence(rt: Runtime) -> None:
    agreed(rt, somebody(rt), ("granted", 3), ("withdrawn", 2))
    world = World(rt, datetime.now(UTC) + 3000 * DAY)
    retention.run(world.rt)
    assert values(rt, "SELECT count(*) FROM consents") == [2]


def _noted(rt: Runtime, years: float) -> UUID:
    at = datetime.now(UTC) - years * YEAR
    id = UUID(int=first_id(at).int + new_id().int % (1 << 60))
    with rt.transaction() as tx:
        audit_rows.add(tx, Row(id, at, "system", None, "view", "test", None, None))
    return id


def test_the_trail_lets_its_oldest_rows_go_and_stays_whole(rt: Runtime) -> None:
    ids = [_noted(rt, years) for years in (9, 8, 7, 6.01, 5.99, 1)]
    assert audit.chain(rt) == 6
    assert went(retention.run(rt, dry=True)) == {"audit": 4}
    assert went(retention.run(rt)) == {"audit": 4}
    assert values(rt, "SELECT id FROM audit ORDER BY id") == ids[4:]
    assert audit.verify(rt).sound
    _noted(rt, 0)
    assert audit.chain(rt) == 1
    verdict = audit.verify(rt)
    assert (verdict.sound, verdict.checked) == (True, 3)
    assert went(retention.run(rt)) == {}


def test_a_trail_of_old_rows_only_keeps_its_end(rt: Runtime) -> None:
    ids = [_noted(rt, 9), _noted(rt, 8)]
    audit.chain(rt)
    retention.run(rt)
    assert values(rt, "SELECT id FROM audit") == ids[1:]
    assert audit.verify(rt).sound


def test_rows_that_were_taken_out_are_found_though_the_beginning_went(rt: Runtime) -> None:
    for years in (9, 8, 5, 4, 3):
        _noted(rt, years)
    audit.chain(rt)
    retention.run(rt)
    with rt.transaction() as tx:
        run(tx, "ALTER TABLE audit_chain DISABLE TRIGGER USER")
        run(tx, "DELETE FROM audit_chain WHERE seq = 3")
        run(tx, "ALTER TABLE audit_chain ENABLE TRIGGER USER")
    first = audit.verify(rt).differences[0]
    assert (first.what, first.words) == ("missing", "entries 3 to 3 of the chain are gone")


def test_a_beginning_that_is_not_ours_is_found(rt: Runtime) -> None:
    for years in (9, 8, 5):
        _noted(rt, years)
    audit.chain(rt)
    retention.run(rt)
    with rt.transaction() as tx:
        run(tx, "UPDATE audit_anchor SET seq = seq - 1")
    assert not audit.verify(rt).sound


def test_a_row_that_was_changed_is_not_covered_up_by_letting_it_go(rt: Runtime) -> None:
    ids = [_noted(rt, years) for years in (9, 8, 7, 1)]
    audit.chain(rt)
    with rt.transaction() as tx:
        run(tx, "ALTER TABLE audit DISABLE TRIGGER USER")
        run(tx, "UPDATE audit SET what = 'another' WHERE id = %(id)s", {"id": ids[1]})
        run(tx, "ALTER TABLE audit ENABLE TRIGGER USER")
    assert went(retention.run(rt)) == {"audit": 1}
    assert [found.audit_id for found in audit.verify(rt).differences] == [ids[1]]


# The night.


def test_a_dry_run_tells_the_same_and_changes_nothing(world: World) -> None:
    live(world)
    world.sign_up(email="nobody@example.org")
    world.now += 400 * DAY
    told = went(retention.run(world.rt, dry=True))
    assert told["message_values"] > 2 and told["unconfirmed"] == 2
    assert went(retention.run(world.rt, dry=True)) == told
    assert went(retention.run(world.rt)) == told
    assert went(retention.run(world.rt, dry=True)) == {}


def test_workers_do_it_once_a_night_and_go_on_where_they_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    ids = [plan(world.rt, somebody(world.rt, n), "email", "care") for n in range(10)]
    deliver(world.rt, seconds=5)
    world.now += 91 * DAY
    assert retention.nightly(world.rt, seconds=0) == 0
    assert retention.nightly(world.rt, seconds=30) == 20
    assert not any(has_values(world.rt, id) for id in ids)
    sent(world.rt, ended_at=world.now - 91 * DAY, status="delivered")
    assert retention.nightly(world.rt, seconds=30) == 0
    with world.rt.transaction() as tx:
        run(tx, "UPDATE retention_walks SET begun_at = begun_at - interval '25 hours'")
    assert retention.nightly(world.rt, seconds=30) == 1


def test_two_workers_at_once_do_not_wait_for_each_other(world: World) -> None:
    with world.rt.transaction() as tx:
        assert old_rows.alone(tx)
        assert retention.nightly(world.rt, seconds=30) == 0
    people_left = values(world.rt, "SELECT count(*) FROM retention_walks")
    assert people_left == [0]


@pytest.mark.parametrize(
    ("real", "night"),
    [
        ("2026-11-25T12:00:00+00:00", "2026-11-25T08:00:00+00:00"),
        ("2026-11-25T07:59:00+00:00", "2026-11-24T08:00:00+00:00"),
        ("2026-11-25T08:00:00+00:00", "2026-11-25T08:00:00+00:00"),
        ("2026-03-08T12:00:00+00:00", "2026-03-08T07:00:00+00:00"),
        ("2026-11-01T12:00:00+00:00", "2026-11-01T08:00:00+00:00"),
    ],
)
def test_the_night_is_the_clinics(built: Runtime, real: str, night: str) -> None:
    assert retention._night(built, datetime.fromisoformat(real)) == datetime.fromisoformat(night)


@pytest.mark.parametrize(("days", "stays"), [(29, True), (31, False)])
def test_an_address_that_nobody_confirmed_is_let_go_after_thirty_days(
    world: World, days: int, stays: bool
) -> None:
    ada, id = somebody(world.rt), new_id()
    with world.rt.transaction() as tx:
        index = world.rt.sealer.index("email", "typed@example.org")
        sealed = world.rt.sealer.seal("contacts", id, {"address": "typed@example.org"})
        changed_addresses.add_pending(tx, id, ada.id, index, sealed, world.rt.now(tx))
    world.now += timedelta(days=days)
    retention.run(world.rt)
    waiting = values(world.rt, "SELECT sealed IS NOT NULL FROM contacts WHERE state <> 'confirmed'")
    assert waiting == [stays]
    # What is confirmed stays.
    assert values(
        world.rt, "SELECT count(*) FROM contacts WHERE state = 'confirmed' AND sealed IS NOT NULL"
    ) == [2]


@pytest.mark.parametrize(("days", "stays"), [(0, True), (2190, True), (2191, False)])
def test_answers_to_check_ins_go_after_six_years(world: World, days: int, stays: bool) -> None:
    one = somebody(world.rt, 1)
    id = new_id()
    with world.rt.transaction() as tx:
        check_ins.keep(
            tx, [check_ins.New(id, one.id, None, "pain-score", "week/2026-11-02", world.now)], world.now
        )
        check_ins.answer(tx, id, world.rt.sealer.seal("check_ins", id, {"score": 7}), world.now)
    world.now += days * DAY
    assert went(retention.run(world.rt)) == ({} if stays else {"check_in_answers": 1})
    assert values(world.rt, "SELECT sealed IS NOT NULL FROM check_ins") == [stays]
