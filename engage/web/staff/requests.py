"""Consultation requests: the list by state, one with its history, and what staff do about it.

Every form carries how often staff had acted when its page was made. A second press of the same
form finds itself done; a form whose page is not true any more is shown again with what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.consultations import EVENTS, MAX_MESSAGE, OUTCOMES, STATES
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.services import consultations
from engage.services.consultations import Detail, Happened
from engage.web.context import runtime
from engage.web.staff.colleagues import colleagues
from engage.web.staff.session import actor

pages = Blueprint("requests", __name__, url_prefix="/requests")

LISTS = {"waiting": "Waiting", "new": "New", "open": "Being looked after", "closed": "Closed"}
Answer = Response | str | tuple[str, int]
_DONE = {
    "assign": "Done: see below who looks after it now.",
    "call": "The try to reach the person is noted.",
    "note": "The note is kept.",
    "close": "The request is closed.",
    "reopen": "The request is open again, with a new deadline.",
}


@dataclass(frozen=True, slots=True)
class _Act:
    """One form: the event that it makes, and what does it. ``run`` is False when it is too late for it."""

    name: str
    what: tuple[str, ...]
    run: Callable[[int], bool]


@pages.get("")
def start() -> str:
    state = request.args.get("state", "waiting")
    if state not in LISTS:
        abort(404)
    found = consultations.listing(runtime(), state, actor())
    if state != "closed":
        found.sort(key=lambda one: one.answered)  # What still has a deadline comes first.
    return render_template(
        "staff/requests.html",
        requests=found,
        state=state,
        lists=LISTS,
        states=STATES,
        colleagues=colleagues(),
    )


@pages.get("/<uuid:id>")
def one(id: UUID) -> str:
    detail = consultations.one(runtime(), id, actor())
    if detail is None:
        abort(404)
    return _page(detail, done=_DONE.get(request.args.get("done", ""), ""))


@pages.post("/<uuid:id>/assign")
def assign(id: UUID) -> Answer:
    who = colleagues()
    to = who.chosen(request.form.getlist("to"))
    return _answer(
        id,
        _Act(
            "assign",
            ("assigned", "unassigned"),
            lambda seen: consultations.assign(runtime(), id, who.me, to, seen),
        ),
    )


@pages.post("/<uuid:id>/call")
def call(id: UUID) -> Answer:
    reached = request.form.get("reached", "")
    note = request.form.get("note", "")

    def run(seen: int) -> bool:
        if reached not in ("yes", "no"):
            raise InvalidInput({"reached": "Please say whether you reached the person."})
        return consultations.log_call(runtime(), id, actor().staff_id, note, reached == "yes", seen)

    return _answer(id, _Act("call", ("called",), run))


@pages.post("/<uuid:id>/note")
def note(id: UUID) -> Answer:
    text = request.form.get("note", "")
    # A note overwrites nothing, so it is kept whatever has happened meanwhile.
    return _answer(
        id, _Act("note", ("noted",), lambda _: consultations.add_note(runtime(), id, actor().staff_id, text))
    )


@pages.post("/<uuid:id>/close")
def close(id: UUID) -> Answer:
    outcome, text = request.form.get("outcome", ""), request.form.get("note", "")
    return _answer(
        id,
        _Act(
            "close",
            ("closed",),
            lambda seen: consultations.close(runtime(), id, actor().staff_id, outcome, text, seen),
        ),
    )


@pages.post("/<uuid:id>/reopen")
def reopen(id: UUID) -> Answer:
    text = request.form.get("note", "")
    return _answer(
        id,
        _Act(
            "reopen",
            ("reopened",),
            lambda seen: consultations.reopen(runtime(), id, actor().staff_id, text, seen),
        ),
    )


def _answer(id: UUID, act: _Act) -> Answer:
    """Does it and goes back to the page; or shows the page with the form as it was typed."""
    seen = request.form.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 9):
        abort(422)
    if consultations.one(runtime(), id) is None:
        abort(404)
    try:
        if act.run(int(seen)):
            return _back(id, act.name)
    except InvalidInput as error:
        return _again(id, act, error.errors), 422
    except ChangedMeanwhile:
        pass
    detail = consultations.one(runtime(), id)
    if detail is not None and _is_repeated(detail, act, int(seen)):
        return _back(id, act.name)
    return _again(id, act, {}, changed=True), 409


def _is_repeated(detail: Detail, act: _Act, seen: int) -> bool:
    """Whether the one thing that happened since is this very form, pressed before."""
    last: Happened | None = detail.done[-1] if detail.done else None
    if last is None or detail.acts != seen + 1 or last.staff_id != actor().staff_id:
        return False
    typed = request.form.get("note", "").replace("\r\n", "\n").strip()
    return last.what in act.what and last.note.endswith(typed)


def _back(id: UUID, done: str) -> Response:
    return redirect(url_for("staff.requests.one", id=id, done=done, _anchor="done"), 303)


def _again(id: UUID, act: _Act, errors: Mapping[str, str], changed: bool = False) -> str:
    detail = consultations.one(runtime(), id, actor())
    if detail is None:
        abort(404)
    return _page(detail, act.name, request.form, errors, changed)


def _page(
    detail: Detail,
    act: str = "",
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    changed: bool = False,
    done: str = "",
) -> str:
    return render_template(
        "staff/request.html",
        request_=detail,
        states=STATES,
        events=EVENTS,
        outcomes=OUTCOMES,
        longest=MAX_MESSAGE,
        colleagues=colleagues(),
        act=act,
        form=form or {},
        errors=errors or {},
        changed=changed,
        done=done,
    )
