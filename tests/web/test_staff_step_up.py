"""A fresh code before what must not happen at a desk that somebody has left: asked for, kept, offered again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from engage.runtime import Runtime
from engage.storage.database import run
from engage.web.app import create_app
from engage.web.staff import routes
from engage.web.staff.routes import Asks
from tests.web.staff_world import EMAIL, PASSWORD, Desk, hidden, new_member, refused, sql
from tests.world import World

Later = Callable[[int], None]


@pytest.fixture
def person(rt: Runtime) -> UUID:
    World(rt).enrol()
    with rt.transaction() as tx:
        found: UUID = run(tx, "SELECT id FROM people").scalar_one()
        return found


@pytest.fixture
def desk(rt: Runtime) -> Desk:
    desk = new_member(rt)
    desk.sign_in()
    return desk


@pytest.fixture
def later(rt: Runtime) -> Later:
    """So many seconds after the last code of every session."""

    def moved(seconds: int) -> None:
        sql(
            rt,
            f"UPDATE staff_sessions SET stepped_up_at = clock_timestamp() - make_interval(secs => {seconds})",
        )

    return moved


def send(desk: Desk, address: str, **typed: str) -> TestResponse:
    return desk.client.post(address, data=hidden(desk.get("/staff/account")) | typed)


def erase(desk: Desk, person: UUID) -> TestResponse:
    return send(desk, f"/staff/people/{person}/erase", sure="yes")


def confirm(desk: Desk, page: TestResponse, code: str = "") -> TestResponse:
    """Types the app's code, or the given one, into the page that asks."""
    return desk.post("/staff/step-up", page, code=code or desk.code())


def erased(rt: Runtime) -> bool:
    with rt.transaction() as tx:
        return bool(run(tx, "SELECT state = 'erased' FROM people").scalar_one())


@pytest.mark.parametrize(("seconds", "asks"), [(0, False), (295, False), (301, True), (90_000, True)])
def test_a_code_counts_for_five_minutes(
    rt: Runtime, desk: Desk, person: UUID, later: Later, seconds: int, asks: bool
) -> None:
    later(seconds)
    answer = erase(desk, person)
    assert ("A fresh code" in answer.text) == asks
    assert erased(rt) != asks
    assert answer.status_code == (401 if asks else 303)


def test_after_the_code_it_is_offered_again_and_done_by_a_click(
    rt: Runtime, desk: Desk, person: UUID, later: Later
) -> None:
    later(600)
    offered = confirm(desk, erase(desk, person))
    assert offered.status_code == 200
    assert "Your code is right" in offered.text and "Nothing has been done yet" in offered.text
    assert (
        f'One click is left to erase this person (<a href="/staff/people/{person}">' in offered.text
        and ">Erase this person</button>" in offered.text
    )
    assert not erased(rt)
    done = desk.client.post(f"/staff/people/{person}/erase", data=hidden(offered))
    assert done.location.endswith("done=erased#done")
    assert erased(rt)


@pytest.mark.parametrize("file", ["copy", "outcomes.csv"])
def test_an_export_asks_too(desk: Desk, person: UUID, later: Later, file: str) -> None:
    later(600)
    asks = send(desk, f"/staff/people/{person}/{file}", **{"as": "json"})
    assert asks.status_code == 401 and "ada@example.org" not in asks.text
    offered = confirm(desk, asks)
    got = desk.client.post(f"/staff/people/{person}/{file}", data=hidden(offered))
    assert got.headers["Content-Disposition"].startswith("attachment")


def test_what_was_typed_travels_sealed(desk: Desk, person: UUID, later: Later) -> None:
    later(600)
    asks = send(
        desk, f"/staff/people/{person}/erase", sure="yes", note="A word\n\n<b>in</b> confidence – très bien"
    )
    assert "confidence" not in asks.text
    wrong = confirm(desk, asks, "000000")
    assert refused(wrong) and "To erase this person, please give a code now" in wrong.text
    offered = confirm(desk, wrong)
    assert hidden(offered)["note"] == "A word\n\n<b>in</b> confidence – très bien"


def test_a_code_that_was_used_can_not_be_used_again(
    rt: Runtime, desk: Desk, person: UUID, later: Later
) -> None:
    later(600)
    code = desk.code()
    assert confirm(desk, erase(desk, person), code).status_code == 200
    later(600)
    assert refused(confirm(desk, erase(desk, person), code))
    assert not erased(rt)


def test_wrong_codes_count_as_tries_to_sign_in(rt: Runtime, desk: Desk, person: UUID, later: Later) -> None:
    later(600)
    page = erase(desk, person)
    for guess in range(5):
        page = confirm(desk, page, f"{guess:06}")
        assert refused(page)
    assert refused(confirm(desk, page)), "the right one waits too"
    beside = desk.beside()
    assert refused(
        beside.post("/staff/sign-in", beside.get("/staff/sign-in"), email=EMAIL, password=PASSWORD)
    )
    sql(rt, "UPDATE sign_in_tries SET locked_until = locked_until - interval '31 seconds'")
    assert confirm(desk, page).status_code == 200


def test_a_code_counts_for_its_own_session_only(rt: Runtime, desk: Desk, person: UUID, later: Later) -> None:
    beside = desk.beside()
    beside.sign_in()
    later(600)
    assert confirm(desk, erase(desk, person)).status_code == 200
    assert erase(beside, person).status_code == 401
    assert not erased(rt)
    assert erase(desk, person).status_code == 303


def test_a_recovery_code_does_where_the_telephone_is_lost(desk: Desk, person: UUID, later: Later) -> None:
    later(600)
    assert confirm(desk, erase(desk, person), desk.codes[0]).status_code == 200
    later(600)
    assert refused(confirm(desk, erase(desk, person), desk.codes[0]))


def test_what_waited_for_the_code_waits_on_when_the_session_ends(
    desk: Desk, person: UUID, later: Later
) -> None:
    later(600)
    asks = erase(desk, person)
    sql(desk.rt, "UPDATE staff_sessions SET seen_at = seen_at - interval '20 minutes'")
    over = confirm(desk, asks)
    assert over.status_code == 403 and "What you typed is kept" in over.text
    shown = desk.sign_in(kept=hidden(over)["kept"])
    assert f'action="/staff/people/{person}/erase"' in shown.text


def test_what_one_member_typed_is_not_offered_to_another(desk: Desk, person: UUID, later: Later) -> None:
    later(600)
    asks = erase(desk, person)
    other = new_member(desk.rt, "una@example.org", "Una")
    other.sign_in()
    later(600)
    mine = confirm(other, erase(other, person)).status_code
    theirs = send(other, "/staff/step-up", kept=hidden(asks)["kept"], code=other.code())
    assert (mine, theirs.status_code) == (200, 303)


def test_who_may_not_is_refused_before_any_code(rt: Runtime, person: UUID, later: Later) -> None:
    front = new_member(rt, "fred@example.org", "Fred", "front_desk")
    front.sign_in()
    later(600)
    assert erase(front, person).status_code == 403


def test_a_page_may_ask_before_it_is_shown(
    rt: Runtime, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(routes.TABLE, "new_page", Asks("export", step_up="see a new page"))
    app = create_app(rt)
    app.add_url_rule("/staff/new-page", "staff.new_page.start", lambda: "secrets")
    desk = replace(new_member(rt), client=app.test_client())
    desk.sign_in()
    later(600)
    asks = desk.get("/staff/new-page?since=2026-11-24")
    assert (asks.status_code, "secrets" in asks.text) == (401, False)
    assert confirm(desk, asks).location == "/staff/new-page?since=2026-11-24"
    assert desk.get("/staff/new-page").text == "secrets"


def test_nobody_is_sent_elsewhere_by_it(desk: Desk) -> None:
    away = send(desk, "/staff/step-up", next="https://evil.example/", code=desk.code())
    assert away.location == "/staff"


def test_a_script_is_told_so(desk: Desk, person: UUID, later: Later) -> None:
    later(600)
    form = hidden(desk.get("/staff/account"))
    told = desk.client.post(f"/staff/people/{person}/erase", data=form, headers={"Sec-Fetch-Dest": "empty"})
    assert (told.status_code, told.text) == (401, "")


def test_giving_a_code_is_written_down(rt: Runtime, desk: Desk, person: UUID, later: Later) -> None:
    later(600)
    confirm(desk, erase(desk, person))
    with rt.transaction() as tx:
        rows = run(tx, "SELECT action, actor FROM audit WHERE what = 'step-up'").all()
    assert rows == [("sign-in", "staff")]
