"""The audit trail: what was changed, taken out or put in behind the program's back is found and named."""

from __future__ import annotations

from threading import Thread
from uuid import UUID

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from engage.domain.audit_chain import Difference
from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import audit, recover
from engage.services.audit import SYSTEM, Actor

STAFF = Actor(new_id(), "staff")


def trail(rt: Runtime, count: int = 6) -> list[UUID]:
    """Writes rows, makes them part of the chain, and returns their ids in order."""
    for _ in range(count):
        with rt.transaction() as tx:
            audit.note(tx, rt, STAFF, "view", "person", new_id(), new_id())
    assert audit.chain(rt) == count
    with rt.transaction() as tx:
        return [row[0] for row in tx.exec_driver_sql("SELECT audit_id FROM audit_chain ORDER BY seq")]


def behind_its_back(rt: Runtime, sql: str, **values: object) -> None:
    """What somebody may do who owns the database."""
    with rt.transaction() as tx:
        for table in ("audit", "audit_chain"):
            tx.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        without_references(tx)
        tx.exec_driver_sql(sql, values or None)
        for table in ("audit", "audit_chain"):
            tx.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def without_references(tx: Connection) -> None:
    tx.exec_driver_sql("ALTER TABLE audit_chain DROP CONSTRAINT IF EXISTS audit_chain_audit_id_fkey")


@pytest.fixture(autouse=True)
def _references_again(rt: Runtime) -> object:
    yield
    with rt.transaction() as tx:
        without_references(tx)
        tx.exec_driver_sql(
            "ALTER TABLE audit_chain ADD CONSTRAINT audit_chain_audit_id_fkey "
            "FOREIGN KEY (audit_id) REFERENCES audit NOT VALID"
        )


def first(rt: Runtime) -> Difference:
    return audit.verify(rt).differences[0]


def test_an_untouched_trail_is_whole_and_its_new_rows_are_counted(rt: Runtime) -> None:
    trail(rt)
    with rt.transaction() as tx:
        audit.note(tx, rt, SYSTEM, "change", "staff", new_id())
    verdict = audit.verify(rt)
    assert verdict.sound
    assert (verdict.checked, verdict.unchained) == (6, 1)
    assert verdict.oldest_unchained is not None


def test_an_empty_trail_is_whole(rt: Runtime) -> None:
    verdict = audit.verify(rt)
    assert (verdict.sound, verdict.checked, verdict.unchained) == (True, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "actor = 'system'",
        "staff_id = NULL",
        "staff_id = gen_random_uuid()",
        "action = 'export'",
        "what = 'persons'",
        "what_id = NULL",
        "person_id = gen_random_uuid()",
        "what_id = person_id, person_id = what_id",
    ],
)
def test_a_row_with_any_field_changed_is_named(rt: Runtime, change: str) -> None:
    ids = trail(rt)
    behind_its_back(rt, f"UPDATE audit SET {change} WHERE id = %(id)s", id=ids[3])
    assert (first(rt).what, first(rt).seq, first(rt).audit_id) == ("changed", 4, ids[3])
    assert len(audit.verify(rt).differences) == 1


def test_a_row_that_was_deleted_is_named(rt: Runtime) -> None:
    ids = trail(rt)
    behind_its_back(rt, "DELETE FROM audit WHERE id = %(id)s", id=ids[1])
    assert (first(rt).what, first(rt).seq, first(rt).audit_id) == ("missing", 2, ids[1])


def test_a_row_that_was_deleted_with_its_entry_is_named_by_its_place(rt: Runtime) -> None:
    ids = trail(rt)
    behind_its_back(rt, "DELETE FROM audit_chain WHERE audit_id = %(id)s", id=ids[1])
    behind_its_back(rt, "DELETE FROM audit WHERE id = %(id)s", id=ids[1])
    assert (first(rt).what, first(rt).seq) == ("missing", 2)


@pytest.mark.parametrize("left", [0, 4, 5])
def test_an_end_that_was_cut_off_is_named_and_never_covered_up(rt: Runtime, left: int) -> None:
    ids = trail(rt)
    behind_its_back(rt, "DELETE FROM audit_chain WHERE seq > %(left)s", left=left)
    behind_its_back(rt, "DELETE FROM audit WHERE id = ANY(%(ids)s)", ids=ids[left:])
    assert (first(rt).what, first(rt).seq) == ("missing", left + 1)
    with rt.transaction() as tx:
        audit.note(tx, rt, STAFF, "view", "person", new_id(), new_id())
    recover.sweep(rt)
    assert (first(rt).what, first(rt).seq) == ("missing", left + 1)
    assert audit.verify(rt).unchained == 1


def test_a_cut_whose_note_was_mended_by_hand_is_found_too(rt: Runtime) -> None:
    trail(rt)
    behind_its_back(rt, "DELETE FROM audit_chain WHERE seq > 4")
    behind_its_back(
        rt, "UPDATE audit_head h SET seq = c.seq, hash = c.hash FROM audit_chain c WHERE c.seq = 4"
    )
    assert not audit.verify(rt).sound


def test_a_row_that_was_put_in_with_an_entry_is_named(rt: Runtime) -> None:
    trail(rt)
    put_in = new_id()
    behind_its_back(
        rt,
        """INSERT INTO audit (id, at, actor, action, what) VALUES (%(id)s, now(), 'system', 'view', 'person');
        INSERT INTO audit_chain (seq, audit_id, hash) VALUES (7, %(id)s, sha256('made up'))""".replace(
            "%(id)s", f"'{put_in}'"
        ),
    )
    assert (first(rt).what, first(rt).audit_id) == ("changed", put_in)


def test_a_row_that_was_put_in_with_an_old_time_stays_outside_and_is_named(rt: Runtime) -> None:
    trail(rt)
    old = UUID(int=new_id().int - (3 * 24 * 3600 * 1000 << 80))
    behind_its_back(
        rt,
        "INSERT INTO audit (id, at, actor, action, what) VALUES (%(id)s, now() - interval '3 days', 'system', 'view', 'person')",
        id=old,
    )
    assert audit.chain(rt) == 0
    assert (first(rt).what, first(rt).audit_id) == ("inserted", old)


def test_two_rows_that_were_swapped_are_found(rt: Runtime) -> None:
    ids = trail(rt)
    behind_its_back(
        rt,
        "UPDATE audit a SET person_id = b.person_id FROM audit b WHERE a.id IN (%(x)s, %(y)s) AND b.id IN (%(x)s, %(y)s) AND a.id <> b.id",
        x=ids[2],
        y=ids[4],
    )
    assert [found.audit_id for found in audit.verify(rt).differences] == [ids[2], ids[4]]


@pytest.mark.parametrize("act", ["UPDATE {} SET {} = NULL", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize(("table", "column"), [("audit", "person_id"), ("audit_chain", "hash")])
def test_the_database_itself_refuses_changes(rt: Runtime, act: str, table: str, column: str) -> None:
    trail(rt, 1)
    with pytest.raises(DBAPIError), rt.transaction() as tx:
        tx.exec_driver_sql(act.format(table, column))
    assert audit.verify(rt).sound


def test_a_row_that_commits_late_gets_a_later_place(rt: Runtime) -> None:
    with rt.transaction() as slow:
        audit.note(slow, rt, STAFF, "view", "person", new_id())
        trail(rt, 3)
    assert audit.chain(rt) == 1
    assert audit.chain(rt) == 0
    verdict = audit.verify(rt)
    assert (verdict.sound, verdict.checked, verdict.unchained) == (True, 4, 0)


def test_many_writers_and_chainers_at_once_leave_one_whole_chain(rt: Runtime) -> None:
    def write() -> None:
        for _ in range(20):
            with rt.transaction() as tx:
                audit.note(tx, rt, STAFF, "view", "person", new_id())

    def chain() -> None:
        for _ in range(20):
            audit.chain(rt, 7)

    threads = [Thread(target=act) for act in (write, write, write, chain, chain)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while audit.chain(rt):
        pass
    verdict = audit.verify(rt)
    assert (verdict.sound, verdict.checked, verdict.unchained) == (True, 60, 0)


def test_looking_at_the_trail_is_written_down_too(rt: Runtime) -> None:
    person = new_id()
    audit.listing(rt, person_id=person)
    assert [(row.actor, row.action, row.what) for row in audit.listing(rt, person_id=person)] == [
        ("cli", "view", "audit")
    ]
