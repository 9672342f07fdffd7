"""A campaign from the draft to the last recipient, with everything that may stop it on the way."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from engage.services import (
    authorizations,
    campaign_report,
    campaign_run,
    campaigns,
    merges,
    profiles,
    retention,
    unsubscribe,
)
from engage.services.campaigns import NotNow
from engage.services.deliver import deliver
from tests.campaigns import APPROVER, AUTHOR, BODY, draft, got, readers, sent, wait, work
from tests.visits import book
from tests.world import World

MINUTE = timedelta(minutes=1)


def test_everybody_who_agreed_gets_it_once(world: World) -> None:
    everybody = readers(world, 30)
    campaign = draft(world).begun()
    assert sum(got(world).values()) == 10, "a few go first"
    wait(world, timedelta(minutes=30))
    assert got(world) == Counter(everybody)
    assert campaign.state == "done"


def test_the_rest_follows_a_quarter_of_an_hour_after_the_first_ten(world: World) -> None:
    readers(world, 30)
    draft(world).begun()
    wait(world, timedelta(minutes=14), MINUTE)
    assert len(sent(world)) == 10
    wait(world, timedelta(minutes=2), MINUTE)
    assert len(sent(world)) == 30


def test_within_a_minute_the_start_is_taken_back_and_nothing_has_left(world: World) -> None:
    readers(world, 30)
    campaign = draft(world).ready().start()
    wait(world, timedelta(seconds=55), timedelta(seconds=5))
    campaigns.undo(world.rt, AUTHOR, campaign.id, campaign.row.version)
    wait(world, timedelta(hours=1))
    assert campaign.state == "approved"
    assert not sent(world)
    campaign.start()
    wait(world, timedelta(hours=1))
    assert len(sent(world)) == 30


def test_after_a_minute_it_can_only_be_paused_or_cancelled(world: World) -> None:
    readers(world, 30)
    campaign = draft(world).begun()
    with pytest.raises(NotNow, match="possible now: pause, cancel"):
        campaigns.undo(world.rt, AUTHOR, campaign.id, campaign.row.version)


def test_paused_and_resumed_again_and_again_it_reaches_each_once(world: World) -> None:
    everybody = readers(world, 60)
    campaign = draft(world, rate=10).begun()
    for _ in range(40):
        if campaign.state == "running":
            campaigns.pause(world.rt, AUTHOR, campaign.id)
            before = len(sent(world))
            wait(world, MINUTE)
            assert len(sent(world)) == before, "nothing leaves while it is paused"
            campaigns.resume(world.rt, AUTHOR, campaign.id)
        _let_pace_pass(world)
        wait(world, timedelta(minutes=10))
    assert got(world) == Counter(everybody)
    assert campaign.state == "done"


def _let_pace_pass(world: World) -> None:
    """The pace is of real time."""
    with world.rt.transaction() as tx:
        tx.execute(text("UPDATE campaigns SET progress_at = progress_at - interval '30 seconds'"))


def test_what_is_planned_waits_for_the_end_of_a_pause(world: World) -> None:
    readers(world, 30)
    campaign = draft(world).begun()
    wait(world, timedelta(minutes=14), MINUTE)
    world.now += timedelta(minutes=2)
    campaign_run.run(world.rt)  # Planned, and not yet claimed.
    campaign_run.run(world.rt)
    campaigns.pause(world.rt, AUTHOR, campaign.id)
    deliver(world.rt, seconds=5)
    assert len(sent(world)) == 10
    campaigns.resume(world.rt, AUTHOR, campaign.id)
    wait(world, MINUTE)
    assert len(sent(world)) == 30


def test_whoever_has_not_got_it_when_it_is_cancelled_never_does(world: World) -> None:
    readers(world, 30)
    campaign = draft(world).begun()
    campaigns.cancel(world.rt, AUTHOR, campaign.id)
    wait(world, timedelta(days=1), timedelta(hours=6))
    assert len(sent(world)) == 10
    report = campaign_report.report(world.rt, campaign.id)
    assert report.progress.to_come == 20
    assert ("It was cancelled before their turn.", 20) in [
        (one.words, one.count) for one in report.not_reached
    ]
    assert campaign.row.ended_at is not None


def test_a_stop_is_honoured_at_the_next_claim(world: World) -> None:
    readers(world, 30)
    draft(world).begun()
    wait(world, timedelta(minutes=14), MINUTE)
    world.now += timedelta(minutes=2)
    campaign_run.run(world.rt)
    campaign_run.run(world.rt)
    with world.rt.transaction() as tx:
        planned = (
            tx.execute(text("SELECT id FROM messages WHERE kind = 'campaign' AND status = 'planned'"))
            .scalars()
            .all()
        )
    assert len(planned) == 20
    link = world.rt.links.url("unsubscribe", planned[0])
    unsubscribe.unsubscribe(world.rt, link.rsplit("/", 1)[1], "one-click")
    wait(world, timedelta(hours=1))
    assert len(got(world)) == 29


@pytest.mark.parametrize(
    ("what", "reason", "says"),
    [
        ("complaint", None, "canary_complaint"),
        ("failed", "bounced", "canary_bounce"),
        ("failed", "filtered", "canary_bounce"),
    ],
)
def test_one_case_among_the_first_ten_stops_it(
    world: World, what: str, reason: str | None, says: str
) -> None:
    readers(world, 30)
    campaign = draft(world).begun()
    _told(world, what, reason)
    wait(world, timedelta(hours=2))
    assert (campaign.state, campaign.row.paused_reason) == ("paused", says)
    assert len(sent(world)) == 10
    assert {mail.subject for mail in world.mail() if mail.kind == "staff-campaign-paused"} == {
        "A campaign has paused itself"
    }
    campaigns.resume(world.rt, AUTHOR, campaign.id)
    wait(world, timedelta(hours=1))
    assert len(sent(world)) == 30, "somebody looked and let it go on"


def _told(world: World, what: str, reason: str | None) -> None:
    """What a vendor told of one message that has left."""
    with world.rt.transaction() as tx:
        if what == "failed":
            sql = """UPDATE messages SET status = 'failed', reason = :reason, ended_at = :now WHERE id =
            (SELECT id FROM messages WHERE kind = 'campaign' AND sent_at IS NOT NULL LIMIT 1)"""
            tx.execute(text(sql), {"reason": reason, "now": world.now})
            return
        tx.execute(
            text(
                """INSERT INTO receipt_events (event_key, receipt_id, message_id, what, reason, at, received_at)
            SELECT decode(md5(m.id::text), 'hex'), m.id, m.id, :what, :reason, now(), clock_timestamp() FROM messages m
            WHERE m.kind = 'campaign' AND m.sent_at IS NOT NULL LIMIT 1"""
            ),
            {"what": what, "reason": reason},
        )


def test_who_has_no_name_gets_the_words_for_people_without(world: World) -> None:
    readers(world, 1)
    readers(world, 1, name="")
    draft(world).begun()
    greeted = {mail.to: mail.text.split("Hello ")[1].split(",")[0] for mail in sent(world)}
    assert greeted == {"new_york-ada-0@example.org": "Ada", "new_york-nobody-0@example.org": "there"}


def test_a_text_that_needs_a_name_is_held_for_those_without_and_never_says_hi_comma(world: World) -> None:
    readers(world, 2)
    readers(world, 1, name="")
    campaign = draft(world, body="Hello {{ name }},\n\nWe are open until seven.\n").begun()
    assert len(sent(world)) == 2
    assert all("Hello Ada," in mail.text for mail in sent(world))
    report = campaign_report.report(world.rt, campaign.id)
    assert [(one.words, one.count) for one in report.not_reached] == [
        ("A value that the text needs is missing, so a person has to look.", 1)
    ]


def test_what_could_not_begin_for_four_hours_asks_first(world: World) -> None:
    readers(world, 30)
    campaign = draft(world).ready().start()
    world.now += timedelta(hours=4, minutes=2)
    work(world)
    assert (campaign.state, campaign.row.paused_reason) == ("paused", "late")
    assert not sent(world)
    campaigns.resume(world.rt, AUTHOR, campaign.id)
    wait(world, timedelta(minutes=30))
    assert len(sent(world)) == 30


def test_eight_workers_at_once_plan_each_message_once(world: World) -> None:
    everybody = readers(world, 40)
    campaign = draft(world).begun()
    wait(world, timedelta(minutes=14), MINUTE)
    world.now += timedelta(minutes=2)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            list(pool.map(lambda _: campaign_run.run(world.rt), range(8)))
    wait(world, MINUTE)
    assert got(world) == Counter(everybody)
    assert campaign.state == "done"


def test_at_night_nobody_is_written_to_and_the_first_few_are_not_everybody(world: World) -> None:
    readers(world, 60)
    world.now += timedelta(hours=12)  # Past ten in the evening in New York.
    campaign = draft(world).begun()
    wait(world, timedelta(hours=4))
    assert not sent(world)
    assert campaign.row.released <= 20 + campaign.row.excluded
    wait(world, timedelta(hours=12))
    assert len(sent(world)) == 60


def test_a_clone_has_the_same_words_and_goes_its_own_way(world: World) -> None:
    readers(world, 5)
    campaign = draft(world).begun()
    new = campaigns.one(world.rt, campaigns.clone(world.rt, APPROVER, campaign.id))
    assert (new.state, new.subject, new.body, new.cloned_from) == ("draft", "Winter hours", BODY, campaign.id)


def test_the_table_for_export_names_ids_and_reasons_and_no_address(world: World) -> None:
    everybody = readers(world, 3)
    campaign = draft(world).begun()
    table = "".join(campaign_report.export(world.rt, AUTHOR, campaign.id))
    assert table.count("\r\n") == 4
    assert not any(address in table for address in everybody)


def test_two_records_that_turn_out_to_be_one_person_get_it_once(world: World) -> None:
    first, second = readers(world, 2)
    draft(world).ready().start()
    with world.rt.transaction() as tx:
        ids = [row[0] for row in tx.execute(text("SELECT id FROM people ORDER BY id"))]
    world.now += MINUTE
    campaign_run.run(world.rt)
    campaign_run.run(world.rt)
    merges.merge(world.rt, AUTHOR, ids[0], ids[1])
    wait(world, timedelta(hours=2))
    assert sum(got(world).values()) == 1
    assert set(got(world)) < {first, second}


def test_ten_that_are_all_filtered_are_ten_and_no_more(world: World) -> None:
    readers(world, 60)
    campaign = draft(world).begun()
    with world.rt.transaction() as tx:
        sql = "UPDATE messages SET status = 'failed', reason = 'filtered', ended_at = :now WHERE kind = 'campaign'"
        tx.execute(text(sql), {"now": world.now})
    wait(world, timedelta(hours=2))
    assert (campaign.state, len(sent(world))) == ("paused", 10)


def test_what_stood_for_hours_asks_before_it_goes_on(world: World) -> None:
    readers(world, 30)
    campaign = draft(world).begun()
    wait(world, timedelta(minutes=14), MINUTE)
    world.now += timedelta(minutes=2)
    campaign_run.run(world.rt)
    campaign_run.run(world.rt)
    world.now += timedelta(hours=4, minutes=1)  # Planned, and no sender took anything.
    campaign_run.run(world.rt)
    assert (campaign.state, campaign.row.paused_reason) == ("paused", "late")
    work(world)
    assert len(sent(world)) == 10
    campaigns.resume(world.rt, AUTHOR, campaign.id)
    wait(world, timedelta(hours=1))
    assert (campaign.state, len(sent(world))) == ("done", 30)


def test_a_patient_who_takes_the_authorization_back_gets_nothing_more(world: World) -> None:
    readers(world, 12)
    with world.rt.transaction() as tx:
        ids = [row[0] for row in tx.execute(text("SELECT id FROM people ORDER BY id"))]
    for id in ids:
        book(world, id, world.now.date() + timedelta(days=44))
        authorizations.record(world.rt, AUTHOR, id, "granted", "paper")
    while profiles.sweep(world.rt):
        pass
    campaign = draft(world, rules={"stages": ["booked"], "authorized": True}).ready()
    assert campaign.row.audience == 12
    campaign.start()
    for id in ids[:5]:
        authorizations.record(world.rt, AUTHOR, id, "withdrawn", "letter")
    wait(world, timedelta(hours=2))
    assert len(sent(world)) == 7
    report = campaign_report.report(world.rt, campaign.id)
    assert [one.count for one in report.not_reached] == [5]


def test_what_is_wrong_with_one_campaign_holds_up_no_other(world: World) -> None:
    everybody = readers(world, 5)
    broken = draft(world).ready().start()
    with world.rt.transaction() as tx:
        tx.execute(text("UPDATE campaigns SET begins_at = NULL WHERE id = :id"), {"id": broken.id})
    draft(world, subject="Other hours").begun()
    assert got(world) == Counter(everybody)


def test_two_years_after_its_end_nobody_is_listed_with_it_any_more(world: World) -> None:
    readers(world, 3)
    campaign = draft(world).begun()
    assert campaign.state == "done"
    for days, listed in ((729, 3), (2, 0)):
        world.now += timedelta(days=days)
        retention.run(world.rt)
        with world.rt.transaction() as tx:
            assert tx.execute(text("SELECT count(*) FROM campaign_recipients")).scalar_one() == listed
    assert campaign_report.report(world.rt, campaign.id).progress.sent == 3


@pytest.mark.parametrize(("took", "seconds"), [(0.0, 2), (0.1, 2), (0.5, 5), (2.0, 20), (7.0, 20)])
def test_a_count_is_good_for_ten_times_as_long_as_it_took_and_never_for_long(
    took: float, seconds: int
) -> None:
    assert campaign_run._patience({"took": took}) == timedelta(seconds=seconds)
