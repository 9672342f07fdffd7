"""Colleagues and API keys in the browser: made, changed and ended there, each act with a fresh code."""

from __future__ import annotations

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from engage.services import api_keys, staff
from engage.storage.database import run
from tests.web.staff_world import Desk, hidden, is_in, new_member, path_of, set_up, sql


@pytest.fixture
def desk(rt: Runtime) -> Desk:
    desk = new_member(rt)
    desk.sign_in()
    return desk


def send(desk: Desk, address: str, **typed: str | list[str]) -> TestResponse:
    form = hidden(desk.get("/staff/account")) | typed
    return desk.client.post(address, data=form, follow_redirects=True)


def id_of(rt: Runtime, email: str) -> str:
    return next(str(one.id) for one in staff.listing(rt) if one.email == email)


def link_on(page: TestResponse) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', page.text)
    assert found is not None, page.text
    return path_of(unescape(found.group(1)))


def invite(desk: Desk, email: str = "una@example.org", role: str = "author") -> Desk:
    """Somebody new, who has walked the link that the page showed."""
    page = send(desk, "/staff/members", name="Una", email=email, role=role)
    other = Desk(desk.rt, desk.client.application.test_client(), email)
    set_up(other, link_on(page))
    return other


def test_somebody_new_gets_in_by_the_link_that_the_page_shows_once(rt: Runtime, desk: Desk) -> None:
    una = invite(desk)
    assert una.sign_in().status_code == 303
    page = desk.get("/staff/members")
    assert "Una" in page.text and "Author" in page.text
    assert "/staff/invite/" not in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "", "email": "una@example.org", "role": "author"}, "must not be empty"),
        ({"name": "Una", "email": "una@", "role": "author"}, "must be an email address"),
        ({"name": "Una", "email": "una@example.org", "role": "owner"}, "Please choose a role"),
        ({"name": "Sam", "email": "sam@example.org", "role": "author"}, "They can sign in already"),
    ],
)
def test_what_can_not_be_is_said_at_its_field_and_what_was_typed_stays(
    desk: Desk, typed: dict[str, str], said: str
) -> None:
    page = send(desk, "/staff/members", **typed)
    assert page.status_code == 422
    assert said in page.text and f'value="{typed["email"]}"' in page.text


def test_a_role_is_changed_and_access_ended(rt: Runtime, desk: Desk) -> None:
    una = invite(desk)
    una.sign_in()
    at = f"/staff/members/{id_of(rt, 'una@example.org')}"
    assert "The role is changed" in send(desk, f"{at}/role", role="approver").text
    assert not is_in(una)
    assert "had that role already" in send(desk, f"{at}/role", role="approver").text
    assert send(desk, f"{at}/role", role="owner").status_code == 422
    assert "every session of theirs has ended" in send(desk, f"{at}/disable").text
    assert {one.email: one.state for one in staff.listing(rt)}["una@example.org"] == "disabled"


def test_a_new_start_for_somebody_who_lost_the_telephone(rt: Runtime, desk: Desk) -> None:
    una = invite(desk)
    una.sign_in()
    page = send(desk, f"/staff/members/{id_of(rt, 'una@example.org')}/reset")
    assert not is_in(una)
    set_up(una, link_on(page))
    assert una.sign_in().status_code == 303


def test_the_last_administrator_stays_one(rt: Runtime, desk: Desk) -> None:
    at = f"/staff/members/{id_of(rt, 'sam@example.org')}"
    for act in ("role", "disable"):
        page = send(desk, f"{at}/{act}", role="reader")
        assert page.status_code == 409 and "last administrator" in page.text
    assert is_in(desk)


def test_nobody_is_not_found(desk: Desk) -> None:
    for act in ("role", "disable", "reset"):
        at = f"/staff/members/00000000-0000-0000-0000-000000000000/{act}"
        assert send(desk, at, role="reader").status_code == 404


def test_a_key_is_made_shown_once_and_ended(rt: Runtime, desk: Desk) -> None:
    page = send(desk, "/staff/keys", name="Practice software", scope=["people:read", "messages:read"])
    found = re.search(r"engage_([a-z2-9]{8})_\w{43}", page.text)
    assert found is not None
    caller = api_keys.recognise(rt, found[0])
    assert caller is not None and caller.scopes == {"people:read", "messages:read"}
    listed = desk.get("/staff/keys").text
    assert found[1] in listed and found[0] not in listed
    assert "The key has ended" in send(desk, f"/staff/keys/{found[1]}/revoke").text
    assert api_keys.recognise(rt, found[0]) is None
    assert "it had ended before" in send(desk, f"/staff/keys/{found[1]}/revoke").text
    with rt.transaction() as tx:
        rows = run(tx, "SELECT actor FROM audit WHERE what = 'api key'").scalars().all()
    assert rows == ["staff", "staff"]


@pytest.mark.parametrize(
    ("name", "scopes"), [("", ["people:read"]), ("X", []), ("X", ["all"]), ("x" * 500, ["people:read"])]
)
def test_a_key_that_can_not_be_is_refused(rt: Runtime, desk: Desk, name: str, scopes: list[str]) -> None:
    page = send(desk, "/staff/keys", name=name, scope=scopes)
    assert page.status_code == 422 and "No key was made" in page.text
    assert api_keys.listing(rt) == []


def test_each_act_asks_for_a_fresh_code(rt: Runtime, desk: Desk) -> None:
    me = id_of(rt, "sam@example.org")
    sql(rt, "UPDATE staff_sessions SET stepped_up_at = now() - interval '6 minutes'")
    acts = (
        "members",
        f"members/{me}/role",
        f"members/{me}/reset",
        f"members/{me}/disable",
        "keys",
        "keys/x/revoke",
    )
    for act in acts:
        assert send(desk, f"/staff/{act}", name="X", role="reader").status_code == 401, act
    assert is_in(desk)
    offered = desk.post(
        "/staff/step-up", send(desk, "/staff/keys", name="X", scope=["people:read"]), code=desk.code()
    )
    made = desk.client.post("/staff/keys", data=hidden(offered))
    assert "engage_" in made.text


def test_a_reader_sees_who_there_is_and_no_form(rt: Runtime) -> None:
    reader = new_member(rt, "ria@example.org", "Ria", "reader")
    reader.sign_in()
    for page in ("/staff/members", "/staff/keys"):
        shown = reader.get(page)
        assert shown.status_code == 200
        assert shown.text.count("<form") == 1, "signing out"
