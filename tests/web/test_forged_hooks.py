"""Forged, altered and replayed callbacks: nothing of them touches a row."""

from __future__ import annotations

import random

import pytest

from engage.ids import new_id
from engage.runtime import Runtime
from engage.storage.database import run
from tests.vendors import Vendors
from tests.web.forger import EVENTS, Forger


@pytest.fixture
def vendors(rt: Runtime) -> Vendors:
    return Vendors(rt)


def every_row(rt: Runtime) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and which versions of them: a row that is written anew gets another place."""
    with rt.transaction() as tx:
        tables = run(tx, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars().all()
        versions = "count(*), coalesce(md5(string_agg(ctid::text || xmin::text, ',' ORDER BY ctid)), '')"
        return {table: tuple(run(tx, f'SELECT {versions} FROM "{table}"').one()) for table in tables}


def test_two_thousand_forged_altered_and_replayed_callbacks_write_nothing(vendors: Vendors) -> None:
    forger, dice = Forger(vendors, new_id()), random.Random(2000)
    ways = forger.ways()
    assert len(ways) == 16
    before = every_row(vendors.rt)
    # A body of ten megabytes takes as long as two hundred others.
    heavy = {"by_ten_megabytes", "by_deep_json"}
    plan = [way for way in ways for _ in range(60 if way.__name__ in heavy else 135)]
    dice.shuffle(plan)
    told: dict[str, set[int]] = {}
    for way in plan:
        told.setdefault(way.__name__, set()).add(way(dice).status_code)
    assert len(plan) >= 2000
    assert every_row(vendors.rt) == before
    assert told.pop("by_the_wrong_method") == {405}
    assert told.pop("by_ten_megabytes") == {413}
    assert {status for seen in told.values() for status in seen} == {403}, told


def test_a_replay_within_the_day_is_what_a_vendor_s_own_retry_is_and_adds_no_row(vendors: Vendors) -> None:
    forger = Forger(vendors, new_id())
    once = forger.client.post(EVENTS, data=forger.body, headers=forger.headers).status_code
    assert once == 204
    before = every_row(vendors.rt)
    for _ in range(50):
        forger.client.post(EVENTS, data=forger.body, headers=forger.headers)
    assert every_row(vendors.rt) == before
