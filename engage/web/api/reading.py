"""What a request says: its key, its query, its body. Whatever can't be used is named by its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from engage.domain.api_keys import Scope
from engage.runtime import Runtime
from engage.services import api_keys
from engage.services.api_keys import Caller
from engage.web.api.problems import Place, Refusal

M = TypeVar("M", bound=BaseModel)
# What our models say of a wrong field, where pydantic's words would not help.
WORDS = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
}
LONGEST_NAME = 255


def caller(rt: Runtime) -> Caller:
    """Whose key came with the request. Raises Refusal."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    given = key.strip() if kind.lower() == "bearer" else ""
    found = api_keys.recognise(rt, given) if given else None
    if found is None:
        how = 'Bearer realm="engage", error="invalid_token"' if given else 'Bearer realm="engage"'
        raise Refusal("unauthorized", headers={"WWW-Authenticate": how})
    return found


def allow(who: Caller, scope: Scope) -> None:
    """Raises Refusal when the key may not do what needs ``scope``."""
    if scope not in who.scopes:
        how = f'Bearer realm="engage", error="insufficient_scope", scope="{scope}"'
        raise Refusal(
            "wrong-scope",
            f"The key lacks the scope {scope}. `engage keys create` makes one that has it.",
            headers={"WWW-Authenticate": how},
        )


def query(model: type[M]) -> M:
    """The parameters behind the question mark. Raises Refusal."""
    values = request.args.to_dict(flat=False)
    twice = [name for name, found in values.items() if len(found) > 1]
    if twice:
        raise Refusal("invalid", places=[Place(name, "It may be given once only.") for name in twice])
    try:
        return model.model_validate_strings({name: found[0] for name, found in values.items()})
    except ValidationError as error:
        raise Refusal(
            "invalid", places=[_parameter(one) for one in error.errors(include_url=False)]
        ) from None


def body(model: type[M]) -> M:
    """The JSON body. Raises Refusal."""
    if request.mimetype != "application/json":
        raise Refusal("not-json-type")
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        found = error.errors(include_url=False)
    except ValueError:
        raise Refusal("invalid-json") from None
    if any(one["type"] == "json_invalid" for one in found):
        raise Refusal("invalid-json")
    raise Refusal("invalid", places=[Place(pointer(one["loc"]), _words(one)) for one in found])


def no_body() -> None:
    """Raises Refusal when a body came where none is read."""
    if request.get_data().strip() not in (b"", b"{}"):
        raise Refusal("invalid", places=[Place("#", "This address takes no body.")])


def name() -> str | None:
    """The Idempotency-Key, None without one. Raises Refusal."""
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    if not 1 <= len(given) <= LONGEST_NAME or not given.isascii() or not given.isprintable() or " " in given:
        raise Refusal("bad-header")
    return given


def pointer(place: Iterable[int | str]) -> str:
    """A JSON pointer (RFC 6901) as a fragment: ``#/addresses/0/channel``."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in place)
    return "".join(["#", *(f"/{part}" for part in parts)])


def _parameter(error: Any) -> Place:
    name = str(error["loc"][0]) if error["loc"] else "query"
    words = "There is no such parameter." if error["type"] == "extra_forbidden" else _words(error)
    return Place(name, words)


def _words(error: Any) -> str:
    found: str = WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    return found
