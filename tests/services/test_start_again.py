"""START brings back what the STOP that it answers ended: all of it, and nothing that ended otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engage.domain.messages import Channel, Purpose
from engage.runtime import Runtime
from engage.services import preference_acts, wishes
from engage.services.audit import CLI
from engage.services.number_proof import type_code
from engage.services.numbers import page_token
from engage.storage import suppressions
from tests.scripted import Somebody
from tests.texted import ask, code, texted
from tests.texting import NUMBER, PURPOSES, Texting, with_policy
from tests.world import World

OTHER = "+15185550199"
DAY = timedelta(days=1)


@pytest.fixture
def clinic(world: World) -> Texting:
    return Texting(world)


@pytest.fixture
def keeping(rt: Runtime) -> Texting:
    """A clinic whose STOP asks whether reminders should stay."""
    return Texting(World(with_policy(rt, care_after_stop=True)))


def stop_on_page(clinic: Texting, who: UUID, purpose: Purpose, channel: Channel) -> None:
    preference_acts.stop(clinic.rt, clinic.rt.links.token("preferences", who), purpose, channel)


def enrolment(clinic: Texting) -> Any:
    (row,) = clinic.run("SELECT id, person_id, state, done, ended_at FROM enrolments")
    return row


def by_text_alone(clinic: Texting) -> UUID:
    """Somebody whose course comes by text alone, some lessons into it."""
    texted(clinic.world)
    person: UUID = enrolment(clinic).person_id
    clinic.world.pass_time(3 * DAY)
    stop_on_page(clinic, person, "education", "email")
    clinic.world.pass_time(8 * DAY)
    assert enrolment(clinic).state == "active"
    return person


def lessons_by_text(clinic: Texting) -> int:
    return clinic.kinds().count("course-lesson-text")


@pytest.mark.parametrize("away", [0, 1, 30])
@pytest.mark.parametrize("how", ["text", "telephone"])
def test_a_course_by_text_alone_goes_on_where_stop_ended_it(clinic: Texting, how: str, away: int) -> None:
    person = by_text_alone(clinic)
    had = lessons_by_text(clinic)
    if how == "text":
        assert clinic.says("STOP") == "stopped"
    else:
        wishes.record(clinic.rt, CLI, person, "sms", "stop", "telephone")
    assert enrolment(clinic).state == "unsubscribed"
    clinic.world.pass_time(away * DAY)
    assert lessons_by_text(clinic) == had
    if how == "text":
        assert clinic.says("START") == "started"
    else:
        wishes.record(clinic.rt, CLI, person, "sms", "start", "telephone")
    assert enrolment(clinic).state == "active"
    begun = clinic.world.now
    clinic.world.pass_time(40 * DAY)
    assert enrolment(clinic).state == "completed"
    assert lessons_by_text(clinic) == 12
    # As far apart as before, not all at once.
    days = {mail.sent_at.date() for mail in clinic.mails() if mail.sent_at > begun}
    assert len(days) >= 12 - had


def test_a_course_whose_emails_can_not_arrive_goes_on_too(clinic: Texting) -> None:
    texted(clinic.world)
    clinic.world.pass_time(3 * DAY)
    with clinic.rt.transaction() as tx:
        index = clinic.rt.sealer.index("email", "ada@example.org")
        suppressions.add(tx, "email", index, "all", "hard_bounce", clinic.world.now)
    clinic.says("STOP")
    assert enrolment(clinic).state == "unsubscribed"
    clinic.world.pass_time(20 * DAY)
    clinic.says("START")
    clinic.world.pass_time(60 * DAY)
    assert enrolment(clinic).state == "completed" and lessons_by_text(clinic) == 12


def test_emails_go_on_when_texts_stop(clinic: Texting) -> None:
    texted(clinic.world)
    clinic.world.pass_time(3 * DAY)
    clinic.says("STOP")
    assert enrolment(clinic).state == "active"
    clinic.world.pass_time(60 * DAY)
    assert len(clinic.world.lessons()) == 12 and lessons_by_text(clinic) < 12


@pytest.mark.parametrize("state", ["stopped", "booked", "unsubscribed"])
def test_a_course_that_ended_before_the_stop_stays_ended(clinic: Texting, state: str) -> None:
    by_text_alone(clinic)
    clinic.run(
        "UPDATE enrolments SET state = %(state)s, ended_at = %(now)s", state=state, now=clinic.world.now
    )
    clinic.world.pass_time(DAY)
    clinic.says("STOP")
    clinic.says("START")
    assert enrolment(clinic).state == state


def test_a_course_that_was_begun_anew_meanwhile_is_one(clinic: Texting) -> None:
    by_text_alone(clinic)
    clinic.says("STOP")
    clinic.world.pass_time(DAY)
    clinic.world.enrol()
    clinic.says("START")
    found = clinic.run("SELECT state FROM enrolments ORDER BY started_at")
    assert [row.state for row in found] == ["unsubscribed", "active"]


def test_what_the_page_ended_does_not_come_back_before_or_after_the_stop(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    stop_on_page(clinic, ada.id, "marketing", "sms")
    clinic.says("STOP")
    stop_on_page(clinic, ada.id, "education", "sms")
    assert clinic.says("START") == "started"
    assert clinic.agreed(ada) == {"care"}
    standing = clinic.run("SELECT scope FROM suppressions WHERE lifted_at IS NULL ORDER BY scope")
    assert [row.scope for row in standing] == ["education", "marketing"]


def test_where_only_the_page_ended_something_there_is_nothing_to_start(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    stop_on_page(clinic, ada.id, "marketing", "sms")
    assert clinic.says("START") == "nothing_to_start"
    assert clinic.agreed(ada) == {"care", "education"}


def test_a_stop_at_one_number_is_not_taken_back_at_another(clinic: Texting) -> None:
    texted(clinic.world)
    person = enrolment(clinic).person_id
    ada = Somebody(person, "ada@example.org", NUMBER, person, person)
    with clinic.rt.transaction() as tx:
        clinic.grant(tx, person, "care")
    clinic.says("STOP")
    clinic.world.pass_time(2 * DAY)
    token = page_token(clinic.rt, person, clinic.world.now)
    ask(clinic.world, token, OTHER)
    assert type_code(clinic.rt, token, code(clinic.world, OTHER)) == "on"
    assert clinic.says("START", OTHER) == "nothing_to_start"
    assert clinic.agreed(ada) == {"education"}
    clinic.says("STOP", OTHER)
    clinic.says("START", OTHER)
    assert clinic.agreed(ada) == {"education"}


def test_each_stop_has_its_own_start(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    for _ in range(3):
        clinic.says("STOP")
        assert clinic.agreed(ada) == set()
        clinic.says("START")
        assert clinic.agreed(ada) == set(PURPOSES)


def test_after_reminders_were_kept_start_brings_back_the_rest(keeping: Texting) -> None:
    ada = keeping.person(number=NUMBER)
    keeping.says("STOP")
    keeping.says("CARE")
    assert keeping.agreed(ada) == {"care"}
    keeping.says("STOP")
    assert keeping.agreed(ada) == set()
    keeping.says("START")
    assert keeping.agreed(ada) == set(PURPOSES)


def test_what_came_to_a_number_that_was_stopped_long_before_comes_back_too(clinic: Texting) -> None:
    """Somebody had said STOP there before the number was Ada's, whose wish was brought in on paper."""
    clinic.says("STOP")
    ada = clinic.person(agreed=("care",), number=NUMBER)
    clinic.says("STOP")
    assert clinic.agreed(ada) == set()
    clinic.says("START")
    assert clinic.agreed(ada) == {"care"}
