"""Changing roles: the last administrator stays one, whatever is tried at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engage.runtime import Runtime
from engage.services import staff
from engage.services.audit import CLI
from engage.services.staff import LastAdministrator, NoSuchMember
from engage.storage.database import run
from tests.web.staff_world import is_in, new_member

SAM, UNA = "sam@example.org", "una@example.org"


def roles(rt: Runtime) -> dict[str, str]:
    return {member.email: member.role for member in staff.listing(rt)}


def test_a_new_role_ends_the_sessions_and_is_written_down(rt: Runtime) -> None:
    new_member(rt, SAM, "Sam")
    una = new_member(rt, UNA, "Una", "author")
    una.sign_in()
    assert staff.change_role(rt, CLI, "UNA@example.org", "approver")
    assert roles(rt)[UNA] == "approver"
    assert not is_in(una)
    una.sign_in()
    assert not staff.change_role(rt, CLI, UNA, "approver")
    assert is_in(una)
    with rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM audit WHERE what = 'staff role'").scalar_one() == 1


def test_the_last_administrator_is_neither_demoted_nor_disabled(rt: Runtime) -> None:
    sam = new_member(rt, SAM, "Sam")
    sam.sign_in()
    # Invited is not there yet, and disabled not any more.
    staff.invite(rt, CLI, UNA, "Una", "administrator")
    for act in (lambda: staff.change_role(rt, CLI, SAM, "reader"), lambda: staff.disable(rt, CLI, SAM)):
        with pytest.raises(LastAdministrator):
            act()
    assert is_in(sam)
    new_member(rt, "max@example.org", "Max")
    assert staff.change_role(rt, CLI, SAM, "reader")
    with pytest.raises(LastAdministrator):
        staff.disable(rt, CLI, "max@example.org")


def test_nobody_has_no_role(rt: Runtime) -> None:
    with pytest.raises(NoSuchMember):
        staff.change_role(rt, CLI, "nobody@example.org", "reader")


def test_an_invited_member_starts_with_the_new_role(rt: Runtime) -> None:
    new_member(rt, SAM, "Sam")
    staff.invite(rt, CLI, UNA, "Una", "administrator")
    assert staff.change_role(rt, CLI, UNA, "author")
    assert roles(rt)[UNA] == "author"


def test_two_administrators_who_demote_each_other_at_once_are_not_both_gone(rt: Runtime) -> None:
    for email in (SAM, UNA):
        new_member(rt, email, email[:3])

    def demote(email: str) -> bool:
        try:
            return staff.change_role(rt, CLI, email, "reader")
        except LastAdministrator:
            return False

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(demote, (SAM, UNA)))
        assert sorted(done) == [False, True]
        assert sorted(roles(rt).values()) == ["administrator", "reader"]
        for email in (SAM, UNA):
            staff.change_role(rt, CLI, email, "administrator")
