"""A number is asked whether it is its person's, and confirmed by a code or by YES."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from engage.domain.forms import InvalidInput
from engage.domain.texting import TRIES
from engage.links import BadLink
from engage.services import alerts, number_proof, numbers
from engage.services.number_proof import type_code
from engage.storage import suppressions
from tests.texted import NUMBER, another, ask, code, limited, rows, stop, texted, texts, yes
from tests.world import World

MINUTE = timedelta(minutes=1)
OTHER = "+14165550199"


def known(world: World) -> tuple[int, int]:
    """Contacts by text and lines of the ledger about texts."""
    contacts = rows(world, "SELECT id FROM contacts WHERE channel = 'sms' AND state = 'confirmed'")
    return len(contacts), len(rows(world, "SELECT id FROM consents WHERE channel = 'sms'"))


def state(world: World, token: str) -> str:
    return numbers.page(world.rt, token).state


@pytest.mark.parametrize("how", ["code", "YES"])
def test_contact_and_consent_come_with_the_proof_and_not_before(world: World, how: str) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    assert [(mail.to, mail.kind) for mail in texts(world)] == [(NUMBER, "number-confirm")]
    assert known(world) == (0, 0)
    assert state(world, token) == "waiting"
    if how == "code":
        assert type_code(world.rt, token, code(world)) == "on"
    else:
        assert yes(world)
    assert known(world) == (1, 1)
    page = numbers.page(world.rt, token)
    assert (page.state, page.ending) == ("on", "23")


def test_the_ledger_has_the_words_the_page_the_address_and_the_text_that_proved_it(world: World) -> None:
    texted(world)
    (entry,) = rows(
        world,
        """SELECT c.*, w.wording, m.kind FROM consents c JOIN wordings w ON w.hash = c.wording_hash
        JOIN messages m ON m.id = c.message_id WHERE c.channel = 'sms'""",
    )
    assert (entry.purpose, entry.action, entry.actor) == ("education", "granted", "person")
    assert entry.source == "texts page, confirmed by code"
    assert entry.wording == numbers.consent_wording(world.rt)
    assert entry.kind == "number-confirm"
    assert world.rt.sealer.open("consents", entry.id, entry.sealed)["ip"].startswith("198.18.")


def test_the_words_beside_the_box_are_those_that_the_rules_ask_for(world: World) -> None:
    words = numbers.consent_wording(world.rt)
    assert words.startswith(f"Yes, {world.rt.clinic.name} may text me")
    for said in ("Message frequency varies", "Msg & data rates may apply", "HELP for help", "STOP to stop"):
        assert said in words
    assert "not a condition of care" in words


def test_a_yes_is_answered_with_one_text(world: World) -> None:
    ask(world, world.enrol().texts_token)
    assert yes(world)
    assert not yes(world)
    world.work()
    assert [mail.kind for mail in texts(world)] == ["number-confirm", "number-confirmed"]
    assert "HELP for help, STOP to stop" in texts(world)[-1].text


def test_a_yes_counts_for_a_day_and_a_code_for_ten_minutes(world: World) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    world.now += 10 * MINUTE
    assert type_code(world.rt, token, code(world)) == "over"
    assert state(world, token) == "form"
    world.now += timedelta(hours=23)
    assert yes(world)
    assert known(world) == (1, 1)


def test_a_yes_after_a_day_is_no_answer(world: World) -> None:
    ask(world, world.enrol().texts_token)
    world.now += timedelta(days=1)
    assert not yes(world)
    assert known(world) == (0, 0)


def test_a_yes_from_another_number_confirms_nothing(world: World) -> None:
    ask(world, world.enrol().texts_token)
    assert not yes(world, OTHER)
    assert known(world) == (0, 0)


def test_after_five_wrong_codes_the_right_one_is_wrong_too(world: World) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    right = code(world)
    wrong = [type_code(world.rt, token, another(right)) for _ in range(TRIES)]
    assert wrong == ["wrong"] * (TRIES - 1) + ["spent"]
    assert type_code(world.rt, token, right) == "over"
    assert known(world) == (0, 0)
    assert not yes(world)


@pytest.mark.parametrize("typed", ["", "12345", "12 34 5x", "1234567", "¹²³⁴⁵⁶"])
def test_what_is_no_code_uses_up_no_try(world: World, typed: str) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    for _ in range(TRIES + 1):
        with pytest.raises(InvalidInput, match="code"):
            type_code(world.rt, token, typed)
    assert type_code(world.rt, token, code(world)) == "on"


def test_only_the_latest_code_counts_and_twice_does_no_harm(world: World) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    first = code(world)
    world.now += 10 * MINUTE
    ask(world, token)
    latest = code(world)
    if first != latest:
        assert type_code(world.rt, token, first) == "wrong"
    assert type_code(world.rt, token, f" {latest[:3]} {latest[3:]}") == "on"
    assert type_code(world.rt, token, latest) == "on"
    assert known(world) == (1, 1)


def test_asking_again_too_soon_keeps_the_code_that_is_on_its_way(world: World) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    ask(world, token)
    assert numbers.ask_again(world.rt, token, {}, world.client())
    world.work()
    assert len(texts(world)) == 1
    assert type_code(world.rt, token, code(world)) == "on"


def test_codes_are_kept_as_keyed_hashes_and_what_was_typed_goes(world: World) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    (row,) = rows(world, "SELECT * FROM numbers")
    assert bytes(row.code_hash) == numbers.code_hash(world.rt, row.id, code(world))
    world.now += timedelta(days=1, minutes=1)
    numbers.sweep(world.rt)
    assert rows(world, "SELECT sealed, code_hash FROM numbers") == [(None, None)]


# Limits


def test_one_number_gets_three_texts_a_day_ten_minutes_apart_whoever_asks(world: World) -> None:
    tokens = [world.enrol(email=f"p{n}@example.org").texts_token for n in range(8)]
    for n in range(40):
        ask(world, tokens[n % 8])
        world.now += 3 * MINUTE
    times = [mail.sent_at for mail in texts(world)]
    assert len(times) == 3
    assert all(later - earlier >= 10 * MINUTE for earlier, later in pairwise(times))


def test_one_area_code_gets_so_many_an_hour(world: World) -> None:
    limited(world, per_prefix_per_hour=3)
    for n in range(5):
        ask(world, world.enrol(email=f"p{n}@example.org").texts_token, f"+1518555010{n}")
    ask(world, world.enrol(email="c@example.org").texts_token, OTHER)
    assert [mail.to for mail in texts(world)] == [*(f"+1518555010{n}" for n in range(3)), OTHER]
    world.now += timedelta(hours=1)
    ask(world, world.enrol(email="d@example.org").texts_token, "+15185550109")
    assert len(texts(world)) == 5


def test_one_person_may_ask_for_five_a_day(world: World) -> None:
    token = world.enrol().texts_token
    for area in (212, 312, 518, 617, 773):
        ask(world, token, f"+1{area}5550123")
    with pytest.raises(InvalidInput) as caught:
        ask(world, token, OTHER)
    assert "try again tomorrow" in caught.value.errors["number"]
    assert len(texts(world)) == 5


@pytest.mark.parametrize("cap", [{"texts_per_day": 2}, {"segments_per_day": 2}])
def test_the_spend_breaker_ends_the_days_texts_tells_operators_and_ends_by_itself(
    world: World, cap: dict[str, int]
) -> None:
    limited(world, **cap)
    tokens = [world.enrol(email=f"p{n}@example.org").texts_token for n in range(3)]
    for n, token in enumerate(tokens[:2]):
        ask(world, token, f"+1518555010{n}")
    with pytest.raises(InvalidInput) as caught:
        ask(world, tokens[2], OTHER)
    assert "can’t send any more of these texts today" in caught.value.errors["number"]
    assert len(texts(world)) == 2
    alerts.tell(world.rt, world.now)
    world.work()
    assert [mail.to for mail in world.mail() if mail.kind == "operator-text-cap"]
    numbers.sweep(world.rt)
    assert rows(world, "SELECT state FROM alerts WHERE kind = 'text_cap'") == [("open",)]
    world.now += timedelta(days=1, minutes=1)
    numbers.sweep(world.rt)
    assert rows(world, "SELECT state FROM alerts WHERE kind = 'text_cap'") == [("over",)]
    ask(world, world.enrol(email="late@example.org").texts_token, OTHER)
    assert len(texts(world)) == 3


# Opt-outs


def suppress(world: World, scope: str = "all", reason: str = "unsubscribed") -> None:
    with world.rt.transaction() as tx:
        suppressions.add(tx, "sms", world.rt.sealer.index("sms", NUMBER), scope, reason, world.now)


def test_a_number_that_opted_out_gets_nothing_and_nothing_shows_it(world: World) -> None:
    suppress(world)
    token = world.enrol().texts_token
    ask(world, token)
    assert texts(world) == []
    assert state(world, token) == "waiting"
    assert type_code(world.rt, token, "123456") == "wrong"
    assert not yes(world)
    assert known(world) == (0, 0)


def test_after_start_it_can_be_asked_at_once(world: World) -> None:
    suppress(world)
    token = world.enrol().texts_token
    ask(world, token)
    with world.rt.transaction() as tx:
        index = world.rt.sealer.index("sms", NUMBER)
        suppressions.lift(tx, "sms", index, "all", ["unsubscribed"], "the number's holder", world.now)
    assert numbers.ask_again(world.rt, token, {}, world.client())
    world.work()
    assert type_code(world.rt, token, code(world)) == "on"


def test_who_stopped_lessons_by_text_may_add_the_number_anew(world: World) -> None:
    suppress(world, "education")
    texted(world)
    assert known(world) == (1, 1)
    assert rows(world, "SELECT id FROM suppressions WHERE lifted_at IS NULL") == []


def test_stop_in_answer_to_the_text_ends_code_and_yes(world: World) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    assert stop(world) == 1
    suppress(world)
    assert type_code(world.rt, token, code(world)) == "over"
    assert not yes(world)
    assert known(world) == (0, 0)


def test_a_stop_that_comes_before_the_text_left_keeps_it_here(world: World) -> None:
    token = world.enrol().texts_token
    numbers.ask(world.rt, token, {"number": NUMBER, "consent": "yes"}, world.client())
    stop(world)
    world.work()
    assert texts(world) == []
    assert rows(world, "SELECT status, reason FROM messages WHERE channel = 'sms'") == [
        ("cancelled", "number_dropped")
    ]


def test_a_code_does_not_help_against_an_opt_out_that_came_meanwhile(world: World) -> None:
    token = world.enrol().texts_token
    ask(world, token)
    suppress(world)
    assert type_code(world.rt, token, code(world)) == "over"
    assert known(world) == (0, 0)


# Numbers that change or are shared


def test_a_new_number_takes_the_place_of_the_old_one(world: World) -> None:
    token = texted(world)
    ask(world, token, OTHER)
    assert type_code(world.rt, token, code(world, OTHER)) == "on"
    assert rows(world, "SELECT state FROM contacts WHERE channel = 'sms' ORDER BY created_at, id") == [
        ("replaced",),
        ("confirmed",),
    ]
    assert numbers.page(world.rt, token).ending == OTHER[-2:]
    world.now += 10 * MINUTE
    ask(world, token)
    assert type_code(world.rt, token, code(world)) == "on"
    assert known(world) == (1, 3)


def test_of_two_people_with_one_number_yes_confirms_who_asked_last(world: World) -> None:
    first = world.enrol(email="one@example.org").texts_token
    ask(world, first)
    world.now += 10 * MINUTE
    second = world.enrol(email="two@example.org").texts_token
    ask(world, second)
    assert yes(world)
    assert [state(world, token) for token in (first, second)] == ["form", "on"]
    assert yes(world)
    assert not yes(world)
    assert [state(world, token) for token in (first, second)] == ["on", "on"]


# Who may ask


def test_only_a_signed_link_of_somebody_who_confirmed_opens_the_form(world: World) -> None:
    confirmed = world.enrol()
    token = confirmed.texts_token
    for wrong in ("", "x" * 48, token[:-1] + ("A" if token[-1] != "A" else "B"), str(confirmed.lesson_token)):
        with pytest.raises(BadLink):
            ask(world, wrong)
    with world.rt.transaction() as tx:
        tx.exec_driver_sql("UPDATE contacts SET state = 'bad' WHERE channel = 'email'")
    with pytest.raises(BadLink):
        ask(world, token)
    world.now += timedelta(days=1)
    with pytest.raises(BadLink):
        numbers.page(world.rt, token)
    assert texts(world) == []


def test_a_program_that_fills_in_the_hidden_field_causes_no_text(world: World) -> None:
    token = world.enrol().texts_token
    ask(world, token, website="https://x.example")
    assert texts(world) == []
    assert rows(world, "SELECT id FROM numbers") == []


def test_stopping_on_the_page_withdraws_once(world: World) -> None:
    token = texted(world)
    number_proof.no_more_texts(world.rt, token)
    number_proof.no_more_texts(world.rt, token)
    ledger = rows(world, "SELECT action FROM consents WHERE channel = 'sms' ORDER BY at, id")
    assert ledger == [("granted",), ("withdrawn",)]
    assert state(world, token) == "form"
