"""The doctor finds keys that do not belong to the database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engage.keys import development_keys, fresh, keys_of
from engage.runtime import Runtime
from engage.services import doctor
from engage.settings import Settings
from tests.world import World


def with_keys(world: World, **given: str) -> Runtime:
    """The same database, opened with these keys in place of some of its own."""
    own = development_keys(world.rt.settings.data_dir)
    names = ("ENGAGE_SECRET_KEY", "ENGAGE_DATA_KEYS", "ENGAGE_INDEX_KEY")
    keys = {name: own[name] for name in names} | given
    settings = Settings.model_validate(world.rt.settings.model_dump(by_alias=True) | keys)
    return replace(world.rt, settings=settings, sealer=keys_of(settings).sealer)


@pytest.mark.parametrize(
    ("other", "said"),
    [("ENGAGE_DATA_KEYS", "don't open"), ("ENGAGE_INDEX_KEY", "ENGAGE_INDEX_KEY is not the one")],
)
def test_keys_that_are_not_the_databases_own_are_found(world: World, other: str, said: str) -> None:
    world.enrol()
    assert doctor.keys(world.rt).ok
    found = doctor.keys(with_keys(world, **{other: fresh()[other]}))
    assert not found.ok
    assert said in found.detail


def test_a_new_key_in_front_of_the_old_one_is_well_until_the_old_one_is_taken_away(world: World) -> None:
    world.enrol()
    old = development_keys(world.rt.settings.data_dir)["ENGAGE_DATA_KEYS"]
    new = "new:" + fresh()["ENGAGE_DATA_KEYS"].partition(":")[2]
    found = doctor.keys(with_keys(world, ENGAGE_DATA_KEYS=f"{new},{old}"))
    assert (found.ok, "they open what is in the database" in found.detail) == (True, True)
    assert not doctor.keys(with_keys(world, ENGAGE_DATA_KEYS=new)).ok
