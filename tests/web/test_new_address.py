"""A new address: it counts once its link was followed, its owner may say no, and nobody takes somebody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engage.runtime import Runtime
from engage.storage import suppressions
from engage.storage.database import run
from tests.web.reader import ADA, Reader
from tests.world import World

DAY = timedelta(days=1)
NEW = "ada.new@example.org"


@pytest.fixture
def world(rt: Runtime) -> World:
    """With a real database, other than for the pages that need none."""
    return World(rt)


@pytest.fixture
def ada(world: World) -> Reader:
    return Reader.enrolled(world)


def test_a_new_address_counts_once_its_link_was_followed_and_the_old_one_is_told(ada: Reader) -> None:
    assert "It counts once" in ada.notice(ada.post("/address", email=NEW))
    (asked,) = ada.letters("address-confirm", NEW)
    assert "Ada" not in asked.text and ADA not in asked.text
    assert 'We have asked <strong class="whole">a…@example.org' in ada.get().text
    ada.world.pass_time(3 * DAY)
    assert ada.world.lessons(NEW) == []

    link = f"/confirm-address/{ada.world.token('confirm-address', asked)}"
    assert "Write to this address?" in ada.asks(link).text
    assert ada.world.lessons(NEW) == []
    assert ada.asks(link, "POST").status_code == 303
    assert "We write here now" in ada.asks(link).text
    had = len(ada.world.lessons(ADA))
    ada.world.pass_time(60 * DAY)
    assert len(ada.world.lessons(ADA)) == had
    assert len(ada.world.lessons(NEW)) + had == 12
    (told,) = ada.letters("address-changed", ADA)
    assert NEW not in told.text
    assert ada.rows("SELECT state FROM contacts ORDER BY created_at") == [("replaced",), ("confirmed",)]


def test_following_the_link_twice_does_no_harm(ada: Reader) -> None:
    ada.post("/address", email=NEW)
    link = f"/confirm-address/{ada.world.token('confirm-address', ada.letters('address-confirm', NEW)[0])}"
    for _ in range(2):
        assert ada.asks(link, "POST").status_code == 303
        ada.world.work()
    assert len(ada.letters("address-changed", ADA)) == 1


def test_who_changes_back_may_use_the_first_address_again(ada: Reader) -> None:
    for to in (NEW, ADA):
        ada.post("/address", email=to)
        asked = ada.letters("address-confirm", to)[-1]
        ada.asks(f"/confirm-address/{ada.world.token('confirm-address', asked)}", "POST")
        ada.world.pass_time(timedelta(minutes=10))
    assert ada.rows("SELECT state FROM contacts ORDER BY created_at DESC") == [("confirmed",), ("replaced",)]
    ada.world.pass_time(10 * DAY)
    assert ada.world.lessons(NEW) == []


def test_of_two_new_addresses_the_confirmed_one_counts(ada: Reader) -> None:
    for to in ("first@example.org", "second@example.org"):
        ada.post("/address", email=to)
    first, second = (ada.letters("address-confirm", f"{name}@example.org")[0] for name in ("first", "second"))
    ada.asks(f"/confirm-address/{ada.world.token('confirm-address', second)}", "POST")
    link = f"/confirm-address/{ada.world.token('confirm-address', first)}"
    assert "Another address took its place" in ada.asks(link).text
    ada.asks(link, "POST")
    ada.world.pass_time(10 * DAY)
    assert ada.world.lessons("second@example.org") and not ada.world.lessons("first@example.org")


def test_nobody_is_sent_more_than_one_such_letter_a_day_whoever_asks(ada: Reader) -> None:
    eve = Reader.enrolled(ada.world, "eve@example.org", given_name="Eve")
    for reader in (ada, ada, eve):
        assert reader.post("/address", email="stranger@example.org").status_code == 303
    assert len(ada.world.mail("stranger@example.org")) == 1
    ada.world.pass_time(23 * timedelta(hours=1))
    ada.post("/address", email="stranger@example.org")
    assert len(ada.world.mail("stranger@example.org")) == 1


def test_one_link_can_not_have_letters_sent_to_many(ada: Reader) -> None:
    answers = [ada.post("/address", email=f"stranger{n}@example.org").status_code for n in range(5)]
    assert answers == [303, 303, 303, 422, 422]


def test_an_address_that_wants_no_letters_gets_none_and_the_page_does_not_tell(ada: Reader) -> None:
    with ada.world.rt.transaction() as tx:
        index = ada.world.rt.sealer.index("email", NEW)
        suppressions.add(tx, "email", index, "service", "not_me", ada.world.now)
    assert "if it may get a letter" in ada.notice(ada.post("/address", email=NEW))
    assert ada.world.mail(NEW) == []


def test_addresses_that_were_asked_for_count_whatever_became_of_them(ada: Reader) -> None:
    reader = ada
    for n in range(3):
        assert reader.post("/address", email=f"friend{n}@example.org").status_code == 303
    link = ada.world.token("confirm-address", ada.letters("address-confirm", "friend2@example.org")[0])
    ada.asks(f"/confirm-address/{link}", "POST")
    ada.world.work()
    later = Reader(ada.world, ada.world.token("preferences", ada.letters("address-changed", ADA)[0]))
    refused = later.post("/address", email="friend9@example.org")
    assert refused.status_code == 422 and "changed often today" in refused.text


def test_the_new_address_of_somebody_forgotten_leads_nowhere(ada: Reader) -> None:
    ada.post("/address", email=NEW)
    token = ada.world.token("confirm-address", ada.letters("address-confirm", NEW)[0])
    ada.forget()
    assert ada.asks(f"/confirm-address/{token}").status_code == 410
    assert ada.asks(f"/confirm-address/{token}", "POST").status_code == 410


def test_nothing_that_a_person_typed_stands_in_the_clear(ada: Reader) -> None:
    ada.post("/address", email=NEW)
    with ada.world.base.transaction() as tx:
        kept = run(tx, "SELECT string_agg(m::text || c::text, ' ') FROM messages m, contacts c").scalar_one()
    assert NEW not in kept and NEW.encode().hex() not in kept


def test_a_letter_may_be_asked_for_three_times_in_thirty_days_whoever_asks(ada: Reader) -> None:
    eve = Reader.enrolled(ada.world, "eve@example.org", given_name="Eve")
    begun = ada.world.now
    for day, (reader, letters) in enumerate([(ada, 1), (eve, 2), (ada, 3), (eve, 3), (ada, 3)]):
        ada.world.now = begun + day * timedelta(hours=25)
        assert "if it may get a letter" in reader.notice(reader.post("/address", email=NEW))
        assert len(ada.letters("address-confirm", NEW)) == letters
    ada.world.now = begun + 30 * DAY
    ada.post("/address", email=NEW)
    assert len(ada.letters("address-confirm", NEW)) == 4


def test_an_address_that_was_let_go_of_can_be_asked_for_again_and_gets_what_comes(ada: Reader) -> None:
    ada.post("/address", email=NEW)
    with ada.world.base.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'replaced', sealed = NULL WHERE state = 'pending'")
    ada.world.now += 10 * DAY
    ada.post("/address", email=NEW)
    use(ada, NEW)
    ada.world.pass_time(10 * DAY)
    assert ada.world.lessons(NEW)


def use(reader: Reader, to: str) -> str:
    """Presses the button behind the last letter to an address; what its page says then."""
    link = (
        f"/confirm-address/{reader.world.token('confirm-address', reader.letters('address-confirm', to)[-1])}"
    )
    assert reader.asks(link, "POST").status_code == 303
    reader.world.work()
    return reader.asks(link).text


class TestSomebodyElsesAddress:
    """Eve asks that her letters go to Ada's address, and Ada, who gets the question, presses the button."""

    @pytest.fixture
    def eve(self, ada: Reader) -> Reader:
        return Reader.enrolled(ada.world, "eve@example.org", given_name="Eve")

    def test_nothing_is_joined_and_a_person_is_asked_once(self, ada: Reader, eve: Reader) -> None:
        before = ada.rows("SELECT id, person_id, state FROM contacts ORDER BY id")
        eve.post("/address", email=ADA)
        for _ in range(2):
            shown = use(eve, ADA)
            assert "We will look at this" in shown and "nothing has changed" in shown
            assert "Eve" not in shown and "eve@" not in shown
        after = ada.rows("SELECT id, person_id, state FROM contacts ORDER BY id")
        assert after[:-1] == before and after[-1][1:] == (eve.id, "pending")
        assert ada.rows("SELECT kind, person_id, state FROM follow_ups") == [
            ("address_taken", eve.id, "open")
        ]
        assert eve.letters("address-changed", eve.email) == []
        had = len(ada.world.lessons(ADA))
        ada.world.pass_time(60 * DAY)
        assert len(ada.world.lessons(ADA)) == had + 11 and len(ada.world.lessons(eve.email)) == 12

    def test_the_page_says_nothing_of_it_before_the_button_was_pressed(
        self, ada: Reader, eve: Reader
    ) -> None:
        eve.post("/address", email=ADA)
        asked = eve.letters("address-confirm", ADA)[0]
        link = f"/confirm-address/{ada.world.token('confirm-address', asked)}"
        assert "Write to this address?" in eve.asks(link).text
        assert ada.rows("SELECT kind FROM follow_ups") == []

    def test_the_address_of_somebody_forgotten_may_be_taken(self, ada: Reader, eve: Reader) -> None:
        eve.post("/address", email=ADA)
        use(eve, ADA)
        ada.forget()
        assert "We write here now" in use(eve, ADA)

    def test_one_who_signs_up_first_keeps_the_address(self, ada: Reader) -> None:
        ada.post("/address", email=NEW)
        Reader.enrolled(ada.world, NEW, given_name="Grace")
        assert "We will look at this" in use(ada, NEW)


class TestNotMe:
    """The letter's other link, for who never asked."""

    def link(self, ada: Reader, to: str = NEW) -> str:
        asked = ada.letters("address-confirm", to)[-1]
        return f"/not-my-address/{ada.world.token('not-my-address', asked)}"

    def test_it_ends_the_request_and_no_more_such_letters_come_for_thirty_days(self, ada: Reader) -> None:
        ada.post("/address", email=NEW)
        link = self.link(ada)
        assert "You didn’t ask for this?" in ada.asks(link).text
        assert ada.rows("SELECT state FROM contacts ORDER BY created_at") == [("confirmed",), ("pending",)]
        for _ in range(2):
            assert ada.asks(link, "POST").status_code == 303
            assert "It’s called off" in ada.asks(link).text
        assert ada.rows("SELECT state FROM contacts ORDER BY created_at") == [("confirmed",), ("replaced",)]
        assert "Another address took its place" in use(ada, NEW)
        ada.world.now += 29 * DAY
        ada.post("/address", email=NEW)
        ada.world.sign_up(email=NEW)
        ada.world.work()
        assert len(ada.world.mail(NEW)) == 1
        ada.world.now += 2 * DAY
        ada.post("/address", email=NEW)
        assert len(ada.world.mail(NEW)) == 2
        assert ada.letters("address-changed", ADA) == []

    def test_a_letter_that_has_not_left_stays(self, ada: Reader) -> None:
        ada.asks(f"/preferences/{ada.token}/address", "POST", email=NEW)
        (id,) = ada.rows("SELECT id FROM contacts WHERE state = 'pending'")[0]
        ada.asks(f"/not-my-address/{ada.world.rt.links.token('not-my-address', id)}", "POST")
        ada.world.work()
        assert ada.world.mail(NEW) == []

    def test_it_works_when_the_other_link_does_not_any_more(self, ada: Reader) -> None:
        ada.post("/address", email=NEW)
        ada.world.now += 90 * DAY
        assert ada.asks(self.link(ada), "POST").status_code == 303
        ada.post("/address", email=NEW)
        assert len(ada.world.mail(NEW)) == 1

    def test_what_was_confirmed_stays_and_the_page_says_how_to_leave(self, ada: Reader) -> None:
        ada.post("/address", email=NEW)
        use(ada, NEW)
        assert ada.asks(self.link(ada), "POST").status_code == 303
        assert "This address was confirmed" in ada.asks(self.link(ada)).text
        assert ada.rows("SELECT reason FROM suppressions") == []

    def test_somebody_whom_we_know_loses_nothing_else_by_saying_so(self, ada: Reader) -> None:
        eve = Reader.enrolled(ada.world, "eve@example.org", given_name="Eve")
        eve.post("/address", email=ADA)
        ada.asks(self.link(eve, ADA), "POST")
        assert ada.my_data()
        ada.world.pass_time(30 * DAY)
        assert len(ada.world.lessons(ADA)) > 3


@pytest.mark.parametrize("reason", ["hard_bounce", "complaint", "not_me"])
def test_what_came_up_against_the_address_since_holds_when_the_letter_would_leave(
    ada: Reader, reason: str
) -> None:
    ada.asks(f"/preferences/{ada.token}/address", "POST", email=NEW)
    with ada.world.rt.transaction() as tx:
        index = ada.world.rt.sealer.index("email", NEW)
        scope = "service" if reason == "not_me" else "all"
        suppressions.add(tx, "email", index, scope, reason, ada.world.now)
    ada.world.work()
    assert ada.world.mail(NEW) == []
    found = ada.rows("SELECT status, reason FROM messages WHERE kind = 'address-confirm'")
    assert found == [("skipped", f"suppressed_{reason}")]


def test_a_question_about_an_address_that_another_has_replaced_is_not_asked(ada: Reader) -> None:
    ada.asks(f"/preferences/{ada.token}/address", "POST", email=NEW)
    with ada.world.rt.transaction() as tx:
        run(tx, "UPDATE contacts SET state = 'replaced' WHERE state = 'pending'")
    ada.world.work()
    assert ada.world.mail(NEW) == []
