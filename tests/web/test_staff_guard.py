"""What stands before every staff page, whoever wrote it: a session, a form of ours, nothing lost."""

from __future__ import annotations

import re
from itertools import product
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import Rule

from engage.runtime import Runtime
from tests.apps import app_of
from tests.web.staff_world import PASSWORD, Desk, hidden, new_member
from tests.world import World

OPEN = ("staff.sign_in.", "staff.invite.")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def desk(rt: Runtime) -> Desk:
    return new_member(rt)


def staff_rules(app: Flask) -> list[Rule]:
    """Every route under /staff, those of pages added later too."""
    return [
        rule for rule in app.url_map.iter_rules() if rule.rule == "/staff" or rule.rule.startswith("/staff/")
    ]


def address(rule: Rule) -> str:
    """The route with something that fits in each of its places."""
    filled = rule.rule
    for name, converter in rule._converters.items():
        value = str(uuid4()) if "UUID" in type(converter).__name__ else "1"
        filled = re.sub(rf"<(?:[^<>:]+:)?{name}>", value, filled)
    return filled


def test_every_page_and_act_sends_those_away_who_are_not_signed_in(rt: Runtime) -> None:
    app = app_of(rt)
    client = app.test_client()
    rules = [rule for rule in staff_rules(app) if not rule.endpoint.startswith(OPEN)]
    assert len(rules) >= 6
    for rule, method in product(rules, METHODS):
        answer = client.open(address(rule), method=method)
        sent_away = answer.status_code == 303 and answer.location.startswith("/staff/sign-in")
        assert sent_away or answer.status_code in (403, 404, 405), (
            f"{method} {rule.rule}: {answer.status_code}"
        )


def test_every_act_is_refused_without_a_form_of_ours(desk: Desk) -> None:
    desk.sign_in()
    rules = [rule for rule in staff_rules(desk.client.application) if "POST" in (rule.methods or ())]
    for rule in rules:
        if rule.endpoint.startswith(OPEN):
            continue
        for data in ({}, {"csrf": "x"}, {"csrf": "A" * 88}):
            answer = desk.client.post(address(rule), data=data)
            assert answer.status_code == 403, f"POST {rule.rule}: {answer.status_code}"
    assert desk.get("/staff/account").status_code == 200


def test_a_form_from_another_site_is_refused(desk: Desk) -> None:
    desk.sign_in()
    form = hidden(desk.get("/staff/account"))
    for header in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ):
        assert desk.client.post("/staff/account/others", data=form, headers=header).status_code == 403
    for header in ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://localhost"}):
        assert desk.client.post("/staff/account/others", data=form, headers=header).status_code == 303


def test_somebody_elses_form_is_refused(desk: Desk) -> None:
    desk.sign_in()
    other = new_member(desk.rt, "una@example.org", "Una")
    other.sign_in()
    form = hidden(other.get("/staff/account"))
    assert desk.client.post("/staff/account/others", data=form).status_code == 403


def test_a_reader_may_look_and_change_nothing_but_their_own_account(rt: Runtime) -> None:
    reader = new_member(rt, "ria@example.org", "Ria", "reader")
    reader.sign_in()
    form = hidden(reader.get("/staff/account"))
    assert reader.client.post("/staff/account/others", data=form).status_code == 303
    rules = [rule for rule in staff_rules(reader.client.application) if "POST" in (rule.methods or ())]
    for rule in rules:
        if rule.endpoint.startswith((*OPEN, "staff.account.", "staff.session.", "staff.step_up.")):
            continue
        if rule.endpoint == "staff.people.search":
            assert reader.client.post(address(rule), data=form).status_code == 200, rule.rule
            continue
        assert reader.client.post(address(rule), data=form).status_code in (403, 404), rule.rule


def test_a_reader_finds_people_by_name(rt: Runtime) -> None:
    World(rt).enrol()
    reader = new_member(rt, "ria@example.org", "Ria", "reader")
    reader.sign_in()
    found = reader.client.post("/staff/people", data=hidden(reader.get("/staff/account")) | {"words": "ada"})
    assert found.status_code == 200
    assert "ada@example.org" in found.text


def test_staff_pages_are_kept_nowhere(desk: Desk) -> None:
    desk.sign_in()
    for page in ("/staff", "/staff/account", "/staff/sign-in"):
        assert desk.get(page).headers.getlist("Cache-Control") == ["no-store"]


@pytest.mark.parametrize(
    ("wish", "leads_to"),
    [
        ("/staff/account", "/staff/account"),
        ("/staff/messages?status=held", "/staff/messages?status=held"),
        ("https://evil.example/", "/staff"),
        ("//evil.example/staff", "/staff"),
        ("/staff//evil.example", "/staff"),
        ("/staff/\\evil.example", "/staff"),
        ("/staff@evil.example", "/staff"),
        ("/staff/x\r\nSet-Cookie: a=b", "/staff"),
        ("/", "/staff"),
    ],
)
def test_after_signing_in_one_lands_on_the_page_asked_for_and_never_elsewhere(
    desk: Desk, wish: str, leads_to: str
) -> None:
    assert desk.sign_in(next=wish).location == leads_to


def test_a_page_asked_for_without_a_session_is_shown_after_signing_in(desk: Desk) -> None:
    away = desk.get("/staff/account")
    assert away.location == "/staff/sign-in?next=/staff/account"
    assert desk.sign_in(address=away.location).location == "/staff/account"


def test_a_script_is_told_that_the_session_is_over(desk: Desk) -> None:
    assert desk.get("/staff/account", headers={"Sec-Fetch-Dest": "empty"}).status_code == 401


# A form as any page has it: what the guard does with it does not depend on the page.
TYPED = {
    "note": "Called at 3.\n\n<b>Prefers</b> mornings & emails – très bien",
    "reached": "yes",
    "empty": "",
}
ACT = "/staff/account/others"


def expire(desk: Desk) -> None:
    with desk.rt.transaction() as tx:
        tx.exec_driver_sql("UPDATE staff_sessions SET seen_at = seen_at - interval '20 minutes'")


def kept_after(desk: Desk, page: dict[str, str]) -> str:
    """Sends a form whose session is over, signs in from the answer, and returns the page that follows."""
    over = desk.client.post(ACT, data=page | TYPED)
    assert over.status_code == 403
    assert "What you typed is kept" in over.text
    assert "Prefers" not in over.text
    half = desk.post("/staff/sign-in", over, email=desk.email, password=PASSWORD)
    wrong = desk.post("/staff/sign-in/code", half, code="000000")
    shown = desk.post("/staff/sign-in/code", wrong, code=desk.code())
    assert shown.status_code == 200
    assert {name: hidden(shown)[name] for name in TYPED} == TYPED
    return shown.text


def test_what_was_typed_when_the_session_ended_is_kept_and_sent_only_by_a_click(desk: Desk) -> None:
    desk.sign_in()
    beside = desk.beside()
    page = hidden(desk.get("/staff/account"))
    expire(desk)
    beside.sign_in()
    shown = kept_after(desk, page)
    assert "&lt;b&gt;Prefers&lt;/b&gt; mornings &amp; emails" in shown
    assert f'action="{ACT}"' in shown
    # Nothing was replayed by itself: the act would have ended the other browser's session.
    assert beside.get("/staff/account").status_code == 200
    again = desk.client.post(ACT, data={"csrf": hidden_csrf(shown)} | TYPED)
    assert again.status_code == 303
    assert beside.get("/staff/account").status_code == 303


def hidden_csrf(text: str) -> str:
    return str(re.findall(r'name="csrf" value="([^"]+)"', text)[-1])


def test_it_is_kept_when_the_browser_was_closed_in_between_too(desk: Desk) -> None:
    desk.sign_in()
    page = hidden(desk.get("/staff/account"))
    fresh = desk.beside()
    kept_after(fresh, page)


def test_a_form_from_before_signing_in_anew_in_another_tab_is_offered_again(desk: Desk) -> None:
    desk.sign_in()
    page = hidden(desk.get("/staff/account"))
    expire(desk)
    desk.sign_in()
    answer = desk.client.post(ACT, data=page | TYPED)
    assert answer.status_code == 403
    assert "Send it now" in answer.text
    assert hidden(answer)["note"] == TYPED["note"]


def test_what_one_member_typed_is_never_shown_to_another(desk: Desk) -> None:
    desk.sign_in()
    page = hidden(desk.get("/staff/account"))
    expire(desk)
    over = desk.client.post(ACT, data=page | TYPED)
    other = new_member(desk.rt, "una@example.org", "Una")
    answer = other.sign_in(kept=hidden(over)["kept"])
    assert answer.status_code == 303


def test_what_is_kept_is_sealed_and_fits_when_long(desk: Desk) -> None:
    desk.sign_in()
    page = hidden(desk.get("/staff/account"))
    expire(desk)
    over = desk.client.post(ACT, data=page | {"note": "a word or two. " * 2000})
    kept = hidden(over)["kept"]
    assert len(kept) < 20_000
    assert hidden(over)["kept"].isascii()


def test_passwords_are_not_kept(desk: Desk) -> None:
    desk.sign_in()
    page = hidden(desk.get("/staff/account"))
    expire(desk)
    over = desk.client.post("/staff/account/password", data=page | {"current": "x", "password": "y"})
    assert over.status_code == 303


def test_a_sign_in_page_that_grew_old_keeps_the_address_and_what_was_kept(desk: Desk) -> None:
    form = hidden(desk.get("/staff/sign-in"))
    desk.client.delete_cookie("__Host-engage")
    desk.client.delete_cookie("engage")
    answer = desk.client.post(
        "/staff/sign-in", data=form | {"email": desk.email, "password": "x", "kept": "k"}
    )
    assert answer.status_code == 403
    assert desk.email in answer.text
    assert hidden(answer)["kept"] == "k"


def test_pressing_sign_in_twice_ends_signed_in(desk: Desk) -> None:
    half = desk.post("/staff/sign-in", desk.get("/staff/sign-in"), email=desk.email, password=PASSWORD)
    code = desk.code()
    assert desk.post("/staff/sign-in/code", half, code=code).status_code == 303
    assert desk.post("/staff/sign-in/code", half, code=code).status_code == 303
    assert desk.get("/staff/sign-in").location == "/staff"
