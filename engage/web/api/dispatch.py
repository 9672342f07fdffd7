"""How every request of the API is answered: key, scope, limit, reading, the act in one transaction, the answer."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import current_app, request
from pydantic import BaseModel
from werkzeug.wrappers import Response

from engage.runtime import Runtime
from engage.services import api_answers
from engage.services.api_answers import Given, Name, OtherRequest
from engage.services.api_keys import Caller, Limiter
from engage.web.api import reading
from engage.web.api.problems import Refusal
from engage.web.api.routes import Answer, Call, Route
from engage.web.context import runtime

_KEY = "engage.api.limiter"
MEDIA_TYPE = "application/json"


def view_of(route: Route) -> Callable[..., Response]:
    """The Flask view that answers for ``route``."""

    def view(**path: Any) -> Response:
        rt = runtime()
        who = reading.caller(rt)
        reading.allow(who, route.scope)
        _limit(rt, who)
        values = {**path, **_read(route)}
        name = reading.name() if route.once else None
        with rt.transaction() as tx:
            claimed: Name | None = None
            if name is not None:
                try:
                    found = api_answers.claim(rt, tx, who.key_id, name, _whole())
                except OtherRequest:
                    raise Refusal("other-request") from None
                if isinstance(found, Given):
                    return _response(found, {"Idempotency-Replayed": "true"})
                claimed = found
            call = Call(rt.joined(tx), tx, who.actor, _if_match())
            given = _given(route.view(call, **values))
            if claimed is not None:
                api_answers.keep(rt, tx, claimed, given)
        return _response(given)

    view.__name__ = route.name
    return view


def _limit(rt: Runtime, who: Caller) -> None:
    limiter = current_app.extensions.get(_KEY)
    if limiter is None:
        limiter = current_app.extensions.setdefault(_KEY, Limiter(rt.clinic.api.requests_per_minute))
    wait = limiter.admit(rt, who)
    if wait is not None:
        most = rt.clinic.api.requests_per_minute
        raise Refusal(
            "too-many-requests",
            f"A key may make {most} requests in a minute. Wait {wait} seconds, then go on.",
            headers={"Retry-After": str(wait)},
        )


def _read(route: Route) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if route.query is not None:
        values["query"] = reading.query(route.query)
    if route.body is not None:
        values["body"] = reading.body(route.body)
    elif route.method != "GET":
        reading.no_body()
    return values


def _whole() -> bytes:
    """What makes two requests the same one."""
    return b"\0".join([request.method.encode(), request.full_path.encode(), request.get_data()])


def _if_match() -> Callable[[BaseModel], bool] | None:
    if "If-Match" not in request.headers:
        return None
    tags = request.if_match
    return lambda seen: tags.contains(etag(seen.model_dump_json()))


def _given(answer: Answer) -> Given:
    body = answer.body.model_dump_json()
    seen = body if answer.seen is None else answer.seen.model_dump_json()
    return Given(answer.status, {**answer.headers, "ETag": f'"{etag(seen)}"'}, body, answer.person)


def etag(body: str) -> str:
    """The mark of an answer's exact bytes."""
    return sha256(body.encode()).hexdigest()[:32]


def _response(given: Given, more: dict[str, str] | None = None) -> Response:
    headers = {**given.headers, **(more or {})}
    if request.method in ("GET", "HEAD") and given.status == 200:
        tag = headers["ETag"].strip('"')
        if request.if_none_match.contains_weak(tag):
            return Response(status=304, headers=headers)
    return Response(given.body, given.status, headers, content_type=MEDIA_TYPE)
