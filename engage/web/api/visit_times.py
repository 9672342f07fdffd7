"""When a visit is, as a request writes it: each mistake is told at its own field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from engage.domain.appointments import When
from engage.domain.forms import InvalidInput
from engage.domain.timing import UnknownZone
from engage.domain.wall_time import FORM, BadTime, read, well_formed
from engage.runtime import Runtime
from engage.services import visit_times as service
from engage.web.api.problems import Place, Refusal
from engage.web.api.shapes import Body, Words

# Where the services' names of fields are not those of a body.
FIELDS = {"person": "person_id"}
Moment = Annotated[
    str, AfterValidator(well_formed), Field(max_length=40, json_schema_extra={"pattern": FORM})
]


class Timed(Body):
    """When and where a visit is."""

    starts_at: Moment = Field(
        description="RFC 3339 with an offset, or without one by the clocks of the zone. To the minute."
    )
    ends_at: Moment | None = Field(default=None, description="Instead of minutes; written like starts_at.")
    minutes: int | None = Field(default=None, ge=1, le=720, description="How long it takes.")
    location: Annotated[Words, Field(max_length=200)] | None = Field(
        default=None,
        description="The name of one of the clinic’s places; it may be left out where there is but one.",
    )
    zone: Annotated[str, Field(max_length=64)] | None = Field(
        default=None,
        description="An IANA name by whose clocks people are told; that of the place, if left out.",
    )
    fold: Literal[0, 1] | None = Field(
        default=None,
        description="For a time without offset that comes twice as the clocks go back: 0 the first, 1 the second.",
    )


def when_of(rt: Runtime, body: Timed, before: When | None = None) -> When:
    """When and where; what is left out stays as ``before``. Raises Refusal."""
    location = body.location or (before.location if before is not None else _only_place(rt))
    try:
        place = service.place(rt, location)
    except InvalidInput as error:
        raise refused(error) from None
    same_place = before is not None and location == before.location
    zone = body.zone or (before.zone if before is not None and same_place else place.zone)
    starts_at = _moment("starts_at", body.starts_at, zone, body.fold)
    if body.ends_at is not None and body.minutes is not None:
        raise _wrong("ends_at", "Give minutes or ends_at, not both.")
    if body.ends_at is not None:
        length = (_moment("ends_at", body.ends_at, zone, body.fold) - starts_at).total_seconds()
        if length <= 0:
            raise _wrong("ends_at", "The visit would end before it begins.")
        return When(starts_at, zone, int(length // 60), location)
    minutes = body.minutes or (before.minutes if before is not None else None)
    if minutes is None:
        raise _wrong("minutes", "Say how long it takes: minutes or ends_at.")
    return When(starts_at, zone, minutes, location)


def refused(error: InvalidInput, parameters: Mapping[str, str] | None = None) -> Refusal:
    """The services' refusal by its fields in the body; ``parameters`` names those that stand in the address."""
    named = parameters or {}
    places = [
        Place(named.get(name) or f"#/{FIELDS.get(name, name)}", words) for name, words in error.errors.items()
    ]
    return Refusal("invalid", places=places)


def _only_place(rt: Runtime) -> str:
    places = rt.clinic.locations
    if len(places) > 1:
        raise _wrong("location", f"Say where; there is: {', '.join(one.name for one in places)}.")
    return places[0].name


def _moment(field: str, written: str, zone: str, fold: int | None) -> datetime:
    try:
        return read(written, zone, fold)
    except BadTime as error:
        raise _wrong(field, str(error)) from None
    except UnknownZone as error:
        raise _wrong("zone", f"{zone} {error}.") from None


def _wrong(field: str, words: str) -> Refusal:
    return Refusal("invalid", places=[Place(f"#/{field}", words)])
