"""Links in mails on the real server: looking changes nothing, one click ends the course."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect

from engage.storage.database import run
from tests.processes.stack import Stack
from tests.processes.visitor import Visitor


def contents(stack: Stack) -> dict[str, list[str]]:
    """Every row of every table, but for the heartbeats, which are always new."""
    tables = set(inspect(stack.rt.engine).get_table_names()) - {"heartbeats"}
    with stack.rt.transaction() as tx:
        return {
            table: sorted(str(row[0]) for row in run(tx, f'SELECT t::text FROM "{table}" t'))
            for table in sorted(tables)
        }


def enrol(stack: Stack, visitor: Visitor, email: str) -> None:
    assert visitor.sign_up(email=email).status == 303
    letter = stack.letters(visitor, email, 1)[0]
    assert visitor.post(visitor.link(letter, "confirm")).status == 200


@pytest.fixture(scope="module")
def visitor(stack: Stack) -> Visitor:
    """Lou has two lessons; Max has signed up and not confirmed."""
    visitor = stack.visitor()
    enrol(stack, visitor, "lou@example.org")
    stack.engage("clock", "advance", "7d")
    assert visitor.sign_up(email="max@example.org").status == 303
    stack.letters(visitor, "max@example.org", 1)
    assert len(visitor.lessons("lou@example.org")) >= 2
    return visitor


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_following_every_link_of_every_mail_changes_nothing(
    stack: Stack, visitor: Visitor, method: str
) -> None:
    mails = visitor.mailbox("lou@example.org") + visitor.mailbox("max@example.org")
    links = {link for mail in mails for link in visitor.links(mail)}
    assert {link.split("/")[3] for link in links} >= {"confirm", "not-me", "lessons", "unsubscribe"}
    before = contents(stack)
    for link in sorted(links):
        answer = visitor.ask(method, link)
        assert answer.status == 200, link.split("/")[3]
        assert "set-cookie" not in answer.headers
    assert contents(stack) == before


def test_one_click_without_a_cookie_ends_the_course_and_twice_does_no_harm(
    stack: Stack, visitor: Visitor
) -> None:
    enrol(stack, visitor, "cleo@example.org")
    stack.engage("clock", "advance", "4d")
    lessons = visitor.lessons("cleo@example.org")
    header = lessons[-1]["headers"]["List-Unsubscribe"]
    assert header.startswith("<http") and header.endswith(">")
    assert lessons[-1]["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    for _ in range(2):
        answer = visitor.post(header[1:].split(">")[0], {"List-Unsubscribe": "One-Click"})
        assert answer.status == 200 and "set-cookie" not in answer.headers

    before = len(visitor.lessons("lou@example.org"))
    stack.engage("clock", "advance", "10d")
    assert visitor.lessons("cleo@example.org") == lessons
    assert len(visitor.lessons("lou@example.org")) > before
    assert stack.count("suppressions") == 1
    assert stack.count("consents", "action = 'withdrawn'") == 1
    assert stack.count("enrolments", "state = 'unsubscribed'") == 1
