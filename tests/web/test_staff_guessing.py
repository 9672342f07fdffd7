"""Guessing passwords, codes or addresses: it takes ever longer, and tells nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from engage.services import staff
from engage.services.audit import CLI
from tests.web.staff_world import EMAIL, PASSWORD, Desk, hidden, is_in, new_member, refused, sql

Ask = Callable[[str], TestResponse]


@pytest.fixture
def desk(rt: Runtime) -> Desk:
    return new_member(rt)


def test_after_five_wrong_tries_even_the_right_password_waits(desk: Desk) -> None:
    for _ in range(5):
        page = desk.get("/staff/sign-in")
        wrong = desk.post("/staff/sign-in", page, email=EMAIL, password="not the password at all")
        assert refused(wrong)
    early = desk.post("/staff/sign-in", desk.get("/staff/sign-in"), email=EMAIL, password=PASSWORD)
    assert refused(early)
    sql(desk.rt, "UPDATE sign_in_tries SET locked_until = locked_until - interval '31 seconds'")
    assert desk.sign_in().status_code == 303
    with desk.rt.transaction() as tx:
        assert (
            tx.exec_driver_sql("SELECT count(*) FROM sign_in_tries WHERE locked_until IS NOT NULL").scalar()
            == 0
        )


def test_knowing_the_password_buys_no_more_guesses_at_the_code(desk: Desk) -> None:
    for guess in range(5):
        half = desk.post("/staff/sign-in", desk.get("/staff/sign-in"), email=EMAIL, password=PASSWORD)
        assert refused(desk.post("/staff/sign-in/code", half, code=f"{guess:06}"))
    assert refused(desk.post("/staff/sign-in", desk.get("/staff/sign-in"), email=EMAIL, password=PASSWORD))


def test_guessing_codes_comes_to_a_halt_too(desk: Desk) -> None:
    half = desk.post("/staff/sign-in", desk.get("/staff/sign-in"), email=EMAIL, password=PASSWORD)
    for guess in range(5):
        assert refused(desk.post("/staff/sign-in/code", half, code=f"{guess:06}"))
    assert refused(desk.post("/staff/sign-in/code", half, code=desk.code()))
    assert not is_in(desk)


def test_a_half_way_mark_is_worth_nothing_at_another_browser(desk: Desk) -> None:
    half = desk.post("/staff/sign-in", desk.get("/staff/sign-in"), email=EMAIL, password=PASSWORD)
    thief = desk.beside()
    own = hidden(thief.get("/staff/sign-in"))
    answer = thief.client.post(
        "/staff/sign-in/code", data=own | {"half": hidden(half)["half"], "code": desk.code()}
    )
    assert answer.status_code == 422
    assert not is_in(thief)


def test_a_machine_that_tries_many_addresses_comes_to_a_halt(desk: Desk) -> None:
    page = hidden(desk.get("/staff/sign-in"))
    for n in range(50):
        desk.client.post("/staff/sign-in", data=page | {"email": f"n{n}@example.org", "password": "x"})
    early = desk.client.post("/staff/sign-in", data=page | {"email": EMAIL, "password": PASSWORD})
    assert refused(early)
    elsewhere = {"REMOTE_ADDR": "198.51.100.9"}
    good = desk.client.post(
        "/staff/sign-in", data=page | {"email": EMAIL, "password": PASSWORD}, environ_base=elsewhere
    )
    assert good.status_code == 200


def _asking(desk: Desk) -> Ask:
    page = hidden(desk.get("/staff/sign-in"))

    def ask(email: str) -> TestResponse:
        return desk.client.post(
            "/staff/sign-in", data=page | {"email": email, "password": "some wrong password"}
        )

    return ask


@pytest.mark.parametrize("tries", [1, 7])
def test_known_and_unknown_addresses_get_the_same_bytes_also_once_locked(desk: Desk, tries: int) -> None:
    staff.invite(desk.rt, CLI, "una@example.org", "Una")
    ask = _asking(desk)
    answers = []
    for email in (EMAIL, "una@example.org", "nil@example.org"):
        for _ in range(tries):
            last = ask(email)
        answers.append((last.status_code, dict(last.headers), last.text.replace(email, "")))
    assert answers[0] == answers[1] == answers[2]


def test_known_and_unknown_addresses_take_the_same_time(desk: Desk) -> None:
    ask = _asking(desk)
    took: dict[str, list[float]] = {EMAIL: [], "nobody@example.org": []}
    for n in range(80):
        for email in sorted(took, reverse=n % 2 == 0):
            sql(desk.rt, "DELETE FROM sign_in_tries")
            began = time.perf_counter()
            ask(email)
            took[email].append(time.perf_counter() - began)
    # The quick ones: what is slower than that was kept waiting by other work of this machine.
    known, unknown = (statistics.quantiles(times, n=10)[0] for times in took.values())
    assert abs(known - unknown) < 0.15 * min(known, unknown)
