"""Signing in: invitation, password, code, sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread

import pytest
from werkzeug.test import TestResponse

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services import staff, staff_secrets
from engage.services.audit import CLI
from tests.apps import app_of
from tests.web.staff_world import (
    EMAIL,
    PASSWORD,
    Desk,
    hidden,
    is_in,
    new_member,
    path_of,
    refused,
    set_up,
    sql,
)

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def desk(rt: Runtime) -> Desk:
    return new_member(rt)


def test_an_invited_member_sets_up_an_account_and_signs_in(desk: Desk) -> None:
    assert len(set(desk.codes)) == 10
    assert not is_in(desk)
    answer = desk.sign_in()
    assert (answer.status_code, answer.location) == (303, "/staff")
    assert is_in(desk)


def test_an_invitation_works_once(rt: Runtime) -> None:
    address = path_of(staff.invite(rt, CLI, EMAIL, "Sam").url)
    desk = Desk(rt, app_of(rt).test_client())
    set_up(desk, address)
    assert desk.get(address).status_code == 410


def test_a_newer_invitation_ends_the_older_one(rt: Runtime) -> None:
    older = path_of(staff.invite(rt, CLI, EMAIL, "Sam").url)
    newer = path_of(staff.invite(rt, CLI, EMAIL, "Sam").url)
    client = app_of(rt).test_client()
    assert client.get(older).status_code == 410
    assert client.get(newer).status_code == 200


@pytest.mark.parametrize("broken", ["x", "x" * 48])
def test_a_made_up_invitation_is_not_found(rt: Runtime, broken: str) -> None:
    assert app_of(rt).test_client().get(f"/staff/invite/{broken}").status_code == 404


@pytest.mark.parametrize(
    ("password", "again"),
    [
        ("short", "short"),
        ("password12345", "password12345"),
        ("Harmonia Health!", "Harmonia Health!"),
        (PASSWORD, "x"),
    ],
)
def test_a_password_that_can_not_be_used_is_refused_with_a_sentence(
    rt: Runtime, password: str, again: str
) -> None:
    address = path_of(staff.invite(rt, CLI, EMAIL, "Sam").url)
    desk = Desk(rt, app_of(rt).test_client())
    answer = desk.post(address, desk.get(address), password=password, again=again)
    assert refused(answer)
    assert password not in answer.text


def test_a_wrong_code_while_setting_up_shows_the_same_secret_again(rt: Runtime) -> None:
    address = path_of(staff.invite(rt, CLI, EMAIL, "Sam").url)
    desk = Desk(rt, app_of(rt).test_client())
    second = desk.post(address, desk.get(address), password=PASSWORD, again=PASSWORD)
    again = desk.post(f"{address}/code", second, code="000 000")
    assert refused(again)
    assert hidden(again)["so_far"] == hidden(second)["so_far"]


def test_a_reset_ends_sessions_and_old_secrets(desk: Desk) -> None:
    desk.sign_in()
    address = path_of(staff.reset(desk.rt, CLI, EMAIL).url)
    assert not is_in(desk)
    page = desk.get("/staff/sign-in")
    assert refused(desk.post("/staff/sign-in", page, email=EMAIL, password=PASSWORD))
    sql(desk.rt, "DELETE FROM sign_in_tries")
    set_up(desk, address)
    assert desk.sign_in().status_code == 303


def test_a_disabled_member_is_out_at_once(desk: Desk) -> None:
    desk.sign_in()
    new_member(desk.rt, "una@example.org", "Una")
    staff.disable(desk.rt, CLI, EMAIL)
    assert not is_in(desk)


def test_the_token_in_the_cookie_is_new_after_signing_in_and_the_database_holds_its_hash_only(
    desk: Desk,
) -> None:
    desk.get("/staff/sign-in")
    before = desk.client.get_cookie("__Host-engage")
    desk.sign_in()
    after = desk.client.get_cookie("__Host-engage")
    assert before is not None and after is not None and before.value != after.value
    assert len(after.value) >= 43
    with desk.rt.transaction() as tx:
        stored = tx.exec_driver_sql("SELECT token_hash FROM staff_sessions").scalars().all()
    assert all(after.value.encode() not in bytes(each) and len(each) == 32 for each in stored)


def test_the_cookie_is_locked_down_and_by_https_there_is_no_other(rt: Runtime) -> None:
    secure = replace(rt, settings=rt.settings.model_copy(update={"base_url": "https://engage.example.org"}))
    cookies = app_of(secure).test_client().get("/staff/sign-in").headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    name, *attributes = cookies[0].split("; ")
    assert name.startswith("__Host-engage=")
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    assert len(app_of(rt).test_client().get("/staff/sign-in").headers.getlist("Set-Cookie")) == 2


@pytest.mark.parametrize(
    ("column", "minutes", "alive"),
    [("seen_at", 14, True), ("seen_at", 16, False), ("created_at", 719, True), ("created_at", 721, False)],
)
def test_a_session_ends_after_15_idle_minutes_and_after_12_hours(
    desk: Desk, column: str, minutes: int, alive: bool
) -> None:
    desk.sign_in()
    sql(desk.rt, f"UPDATE staff_sessions SET {column} = {column} - interval '{minutes} minutes'")
    assert is_in(desk) is alive


def test_each_click_keeps_the_session_alive(desk: Desk) -> None:
    desk.sign_in()
    for _ in range(3):
        sql(desk.rt, "UPDATE staff_sessions SET seen_at = seen_at - interval '10 minutes'")
        assert is_in(desk)


def test_a_page_that_looks_by_itself_keeps_no_session_alive(desk: Desk) -> None:
    desk.sign_in()
    sql(desk.rt, "UPDATE staff_sessions SET seen_at = seen_at - interval '10 minutes'")
    assert desk.client.get(f"/staff/campaigns/{new_id()}/progress").status_code == 404, (
        "signed in, and no such campaign"
    )
    sql(desk.rt, "UPDATE staff_sessions SET seen_at = seen_at - interval '6 minutes'")
    assert not is_in(desk)


def test_the_movable_clock_moves_no_session(desk: Desk) -> None:
    desk.sign_in()
    sql(
        desk.rt,
        "INSERT INTO movable_clock (one, ahead) VALUES (true, '60 days') ON CONFLICT (one) DO UPDATE SET ahead = '60 days'",
    )
    assert is_in(desk)


def test_signing_out_ends_the_session_on_the_server(desk: Desk) -> None:
    desk.sign_in()
    stolen = desk.client.get_cookie("__Host-engage")
    assert stolen is not None
    account = desk.get("/staff/account")
    answer = desk.post("/staff/sign-out", account)
    assert (answer.status_code, answer.location) == (303, "/staff/sign-in?done=out")
    desk.client.set_cookie("__Host-engage", stolen.value)
    assert not is_in(desk)


def test_a_code_works_once(desk: Desk) -> None:
    code = desk.code()
    desk.sign_in(code)
    other = desk.beside()
    half = other.post("/staff/sign-in", other.get("/staff/sign-in"), email=EMAIL, password=PASSWORD)
    assert refused(other.post("/staff/sign-in/code", half, code=code))
    assert not is_in(other)


def test_a_code_that_comes_twice_at_once_opens_one_session(desk: Desk) -> None:
    code = desk.code()
    answers: list[int] = []

    def sign_in(at: Desk, half: TestResponse) -> None:
        answers.append(at.post("/staff/sign-in/code", half, code=code).status_code)

    threads = []
    for at in (desk, desk.beside(), desk.beside()):
        half = at.post("/staff/sign-in", at.get("/staff/sign-in"), email=EMAIL, password=PASSWORD)
        threads.append(Thread(target=sign_in, args=(at, half)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 422, 422]


@pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_the_telephone_may_be_one_step_off(rt: Runtime, seconds: int, good: bool) -> None:
    at = datetime(2026, 11, 2, 15, 0, 5, tzinfo=UTC)
    shown = staff_secrets.code_at(SECRET, at.fromtimestamp(at.timestamp() + seconds, UTC))
    assert (staff_secrets.matching_step(SECRET, shown, at) is not None) is good


def test_a_recovery_code_works_once_however_it_is_typed(desk: Desk) -> None:
    typed = f" {desk.codes[0].upper().replace('-', ' ')} "
    assert desk.sign_in(typed).status_code == 303
    other = desk.beside()
    half = other.post("/staff/sign-in", other.get("/staff/sign-in"), email=EMAIL, password=PASSWORD)
    assert refused(other.post("/staff/sign-in/code", half, code=typed))
    assert "<dd>9</dd>" in desk.get("/staff/account").text


def test_new_recovery_codes_replace_the_old_ones(desk: Desk) -> None:
    desk.sign_in()
    account = desk.get("/staff/account")
    wrong = desk.client.post("/staff/account/codes", data=hidden(account) | {"code": "123"})
    assert wrong.status_code == 422
    fresh = desk.client.post("/staff/account/codes", data=hidden(account) | {"code": desk.code()})
    assert fresh.status_code == 200
    assert desk.codes[0] not in fresh.text
    other = desk.beside()
    half = other.post("/staff/sign-in", other.get("/staff/sign-in"), email=EMAIL, password=PASSWORD)
    assert refused(other.post("/staff/sign-in/code", half, code=desk.codes[0]))


def test_a_changed_password_ends_every_other_session(desk: Desk) -> None:
    desk.sign_in()
    other = desk.beside()
    other.sign_in()
    typed = {"current": PASSWORD, "password": "eight brown bicycles by night"}
    answer = desk.client.post("/staff/account/password", data=hidden(desk.get("/staff/account")) | typed)
    assert answer.status_code == 303
    assert is_in(desk)
    assert not is_in(other)


def test_who_signed_in_and_out_is_in_the_audit_trail(desk: Desk) -> None:
    desk.sign_in()
    desk.post("/staff/sign-out", desk.get("/staff/account"))
    with desk.rt.transaction() as tx:
        rows = tx.exec_driver_sql("SELECT actor, action, what FROM audit ORDER BY id").all()
    assert [tuple(row) for row in rows[-2:]] == [
        ("staff", "sign-in", "staff"),
        ("staff", "sign-out", "staff"),
    ]


def test_the_kept_hash_is_argon2id_and_never_the_password(desk: Desk) -> None:
    with desk.rt.transaction() as tx:
        kept = tx.exec_driver_sql("SELECT password_hash FROM staff").scalar_one()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not staff_secrets.is_outdated(staff_secrets.NOBODYS)
