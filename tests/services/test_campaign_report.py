"""What came of a campaign: who opted out, answered, booked, and who was not reached."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from engage.ids import new_id
from engage.services import campaign_report, unsubscribe
from tests.campaigns import draft, got, readers, sent, wait
from tests.visits import book
from tests.world import World


def people(world: World) -> list[UUID]:
    with world.rt.transaction() as tx:
        return [row[0] for row in tx.execute(text("SELECT id FROM people ORDER BY id"))]


@pytest.mark.parametrize(("days", "counted"), [(0, 1), (13, 1), (15, 0)])
def test_a_visit_booked_within_two_weeks_counts(world: World, days: int, counted: int) -> None:
    readers(world, 3)
    campaign = draft(world).begun()
    world.now += timedelta(days=days, minutes=5)
    book(world, people(world)[0], world.now.date() + timedelta(days=30))
    assert campaign_report.report(world.rt, campaign.id).booked == counted


def test_a_visit_booked_before_does_not_count(world: World) -> None:
    readers(world, 3)
    book(world, people(world)[0], world.now.date() + timedelta(days=30))
    assert campaign_report.report(world.rt, draft(world).begun().id).booked == 0


def test_who_leaves_by_its_link_counts_as_opted_out_once(world: World) -> None:
    readers(world, 3)
    campaign = draft(world).begun()
    token = world.token("unsubscribe", sent(world)[0])
    world.now += timedelta(minutes=5)
    unsubscribe.unsubscribe(world.rt, token, "page")
    unsubscribe.unsubscribe(world.rt, token, "page")
    assert campaign_report.report(world.rt, campaign.id).opted_out == 1


def test_who_answers_a_text_counts_once_and_others_do_not(world: World) -> None:
    readers(world, 2, "sms")
    campaign = draft(world, channel="sms", body="We are open until seven from Monday.").begun()
    assert len(got(world)) == 2
    with world.rt.transaction() as tx:
        for number, times in ((world.rt.sealer.index("sms", "+15185551000"), 2), (b"elsewhere", 1)):
            for _ in range(times):
                sql = """INSERT INTO inbound (id, provider_id, number_index, received_at)
                VALUES (:id, :provider, :number, :at)"""
                values = {"id": new_id(), "provider": str(new_id()), "number": number}
                tx.execute(text(sql), {**values, "at": world.now + timedelta(minutes=5)})
    assert campaign_report.report(world.rt, campaign.id).replied == 1


def test_each_gets_it_at_a_decent_hour_where_they_are(world: World) -> None:
    readers(world, 2)
    readers(world, 2, zone="Pacific/Honolulu")
    draft(world).begun()  # Ten in the morning in New York, five in Honolulu.
    assert {to.split("-")[0] for to in got(world)} == {"new_york"}
    wait(world, timedelta(hours=3))
    assert {to.split("-")[0] for to in got(world)} == {"new_york", "honolulu"}
    assert all(world.local(mail, "Pacific/Honolulu").hour >= 8 for mail in sent(world)[2:])
