"""Follow-ups: what waits for a person, who has it, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.consultations import MAX_MESSAGE
from engage.domain.follow_ups import KINDS, OUTCOMES
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.services import follow_ups, person_page
from engage.web.context import runtime
from engage.web.staff.colleagues import colleagues
from engage.web.staff.session import actor

pages = Blueprint("follow_ups", __name__, url_prefix="/follow-ups")

LISTS = {"open": "Open", "done": "Done"}
Answer = Response | tuple[str, int]
_DONE = {
    "assign": "Done: see below who has it now.",
    "done": "Done. It is among the finished ones now.",
}


@pages.get("")
def start() -> str:
    state = request.args.get("state", "open")
    kind = request.args.get("kind", "")
    if state not in LISTS or (kind and kind not in KINDS):
        abort(404)
    return _page(state, kind=kind, done=_DONE.get(request.args.get("done", ""), ""))


@pages.post("/<uuid:id>/assign")
def assign(id: UUID) -> Answer:
    who = colleagues()
    to = who.chosen(request.form.getlist("to"))
    return _answer(id, "assign", lambda seen: follow_ups.assign(runtime(), id, who.me, to, seen))


@pages.post("/<uuid:id>/done")
def done(id: UUID) -> Answer:
    outcome, text = request.form.get("outcome", ""), request.form.get("note", "")
    return _answer(
        id, "done", lambda seen: follow_ups.done(runtime(), id, actor().staff_id, outcome, text, seen)
    )


def _answer(id: UUID, act: str, run: Callable[[str], bool]) -> Answer:
    """Does it and goes back to the list; or shows the list with the form as it was typed."""
    seen = request.form.get("seen", "")
    if not seen:
        abort(422)
    if not follow_ups.exists(runtime(), id):
        abort(404)
    try:
        if run(seen):
            return redirect(url_for("staff.follow_ups.start", done=act, _anchor="done"), 303)
    except InvalidInput as error:
        return _page("open", id, request.form, error.errors), 422
    except ChangedMeanwhile:
        pass
    return _page("open", id, request.form, changed=True), 409


def _page(
    state: str,
    at: UUID | None = None,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    changed: bool = False,
    done: str = "",
    kind: str = "",
) -> str:
    found = follow_ups.listing(runtime(), state, actor(), kind)
    people = {one.person_id for one in found if one.person_id is not None}
    people |= {one.cause_id for one in found if one.cause == "person"}
    return render_template(
        "staff/follow_ups.html",
        follow_ups=found,
        names=person_page.names(runtime(), people),
        state=state,
        kind=kind,
        lists=LISTS,
        outcomes=OUTCOMES,
        longest=MAX_MESSAGE,
        colleagues=colleagues(),
        at=at,
        form=form or {},
        errors=errors or {},
        changed=changed,
        done=done,
    )
