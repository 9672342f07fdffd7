"""What every model of the API has in common."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from engage.web.api.problems import Place, Refusal

LONGEST_ID = 200
# Where a person or a visit comes from whose sender names no system.
API = "api"


class Query(BaseModel):
    """Parameters behind the question mark; others are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """A JSON body; other fields are refused, and a number is no text. ``example`` is the reference's."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    example: ClassVar[dict[str, Any]] = {}


def clean_words(raw: str) -> str:
    """Words without control characters, blanks around them cut. Raises ValueError."""
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in raw):
        raise ValueError("It has control characters in it.")
    return raw.strip()


def clean_id(raw: str) -> str:
    """Another system's id in the one spelling that is compared. Its case counts. Raises ValueError."""
    id = " ".join(unicodedata.normalize("NFKC", raw).split())
    if not id or len(id) > LONGEST_ID or not id.isprintable():
        raise ValueError(f"Give an id of 1 to {LONGEST_ID} printable characters.")
    return id


def written_out(value: Any) -> Any:
    """Raises ValueError for a moment that is told as a number of seconds: nobody can read which one was meant."""
    if not isinstance(value, str | datetime) or (isinstance(value, str) and "-" not in value[1:]):
        raise ValueError("Write a moment as 2026-12-01T14:30:00-05:00.")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(written_out)]
Words = Annotated[str, AfterValidator(clean_words)]
ExternalId = Annotated[
    str,
    AfterValidator(clean_id),
    Field(min_length=1, max_length=LONGEST_ID, description="What the booking system calls it. Case counts."),
]
Source = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9-]{0,39}$",
        description="The booking system’s name: small letters, digits and dashes, such as cliniko.",
    ),
]


def in_address(name: str, kind: Any, value: str) -> str:
    """A part of an address, checked as ``kind`` says. Raises Refusal."""
    try:
        found: str = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        words = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise Refusal("invalid", places=[Place(name, words)]) from None
    return found
