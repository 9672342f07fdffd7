"""Audiences: saved and told apart, counted, looked through, and frozen; each against people one by one."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.messages import CHANNELS, Channel
from engage.domain.reach import UNREACHED
from engage.domain.segments import COURSE_STATES, EXCLUDED, Rules, read, visited_before, visited_since
from engage.domain.stages import STAGES
from engage.ids import new_id
from engage.services import authorizations, profiles, segments, tags
from engage.services.segments import Counted
from engage.storage.database import run
from tests.audience import STAFF, do, person, profile, visit
from tests.world import World

MARKETING = (("email", "marketing"), ("sms", "marketing"))


def frozen(world: World, campaign: UUID, rules: Rules, channel: Channel = "email") -> segments.Frozen:
    with world.rt.transaction() as tx:
        return segments.freeze(world.rt, tx, campaign, rules, channel, world.now)


def recipients(world: World, campaign: UUID) -> list[Any]:
    sql = "SELECT * FROM campaign_recipients WHERE campaign_id = %(id)s ORDER BY place"
    with world.rt.transaction() as tx:
        return list(run(tx, sql, {"id": campaign}))


def test_everybody_who_agreed_is_chosen_and_the_rest_is_told_with_the_reason(world: World) -> None:
    ada = person(world)
    person(world, "Ben", "ben@example.org", agreed=(("email", "education"),))
    person(world, "Cleo", None)
    person(world, "Dora", "dora@example.org", care_only=True)
    assert segments.count(world.rt, Rules(), "email") == Counted(
        1, {"no_address": 1, "not_confirmed": 1, "no_consent": 1}
    )
    assert segments.count(world.rt, Rules(), "sms") == Counted(0, {"no_address": 4})
    assert segments.sample(world.rt, Rules(), "email", 10) == [ada]


def test_a_count_is_of_now(world: World) -> None:
    id = person(world)
    assert segments.count(world.rt, Rules(), "email").chosen == 1
    do(world, "UPDATE consent_states SET granted = false WHERE person_id = %(id)s", id=id)
    assert segments.count(world.rt, Rules(), "email") == Counted(0, {"no_consent": 1})
    do(world, "UPDATE consent_states SET granted = true WHERE person_id = %(id)s", id=id)
    do(world, "UPDATE people SET paused_until = %(until)s", until=world.now + timedelta(days=1))
    assert segments.count(world.rt, Rules(), "email") == Counted(0, {"paused": 1})
    world.now += timedelta(days=1)
    assert segments.count(world.rt, Rules(), "email") == Counted(1, {})


def test_a_count_says_when_it_is_not_final(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "COUNT_SECONDS", 0.0)
    monkeypatch.setattr(profiles, "BATCH", 2)
    for n in range(6):
        person(world, email=f"{n}@example.org")
    counted = segments.count(world.rt, Rules(), "email")
    assert counted.waiting > 0
    profiles.fresh(world.rt, 5)
    assert segments.count(world.rt, Rules(), "email") == Counted(6, {})


def test_patients_without_an_authorization_are_left_out_of_what_chooses_by_treatment(world: World) -> None:
    yes, no, subscriber = (person(world, email=f"{n}@example.org") for n in range(3))
    for id in (yes, no):
        visit(world, id, -3)
    authorizations.record(world.rt, STAFF, yes, "granted", "paper")
    treated = read({"stages": ["in_treatment", "subscriber"], "authorized": True})
    assert segments.count(world.rt, treated, "email") == Counted(2, {"not_authorized": 1})
    assert segments.sample(world.rt, treated, "email", 9) == [yes, subscriber]
    assert segments.sample(world.rt, treated, "email", 9, excluded="not_authorized") == [no]
    # What does not ask for treatment may reach a patient who agreed to news.
    assert segments.count(world.rt, Rules(), "email") == Counted(3, {})
    assert segments.count(world.rt, read({"authorized": True}), "email") == Counted(2, {"not_authorized": 1})
    refused = read({"stages": ["in_treatment"]})
    with pytest.raises(InvalidInput) as caught:
        segments.save(world.rt, STAFF, "Treated", refused)
    assert "signed an authorization for marketing" in caught.value.errors["authorized"]
    with pytest.raises(InvalidInput):
        frozen(world, new_id(), refused)


def test_one_address_gets_one_message(world: World) -> None:
    first, second, alone = (
        person(world, name, email=mail)
        for name, mail in (
            ("Ada", "home@example.org"),
            ("Ben", "Home@example.org"),
            ("Cleo", "c@example.org"),
        )
    )
    assert segments.count(world.rt, Rules(), "email") == Counted(2, {"same_address": 1})
    assert segments.sample(world.rt, Rules(), "email", 9) == [first, alone]
    assert segments.sample(world.rt, Rules(), "email", 9, excluded="same_address") == [second]
    campaign = new_id()
    frozen(world, campaign, Rules())
    assert {row.person_id: row.excluded for row in recipients(world, campaign)} == {
        first: None,
        second: "same_address",
        alone: None,
    }
    # Where the first is not meant, the second is.
    tags.put(world.rt, STAFF, second, "Evenings")
    (tag,) = tags.listing(world.rt)
    rules = read({"tags": {"any": [str(tag.id)]}, "authorized": True})
    assert segments.count(world.rt, rules, "email") == Counted(1, {})
    assert segments.sample(world.rt, rules, "email", 9) == [second]


def test_of_several_courses_each_counts(world: World) -> None:
    id = person(world)
    sql = """INSERT INTO enrolments (id, person_id, contact_id, course, state, started_at, done, timetable)
    SELECT %(id)s, person_id, id, %(course)s, %(state)s, %(now)s, %(done)s, 'x' FROM contacts WHERE person_id = %(person)s"""
    taken = (("sleep", "completed", ["a", "b", "c"]), ("chronic-pain", "active", ["a"]))
    for course, state, done in taken:
        do(world, sql, id=new_id(), person=id, course=course, state=state, done=done)
    for course, progress, least, chosen in (
        ("sleep", "completed", 3, 1),
        ("sleep", "completed", 4, 0),
        ("sleep", "active", 0, 0),
        ("sleep", "any", 0, 1),
        ("chronic-pain", "active", 1, 1),
        ("chronic-pain", "active", 2, 0),
        ("chronic-pain", "stopped", 0, 0),
    ):
        rules = read({"course": {"slug": course, "progress": progress, "least_lessons": least}})
        assert segments.count(world.rt, rules, "email").chosen == chosen, (course, progress, least)


def test_a_frozen_audience_has_a_row_for_everybody_in_a_shuffled_order(world: World) -> None:
    ids = [person(world, email=f"{n}@example.org") for n in range(12)]
    none = person(world, email="x@example.org", agreed=())
    campaign = new_id()
    told = frozen(world, campaign, Rules())
    rows = recipients(world, campaign)
    assert (told.audience, told.excluded) == (12, 1)
    assert [row.place for row in rows] == list(range(1, 14))
    assert {row.person_id for row in rows[:12]} == set(ids)
    assert [row.person_id for row in rows[:12]] != ids
    assert (rows[12].person_id, rows[12].excluded, rows[12].contact_id) == (none, "no_consent", None)
    with world.rt.transaction() as tx:
        contacts = {row[0]: row[1] for row in run(tx, "SELECT person_id, id FROM contacts")}
        order = [row[0] for row in run(tx, "SELECT person_id FROM contacts ORDER BY address_index")]
    assert all(row.contact_id == contacts[row.person_id] for row in rows[:12])
    assert [row.person_id for row in rows[:12]] == [id for id in order if id != none]


def test_frozen_again_it_is_of_now_and_the_same_people_have_the_same_mark(world: World) -> None:
    ids = [person(world, email=f"{n}@example.org") for n in range(4)]
    one, other = new_id(), new_id()
    first = frozen(world, one, Rules())
    assert frozen(world, other, Rules()).fingerprint == first.fingerprint
    assert frozen(world, one, Rules()) == first
    person(world, email="excluded@example.org", agreed=())
    assert frozen(world, one, Rules()).fingerprint == first.fingerprint
    late = person(world, email="late@example.org")
    grown = frozen(world, one, Rules())
    assert (grown.audience, grown.fingerprint == first.fingerprint) == (5, False)
    assert {row.person_id for row in recipients(world, one)} > {*ids, late}
    assert {row.person_id for row in recipients(world, other)} == set(ids)
    assert frozen(world, new_id(), read({"stages": ["consulting"]})).audience == 0


def test_nothing_is_frozen_while_more_waits_than_can_be_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "FREEZE_SECONDS", 0.0)
    monkeypatch.setattr(profiles, "BATCH", 1)
    for n in range(4):
        person(world, email=f"{n}@example.org")
    campaign = new_id()
    with pytest.raises(segments.Unsettled):
        frozen(world, campaign, Rules())
    assert recipients(world, campaign) == []


def populate(world: World, chance: random.Random) -> list[UUID]:
    """Forty people of all sorts."""
    runners, evenings = (tags.add(world.rt, STAFF, name) for name in ("Runners", "Evenings"))
    ids = []
    for n in range(40):
        ids.append(
            person(
                world,
                email=chance.choice([None, "home@example.org", "work@example.org", f"{n}@example.org"]),
                mobile=chance.choice([None, "+15185550123", f"+151855501{n:02}"]),
                agreed=chance.sample([*MARKETING, ("email", "education")], chance.randint(0, 3)),
                care_only=chance.random() < 0.1,
            )
        )
        for _ in range(chance.choice([0, 0, 1, 2, 3])):
            place = chance.choice(["Larkspur Lane", "Prairie Street"])
            status = chance.choice(["booked", "fulfilled", "cancelled", "noshow"])
            visit(world, ids[-1], chance.randint(-250, 60), status, place)
        if chance.random() < 0.5:
            authorizations.record(world.rt, STAFF, ids[-1], "granted", "paper")
        for tag in (runners, evenings):
            if chance.random() < 0.3:
                do(
                    world,
                    "INSERT INTO person_tags VALUES (%(id)s, %(tag)s, 'staff', %(now)s)",
                    id=ids[-1],
                    tag=tag,
                )
        if chance.random() < 0.4:
            state = chance.choice(["active", "completed", "stopped", "unsubscribed"])
            do(
                world,
                """INSERT INTO enrolments (id, person_id, contact_id, course, state, started_at, done, timetable)
                SELECT %(new)s, person_id, id, 'chronic-pain', %(state)s, %(now)s, %(done)s, 'x' FROM contacts
                WHERE person_id = %(id)s LIMIT 1""",
                new=new_id(),
                id=ids[-1],
                state=state,
                done=[f"{k}" for k in range(chance.randint(0, 6))],
            )
    return ids


def some_rules(world: World, chance: random.Random) -> Rules:
    told: dict[str, Any] = {"authorized": True}
    names = [str(tag.id) for tag in tags.listing(world.rt)]
    if chance.random() < 0.6:
        told["stages"] = chance.sample(STAGES, chance.randint(1, 5))
    if chance.random() < 0.2:
        told["locations"] = [chance.choice(["Larkspur Lane", "Prairie Street"])]
    if chance.random() < 0.3:
        progress, least = chance.choice(["any", "active", "completed", "stopped"]), chance.randint(0, 3)
        told["course"] = {"slug": "chronic-pain", "progress": progress, "least_lessons": least}
    if chance.random() < 0.3:
        told["last_visit"] = {chance.choice(["before_days", "within_days"]): chance.choice([1, 30, 100])}
    if chance.random() < 0.4:
        told["tags"] = {chance.choice(["any", "none"]): [chance.choice(names)]}
    if not read(told).of_treatment and chance.random() < 0.7:
        del told["authorized"]
    return read(told)


def judged(world: World, ids: list[UUID], rules: Rules, channel: Channel) -> dict[UUID, str | None]:
    """Person by person: why nothing goes, None where something does; whom the rules don't choose is not in it."""
    found: dict[UUID, str | None] = {}
    today, taken = world.now.date(), set()
    for id in sorted(ids):
        row = profile(world, id)
        if row is None or not _matches(row, rules, today):
            continue
        reach, address = getattr(row, f"{channel}_reach"), getattr(row, f"{channel}_index")
        if reach:
            found[id] = UNREACHED[reach - 1]
        elif row.patient and not row.authorized and rules.needs_authorization:
            found[id] = "not_authorized"
        elif bytes(address) in taken:
            found[id] = "same_address"
        else:
            found[id] = None
            taken.add(bytes(address))
    return found


def _matches(row: Any, rules: Rules, today: Any) -> bool:
    if rules.stages and (not row.stage or STAGES[row.stage - 1] not in rules.stages):
        return False
    if rules.locations and row.location not in rules.locations:
        return False
    if (course := rules.course) is not None:
        states = COURSE_STATES[course.progress]
        if row.course != course.slug or row.lessons_done < course.least_lessons:
            return False
        if states is not None and row.course_state not in states:
            return False
    before, since = visited_before(rules, today), visited_since(rules, today)
    if before is not None and not (row.last_visit and row.last_visit < before):
        return False
    if since is not None and not (row.last_visit and row.last_visit >= since):
        return False
    if rules.any_tags and not rules.any_tags & set(row.tags or ()):
        return False
    return not rules.no_tags & set(row.tags or ())


@pytest.mark.parametrize("seed", range(3))
def test_counting_looking_and_freezing_agree_with_going_through_people_one_by_one(
    world: World, seed: int
) -> None:
    chance = random.Random(seed)
    ids = populate(world, chance)
    for _ in range(12):
        rules, channel = some_rules(world, chance), chance.choice(CHANNELS)
        wanted = judged(world, ids, rules, channel)
        reasons = Counter(reason for reason in wanted.values() if reason is not None)
        chosen = sorted(id for id, reason in wanted.items() if reason is None)
        counted = segments.count(world.rt, rules, channel)
        assert (counted.chosen, dict(counted.excluded), counted.waiting) == (len(chosen), dict(reasons), 0)
        assert segments.sample(world.rt, rules, channel, 99) == chosen
        for excluded in EXCLUDED:
            told = segments.sample(world.rt, rules, channel, 99, excluded=excluded)
            assert told == sorted(id for id, reason in wanted.items() if reason == excluded)
        if len(chosen) > 2:
            assert segments.sample(world.rt, rules, channel, 1, after=chosen[0]) == [chosen[1]]
        campaign = new_id()
        frozen_now = frozen(world, campaign, rules, channel)
        assert (frozen_now.audience, frozen_now.excluded) == (len(chosen), reasons.total())
        assert {row.person_id: row.excluded for row in recipients(world, campaign)} == wanted


def test_saving_makes_versions_and_saving_the_same_makes_none(world: World) -> None:
    rules = read({"stages": ["subscriber"]})
    id = segments.save(world.rt, STAFF, " Readers  of the course ", rules)
    found = segments.one(world.rt, id)
    assert found is not None
    assert (found.name, found.now.version, found.now.words) == (
        "Readers of the course",
        1,
        ["Stage: subscribers."],
    )
    assert segments.save(world.rt, STAFF, "Readers of the course", rules, id, 1) == id
    segments.save(world.rt, STAFF, "Readers", Rules(), id, 1)
    assert [(v.version, v.rules) for v in segments.versions(world.rt, id)] == [(2, Rules()), (1, rules)]
    assert [one.name for one in segments.listing(world.rt)] == ["Readers"]


def test_two_editors_are_told_apart(world: World) -> None:
    id = segments.save(world.rt, STAFF, "Readers", Rules())
    segments.save(world.rt, STAFF, "Readers", read({"stages": ["subscriber"]}), id, 1)
    with pytest.raises(ChangedMeanwhile):
        segments.save(world.rt, STAFF, "Readers", read({"stages": ["past"], "authorized": True}), id, 1)
    assert segments.archive(world.rt, STAFF, id)
    assert not segments.archive(world.rt, STAFF, id)
    with pytest.raises(ChangedMeanwhile):
        segments.save(world.rt, STAFF, "Readers", Rules(), id, 2)
    assert segments.listing(world.rt) == []


def test_a_name_is_used_once_until_it_is_put_away(world: World) -> None:
    first = segments.save(world.rt, STAFF, "Readers", Rules())
    other = segments.save(world.rt, STAFF, "Others", Rules())
    for name, id in (("READERS", None), ("readers", other)):
        with pytest.raises(InvalidInput) as caught:
            segments.save(world.rt, STAFF, name, Rules(), id, 1)
        assert caught.value.errors == {"name": segments.NAME_TAKEN}
    segments.archive(world.rt, STAFF, first)
    segments.save(world.rt, STAFF, "Readers", Rules())
