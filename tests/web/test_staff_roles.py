"""Every staff page and act, by every method, as every role: what the table allows goes on, all else is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engage.domain.roles import PERMISSIONS, ROLES, WHO, Permission, Role, may, who_may
from engage.runtime import Runtime
from engage.web.app import create_app
from engage.web.staff import routes
from tests.web.staff_world import Desk, hidden, new_member
from tests.web.test_staff_guard import OPEN, address, staff_rules
from tests.world import World

SAFE = ("GET", "HEAD", "OPTIONS")
EVERYBODY = frozenset(ROLES)
BUT_READERS = EVERYBODY - {"reader"}
ADMINISTRATOR = frozenset({"administrator"})
WRITERS = frozenset({"author", "administrator"})
SENDERS = frozenset({"author", "approver", "administrator"})

# Written out, so that a slip in the table is a slip in two places: whoever changes it changes this too.
RISKY: dict[tuple[str, str], frozenset[str]] = {
    ("POST", "/staff/people/<uuid:id>/erase"): ADMINISTRATOR,
    ("POST", "/staff/people/<uuid:id>/copy"): BUT_READERS,
    ("POST", "/staff/people/<uuid:id>/outcomes.csv"): BUT_READERS,
    ("POST", "/staff/people/<uuid:id>/merge"): BUT_READERS,
    ("POST", "/staff/people/<uuid:id>/wishes"): BUT_READERS,
    ("POST", "/staff/people/<uuid:id>/address"): BUT_READERS,
    ("POST", "/staff/people"): EVERYBODY,
    ("GET", "/staff/people/<uuid:id>"): EVERYBODY,
    ("POST", "/staff/messages/<uuid:id>/release"): BUT_READERS,
    ("POST", "/staff/reminders/<rule>"): BUT_READERS,
    ("GET", "/staff/visits/new"): BUT_READERS,
    ("POST", "/staff/visits/<uuid:id>/cancel"): BUT_READERS,
    ("POST", "/staff/campaigns/new"): WRITERS,
    ("POST", "/staff/campaigns/<uuid:id>/audience"): WRITERS,
    ("POST", "/staff/campaigns/<uuid:id>/content"): WRITERS,
    ("POST", "/staff/campaigns/<uuid:id>/content/waive"): WRITERS,
    ("POST", "/staff/campaigns/<uuid:id>/submit"): WRITERS,
    ("POST", "/staff/campaigns/<uuid:id>/approve"): frozenset({"approver", "administrator"}),
    ("POST", "/staff/campaigns/<uuid:id>/start"): SENDERS,
    ("POST", "/staff/campaigns/<uuid:id>/resume"): SENDERS,
    ("POST", "/staff/campaigns/<uuid:id>/cancel"): SENDERS,
    ("POST", "/staff/campaigns/<uuid:id>/export.csv"): BUT_READERS,
    ("POST", "/staff/segments/new"): WRITERS,
    ("POST", "/staff/members"): ADMINISTRATOR,
    ("POST", "/staff/members/<uuid:id>/role"): ADMINISTRATOR,
    ("POST", "/staff/members/<uuid:id>/reset"): ADMINISTRATOR,
    ("POST", "/staff/members/<uuid:id>/disable"): ADMINISTRATOR,
    ("POST", "/staff/keys"): ADMINISTRATOR,
    ("POST", "/staff/keys/<prefix>/revoke"): ADMINISTRATOR,
    ("GET", "/staff/go-live"): EVERYBODY,
    ("POST", "/staff/go-live"): ADMINISTRATOR,
    ("POST", "/staff/go-live/list/<item>"): ADMINISTRATOR,
    ("POST", "/staff/go-live/test"): ADMINISTRATOR,
    ("POST", "/staff/account/password"): EVERYBODY,
    ("POST", "/staff/sign-out"): EVERYBODY,
}
STEP_UP = {
    "people.copy",
    "people.outcomes_sheet",
    "people.erase",
    "campaigns.start",
    "campaigns.resume",
    "campaigns.export",
    "go_live",
    "members",
    "keys",
}


@pytest.fixture
def desks(rt: Runtime) -> dict[Role, Desk]:
    """Somebody of each role, signed in."""
    found = {role: new_member(rt, f"{role}@example.org", role.title(), role) for role in ROLES}
    for desk in found.values():
        desk.sign_in()
    return found


def guarded(app: Flask) -> list[tuple[str, Rule]]:
    """Each method of each route that needs somebody signed in; signing out comes last. Where two share an address, one
    of them answers OPTIONS."""
    matcher = app.url_map.bind("localhost")
    rules = [rule for rule in staff_rules(app) if not rule.endpoint.startswith(OPEN)]
    rules.sort(key=lambda rule: rule.endpoint == "staff.session.sign_out")
    return [
        (method, rule)
        for rule in rules
        for method in sorted(rule.methods or ())
        if matcher.match(address(rule), method)[0] == rule.endpoint
    ]


def asked(method: str, rule: Rule) -> Permission:
    found = routes.asks(rule.endpoint, changes=method not in SAFE)
    assert found is not None, f"{rule.endpoint} ({rule.rule}) must be named in engage/web/staff/routes.py"
    return found.permission


def ask(client: FlaskClient, method: str, rule: Rule, form: dict[str, str]) -> TestResponse:
    data = form if method not in SAFE else None
    return client.open(address(rule), method=method, data=data)


def test_each_role_gets_what_the_table_allows_and_nothing_else(desks: dict[Role, Desk]) -> None:
    app = desks["reader"].client.application
    walked = 0
    for role, desk in desks.items():
        form = hidden(desk.get("/staff/account"))
        for method, rule in guarded(app):
            answer = ask(desk.client, method, rule, form)
            told = f"{role}: {method} {rule.rule}: {answer.status_code}"
            if may(role, asked(method, rule)):
                assert answer.status_code not in (401, 403), told
            else:
                assert answer.status_code == 403, told
                assert method == "HEAD" or who_may(asked(method, rule)) in answer.text, told
            walked += 1
    assert walked > 5 * 80


def test_nobody_gets_anything_without_signing_in(rt: Runtime) -> None:
    app = create_app(rt)
    for method, rule in guarded(app):
        answer = app.test_client().open(address(rule), method=method)
        sent_away = answer.status_code == 303 and answer.location.startswith("/staff/sign-in")
        assert sent_away, f"{method} {rule.rule}: {answer.status_code}"


def test_the_riskiest_rows_are_as_written_out_here(rt: Runtime) -> None:
    rules = {(method, rule.rule): rule for method, rule in guarded(create_app(rt))}
    for (method, rule), roles in RISKY.items():
        assert set(WHO[asked(method, rules[method, rule])]) == roles, (method, rule)
    for permission in ("go_live", "keys", "staff", "erase"):
        assert set(WHO[permission]) == ADMINISTRATOR
    assert {one for one in PERMISSIONS if may("reader", one)} == {"own", "look"}
    assert not may("author", "approve") and not may("approver", "write")


def test_what_asks_for_a_fresh_code_is_as_written_out_here() -> None:
    found = {
        name
        for name, entry in routes.TABLE.items()
        if any(one.step_up for one in (entry if isinstance(entry, tuple) else (entry,)))
    }
    assert found == STEP_UP


def test_every_change_that_a_reader_may_make_is_of_their_own_account(rt: Runtime) -> None:
    found = {
        rule.endpoint
        for method, rule in guarded(create_app(rt))
        if method not in SAFE and may("reader", asked(method, rule))
    }
    own = ("staff.account.", "staff.session.", "staff.step_up.")
    assert {name for name in found if not name.startswith(own)} == {"staff.people.search"}


def test_each_line_of_the_table_is_a_page_of_today(rt: Runtime) -> None:
    endpoints = {rule.endpoint.removeprefix("staff.") for rule in staff_rules(create_app(rt))}
    pages = endpoints | {name.partition(".")[0] for name in endpoints}
    assert set(routes.TABLE) <= pages
    assert pages >= routes.OPEN


def test_a_page_that_nobody_named_is_refused_to_everybody(rt: Runtime) -> None:
    app = create_app(rt)
    app.add_url_rule("/staff/new-page", "staff.new_page.start", lambda: "secrets")
    desk = replace(new_member(rt), client=app.test_client())
    desk.sign_in()
    answer = desk.get("/staff/new-page")
    assert (answer.status_code, "secrets" in answer.text) == (403, False)


def test_a_refusal_says_who_may_and_who_one_is(desks: dict[Role, Desk]) -> None:
    desk = desks["front_desk"]
    address = f"/staff/people/{uuid4()}/erase"
    answer = desk.client.post(address, data=hidden(desk.get("/staff/account")))
    assert "Only an administrator may do this" in answer.text
    assert "You are signed in as the front desk" in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_pages_offer_no_button_that_would_be_refused(rt: Runtime, role: Role) -> None:
    World(rt).enrol()
    desk = new_member(rt, f"{role}@example.org", "Sam", role)
    desk.sign_in()
    with rt.transaction() as tx:
        person = tx.exec_driver_sql("SELECT id FROM people").scalar_one()
        message = tx.exec_driver_sql("UPDATE messages SET status = 'held' RETURNING id").scalars().first()
    pages: tuple[str, ...] = (
        "/staff/requests",
        f"/staff/people/{person}",
        "/staff/reminders",
        "/staff/visits",
        "/staff/plans",
    )
    pages += ("/staff/members", "/staff/keys", "/staff/go-live")
    pages += (f"/staff/messages/{message}", "/staff/messages", "/staff/follow-ups", "/staff/run-sheet")
    adapter = desk.client.application.url_map.bind("localhost")
    forms = set()
    for page in pages:
        for part in desk.get(page).text.split("<form")[1:]:
            tag = part.partition(">")[0]
            method = "POST" if 'method="post"' in tag else "GET"
            action = tag.partition('action="')[2].partition('"')[0]
            endpoint = str(adapter.match(action, method)[0])
            found = routes.asks(endpoint, changes=method == "POST")
            assert found is not None and may(role, found.permission), f"{role} on {page}: {action}"
            forms.add(endpoint)
    acts = {
        "staff.people.erase": "erase",
        "staff.people.copy": "export",
        "staff.reminders.switch": "settings",
    }
    for endpoint, permission in acts.items():
        assert (endpoint in forms) == may(role, permission)  # type: ignore[arg-type]
    assert ("staff.messages.release" in forms) == may(role, "desk")


@pytest.mark.parametrize(("role", "permission"), list(product(("", "owner", "Administrator"), PERMISSIONS)))
def test_an_unknown_role_may_nothing(role: str, permission: Permission) -> None:
    assert not may(role, permission)
