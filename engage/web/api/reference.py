"""``/api/``: the OpenAPI document as a page for people, and the document itself at ``/api/openapi.json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Blueprint, current_app, render_template, request
from werkzeug.wrappers import Response

from engage.domain.api_keys import SCOPE_WORDS
from engage.web.api import openapi
from engage.web.api.openapi import Json
from engage.web.api.problems import KINDS
from engage.web.api.routes import Route
from engage.web.context import runtime

_KEY = "engage.api.document"
# Where a schema says no more than what kind of text it is.
FORMATS = {"uuid": "an id", "date-time": "a moment (RFC 3339)", "date": "a date"}
KIND_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field or parameter in a table. ``model`` names the schema that it holds, if any."""

    name: str
    kind: str
    model: str
    where: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Act:
    """One operation as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    words: str
    scope: str
    parameters: list[Field]
    body: str
    answers: list[tuple[str, str, str]]
    problems: list[tuple[str, int, str]]
    example: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One schema as the page shows it."""

    name: str
    words: str
    fields: list[Field]


def add(api: Blueprint, routes: Sequence[Route], prefix: str) -> None:
    """Adds both addresses to the blueprint."""

    def told() -> Json:
        found: Json | None = current_app.extensions.get(_KEY)
        if found is None:
            rt = runtime()
            title = f"{rt.clinic.short_name}: API"
            found = openapi.document(routes, prefix, rt.settings.public_url, title)
            current_app.extensions[_KEY] = found
        return found

    def document() -> Response:
        answer = Response(orjson.dumps(told()), mimetype="application/json")
        answer.add_etag()
        return answer.make_conditional(request.environ)

    def reference() -> str:
        made = told()
        by_name = {route.name: route for route in routes}
        return render_template(
            "api/reference.html",
            acts=[
                _act(path, method, operation, by_name[operation["operationId"]], made["servers"][0]["url"])
                for path, methods in made["paths"].items()
                for method, operation in methods.items()
            ],
            shapes=[_shape(name, one) for name, one in made["components"]["schemas"].items()],
            problems=KINDS,
            scopes=SCOPE_WORDS,
            server=made["servers"][0]["url"],
            per_minute=runtime().clinic.api.requests_per_minute,
        )

    api.add_url_rule("/openapi.json", "document", document, methods=["GET"])
    api.add_url_rule("/", "reference", reference, methods=["GET"])


def _act(path: str, method: str, operation: Json, route: Route, server: str) -> Act:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Act(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        words=operation["description"],
        scope=route.scope,
        parameters=[
            Field(one["name"], *_kind(one["schema"]), one["in"], one["required"], one.get("description", ""))
            for one in operation["parameters"]
        ],
        body=_model(body),
        answers=[
            (status, answer["description"], _model(_schema(answer)))
            for status, answer in operation["responses"].items()
            if int(status) < 400
        ],
        problems=[
            (name, KINDS[name].status, KINDS[name].title)
            for name in openapi.problems_of(route)
            if name not in openapi.ALWAYS
        ],
        example=_example(path, method.upper(), route, server),
    )


def _schema(answer: Json) -> Json:
    found: Json = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _model(schema: Json) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _example(path: str, method: str, route: Route, server: str) -> str:
    lines = [f"curl {server}{path}" if method == "GET" else f"curl -X {method} {server}{path}"]
    lines.append('-H "Authorization: Bearer $ENGAGE_KEY"')
    if route.once:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if route.body is not None:
        lines.append('-H "Content-Type: application/json"')
        lines.append(f"-d '{orjson.dumps(route.body.example, option=orjson.OPT_INDENT_2).decode()}'")
    return " \\\n  ".join(lines)


def _shape(name: str, schema: Json) -> Shape:
    needed = schema.get("required", [])
    fields = [
        Field(field, *_kind(one), "body", field in needed, one.get("description", ""))
        for field, one in schema.get("properties", {}).items()
    ]
    return Shape(name, " ".join(str(schema.get("description", "")).split()), fields)


def _kind(schema: Json) -> tuple[str, str]:
    """What a value is, in words, and the schema that it names."""
    if "$ref" in schema:
        return "", _model(schema)
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"] if one.get("type") != "null"]
        words, model = " or ".join(one for one, _ in kinds if one), kinds[0][1]
        nullable = any(one.get("type") == "null" for one in schema["anyOf"])
        return f"{words}{' or null' if nullable else ''}".strip(), model
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"]), ""
    if "const" in schema:
        return str(schema["const"]), ""
    if schema.get("type") == "array":
        words, model = _kind(schema.get("items", {}))
        return f"a list of {words}".rstrip() if words else "a list of", model
    return FORMATS.get(str(schema.get("format")), "") or KIND_WORDS.get(_type(schema), "anything"), ""


def _type(schema: Json) -> str:
    found: Any = schema.get("type", "")
    return str(found)
