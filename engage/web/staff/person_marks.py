"""What staff put on a person's record for audiences: tags, and the written authorization for marketing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.services import authorizations, tags
from engage.services.authorizations import SOURCES
from engage.web.context import runtime
from engage.web.staff import people
from engage.web.staff.session import actor

pages = Blueprint("person_marks", __name__, url_prefix="/people/<uuid:id>")

Answer = Response | tuple[str, int]


@pages.post("/tags")
def put_tag(id: UUID) -> Answer:
    try:
        changed = tags.put(runtime(), actor(), id, request.form.get("tag", "")[: people.LONGEST])
    except InvalidInput as error:
        return people.page(id, errors={"tag": error.errors["name"]}), 422
    return _back(id, changed, "tagged")


@pages.post("/tags/<uuid:tag>/off")
def take_tag_off(id: UUID, tag: UUID) -> Answer:
    return _back(id, tags.take_off(runtime(), actor(), id, tag), "untagged")


@pages.post("/authorization")
def authorization(id: UUID) -> Answer:
    """The person gave it or took it back; how they did is one choice with it, as ``granted-paper``."""
    what, _, source = request.form.get("said", "").partition("-")
    action = next((one for one in SOURCES if one == what), None)
    if action is None or source not in SOURCES[action]:
        abort(422)
    try:
        until, words = _day(request.form.get("until", "")), request.form.get("note", "")
        changed = authorizations.record(runtime(), actor(), id, action, source, until, words)
    except InvalidInput as error:
        return people.page(id, errors=error.errors), 422
    return _back(id, changed, "authorized" if action == "granted" else "unauthorized")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput({"until": "Please give a day, such as 2027-12-31."}) from None


def _back(id: UUID, changed: bool | None, done: str) -> Response:
    if changed is None:
        abort(404)
    return people.back(id, done if changed else "so-already")
