"""One address in both forms: a mail a day at most, and nobody's form is forgotten."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import text

from engage.services import check_inbox, forms, signups
from tests.world import COURSE, World

ADA = "ada@example.org"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kinds(world: World) -> list[str]:
    return [mail.kind for mail in world.mail(ADA)]


def wait(world: World, span: timedelta) -> None:
    """Time passes, and workers do all that is to be done then."""
    world.now += span
    forms.sweep(world.rt)
    world.work()


def states(world: World) -> Counter[str]:
    with world.rt.transaction() as tx:
        return Counter(tx.execute(text("SELECT state FROM signups")).scalars())


def test_who_signs_up_two_hours_after_a_request_gets_the_confirmation_when_the_day_is_over(
    world: World,
) -> None:
    world.ask(email=ADA)
    world.work()
    wait(world, 2 * HOUR)
    world.sign_up()
    world.work()
    wait(world, 21 * HOUR)
    assert kinds(world) == ["consultation-received"]
    wait(world, HOUR + timedelta(minutes=1))
    assert kinds(world) == ["consultation-received", "signup-confirm"]
    assert signups.confirm(world.rt, world.token("confirm", world.mail(ADA)[-1])).course == COURSE
    wait(world, DAY)
    assert kinds(world).count("signup-confirm") == 1


def test_the_button_brings_it_at_once(world: World) -> None:
    world.ask(email=ADA)
    world.work()
    wait(world, 2 * HOUR)
    token = world.sign_up()
    world.work()
    check_inbox.send_again(world.rt, token, {}, world.client())
    world.work()
    assert kinds(world) == ["consultation-received", "signup-confirm"]
    for _ in range(3):
        wait(world, DAY)
    assert kinds(world).count("signup-confirm") == 1


def test_a_pest_with_both_forms_causes_one_mail_a_day_and_three_in_a_month(world: World) -> None:
    for _ in range(15 * 4):
        world.ask(email=ADA, telephone="", reach="email")
        world.work()
        for _ in range(3):
            world.sign_up()
        world.work()
        wait(world, 6 * HOUR)
    times = [mail.sent_at for mail in world.mail(ADA)]
    assert len(times) == 3
    assert all(later - earlier >= DAY for earlier, later in pairwise(times))
    assert states(world)["new"] == 0


def test_only_the_newest_of_many_held_back_sign_ups_is_weighed_again_and_only_once(world: World) -> None:
    world.ask(email=ADA)
    world.work()
    for _ in range(5):
        world.sign_up()
    world.work()
    wait(world, DAY)
    for _ in range(4):
        wait(world, DAY)
    assert kinds(world) == ["consultation-received", "signup-confirm"]
    assert states(world) == {"sent": 1, "limited": 4}


def test_a_confirmed_sign_up_takes_no_acknowledgement_away_even_after_the_button(world: World) -> None:
    token = world.sign_up()
    world.work()
    wait(world, timedelta(minutes=11))
    check_inbox.send_again(world.rt, token, {}, world.client())
    world.work()
    signups.confirm(world.rt, world.token("confirm", world.mail(ADA)[-1]))
    world.ask(email=ADA)
    world.work()
    assert kinds(world) == ["signup-confirm", "signup-confirm", "consultation-received"]


def test_an_address_that_confirmed_once_gets_no_more_confirmations_than_others(world: World) -> None:
    world.enrol()
    before = kinds(world).count("signup-confirm")
    for _ in range(3):
        world.now += HOUR
        world.sign_up()
        world.work()
    assert kinds(world).count("signup-confirm") == before == 1


def test_a_flood_for_an_address_that_has_confirmed_brings_it_one_mail_that_day(world: World) -> None:
    world.enrol()
    world.now += 2 * DAY
    world.work()
    before = kinds(world)
    world.sign_up()
    world.work()
    world.ask(email=ADA)
    world.work()
    assert [kind for kind in kinds(world)[len(before) :] if kind != "course-lesson"] == ["signup-confirm"]
