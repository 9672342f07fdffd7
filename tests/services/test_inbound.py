"""What follows when somebody texts us: through the signed webhook, to what arrives on the telephone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engage.runtime import Runtime
from engage.services import number_proof
from engage.services.deliver import deliver
from engage.storage import consents, people, suppressions
from tests.scripted import plan, state
from tests.texting import NUMBER, PURPOSES, Texting, with_policy
from tests.world import World

OTHER = "+15185550199"
STRANGER = "+12125550100"


@pytest.fixture
def clinic(world: World) -> Texting:
    return Texting(world)


@pytest.fixture
def keeping(rt: Runtime) -> Texting:
    """A clinic whose STOP asks whether reminders should stay."""
    return Texting(World(with_policy(rt, care_after_stop=True)))


@pytest.mark.parametrize("words", ["STOP", "stop.", "please quit texting me", "No más", "UNSUBSCRIBE"])
def test_stop_ends_every_text_and_is_confirmed_once(clinic: Texting, words: str) -> None:
    ada = clinic.person(number=NUMBER)
    waiting = plan(clinic.rt, ada, "sms", "care", due=clinic.world.now + timedelta(days=1))
    assert clinic.says(words) == "stopped"
    assert state(clinic.rt, waiting) == ("cancelled", "unsubscribed")
    assert clinic.agreed(ada) == set()
    assert sorted(clinic.ledger(ada)[3:]) == [(p, "withdrawn", "stop, by text message") for p in PURPOSES]
    assert clinic.kinds() == ["answer-stopped"]
    later = plan(clinic.rt, ada, "sms", "care")
    deliver(clinic.rt, seconds=5)
    assert state(clinic.rt, later) == ("skipped", "suppressed_unsubscribed")
    assert clinic.says(words) == "stopped_before"
    assert clinic.kinds() == ["answer-stopped"]


def test_the_confirmation_leaves_within_a_minute(clinic: Texting) -> None:
    clinic.person(number=NUMBER)
    clinic.says("STOP")
    (mail,) = clinic.mails()
    assert mail.sent_at - clinic.world.now <= timedelta(seconds=60)
    row = clinic.run("SELECT not_after - due_at AS useful FROM messages WHERE kind = 'answer-stopped'")[0]
    assert row.useful == timedelta(minutes=5)


def test_after_five_minutes_no_confirmation_goes_and_the_stop_holds(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    clinic.says("STOP", late=timedelta(minutes=5, seconds=1))
    assert clinic.kinds() == [] and clinic.agreed(ada) == set()
    rows = clinic.run("SELECT status, reason FROM messages WHERE kind = 'answer-stopped'")
    assert [(row.status, row.reason) for row in rows] == [("expired", "too_late")]


def test_stop_on_a_shared_number_stops_it_for_everybody_and_no_other_number(clinic: Texting) -> None:
    ada, bob = clinic.person(1, number=NUMBER), clinic.person(2, number=NUMBER)
    cy = clinic.person(3, number=OTHER)
    texts = [
        plan(clinic.rt, who, "sms", "care", due=clinic.world.now + timedelta(hours=1))
        for who in (ada, bob, cy)
    ]
    clinic.says("STOP")
    assert [state(clinic.rt, id)[0] for id in texts] == ["cancelled", "cancelled", "planned"]
    assert [clinic.agreed(who) for who in (ada, bob, cy)] == [set(), set(), set(PURPOSES)]
    assert clinic.kinds() == ["answer-stopped"]


def test_start_brings_back_what_was_agreed_before_and_nothing_else(clinic: Texting) -> None:
    ada = clinic.person(agreed=("care",), number=NUMBER)
    clinic.says("STOP")
    assert clinic.says("START") == "started"
    assert clinic.agreed(ada) == {"care"}
    assert clinic.ledger(ada)[-1] == ("care", "granted", "start, by text message")
    (entry,) = clinic.run(
        "SELECT wording_hash FROM consents WHERE starts_with(source, 'start')",
    )
    assert bytes(entry.wording_hash).startswith(b"care")
    text = plan(clinic.rt, ada, "sms", "care")
    deliver(clinic.rt, seconds=5)
    assert state(clinic.rt, text)[0] in ("accepted", "delivered")
    assert clinic.kinds()[:2] == ["answer-stopped", "answer-started"]


def test_each_opt_out_is_confirmed_once_however_often_it_is_said(clinic: Texting) -> None:
    clinic.person(number=NUMBER)
    for words in ("STOP", "stop", "START", "STOP", "quit", "UNSTOP"):
        clinic.says(words)
    assert clinic.kinds() == ["answer-stopped", "answer-started", "answer-stopped", "answer-started"]


def test_start_where_nothing_was_stopped_says_so(clinic: Texting) -> None:
    clinic.person(number=NUMBER)
    assert clinic.says("START") == "nothing_to_start"
    assert clinic.kinds() == ["answer-not-started"]


def test_what_was_withdrawn_otherwise_does_not_come_back_with_start(clinic: Texting) -> None:
    ada = clinic.person(agreed=("care", "marketing"), number=NUMBER)
    with clinic.rt.transaction() as tx:
        people.lock(tx, ada.id)
        consents.enter(
            tx,
            ada.id,
            "sms",
            "marketing",
            "withdrawn",
            actor="person",
            source="preferences",
            now=clinic.world.now,
        )
    clinic.says("STOP")
    clinic.says("START")
    assert clinic.agreed(ada) == {"care"}


def test_several_people_at_one_number_are_named_when_texts_come_again(clinic: Texting) -> None:
    for n in (1, 2):
        who = clinic.person(n, number=NUMBER)
        told = {"given_name": ["", "Ada", "Bob"][n]}
        sealed = clinic.rt.sealer.seal("people", who.id, told)
        clinic.run("UPDATE people SET sealed = %(sealed)s WHERE id = %(id)s", sealed=sealed, id=who.id)
    clinic.says("STOP")
    clinic.says("START")
    assert "for Ada and Bob" in clinic.mails()[-1].text


def test_help_is_answered_always_and_not_without_end(clinic: Texting) -> None:
    clinic.person(number=NUMBER)
    clinic.says("STOP")
    assert clinic.says("HELP") == "helped"
    assert clinic.rt.clinic.telephone in clinic.mails()[-1].text
    for _ in range(5):
        clinic.says("INFO")
    assert clinic.kinds() == ["answer-stopped", *["answer-help"] * 3]


def test_a_number_that_nobody_has_is_heard_too(clinic: Texting) -> None:
    assert clinic.says("STOP", STRANGER) == "stopped"
    assert clinic.says("HELP", STRANGER) == "helped"
    assert clinic.kinds(STRANGER) == ["answer-stopped", "answer-help"]
    ada = clinic.person(number=STRANGER)
    text = plan(clinic.rt, ada, "sms", "care")
    deliver(clinic.rt, seconds=5)
    assert state(clinic.rt, text) == ("skipped", "suppressed_unsubscribed")
    assert clinic.says("START", STRANGER) == "started"
    assert clinic.says("are you open today?", OTHER) == "asked"
    assert clinic.follow_ups() == ["texted"]


@pytest.mark.parametrize(
    ("mode", "words", "type"),
    [("twilio-default", "STOP", ""), ("twilio-advanced", "STOP", "STOP"), ("ours", "STOP", "STOP")],
)
def test_where_twilio_has_answered_the_wish_counts_and_we_stay_silent(
    rt: Runtime, mode: str, words: str, type: str
) -> None:
    clinic = Texting(World(with_policy(rt, opt_out=mode)))
    ada = clinic.person(number=NUMBER)
    more = {"OptOutType": type} if type else {}
    assert clinic.says(words, form=more) == "stopped_there"
    assert clinic.agreed(ada) == set()
    assert clinic.says("HELP", form={"OptOutType": "HELP"} if type else None) == "helped_there"
    assert clinic.says("START", form={"OptOutType": "START"} if type else None) == "started_there"
    assert clinic.agreed(ada) == set(PURPOSES)
    assert clinic.kinds() == []


def test_free_text_is_ours_to_answer_wherever_twilio_has_the_words(rt: Runtime) -> None:
    clinic = Texting(World(with_policy(rt, opt_out="twilio-default")))
    clinic.person(number=NUMBER)
    assert clinic.says("please stop texting me") == "stopped"
    assert clinic.kinds() == ["answer-stopped"]


@pytest.mark.parametrize("answer", ["CARE", "yes", "Sí."])
def test_reminders_stay_when_the_one_question_is_answered(keeping: Texting, answer: str) -> None:
    ada = keeping.person(number=NUMBER)
    assert keeping.says("STOP") == "stopped_asked"
    assert keeping.agreed(ada) == set()
    assert keeping.says(answer) == "care_kept"
    assert keeping.agreed(ada) == {"care"}
    care, news = plan(keeping.rt, ada, "sms", "care"), plan(keeping.rt, ada, "sms", "marketing")
    deliver(keeping.rt, seconds=5)
    assert state(keeping.rt, care)[0] == "accepted"
    assert state(keeping.rt, news) == ("skipped", "suppressed_unsubscribed")
    assert keeping.kinds()[:2] == ["answer-stopped-asking", "answer-care-kept"]
    assert keeping.says("STOP") == "stopped"
    assert keeping.says("START") == "started"
    assert keeping.agreed(ada) == set(PURPOSES)


def test_no_answer_to_the_question_means_no_texts_at_all(keeping: Texting) -> None:
    ada = keeping.person(number=NUMBER)
    keeping.says("STOP")
    keeping.world.pass_time(timedelta(days=3))
    care = plan(keeping.rt, ada, "sms", "care")
    deliver(keeping.rt, seconds=5)
    assert state(keeping.rt, care) == ("skipped", "suppressed_unsubscribed")
    assert keeping.kinds() == ["answer-stopped-asking"]


def test_nobody_is_asked_about_reminders_who_gets_none(keeping: Texting) -> None:
    keeping.person(agreed=("marketing",), number=NUMBER)
    assert keeping.says("STOP") == "stopped"
    assert keeping.kinds() == ["answer-stopped"]


def test_cancel_is_stop_and_a_person_asks_about_the_appointment(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    assert clinic.says("CANCEL") == "stopped"
    assert clinic.agreed(ada) == set() and clinic.follow_ups() == ["maybe_cancel"]
    assert clinic.says("I need to cancel my appointment tomorrow") == "asked"


def test_yes_confirms_a_number_before_it_means_start(
    clinic: Texting, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.person(number=NUMBER)
    clinic.says("STOP")
    waiting = [True]
    monkeypatch.setattr(number_proof, "yes", lambda *_: waiting.pop() if waiting else False)
    assert clinic.says("YES") == "number_confirmed"
    assert clinic.says("YES") == "started"
    assert clinic.says("YES") == "asked"


def test_what_waits_for_a_number_hears_of_stop_and_of_wrong_number(
    clinic: Texting, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []
    monkeypatch.setattr(number_proof, "stop", lambda _tx, index, _now: heard.append(index))
    clinic.says("STOP")
    clinic.says("wrong number", OTHER)
    assert heard == [clinic.rt.sealer.index("sms", number) for number in (NUMBER, OTHER)]


def test_an_annoyed_text_pauses_courses_and_offers_and_asks_a_person(clinic: Texting) -> None:
    ada = clinic.person(number=NUMBER)
    assert clinic.says("ugh you guys text way too much") == "unclear"
    news, care = plan(clinic.rt, ada, "sms", "marketing"), plan(clinic.rt, ada, "sms", "care")
    deliver(clinic.rt, seconds=5)
    assert state(clinic.rt, news) == ("skipped", "suppressed_unclear")
    assert state(clinic.rt, care)[0] == "accepted"
    assert clinic.follow_ups() == ["unclear_text"] and clinic.agreed(ada) == set(PURPOSES)
    assert "STOP" in clinic.mails()[0].text
    clinic.world.now += timedelta(days=15)
    with clinic.rt.transaction() as tx:
        index = clinic.rt.sealer.index("sms", NUMBER)
        assert suppressions.standing(tx, "sms", [index], "education", clinic.rt.now(tx)) == {}


def test_a_stop_at_a_number_that_somebody_left_takes_nothing_from_them(clinic: Texting) -> None:
    ada, bob = (
        clinic.person(1, agreed=("care",), number=NUMBER),
        clinic.person(2, agreed=("care",), number=NUMBER),
    )
    clinic.run("UPDATE contacts SET state = 'replaced' WHERE id = %(id)s RETURNING id", id=ada.number_contact)
    clinic.says("STOP")
    assert clinic.agreed(bob) == set()
    assert clinic.agreed(ada) == {"care"}
