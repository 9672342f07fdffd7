"""What somebody said about the files of one source, and what is remembered of it: columns, words, and how days are written."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from engage.domain.appointments import LONGEST_MINUTES, STATUSES
from engage.domain.forms import InvalidInput
from engage.domain.imports.cells import Meaning
from engage.domain.imports.columns import FIELDS, Columns, plain
from engage.domain.timing import UnknownZone
from engage.domain.timing import zone as zone_named

Dates = Literal["", "month-first", "day-first"]
_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the files of a source are read. ``columns`` maps names of columns to fields; ``statuses`` and ``places``
    translate words of the file; ``zone`` and ``location`` are for rows without. What is empty was not said."""

    columns: Dict[str, str] = field(default_factory=dict)
    statuses: Dict[str, str] = field(default_factory=dict)
    places: Dict[str, str] = field(default_factory=dict)
    dates: Dates = ""
    zone: str = ""
    location: str = ""
    minutes: int = 0

    @classmethod
    def of(cls, kept: Dict[str, Any]) -> Mapping:
        """What ``as_json`` gave."""
        return cls(**kept)

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        return asdict(self)

    def with_more(self, said: Mapping) -> Mapping:
        """The same, with what was said now instead of what was said before about the same."""
        return Mapping(
            {**_without(self.columns, said.columns), **said.columns},
            {**_without(self.statuses, said.statuses, values=False), **said.statuses},
            {**_without(self.places, said.places, values=False), **said.places},
            said.dates or self.dates,
            said.zone or self.zone,
            said.location or self.location,
            said.minutes or self.minutes,
        )

    def remembering(self, columns: Columns) -> Mapping:
        """The same with every column that is used, so that one that is gone is missed next time."""
        used = {name: told for name, told in columns.fields().items() if told != "ignore"}
        ignored = {name: told for name, told in self.columns.items() if told == "ignore"}
        return replace(self, columns={**ignored, **used})


def _without(kept: Dict[str, str], said: Dict[str, str], *, values: bool = True) -> dict[str, str]:
    """What still counts of what was kept: a column that is mapped anew, or whose field is another's now, does not."""
    names = {plain(name) for name in said}
    taken = {value for value in said.values() if value != "ignore"} if values else set()
    return {name: value for name, value in kept.items() if plain(name) not in names and value not in taken}


def meaning(source: str, consent_source: str, told: Mapping, places: Dict[str, str]) -> Meaning:
    """What cells mean. ``places`` are the clinic's, name to zone. Raises InvalidInput with everything that can't be."""
    wrong: dict[str, str] = {}
    named = ", ".join(places)
    if unknown := sorted(set(told.columns.values()) - set(FIELDS)):
        wrong["map"] = f"There is no field {unknown[0]}; there is: {', '.join(FIELDS)}."
    if unknown := sorted(set(told.statuses.values()) - set(STATUSES)):
        wrong["status"] = f"There is no status {unknown[0]}; there is: {', '.join(STATUSES)}."
    if unknown := sorted(set(told.places.values()) - set(places)):
        wrong["place"] = f"There is no place {unknown[0]}; there is: {named}."
    location = told.location or (next(iter(places)) if len(places) == 1 else "")
    if location and location not in places:
        wrong["location"] = f"There is no place {location}; there is: {named}."
    if not 0 <= told.minutes <= LONGEST_MINUTES:
        wrong["minutes"] = f"A visit takes between 1 and {LONGEST_MINUTES} minutes."
    if told.zone:
        try:
            zone_named(told.zone)
        except UnknownZone as error:
            wrong["zone"] = f"{told.zone} {error}."
    if wrong:
        raise InvalidInput(wrong)
    return Meaning(
        source=source,
        consent_source=consent_source,
        places=dict(places),
        zone=told.zone,
        location=location,
        minutes=told.minutes or _MINUTES,
        day_first=told.dates == "day-first",
        statuses=dict(told.statuses),
        translated=dict(told.places),
    )
