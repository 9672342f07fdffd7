"""Lists of recipients that were written a moment ago, of which the planner knows nothing yet."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import CAMPAIGN
from engage.ids import new_id, new_ids
from engage.storage import campaign_run, campaigns
from engage.storage.database import run
from tests.world import World

# With a plan for two rows this many take minutes.
MANY, OFTEN = 20_000, 2
PERSON = "('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid"
PEOPLE = f"""
INSERT INTO people (id, sealed, zone, created_at, updated_at)
SELECT {PERSON}, ''::bytea, 'UTC', now(), now() FROM generate_series(1, %(many)s) n
"""
LIST = f"""
INSERT INTO campaign_recipients (campaign_id, place, person_id, contact_id, excluded)
SELECT %(id)s, n, {PERSON}, gen_random_uuid(),
    CASE WHEN n %% 10 = 0 THEN 'same_address' END
FROM generate_series(1, %(many)s) n
"""


def lists(tx: Connection) -> tuple[UUID, UUID]:
    """One of another campaign, which the statistics are about, and a new one of the same people."""
    known, new = new_id(), new_id()
    run(tx, LIST, {"id": known, "many": MANY})
    run(tx, "ANALYZE campaign_recipients")
    run(tx, LIST, {"id": new, "many": MANY})
    run(tx, "SET LOCAL statement_timeout = '5s'")
    return known, new


def test_they_are_released_in_stretches_each_person_once(world: World) -> None:
    with world.rt.transaction() as tx:
        run(tx, PEOPLE, {"many": MANY})
        _, id = lists(tx)
        place, told, now = 0, 0, world.rt.now(tx)
        for _ in range(OFTEN + 1):
            ids = new_ids(MANY // OFTEN)
            place, count = campaign_run.release(tx, id, CAMPAIGN, place, ids, now + timedelta(days=1), now)
            told += count
        assert (told, place) == (MANY * 9 // 10, MANY - 1)
        assert campaign_run.release(tx, id, CAMPAIGN, place, [new_id()], now, now) == (place, 0)
        sql = """SELECT count(*), count(DISTINCT m.person_id) FROM campaign_recipients r JOIN messages m
        ON m.id = r.message_id AND m.person_id = r.person_id AND m.contact_id = r.contact_id WHERE r.campaign_id = %(id)s"""
        assert tuple(run(tx, sql, {"id": id}).one()) == (told, told)
        left_out = (
            "SELECT count(*) FROM campaign_recipients WHERE excluded IS NOT NULL AND message_id IS NOT NULL"
        )
        assert run(tx, left_out).scalar() == 0
        tx.rollback()


def test_whether_the_same_people_had_the_same_text_is_found_at_once(world: World) -> None:
    with world.rt.transaction() as tx:
        known, new = lists(tx)
        add = """INSERT INTO campaigns (id, name, channel, state, fingerprint, begins_at, created_at, updated_at)
        VALUES (%(id)s, 'Winter', 'email', 'done', 'print'::bytea, now(), now(), now())"""
        run(tx, add, {"id": known})
        found = campaigns.same(tx, new, b"print", MANY * 9 // 10)
        assert found is not None and found.id == known
        run(tx, "DELETE FROM campaign_recipients WHERE campaign_id = %(id)s AND place > 9000", {"id": known})
        assert campaigns.same(tx, new, b"print", MANY * 9 // 10) is None
        tx.rollback()
