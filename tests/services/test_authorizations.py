"""Written authorizations for marketing: how each was given, until when, taken back, and what stays as evidence."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from engage.domain.forms import InvalidInput
from engage.ids import new_id
from engage.services import authorizations, erasure, merges
from engage.services.authorizations import Action, Standing
from engage.storage import authorizations as rows
from engage.storage.database import run
from tests.audience import STAFF, person, profile
from tests.world import World


def standing(world: World, id: UUID) -> Standing:
    with world.rt.transaction() as tx:
        return authorizations.standing(world.rt, tx, [id], world.now)


def authorized(world: World, id: UUID) -> bool:
    """As the person's page and audiences have it, which is the same."""
    found = profile(world, id)
    assert found is not None
    assert found.authorized == standing(world, id).holds
    return bool(found.authorized)


def test_it_counts_from_when_it_is_given_until_it_is_taken_back(world: World) -> None:
    id = person(world)
    assert not authorized(world, id)
    assert authorizations.record(world.rt, STAFF, id, "withdrawn", "letter") is False
    assert authorizations.record(world.rt, STAFF, id, "granted", "paper", words="In the blue folder") is True
    assert authorized(world, id)
    assert authorizations.record(world.rt, STAFF, id, "granted", "mail") is False
    world.now += timedelta(days=1)
    assert authorizations.record(world.rt, STAFF, id, "withdrawn", "telephone") is True
    assert not authorized(world, id)
    ledger = standing(world, id).ledger
    assert [(e.action, e.source, e.note) for e in ledger] == [
        ("withdrawn", "told by telephone", ""),
        ("granted", "signed on paper at the clinic", "In the blue folder"),
    ]
    with world.rt.transaction() as tx:
        assert run(tx, "SELECT count(*) FROM audit WHERE what = 'authorization'").scalar_one() == 2


def test_it_holds_to_the_end_of_its_last_day_at_the_clinic(world: World) -> None:
    id = person(world)
    last = world.now.date() + timedelta(days=2)
    authorizations.record(world.rt, STAFF, id, "granted", "paper", until=last)
    assert standing(world, id).ledger[0].until == last
    # The clinic is in New York, where the day ends five hours later than in Greenwich.
    for day, hour, holds in ((2, 23, True), (3, 4, True), (3, 5, False)):
        world.now = world.now.replace(day=2 + day, hour=hour)
        assert authorized(world, id) is holds
    with pytest.raises(InvalidInput, match="until"):
        authorizations.record(world.rt, STAFF, id, "granted", "paper", until=date(2026, 11, 4))
    assert authorizations.record(world.rt, STAFF, id, "granted", "paper") is True
    assert authorized(world, id)


def test_the_ledger_refuses_every_change_but_forgetting(world: World) -> None:
    id = person(world)
    authorizations.record(world.rt, STAFF, id, "granted", "paper", words="In the blue folder")
    for sql in (
        "UPDATE authorizations SET action = 'withdrawn'",
        "UPDATE authorizations SET sealed = NULL",
        "DELETE FROM authorizations",
        "TRUNCATE authorizations",
    ):
        with pytest.raises(DBAPIError, match="append-only"), world.rt.transaction() as tx:
            run(tx, sql)
    erasure.erase(world.rt, id, STAFF)
    with world.rt.transaction() as tx:
        rows = run(tx, "SELECT action, source, sealed FROM authorizations ORDER BY at, id").all()
    assert [tuple(row) for row in rows] == [
        ("granted", "signed on paper at the clinic", None),
        ("withdrawn", "erasure", None),
    ]
    assert authorizations.record(world.rt, STAFF, id, "granted", "paper") is None


@pytest.mark.parametrize("words", ["x" * 501, "a\x00b"])
def test_a_note_that_can_not_be_kept_is_refused(world: World, words: str) -> None:
    with pytest.raises(InvalidInput, match="note"):
        authorizations.record(world.rt, STAFF, person(world), "granted", "paper", words=words)


def test_what_was_said_last_counts_where_the_clock_was_set_back_meanwhile(world: World) -> None:
    id, now = person(world), world.now
    with world.rt.transaction() as tx:
        for action, at in (("granted", now), ("withdrawn", now - timedelta(seconds=2))):
            rows.enter(tx, new_id(), id, action, actor="staff", staff=None, source="paper", now=at)
        latest = rows.latest(tx, id)
    assert latest is not None
    assert (latest.action, latest.at > now) == ("withdrawn", True)
    assert not authorized(world, id)


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        (None, None, False),
        (None, "granted", True),
        ("granted", None, True),
        ("granted", "withdrawn", False),
        ("withdrawn", "granted", False),
        ("granted", "granted", True),
    ],
)
def test_of_two_records_whoever_took_it_back_is_heeded_and_both_are_as_before_when_parted(
    world: World, mine: Action | None, theirs: Action | None, both: bool
) -> None:
    keep, other = person(world), person(world, email="a@example.org")
    for id, said in ((keep, mine), (other, theirs)):
        if said is not None:
            authorizations.record(world.rt, STAFF, id, "granted", "paper")
        if said == "withdrawn":
            authorizations.record(world.rt, STAFF, id, "withdrawn", "letter")
    merged = merges.merge(world.rt, STAFF, keep, other)
    assert authorized(world, keep) is both
    merges.unmerge(world.rt, STAFF, merged.id)
    assert (authorized(world, keep), authorized(world, other)) == (mine == "granted", theirs == "granted")


def test_what_is_taken_back_of_the_one_person_stays_so_for_both(world: World) -> None:
    keep, other = person(world), person(world, email="a@example.org")
    authorizations.record(world.rt, STAFF, other, "granted", "paper")
    merged = merges.merge(world.rt, STAFF, keep, other)
    authorizations.record(world.rt, STAFF, keep, "withdrawn", "letter")
    merges.unmerge(world.rt, STAFF, merged.id)
    assert not authorized(world, keep)
    assert not authorized(world, other)
