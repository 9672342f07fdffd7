"""Visits that a file holds no more, and imports that are taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engage.ids import new_id
from engage.services import appointments, erasure, retention
from engage.services.audit import CLI
from engage.services.import_undo import NoSuchImport, TooOld, UndoneAlready
from tests.patients import rows
from tests.visit_imports import ADA, BAO, pictured, row, take, text, undo, visits
from tests.visits import DESK, book, got, move, pass_time
from tests.world import World

TEN = [
    row(
        ADA,
        appointment_id=f"T{n}",
        patient_id=f"T{n}",
        email=f"t{n}@example.org",
        mobile="",
        start=f"2026-11-{n + 10} 10:00",
    )
    for n in range(10)
]


def standing(world: World) -> set[str]:
    return {id for id, what, _ in visits(world) if what.startswith("booked")}


def test_what_a_file_holds_no_more_stands_until_somebody_says_so(world: World) -> None:
    take(world, TEN)
    asked = take(world, [*TEN[:5], *TEN[6:]])
    assert (asked.done.gone.count, asked.done.gone.of, asked.done.gone.open) == (1, 10, "ask")
    assert len(standing(world)) == 10
    assert take(world, [*TEN[:5], *TEN[6:]], gone="keep").done.gone.count == 0
    done = take(world, [*TEN[:5], *TEN[6:]], gone="cancel")
    assert done.counts["cancelled"] == 1
    assert "T5" not in standing(world)
    assert take(world, [*TEN[:5], *TEN[6:]], gone="cancel").counts == {"unchanged": 9}


def test_a_visit_that_comes_back_is_on_again(world: World) -> None:
    take(world, TEN)
    take(world, [*TEN[:5], *TEN[6:]], gone="cancel")
    assert take(world, TEN).counts == {"unchanged": 9, "reinstated": 1, "messages": 4}
    assert len(standing(world)) == 10


def test_only_the_days_that_the_file_is_about_count(world: World) -> None:
    take(world, TEN)
    assert take(world, TEN[:3], gone="cancel").done.gone.count == 0
    assert len(standing(world)) == 10


def test_visits_of_others_and_of_other_sources_never_go(world: World) -> None:
    take(world, TEN)
    (person, *_) = [one.person_id for one in rows(world.rt, "SELECT person_id FROM appointments")]
    book(world, person, date(2026, 11, 12), "16:00")
    take(world, [row(BAO, start="2026-11-13 10:00")], source="acuity")
    gone = take(world, [*TEN[:5], *TEN[6:]], gone="cancel").done.gone
    assert (gone.count, gone.of) == (1, 10)
    assert len(visits(world)) == 12
    assert sum(what.startswith("booked") for _, what, _ in visits(world)) == 11


def test_many_are_cancelled_only_when_somebody_says_how_many(world: World) -> None:
    take(world, TEN)
    short = [TEN[0], TEN[9]]
    for typed in (None, 7, 9):
        asked = take(world, short, gone="cancel", yes_cancel=typed)
        assert (asked.done.gone.count, asked.done.gone.open) == (8, "many")
        assert len(standing(world)) == 10
    assert take(world, short, gone="cancel", yes_cancel=8).counts["cancelled"] == 8
    assert standing(world) == {"T0", "T9"}


def test_a_file_without_visits_cancels_nothing(world: World) -> None:
    take(world, TEN)
    before = pictured(world)
    done = take(world, [], gone="cancel", yes_cancel=10)
    assert done.done.gone.open == "empty"
    assert pictured(world) == before


def test_where_a_row_can_t_be_read_nothing_is_taken_for_gone(world: World) -> None:
    take(world, TEN)
    content = text([*TEN[:5], *TEN[6:]]) + '"T5,never closed\n'
    asked = take(world, content, gone="cancel", yes_cancel=1)
    assert asked.done.gone.open == "unnamed"
    assert len(standing(world)) == 10


def test_a_row_with_a_mistake_in_it_is_not_gone(world: World) -> None:
    take(world, TEN)
    wrong = [*TEN[:5], row(TEN[5], start="soon"), *TEN[6:]]
    assert take(world, wrong, gone="cancel").done.gone.count == 0
    assert len(standing(world)) == 10


def test_a_visit_that_was_booked_anew_takes_the_time_of_the_one_that_is_gone(world: World) -> None:
    take(world, TEN)
    anew = [*TEN[:5], row(TEN[5], appointment_id="T5b"), *TEN[6:]]
    assert len(take(world, anew).refused) == 1
    done = take(world, anew, gone="cancel")
    assert (done.counts["cancelled"], done.counts["added"], done.refused) == (1, 1, [])
    assert "T5b" in standing(world)


def test_a_dry_run_says_how_many_would_be_cancelled(world: World) -> None:
    take(world, TEN)
    before = pictured(world)
    assert take(world, [*TEN[:9], TEN[9]], gone="cancel", dry=True).counts == {"unchanged": 10}
    done = take(world, [*TEN[:5], *TEN[6:]], gone="cancel", dry=True)
    assert done.counts["cancelled"] == 1
    assert pictured(world) == before


# Without ids


def test_without_ids_a_visit_is_who_comes_when(world: World) -> None:
    head = ("First Name", "Email", "Date", "Time")
    made = [
        ("Ada", "ada@example.org", "11/24/2026", "2:00 PM"),
        ("Bao", "bao@example.org", "11/24/2026", "2:00 PM"),
    ]
    assert take(world, text(made, head)).counts["added"] == 2
    assert take(world, text(made, head)).counts == {"unchanged": 2}
    moved = [("Ada", "ada@example.org", "11/24/2026", "3:00 PM"), made[1]]
    asked = take(world, text(moved, head))
    assert (asked.counts["added"], asked.done.gone.count) == (1, 1)


# Undoing


def test_what_an_import_added_was_never_meant_and_tells_nobody(world: World) -> None:
    first = take(world, [ADA, BAO])
    assert undo(world, first.id) == {"added": 2, "messages": 6}
    assert [what.split()[0] for _, what, _ in visits(world)] == ["entered-in-error"] * 2
    pass_time(world, timedelta(days=30))
    assert got(world) == []


def test_who_was_told_of_a_visit_that_was_never_meant_is_told_that_it_is_off(world: World) -> None:
    first = take(world, [ADA])
    pass_time(world, timedelta(days=20))
    undo(world, first.id)
    pass_time(world, timedelta(hours=1))
    assert [kind for kind, _ in got(world, "ada@example.org")] == ["visit-reminder", "visit-cancelled"]


def test_what_an_import_moved_or_cancelled_goes_back(world: World) -> None:
    take(world, TEN)
    before = visits(world)
    changed = [row(TEN[0], start="2026-11-10 16:00"), row(TEN[1], status="Cancelled"), *TEN[2:9]]
    second = take(world, [*changed, row(TEN[9], start="2026-11-20 16:00")])
    assert (second.counts["moved"], second.counts["cancelled"]) == (2, 1)
    assert undo(world, second.id)["moved"] == 2
    assert [(id, what) for id, what, _ in visits(world)] == [(id, what) for id, what, _ in before]
    pass_time(world, timedelta(days=25))
    kinds = {kind for kind, _ in got(world)}
    assert kinds.isdisjoint({"visit-moved", "visit-cancelled"})


def test_how_visits_went_is_taken_back_too(world: World) -> None:
    take(world, [row(ADA, start="2026-11-03 10:00")])
    world.now += timedelta(days=1)
    second = take(world, [row(ADA, start="2026-11-03 10:00", status="No Show")])
    assert undo(world, second.id) == {"marked": 1, "messages": 1}
    assert visits(world)[0][1].startswith("booked")
    pass_time(world, timedelta(days=2))
    assert "visit-missed-text" not in [kind for kind, _ in got(world)]


def test_a_place_from_the_waiting_list_is_taken_back(world: World) -> None:
    take(world, [row(ADA, status="Waitlist"), row(BAO, status="Waitlist")])
    second = take(world, [ADA, BAO])
    world.now += timedelta(days=23)
    first = next(one.id for one in rows(world.rt, "SELECT id FROM appointments ORDER BY starts_at"))
    appointments.mark(world.rt, DESK, first, "arrived")
    undone = undo(world, second.id)
    assert (undone["marked"], undone["left"]) == (1, 1)
    assert [what.split()[0] for _, what, _ in visits(world)] == ["arrived", "waitlist"]


def test_what_was_changed_since_stays(world: World) -> None:
    first = take(world, [ADA, BAO])
    visit = next(one.id for one in rows(world.rt, "SELECT id FROM appointments ORDER BY starts_at"))
    move(world, visit, date(2026, 11, 26))
    assert undo(world, first.id) == {"added": 1, "left": 1, "messages": 3}
    assert standing(world) == {"A1"}


def test_the_same_file_after_undoing_is_news(world: World) -> None:
    undo(world, take(world, [ADA, BAO]).id)
    assert take(world, [ADA, BAO]).counts == {"reinstated": 2, "messages": 6}
    assert standing(world) == {"A1", "A2"}


def test_an_import_is_undone_once(world: World) -> None:
    first = take(world, [ADA])
    undo(world, first.id)
    with pytest.raises(UndoneAlready):
        undo(world, first.id)
    with pytest.raises(NoSuchImport):
        undo(world, new_id())


def test_what_is_too_old_is_kept_no_more_and_can_t_be_undone(world: World) -> None:
    first = take(world, [ADA])
    world.now += timedelta(days=91)
    assert {one.step.name: one.count for one in retention.run(world.rt)}["imports"] == 1
    with pytest.raises(TooOld):
        undo(world, first.id)


def test_who_was_forgotten_is_not_brought_back_by_the_next_file(world: World) -> None:
    take(world, [ADA, BAO])
    (person,) = (
        one.person_id
        for one in rows(world.rt, "SELECT person_id FROM appointments ORDER BY starts_at LIMIT 1")
    )
    erasure.erase(world.rt, person, CLI)
    again = take(world, [ADA, BAO])
    assert again.counts == {"unchanged": 1, "refused": 1}
    assert "asked to be forgotten" in again.problems[0][1].what
    pass_time(world, timedelta(days=30))
    assert got(world, "ada@example.org") == []
