"""Texts that may mean danger: the emergency numbers at once, staff until somebody takes it, and no other answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import alerts, follow_ups
from engage.storage.database import run
from tests.texting import NUMBER, PURPOSES, Texting
from tests.visits import book, patient
from tests.world import World

SAFE = (
    "If this may be an emergency call 911 now. In crisis? Call or text 988. Our staff has been alerted and will call "
    "you. Harmonia Health +1 555 010 0140"
)
DANGER = "I want to kill myself"
# A Tuesday in Albany: ten in the morning, and eleven at night.
DAY = datetime(2026, 11, 3, 15, tzinfo=UTC)
NIGHT = datetime(2026, 11, 4, 4, tzinfo=UTC)


@pytest.fixture
def clinic(rt: Runtime) -> Texting:
    return Texting(World(rt))


def open_urgent(clinic: Texting) -> list[UUID]:
    sql = "SELECT id FROM follow_ups WHERE kind = 'urgent' AND state = 'open' ORDER BY created_at, id"
    return [row.id for row in clinic.run(sql)]


def told(clinic: Texting, at: datetime) -> list[str]:
    """Whom an alert is written to at a real moment."""
    had = len([mail for mail in clinic.world.mail() if mail.kind == "staff-urgent"])
    alerts.tell(clinic.rt, at)
    clinic.world.work()
    return sorted([mail.to for mail in clinic.world.mail() if mail.kind == "staff-urgent"][had:])


def colleague(clinic: Texting) -> UUID:
    id = new_id()
    sealed = clinic.rt.sealer.seal("staff", id, {"name": "Grace"})
    with clinic.rt.transaction() as tx:
        run(
            tx,
            "INSERT INTO staff (id, sealed, address_index, state, created_at) VALUES (%(id)s, %(sealed)s, %(id)s::text::bytea, 'active', now())",
            {"id": id, "sealed": sealed},
        )
    return id


@pytest.mark.parametrize("words", [DANGER, "chest pain and I can't breathe", "quiero morirme"])
@pytest.mark.parametrize("known", [True, False])
def test_the_emergency_numbers_go_out_at_once_and_staff_are_alerted(
    clinic: Texting, words: str, known: bool
) -> None:
    if known:
        clinic.person(number=NUMBER)
    assert clinic.says(words) == "urgent"
    (mail,) = clinic.mails()
    assert (mail.kind, mail.text.strip()) == ("answer-urgent", SAFE)
    assert mail.sent_at - clinic.world.now <= timedelta(seconds=60)
    (row,) = clinic.run("SELECT due_at = created_at AS now FROM follow_ups WHERE kind = 'urgent'")
    assert row.now
    clinic.world.work()
    (letter,) = [mail for mail in clinic.world.mail() if mail.kind == "staff-urgent"]
    assert f"/staff/texts/{clinic.texts_in()[-1].id}" in letter.text
    assert words not in letter.text and NUMBER not in letter.text


def test_staff_are_told_again_at_any_hour_until_somebody_takes_it(clinic: Texting) -> None:
    clinic.says(DANGER)
    desk, on_call = "front-desk@harmonia.example", "on-call@harmonia.example"
    assert told(clinic, DAY) == [desk]
    assert told(clinic, DAY + timedelta(minutes=9)) == []
    assert told(clinic, DAY + timedelta(minutes=10)) == [desk]
    assert told(clinic, NIGHT) == [desk, on_call]
    assert told(clinic, NIGHT + timedelta(minutes=10)) == [desk, on_call]
    (id,) = open_urgent(clinic)
    grace = colleague(clinic)
    follow_ups.assign(clinic.rt, id, grace, grace)
    assert told(clinic, NIGHT + timedelta(hours=1)) == []
    follow_ups.assign(clinic.rt, id, grace, None)
    assert told(clinic, NIGHT + timedelta(hours=2)) == [desk, on_call]
    follow_ups.done(clinic.rt, id, grace, "done")
    assert told(clinic, NIGHT + timedelta(hours=3)) == []


def test_nobody_is_told_any_more_of_somebody_who_was_forgotten(clinic: Texting) -> None:
    clinic.says(DANGER)
    assert told(clinic, DAY)
    clinic.run("UPDATE follow_ups SET state = 'done', outcome = 'not_needed', done_at = now()")
    assert told(clinic, DAY + timedelta(hours=1)) == []


def test_nothing_else_answers_by_itself_until_it_is_done(clinic: Texting) -> None:
    visit = book(clinic.world, patient(clinic.world), date(2026, 11, 3))
    clinic.says(DANGER)
    for words in ("C", "ugh, stop this nonsense so early", "running late", "hello?", "wrong number"):
        clinic.says(words)
    assert clinic.kinds() == ["answer-urgent"]
    (row,) = clinic.run("SELECT reply FROM appointments WHERE id = %(id)s", id=visit)
    assert row.reply == "confirmed"


def test_stop_start_and_help_are_answered_all_the_same(clinic: Texting) -> None:
    clinic.person(number=NUMBER)
    clinic.says(DANGER)
    for words in ("HELP", "STOP", "START"):
        clinic.says(words)
    assert clinic.kinds() == ["answer-urgent", "answer-help", "answer-stopped", "answer-started"]


def test_once_it_is_done_answers_come_again(clinic: Texting) -> None:
    book(clinic.world, patient(clinic.world), date(2026, 11, 3))
    clinic.says(DANGER)
    (id,) = open_urgent(clinic)
    follow_ups.done(clinic.rt, id, None, "done")
    clinic.says("C")
    assert clinic.kinds() == ["answer-urgent", "answer-visit-confirmed"]


def test_the_numbers_go_out_again_after_ten_minutes_whatever_was_answered_before(clinic: Texting) -> None:
    for _ in range(4):
        clinic.says("HELP")
    assert clinic.says(DANGER) == clinic.says(DANGER) == "urgent"
    assert clinic.kinds() == ["answer-help"] * 3 + ["answer-urgent"]
    clinic.run("UPDATE inbound SET received_at = received_at - interval '11 minutes'")
    clinic.says(DANGER)
    assert clinic.kinds() == ["answer-help"] * 3 + ["answer-urgent"] * 2


def test_more_of_it_is_read_together_until_somebody_has_taken_it(clinic: Texting) -> None:
    clinic.says(DANGER)
    clinic.says("I took the pills")
    (id,) = open_urgent(clinic)
    grace = colleague(clinic)
    follow_ups.assign(clinic.rt, id, grace, grace)
    clinic.says(DANGER)
    assert len(open_urgent(clinic)) == 2
    assert told(clinic, DAY)


def test_a_stop_in_the_same_text_is_honoured_and_confirmed_with_the_numbers(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    assert clinic.says("stop texting me, I want to die") == "urgent_stopped"
    assert clinic.agreed(ada) == set()
    (mail,) = clinic.mails()
    assert mail.kind == "answer-urgent-stopped"
    assert "911" in mail.text and "988" in mail.text and "START resumes" in mail.text
    assert len(open_urgent(clinic)) == 1
    assert clinic.says("START") == "started" and clinic.agreed(ada) == set(PURPOSES)


def test_a_number_that_stopped_texts_gets_none_but_staff_are_alerted(clinic: Texting) -> None:
    clinic.person(number=NUMBER)
    clinic.says("STOP")
    assert clinic.says(DANGER) == "urgent"
    assert clinic.kinds() == ["answer-stopped"]
    assert len(open_urgent(clinic)) == 1


@pytest.mark.parametrize("words", ["this traffic is killing me", "C", "my back is killing me today"])
def test_a_figure_of_speech_alerts_nobody(clinic: Texting, words: str) -> None:
    clinic.person(number=NUMBER)
    clinic.says(words)
    assert open_urgent(clinic) == [] and "answer-urgent" not in clinic.kinds()
