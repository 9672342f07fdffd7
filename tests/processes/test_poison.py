"""One row that nothing can be done with: it waits for a person, and everybody else gets their mail."""

from __future__ import annotations

from datetime import timedelta

from engage.storage.database import run
from tests.world import World


def test_a_person_whose_row_cannot_be_opened_holds_up_nobody(world: World) -> None:
    world.enrol(email="ada@example.org")
    with world.rt.transaction() as tx:
        run(tx, "UPDATE people SET sealed = set_byte(sealed, 19, get_byte(sealed, 19) # 255)")
    world.enrol(email="ben@example.org")
    world.pass_time(timedelta(days=1))
    assert len(world.lessons("ben@example.org")) == 1
    assert world.lessons("ada@example.org") == []
    with world.rt.transaction() as tx:
        stuck = run(tx, "SELECT status FROM messages WHERE kind = 'course-lesson' AND status = 'held'").all()
    assert len(stuck) == 1
