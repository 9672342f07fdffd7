"""What the rows of a file have to do with each other: ids that stand twice, visits of one person at the same time, and
which visits are in it. About 50 bytes a row, so that a file of any length can be looked through first."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE: Final = timedelta(minutes=1)
_LIVE, _READ = 1, 2


class Listed(NamedTuple):
    """What the file says of one visit. ``starts`` and ``ends`` are minutes since 1970; ``read`` that the row could be."""

    row: int
    starts: int
    ends: int
    live: bool
    read: bool


def short(index: bytes) -> int:
    """A visit's blind index as it is kept here."""
    return int.from_bytes(index[:8], "big")


def minute(moment: datetime) -> int:
    """An instant in minutes since 1970."""
    return (moment - _EPOCH) // _MINUTE


class Survey:
    """``rows`` counts all rows that are not empty. ``unnamed`` are those whose visit can't be told, so that nobody knows
    what is missing in the file."""

    def __init__(self) -> None:
        self.rows = 0
        self.unnamed = 0
        self._rows = array("I")
        self._visits = array("Q")
        self._people = array("Q")
        self._starts = array("q")
        self._ends = array("q")
        self._flags = array("B")
        self._order: list[int] = []
        self._sorted = array("Q")
        self._twice: dict[int, list[int]] = {}

    def add_unnamed(self) -> None:
        """A row of which nobody knows which visit it is."""
        self.rows += 1
        self.unnamed += 1

    def add(
        self,
        row: int,
        visit: int,
        person: int = 0,
        times: tuple[int, int] | None = None,
        *,
        live: bool = False,
    ) -> None:
        """A row about a visit (``short``) of a person (any 64 bits, 0 for nobody knows). ``times`` are start and end in
        minutes since 1970, None where the row could not be read."""
        starts, ends = times or (0, 0)
        self.rows += 1
        self._rows.append(row)
        self._visits.append(visit)
        self._people.append(person)
        self._starts.append(starts)
        self._ends.append(ends)
        self._flags.append((_LIVE if live else 0) | (_READ if times else 0))

    def close(self) -> None:
        """After the last row, before anything is asked."""
        self._order = sorted(range(len(self._visits)), key=self._visits.__getitem__)
        self._sorted = array("Q", (self._visits[n] for n in self._order))
        for place in range(1, len(self._order)):
            if self._sorted[place] == self._sorted[place - 1]:
                rows = self._twice.setdefault(self._sorted[place], [self._rows[self._order[place - 1]]])
                rows.append(self._rows[self._order[place]])

    def find(self, visit: int) -> Listed | None:
        """What the file says of a visit, None when it is not in it."""
        place = bisect_left(self._sorted, visit)
        if place == len(self._sorted) or self._sorted[place] != visit:
            return None
        n = self._order[place]
        flags = self._flags[n]
        return Listed(self._rows[n], self._starts[n], self._ends[n], bool(flags & _LIVE), bool(flags & _READ))

    def rows_of(self, visit: int) -> list[int]:
        """The rows of a visit that stands more than once, in their order; [] for others."""
        return sorted(self._twice.get(visit, ()))

    @property
    def twice(self) -> int:
        """How many visits stand more than once."""
        return len(self._twice)

    def span(self) -> tuple[datetime, datetime] | None:
        """From the first to the last start in the file, aware UTC; None when no row could be read."""
        starts = [start for start, flags in zip(self._starts, self._flags, strict=True) if flags & _READ]
        if not starts:
            return None
        return _EPOCH + min(starts) * _MINUTE, _EPOCH + max(starts) * _MINUTE

    def overlapping(self) -> dict[int, int]:
        """Rows that are at the same time as an earlier row of the same person: row to that row."""
        live = [n for n, flags in enumerate(self._flags) if flags == _LIVE | _READ and self._people[n]]
        live.sort(key=lambda n: (self._people[n], self._starts[n]))
        found: dict[int, int] = {}
        for one, other in self._pairs(live):
            early, late = sorted((self._rows[one], self._rows[other]))
            found.setdefault(late, early)
        return found

    def _pairs(self, live: list[int]) -> Iterator[tuple[int, int]]:
        for place, n in enumerate(live):
            for following in range(place + 1, len(live)):
                other = live[following]
                if self._people[other] != self._people[n] or self._starts[other] >= self._ends[n]:
                    break
                if self._visits[other] != self._visits[n]:
                    yield n, other
