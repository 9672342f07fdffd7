"""Pages of a list: ``?limit=`` and an opaque ``?cursor=`` that only we can make and that fits one list only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from pydantic import BaseModel, Field

from engage.domain.message_filter import Place as End
from engage.runtime import Runtime
from engage.web.api.problems import Place, Refusal
from engage.web.api.shapes import Query

T = TypeVar("T", bound=BaseModel)
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Page(Query):
    """What every list takes."""

    limit: int = Field(default=50, ge=1, le=200, description="How many at most.")
    cursor: str | None = Field(
        default=None,
        max_length=200,
        description="Where to go on: next_cursor of the page before, with the same filters.",
    )


class Listed(BaseModel, Generic[T]):
    """One page of a list."""

    data: list[T]
    next_cursor: str | None = Field(description="Opens the next page; null on the last one.")


def after(rt: Runtime, query: Page) -> End | None:
    """Where the page begins, None for the first one. Raises Refusal."""
    if query.cursor is None:
        return None
    body = rt.links.signed_body("api-cursor", query.cursor, _about(query))
    if body is None or len(body) != 24:
        words = "It is none of ours, or belongs to another list or other filters."
        raise Refusal("invalid", places=[Place("cursor", words)])
    micros = int.from_bytes(body[:8], "big", signed=True)
    return End(_START + micros * _MICROSECOND, UUID(bytes=body[8:]))


def cursor(rt: Runtime, query: Page, end: End) -> str:
    """Opens the page behind ``end``."""
    micros = (end.due_at - _START) // _MICROSECOND
    return rt.links.signed("api-cursor", micros.to_bytes(8, "big", signed=True) + end.id.bytes, _about(query))


def link(query: Page, next_cursor: str | None) -> dict[str, str]:
    """The Link header to the next page (RFC 8288), with the same filters."""
    if next_cursor is None:
        return {}
    pairs = [(name, value) for name, value in request.args.items() if name != "cursor"]
    return {"Link": f'<{request.path}?{urlencode([*pairs, ("cursor", next_cursor)])}>; rel="next"'}


def _about(query: Page) -> bytes:
    """The list and its filters: a cursor of one opens no other."""
    filters = query.model_dump_json(exclude={"limit", "cursor"})
    return f"{request.url_rule}\0{filters}".encode()
