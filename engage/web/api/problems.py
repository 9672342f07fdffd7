"""What can go wrong, as RFC 9457 tells it: ``application/problem+json`` with a type, a title and the cure.

None repeats a value that was sent: where the mistake is, is told by a JSON pointer or a parameter's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from werkzeug.wrappers import Response

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. ``words`` say for the reference when it comes and what to do."""

    status: int
    title: str
    words: str


KINDS: dict[str, Kind] = {
    "invalid-json": Kind(400, "The body is not JSON", "It can’t be read as one JSON value in UTF-8."),
    "bad-header": Kind(
        400, "A header can’t be used", "An Idempotency-Key has 1 to 255 visible ASCII characters."
    ),
    "unauthorized": Kind(
        401,
        "A key is needed",
        "There is no key, it is wrong, or it was revoked. Send Authorization: Bearer and the key.",
    ),
    "wrong-scope": Kind(403, "The key may not do this", "The detail names the scope that is missing."),
    "not-found": Kind(404, "There is nothing here", "No such address, or nothing with that id."),
    "method-not-allowed": Kind(
        405, "This address works another way", "The Allow header names the methods that work."
    ),
    "conflict": Kind(
        409, "It can’t be done as things stand", "The detail says what stands against it; look, then decide."
    ),
    "gone": Kind(410, "The person was erased", "The person asked to be forgotten. Please forget them too."),
    "changed": Kind(
        412, "It has changed meanwhile", "It is not as the If-Match header says. Get it again, then decide."
    ),
    "too-large": Kind(413, "The body is too large", "A body may have 64 KB."),
    "not-json-type": Kind(415, "The body must be JSON", "Send Content-Type: application/json."),
    "invalid": Kind(
        422,
        "Something in the request can’t be used",
        "Each entry of errors names the place, by a JSON pointer into the body or the name of a parameter.",
    ),
    "other-request": Kind(
        422,
        "The Idempotency-Key belongs to another request",
        "It came with another body, method or address in the last 24 hours. Use a new one for a new request.",
    ),
    "too-many-requests": Kind(
        429, "Too many requests", "Wait for as many seconds as Retry-After says, then go on."
    ),
    "error": Kind(
        500,
        "Something went wrong on our side",
        "We have made a note of it. Nothing was done; send the same again with the same Idempotency-Key.",
    ),
    "unavailable": Kind(
        503, "The service can’t be reached just now", "Nothing was done. Try again after Retry-After seconds."
    ),
}
# What an error of the web framework is called here.
BY_STATUS: dict[int, str] = {
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "not-json-type",
    500: "error",
    503: "unavailable",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One mistake: ``at`` is a JSON pointer (``#/starts_at``) into the body, or the name of a parameter."""

    at: str
    detail: str

    @property
    def sentence(self) -> str:
        return f"{self.at}: {self.detail}"

    def as_json(self) -> dict[str, str]:
        where = "pointer" if self.at.startswith("#") else "parameter"
        return {where: self.at, "detail": self.detail}


class Refusal(Exception):
    """The request is refused, and nothing of it is done. ``name`` is one of KINDS."""

    def __init__(
        self,
        name: str,
        detail: str = "",
        places: Sequence[Place] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(name)
        self.name = name
        self.detail = detail
        self.places = places
        self.headers = headers or {}


def answer(refusal: Refusal) -> Response:
    """The refusal as a response."""
    kind = KINDS[refusal.name]
    body: dict[str, object] = {
        "type": f"/api/#{refusal.name}",
        "title": kind.title,
        "status": kind.status,
        "detail": refusal.detail or "; ".join(place.sentence for place in refusal.places) or kind.words,
    }
    if refusal.places:
        body["errors"] = [place.as_json() for place in refusal.places]
    return Response(orjson.dumps(body), kind.status, dict(refusal.headers), content_type=MEDIA_TYPE)


def of_status(status: int) -> Response:
    """The problem for an error that came before any of our code."""
    name = BY_STATUS.get(status)
    if name is None:
        name = "error" if status >= 500 else "invalid-json"
    return answer(Refusal(name))
