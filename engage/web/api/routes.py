"""The API's table of routes: one declaration each, from which addresses and the OpenAPI document are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Connection

from engage.domain.api_keys import Scope
from engage.runtime import Runtime
from engage.services.audit import Actor
from engage.web.api.shapes import Body, Query

Method = Literal["GET", "POST", "PUT"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request that may go on. ``rt`` does everything within ``tx``."""

    rt: Runtime
    tx: Connection
    actor: Actor
    # Whether a thing is still as the request saw it; None when it does not ask.
    if_match: Callable[[BaseModel], bool] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view gives: a model, its status, headers of its own, and the person whom it tells of.

    ``seen`` is the thing as a GET would show it, where the body says more: the ETag is of that.
    """

    body: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seen: BaseModel | None = None
    person: UUID | None = None


View = Callable[..., Answer]
V = TypeVar("V", bound=View)


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one address below ``/api/v1``. ``path`` is written as Flask does: ``/people/<uuid:id>``.

    ``query`` and ``body`` are what a request may hold, handed to the view under these names; ``answers`` the model of
    each status that is no problem; ``problems`` the names of those that this route has beside those of every route.
    """

    method: Method
    path: str
    name: str
    scope: Scope
    summary: str
    words: str
    view: View
    query: type[Query] | None
    body: type[Body] | None
    answers: Mapping[int, type[BaseModel]]
    problems: Sequence[str]

    @property
    def once(self) -> bool:
        """Whether sending it twice needs an Idempotency-Key to do it once."""
        return self.method == "POST"


class Routes:
    """Routes in the order of their declaration, which is the order of the reference."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def declare(
        self,
        method: Method,
        path: str,
        scope: Scope,
        summary: str,
        answers: Mapping[int, type[BaseModel]],
        *,
        query: type[Query] | None = None,
        body: type[Body] | None = None,
        problems: Sequence[str] = (),
    ) -> Callable[[V], V]:
        """Makes the view below it answer at that address. Its docstring is the description in the reference."""

        def made(view: V) -> V:
            words = " ".join((view.__doc__ or "").split())
            name = view.__name__
            self.all.append(
                Route(method, path, name, scope, summary, words, view, query, body, answers, problems)
            )
            return view

        return made


def given(path: Mapping[str, Any]) -> str:
    """What an address named, for a signature."""
    return "/".join(str(value) for value in path.values() if isinstance(value, str | UUID))
