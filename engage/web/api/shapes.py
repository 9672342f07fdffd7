"""What every model of the API has in common."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Query(BaseModel):
    """Parameters behind the question mark; others are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """A JSON body; other fields are refused, and a number is no text. ``example`` is the reference's."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    example: ClassVar[dict[str, Any]] = {}
