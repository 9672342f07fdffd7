"""Messages: the list with its filters, one message, its HTML for the frame, letting a held one go."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.message_filter import Filter
from engage.domain.message_words import STATUS_WORDS
from engage.domain.messages import KINDS, LANES, Channel
from engage.services import deliverability, staff_messages
from engage.web.context import runtime
from engage.web.mailbox import for_frame
from engage.web.staff.session import actor
from engage.web.staff.words import PURPOSES

pages = Blueprint("messages", __name__, url_prefix="/messages")

FILTERS = ("status", "kind", "purpose", "channel", "since", "until")
_DONE = {
    "release": "Released. It goes at once, if nothing speaks against it.",
    "arrived": "Noted. It does not leave again.",
    "unchanged": "Nothing was changed: it is not held any more. This is how it is now.",
}


@pages.get("")
def start() -> tuple[str, int]:
    """Filters stand in the address: they name statuses and dates, nobody's data."""
    typed = {name: request.args.get(name, "") for name in FILTERS}
    errors: dict[str, str] = {}
    wanted = _filter(typed, errors)
    try:
        listing = staff_messages.listing(runtime(), actor(), wanted, request.args.get("after", ""))
    except ValueError:
        abort(404)
    page = render_template(
        "staff/messages.html",
        listing=listing,
        typed=typed,
        errors=errors,
        statuses=STATUS_WORDS,
        kinds={name: kind.words for name, kind in KINDS.items()},
        purposes={purpose: PURPOSES[purpose] for purpose in LANES},
        filtered=any(typed.values()),
        first=not request.args.get("after"),
        paused=deliverability.standing(runtime()),
    )
    return page, 422 if errors else 200


def _filter(typed: dict[str, str], errors: dict[str, str]) -> Filter:
    """What can be read of the filters; each of the others gets a sentence."""
    known: dict[str, set[str]] = {
        "status": set(STATUS_WORDS),
        "kind": set(KINDS),
        "purpose": set(LANES),
        "channel": set(get_args(Channel)),
    }
    for name, values in known.items():
        if typed[name] and typed[name] not in values:
            errors[name] = "Please choose one from the list."
    dates = dict.fromkeys(("since", "until"))
    for name in dates:
        try:
            staff_messages.days(runtime(), typed[name], "")
        except ValueError:
            errors[name] = "Please give a date such as 2026-11-24."
    good = {name: "" if name in errors else value for name, value in typed.items()}
    since, until = staff_messages.days(runtime(), good["since"], good["until"])
    if since is not None and until is not None and since >= until:
        errors["until"] = "The last day is before the first."
    return Filter(good["status"], good["kind"], good["channel"], since, until, purpose=good["purpose"])


@pages.get("/<uuid:id>")
def one(id: UUID) -> str:
    seen = staff_messages.see(runtime(), actor(), id)
    if seen is None:
        abort(404)
    done = request.args.get("done", "")
    true = done == "unchanged" or seen.status != "held"
    return render_template("staff/message.html", message=seen, done=_DONE.get(done) if true else None)


@pages.get("/<uuid:id>/html")
def html(id: UUID) -> Response:
    """The HTML as sent, for the sandboxed frame."""
    found = staff_messages.html(runtime(), actor(), id)
    if found is None:
        abort(404)
    return for_frame(found)


@pages.post("/<uuid:id>/release")
def release(id: UUID) -> Response:
    return _told(id, "release", staff_messages.release(runtime(), actor(), id))


@pages.post("/<uuid:id>/arrived")
def arrived(id: UUID) -> Response:
    return _told(id, "arrived", staff_messages.arrived(runtime(), actor(), id))


def _told(id: UUID, done: str, changed: bool | None) -> Response:
    if changed is None:
        abort(404)
    shown = done if changed else "unchanged"
    return redirect(url_for("staff.messages.one", id=id, done=shown, _anchor="done"), 303)
