"""The staff's first page in a test: a clinic, and the page as its staff open it now."""

from __future__ import annotations

from dataclasses import dataclass

from engage.domain.today import Item
from engage.runtime import Runtime
from engage.services import today
from engage.services.health import WAKE_UP
from engage.services.today import Today
from engage.storage import clock
from tests.world import World


@dataclass
class Desk:
    """A clinic, and the page as its staff open it now. ``rt`` is set where other senders are in force."""

    world: World
    sending: Runtime | None = None

    @property
    def rt(self) -> Runtime:
        return self.sending or self.world.rt

    def page(self) -> Today:
        with self.rt.transaction() as tx:
            clock.beat(tx, WAKE_UP)
        return today.see(self.rt)

    def needs(self) -> dict[str, Item]:
        found = self.page().needs
        assert len({one.what for one in found}) == len(found)
        return {one.what: one for one in found}
