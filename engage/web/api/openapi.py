"""The OpenAPI 3.1 document, made from the declared routes: what it says is what is read and answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter
from pydantic.json_schema import models_json_schema

from engage import __version__
from engage.domain.api_keys import SCOPE_WORDS
from engage.web.api.problems import KINDS, MEDIA_TYPE
from engage.web.api.routes import Route
from engage.web.api.shapes import ExternalId, Source

Json = dict[str, Any]
# What a part of an address may be that is no id of ours.
IN_ADDRESSES: dict[str, Any] = {"source": Source, "external_id": ExternalId}
REFS = "#/components/schemas/{model}"
_PLACE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
# Problems of every route, and what brings others along.
ALWAYS = ("unauthorized", "wrong-scope", "invalid", "too-many-requests", "error", "unavailable")
WITH_BODY = ("invalid-json", "too-large", "not-json-type")
ONCE = ("bad-header", "other-request")


class Mistake(BaseModel):
    """One place in a request that can't be used: in the body by ``pointer``, else by ``parameter``."""

    pointer: str | None = Field(default=None, description="JSON pointer into the body, such as #/starts_at.")
    parameter: str | None = Field(default=None, description="The name of a parameter.")
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Which problem it is: an address in this reference, the same for ever.")
    title: str
    status: int
    detail: str = Field(description="What happened and what to do, for people.")
    errors: list[Mistake] = Field(default=[], description="Where in the request, if it can be told.")


def document(routes: Sequence[Route], prefix: str, server: str, title: str) -> Json:
    """The whole document."""
    paths: dict[str, Json] = {}
    models = _models(routes)
    found, schemas = models_json_schema(models, ref_template=REFS)
    names: Named = {(model, mode): found[model, mode] for model, mode in models}
    for route in routes:
        path = prefix + path_of(route)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": __version__,
            "description": "People, visits and messages, for the systems that a clinic works with.",
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key from `engage keys create`. Scopes: "
                    + "; ".join(f"{scope}: {words}" for scope, words in SCOPE_WORDS.items()),
                }
            },
        },
    }


def path_of(route: Route) -> str:
    """The route's address as OpenAPI writes it: ``/people/{id}``."""
    return _PLACE.sub(lambda found: "{" + found["name"] + "}", route.path)


def problems_of(route: Route) -> list[str]:
    """The names of all problems that the route may answer with, by status."""
    names = [*ALWAYS, *route.problems]
    names += WITH_BODY if route.body is not None else ()
    names += ONCE if route.once else ()
    names += ("not-found",) if _PLACE.search(route.path) else ()
    return sorted(dict.fromkeys(names), key=lambda name: KINDS[name].status)


Mode = Literal["validation", "serialization"]
Named = Mapping[tuple[type[BaseModel], Mode], Json]


def _models(routes: Iterable[Route]) -> list[tuple[type[BaseModel], Mode]]:
    found: dict[tuple[type[BaseModel], Mode], None] = {(Problem, "validation"): None}
    for route in routes:
        if route.body is not None:
            found[route.body, "validation"] = None
        for model in route.answers.values():
            found[model, "serialization"] = None
    return list(found)


def _operation(route: Route, names: Named) -> Json:
    made: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "description": route.words,
        "tags": [route.path.split("/")[1]],
        "security": [{"bearer": [route.scope]}],
        "parameters": _parameters(route),
        "responses": _responses(route, names),
    }
    if route.body is not None:
        schema = names[route.body, "validation"]
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return made


def _parameters(route: Route) -> list[Json]:
    found: list[Json] = [
        {"name": place["name"], "in": "path", "required": True, "schema": _path_schema(place)}
        for place in _PLACE.finditer(route.path)
    ]
    if route.query is not None:
        schema = route.query.model_json_schema()
        needed = schema.get("required", [])
        found += [
            _query_parameter(name, one, name in needed, schema.get("$defs", {}))
            for name, one in schema["properties"].items()
        ]
    if route.once:
        words = "Any text of your own, one for each act. Sending the same again within 24 hours does nothing twice."
        found.append(_header("Idempotency-Key", words, minLength=1, maxLength=255, pattern="^[!-~]+$"))
    if "changed" in route.problems:
        found.append(
            _header("If-Match", "The ETag that you read: nothing is done when it has changed since.")
        )
    if route.method == "GET":
        found.append(_header("If-None-Match", "The ETag that you have: 304 when it is still the same."))
    return found


def _path_schema(place: re.Match[str]) -> Json:
    if place["kind"] == "uuid":
        return {"type": "string", "format": "uuid"}
    schema = TypeAdapter(IN_ADDRESSES[place["name"]]).json_schema()
    schema.pop("description", None)
    return schema


def _query_parameter(name: str, schema: Json, required: bool, shared: Json) -> Json:
    words = schema.pop("description", "")
    for one in schema.get("anyOf", []):
        words = one.pop("description", words)
    for extra in ("title", "default") if schema.get("default") is None else ("title",):
        schema.pop(extra, None)
    kinds = [one for one in schema.pop("anyOf", []) if one.get("type") != "null"]
    schema |= kinds[0] if kinds else {}
    if "$ref" in schema:
        schema |= shared[schema.pop("$ref").rsplit("/", 1)[-1]]
    return {"name": name, "in": "query", "required": required, "description": words, "schema": schema}


def _header(name: str, words: str, **limits: Any) -> Json:
    schema = {"type": "string", **limits}
    return {"name": name, "in": "header", "required": False, "description": words, "schema": schema}


def _responses(route: Route, names: Named) -> Json:
    responses: Json = {}
    for status, model in route.answers.items():
        schema = names[model, "serialization"]
        responses[str(status)] = {
            "description": " ".join((model.__doc__ or "Done.").split()),
            "headers": {"ETag": {"schema": {"type": "string"}}},
            "content": {"application/json": {"schema": schema}},
        }
    if route.method == "GET":
        responses["304"] = {"description": "It is still what If-None-Match names."}
    problem = {MEDIA_TYPE: {"schema": names[Problem, "validation"]}}
    for name in problems_of(route):
        kind = KINDS[name]
        before = responses.get(str(kind.status))
        title = kind.title if before is None else f"{before['description']}; {kind.title}"
        responses[str(kind.status)] = {"description": title, "content": problem}
    return responses
