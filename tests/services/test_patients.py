"""People from booking systems: who is found, who is new, and what staff are asked."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from engage.domain.messages import Channel, Purpose
from engage.runtime import Runtime
from engage.services import consent_proof, erasure, find, preference_acts, preferences
from engage.services.audit import CLI
from engage.services.claim import claim
from engage.services.patients import Matched, PersonIn, check, stop_courses
from engage.storage import consents, people, suppressions
from engage.storage.database import run
from tests.emptying import TRUNCATE
from tests.patients import ADA, addresses, agreed, asked, rows, tell, told, versions, who
from tests.scripted import Somebody, plan, somebody, state
from tests.texting import Texting
from tests.world import World

BOB = replace(ADA, given_name="Bob", external_id="18", family_name="Babbage", mobile=None, consent=("email",))


def test_a_new_person_has_addresses_for_care_and_nothing_else(rt: Runtime) -> None:
    (one,) = tell(rt, replace(ADA, zone="America/Chicago", check_ins=True))
    assert (one.how, one.doubt, one.problems, one.skipped) == ("new", False, [], {})
    assert one.person_id is not None
    assert told(rt, one.person_id) == {"given_name": "Ada", "family_name": "Lovelace"}
    assert addresses(rt, one.person_id) == {"ada@example.org": "confirmed", "+15185550101": "confirmed"}
    assert agreed(rt, one.person_id) == {("email", "care"), ("sms", "care")}
    (person,) = rows(rt, "SELECT p.zone, w.agreed FROM people p JOIN check_in_wishes w ON w.person_id = p.id")
    assert tuple(person) == ("America/Chicago", True)
    assert {row.care_only for row in rows(rt, "SELECT care_only FROM contacts")} == {True}
    (entry, _) = rows(
        rt,
        "SELECT c.actor, c.source, w.wording FROM consents c JOIN wordings w ON w.hash = c.wording_hash "
        "ORDER BY c.channel",
    )
    assert (entry.actor, entry.source) == ("system", "booking system, cliniko: intake form")
    assert entry.wording.endswith("(intake form): yes to messages about visits by email.")
    with rt.transaction() as tx:
        assert [one.family_name for one in find.find(rt, tx, "lovel").people] == ["Lovelace"]
    assert consent_proof.verify(rt, lambda finding: pytest.fail(str(finding))).sound


@pytest.mark.parametrize(
    ("change", "how"),
    [
        ({}, "external_id"),
        ({"email": None, "mobile": None}, "external_id"),
        ({"given_name": "Augusta"}, "external_id"),
        ({"external_id": None}, "email"),
        ({"external_id": "99"}, "email"),
        ({"external_id": "17", "source": "jane"}, "email"),
        ({"external_id": None, "given_name": " ÁDA "}, "email"),
        ({"external_id": None, "email": "ADA@example.org"}, "email"),
        ({"external_id": None, "email": None}, "mobile"),
        ({"external_id": None, "email": None, "mobile": "+1 518 555 0101"}, "mobile"),
        ({"external_id": None, "given_name": "Adam"}, "new"),
        ({"external_id": "18", "email": "other@example.org", "mobile": None}, "new"),
        ({"external_id": "017", "email": None, "mobile": None}, "new"),
    ],
)
def test_who_is_found(rt: Runtime, change: dict[str, Any], how: str) -> None:
    ada = who(rt, ADA)
    (one,) = tell(rt, replace(ADA, **change))
    assert (one.how, one.person_id == ada) == (how, how != "new")


def test_the_same_address_under_another_name_is_somebody_else_and_staff_are_asked(rt: Runtime) -> None:
    ada = who(rt, ADA)
    (bob,) = tell(rt, BOB)
    assert (bob.how, bob.doubt, bob.changed) == ("new", True, True)
    assert bob.person_id is not None
    assert asked(rt) == [("same_person", bob.person_id, ada)]
    assert addresses(rt, bob.person_id) == {"ada@example.org": "confirmed"}
    assert agreed(rt, bob.person_id) == {("email", "care")}
    # Once asked is enough, and each is found by their own name.
    assert [(one.how, one.doubt) for one in tell(rt, BOB, replace(BOB, external_id=None))] == [
        ("external_id", False),
        ("email", False),
    ]
    assert len(asked(rt)) == 1


def test_a_name_at_an_address_that_is_not_confirmed_is_a_question(rt: Runtime) -> None:
    ada = who(rt, ADA)
    with rt.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'bad' WHERE channel = 'email'")
    (again,) = tell(rt, replace(ADA, external_id="99", mobile=None))
    assert (again.how, again.doubt) == ("new", True)
    assert asked(rt) == [("same_person", again.person_id, ada)]


def test_an_address_that_only_waits_for_its_owner_names_nobody(rt: Runtime) -> None:
    who(rt, replace(ADA, mobile=None))
    with rt.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'pending'")
    (again,) = tell(rt, replace(ADA, external_id="99", mobile=None))
    assert (again.how, again.doubt) == ("new", False)


def test_two_people_who_may_be_one_are_a_question(rt: Runtime) -> None:
    by_mail = who(rt, replace(ADA, mobile=None))
    by_number = who(rt, replace(ADA, external_id="18", email=None))
    (found,) = tell(rt, replace(ADA, external_id=None))
    assert (found.person_id, found.how, found.doubt) == (by_mail, "email", True)
    assert asked(rt) == [("same_person", by_mail, by_number)]


def test_the_address_of_a_front_desk_asks_no_more_questions(rt: Runtime) -> None:
    names = ["Ada", "Bob", "Cleo", "Dora", "Emil", "Fritz", "Gale", "Hans", "Ines", "Jan"]
    people = [replace(BOB, given_name=name, external_id=name) for name in names]
    found = tell(rt, *people)
    assert [one.doubt for one in found] == [False, *[True] * 7, False, False]


def test_what_is_known_writes_nothing_at_all(rt: Runtime) -> None:
    people = [ADA, BOB, replace(ADA, external_id="20", given_name="Cleo", check_ins=True)]
    tell(rt, *people)
    before = versions(rt, [*_ALL])
    for one in tell(rt, *people, *people):
        assert (one.how, one.changed, one.doubt, one.skipped) == ("external_id", False, False, {})
    assert versions(rt, [*_ALL]) == before


_ALL = (
    "people",
    "contacts",
    "person_keys",
    "consents",
    "consent_states",
    "follow_ups",
    "person_tokens",
    "wordings",
    "audit",
)


def test_an_address_is_added_where_there_is_none(rt: Runtime) -> None:
    ada = who(rt, replace(ADA, mobile=None))
    (one,) = tell(rt, ADA)
    assert (one.changed, addresses(rt, ada)["+15185550101"]) == (True, "confirmed")
    assert agreed(rt, ada) == {("email", "care"), ("sms", "care")}


def test_another_address_is_a_question_and_nothing_else(rt: Runtime) -> None:
    ada = who(rt, ADA)
    kept = versions(rt, ["contacts", "consents", "people"])
    (one,) = tell(rt, replace(ADA, email="new@example.org", mobile=None))
    assert (one.doubt, one.skipped) == (True, {})
    assert asked(rt) == [("address_differs", ada, ada)]
    assert versions(rt, ["contacts", "consents", "people"]) == kept
    (asked_row,) = rows(rt, "SELECT id, sealed FROM follow_ups")
    note = rt.sealer.open("follow_ups", asked_row.id, asked_row.sealed)["note"]
    assert note == "cliniko: new@example.org"
    assert not tell(rt, replace(ADA, email="new@example.org"))[0].doubt


def test_a_consent_for_another_address_waits_for_staff(rt: Runtime) -> None:
    ada = who(rt, replace(ADA, consent=()))
    (one,) = tell(rt, replace(ADA, mobile="(518) 555-0199"))
    assert one.skipped == {"sms": "address_differs"}
    assert agreed(rt, ada) == {("email", "care")}


def test_one_that_came_back_makes_room_for_a_new_one(rt: Runtime) -> None:
    ada = who(rt, ADA)
    with rt.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'bad' WHERE channel = 'email'")
    tell(rt, replace(ADA, email="new@example.org"))
    assert addresses(rt, ada)["new@example.org"] == "confirmed"
    assert asked(rt) == []


def test_names_follow_the_booking_system_that_knows_the_person_by_id(rt: Runtime) -> None:
    ada = who(rt, replace(ADA, family_name=None))
    tell(rt, replace(ADA, given_name="Augusta", external_id="17"))
    assert told(rt, ada) == {"given_name": "Augusta", "family_name": "Lovelace"}
    tell(rt, replace(ADA, given_name="augusta", family_name="King", external_id=None))
    assert told(rt, ada) == {"given_name": "Augusta", "family_name": "Lovelace"}


def test_who_signed_up_for_the_course_is_found_by_the_confirmed_address(world: World) -> None:
    world.enrol()
    (one,) = tell(world.rt, ADA)
    assert one.how == "email" and one.person_id is not None
    assert told(world.rt, one.person_id)["main_pain"] == "neck"
    assert agreed(world.rt, one.person_id) == {("email", "education"), ("email", "care"), ("sms", "care")}


def test_the_forgotten_stay_forgotten_until_they_come_back(rt: Runtime) -> None:
    ada = who(rt, ADA)
    erasure.erase(rt, ada, CLI)
    (one,) = tell(rt, ADA)
    assert (one.how, one.person_id) == ("refused", None)
    assert "asked to be forgotten" in one.problems[0].sentence
    now = rt.now()
    before = replace(ADA, consent_at=now - timedelta(days=1))
    assert tell(rt, before)[0].how == "refused"
    later = rt.at(now + timedelta(days=30))
    (back,) = tell(later, replace(ADA, consent_at=now + timedelta(days=29)))
    assert back.how == "new" and back.person_id not in (None, ada)
    assert tell(later, ADA)[0].person_id == back.person_id


def test_a_batch_takes_a_constant_number_of_statements(rt: Runtime) -> None:
    def count(people: list[PersonIn]) -> int:
        seen = []

        def saw(*args: Any) -> None:
            seen.append(args[2])

        event.listen(rt.engine, "before_cursor_execute", saw)
        try:
            tell(rt, *people)
        finally:
            event.remove(rt.engine, "before_cursor_execute", saw)
        return len(seen)

    few = count(_family(5, "few"))
    many = count(_family(300, "many"))
    assert many <= few + 1  # One lock instead of many.
    assert many < 25


def _family(size: int, name: str) -> list[PersonIn]:
    return [
        replace(ADA, external_id=f"{name}-{n}", email=f"{name}{n}@example.org", mobile=f"+1518555{n:04}")
        for n in range(size)
    ]


def test_a_batch_does_what_its_rows_do_one_by_one(rt: Runtime) -> None:
    dice = random.Random(6)
    for _ in range(12):
        people = [_anybody(dice) for _ in range(25)]
        whole = _outcome(rt, tell(rt, *people))
        _empty(rt)
        single = _outcome(rt, [one for person in people for one in tell(rt, person)])
        _empty(rt)
        assert whole == single


def _anybody(dice: random.Random) -> PersonIn:
    """Somebody out of a small town, so that they meet."""
    consent: tuple[Channel, ...] = dice.choice([(), ("email",), ("sms",), ("email", "sms")])
    return PersonIn(
        source=dice.choice(["cliniko", "jane"]),
        given_name=dice.choice(["Ada", "ada", "Bob", "Zoë", "Zoe", ""]),
        external_id=dice.choice([None, "1", "2", "3"]),
        family_name=dice.choice([None, "Hopper", "Noether"]),
        email=dice.choice([None, "a@example.org", "b@example.org", "nobody"]),
        mobile=dice.choice([None, "(518) 555-0101", "(518) 555-0102", "12"]),
        consent=consent,
        consent_source=dice.choice(["intake form", ""]) if not consent else "intake form",
        check_ins=bool(consent) and dice.random() < 0.3,
    )


def _outcome(rt: Runtime, found: list[Matched]) -> Any:
    """What was answered and what is kept, with people called by the order in which they came."""
    names: dict[UUID | None, int | None] = {None: None}
    for one in found:
        names.setdefault(one.person_id, len(names))
    answers = [
        (names[one.person_id], one.how, one.doubt, one.problems, one.skipped, one.changed) for one in found
    ]
    kept = {
        names[row.id]: (told(rt, row.id), addresses(rt, row.id), agreed(rt, row.id), row.agreed, row.zone)
        for row in rows(
            rt,
            "SELECT p.id, p.zone, w.agreed FROM people p LEFT JOIN check_in_wishes w ON w.person_id = p.id",
        )
    }
    questions = sorted((kind, names[person], names[other]) for kind, person, other in asked(rt))
    tokens = sorted(
        (names[row.person_id], bytes(row.token)) for row in rows(rt, "SELECT * FROM person_tokens")
    )
    return answers, kept, questions, tokens, rows(rt, "SELECT count(*) FROM consents")


def _empty(rt: Runtime) -> None:
    with rt.transaction() as tx:
        tx.exec_driver_sql(TRUNCATE)


@pytest.mark.parametrize(
    ("change", "field", "cure", "refused"),
    [
        ({"given_name": " "}, "given_name", "first name", True),
        ({"given_name": "www.example.com"}, "given_name", "without an address", True),
        ({"source": "Our System"}, "source", "small letters", True),
        ({"external_id": "x" * 201}, "external_id", "at most 200", True),
        ({"external_id": None, "email": None, "mobile": None}, "external_id", "id, an email", True),
        ({"external_id": None, "email": "nobody", "mobile": None}, "external_id", "id, an email", True),
        ({"email": "nobody"}, "email", "name@example.org", False),
        ({"mobile": "(800) 555-0199"}, "mobile", "toll-free", False),
        ({"mobile": "12"}, "mobile", "no such number", False),
        ({"zone": "Mars/Base"}, "zone", "America/New_York", False),
        ({"consent": ("fax",)}, "consent", "email, sms", True),
        ({"consent_source": ""}, "consent_source", "on file", True),
        ({"consent": (), "check_ins": True, "consent_source": ""}, "consent_source", "on file", True),
        ({"consent_source": "ada@example.org"}, "consent_source", "without a person", True),
        ({"consent_source": "call of (518) 555-0101"}, "consent_source", "without a person", True),
    ],
)
def test_what_can_not_be_used_is_named_with_its_cure(
    rt: Runtime, change: dict[str, Any], field: str, cure: str, refused: bool
) -> None:
    person = replace(ADA, **change)
    problem = check(rt, person, rt.now())[-1]
    assert (problem.field, problem.refuses) == (field, refused)
    assert cure in problem.sentence and "course" not in problem.sentence
    (one,) = tell(rt, person)
    assert (one.how == "refused") == (one.person_id is None) == refused


def test_a_consent_has_a_past(rt: Runtime) -> None:
    now = rt.now()
    for moment in (now + timedelta(seconds=1), now.replace(tzinfo=None)):
        assert check(rt, replace(ADA, consent_at=moment), now)[0].field == "consent_at"
    dated = replace(ADA, consent_source="form of 2026-03-01", consent_at=now - timedelta(days=3))
    assert tell(rt, dated)[0].problems == []


@pytest.mark.parametrize(
    ("before", "since_days", "skipped"),
    [
        ("nothing", None, ""),
        ("STOP", None, "suppressed"),
        ("STOP", 0, "suppressed"),
        ("withdrawn", None, "withdrawn"),
        ("withdrawn", 30, "withdrawn"),
        ("withdrawn", 0, ""),
        ("suppressed for care", 0, "suppressed"),
        ("suppressed for marketing", None, ""),
        ("granted", None, ""),
        ("quarantined", 0, "no_address"),
        ("bad", 0, "no_address"),
    ],
)
def test_opt_outs_win(world: World, before: str, since_days: int | None, skipped: str) -> None:
    clinic = Texting(world)
    agreed_before = ("care",) if before in ("withdrawn", "granted") else ()
    number = "+15185550101"
    ada = clinic.person(agreed=agreed_before, number=number, email="ada@example.org")
    if before == "STOP":
        clinic.says("STOP", number)
    elif before == "withdrawn":
        with world.rt.transaction() as tx:
            at = world.now - timedelta(days=10)
            consents.enter(tx, ada.id, "sms", "care", "withdrawn", actor="person", source="page", now=at)
    elif before.startswith("suppressed"):
        with world.rt.transaction() as tx:
            index = world.rt.sealer.index("sms", number)
            suppressions.add(tx, "sms", index, before.split()[-1], "unsubscribed", world.now)
    elif before in ("quarantined", "bad"):
        clinic.run("UPDATE contacts SET state = %(to)s WHERE channel = 'sms'", to=before)
    since = world.now - timedelta(days=since_days) if since_days is not None else None
    (one,) = tell(world.rt, replace(ADA, consent_at=since))
    assert one.person_id == ada.id
    assert one.skipped == ({"sms": skipped} if skipped else {})
    assert ("care" in clinic.agreed(ada)) == (not skipped)


def test_a_number_that_said_stop_before_anybody_had_it_stays_silent(world: World) -> None:
    clinic = Texting(world)
    clinic.says("STOP", "+15185550101")
    (one,) = tell(world.rt, ADA)
    assert (one.how, one.skipped) == ("new", {"sms": "suppressed"})


def test_somebody_elses_rows_are_left_alone(rt: Runtime) -> None:
    somebody(rt, 5)
    before = versions(rt)
    tell(rt, ADA)
    assert before <= versions(rt)


def test_booking_stops_the_courses_of_many_at_once(world: World) -> None:
    for name in ("ada", "bob", "cleo"):
        world.enrol(email=f"{name}@example.org", given_name=name)
    people = [row.id for row in rows(world.rt, "SELECT id FROM people ORDER BY id")]
    nobody = who(world.rt, replace(ADA, email="new@example.org"))
    with world.rt.transaction() as tx:
        assert stop_courses(tx, [*people[:2], nobody], world.now) == 2
        assert stop_courses(tx, [*people[:2], nobody], world.now) == 0
        assert stop_courses(tx, [], world.now) == 0
    world.pass_time(timedelta(days=60))
    lessons = {mail.to for mail in world.lessons()}
    assert lessons == {"cleo@example.org"}
    states = rows(world.rt, "SELECT person_id, state FROM enrolments ORDER BY person_id")
    assert [row.state for row in states] == ["booked", "booked", "completed"]
    ended = rows(world.rt, "SELECT DISTINCT status, reason FROM messages WHERE person_id = ANY(%(ids)b::uuid[]) "
                 "AND purpose = 'education'", ids=people[:2])  # fmt: skip
    assert [tuple(row) for row in ended] == [("cancelled", "booked")]


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_an_address_that_a_booking_system_told_is_for_care_until_its_owner_confirms_it(
    rt: Runtime, channel: Channel
) -> None:
    ada = who(rt, ADA)
    sql = "SELECT id FROM contacts WHERE channel = %(channel)s"
    contact = rows(rt, sql, channel=channel)[0].id
    mine = Somebody(ada, "ada@example.org", "+15185550101", contact, contact)
    with rt.transaction() as tx:
        for purpose in ("education", "marketing"):
            consents.enter(
                tx, ada, channel, purpose, "granted", actor="person", source="page", now=rt.now(tx)
            )

    def fate(purpose: Purpose) -> tuple[str, str | None]:
        id = plan(rt, mine, channel, purpose)
        for lane in range(4):
            claim(rt, lane, channel)
        return state(rt, id)

    assert fate("care")[0] == fate("service")[0] == "claimed"
    assert fate("education") == fate("marketing") == ("skipped", "no_address")
    with rt.transaction() as tx:
        people.confirm_contact(tx, contact)
    assert fate("education")[0] == "claimed"


def test_news_by_email_may_be_agreed_to_from_a_letter_that_arrived_there(world: World) -> None:
    ada = who(world.rt, ADA)
    token = world.rt.links.token("preferences", ada, world.now + timedelta(days=365))
    hindered = {
        choice.key: choice.hindrance
        for _, choices in preferences.page(world.rt, token).topics
        for choice in choices
    }
    assert hindered["marketing-sms"] == "no_address" and hindered["care-sms"] == ""
    words = preferences.wording(world.rt, "marketing", "email")
    preference_acts.agree(world.rt, token, "marketing", "email", preferences.mark_of(words), "198.18.0.1")
    (mail,) = rows(world.rt, "SELECT care_only FROM contacts WHERE channel = 'email'")
    assert not mail.care_only


def test_one_record_has_as_many_as_the_system_tells_of_it(rt: Runtime) -> None:
    told_of = [replace(ADA, external_id=str(n)) for n in range(3)]
    assert {one.person_id for one in tell(rt, *told_of)} == {who(rt, ADA)}
