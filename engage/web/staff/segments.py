"""Audiences: the list, the builder with its count, one with its versions, and the people in it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.segments import EXCLUDED, LONGEST_NAME
from engage.services import audience_people, segments
from engage.services.segments import Segment
from engage.web.context import runtime
from engage.web.staff import words
from engage.web.staff.colleagues import colleagues
from engage.web.staff.segment_counts import ALONE, WORDS, Result, choices, count
from engage.web.staff.segment_forms import Typed
from engage.web.staff.session import actor

pages = Blueprint("segments", __name__, url_prefix="/segments")
pages.record(words.prepare)

SHOWN = 20
_DONE = {
    "saved": "Saved.",
    "archived": "It was put away. Campaigns that used it are as they were.",
    "unchanged": "Nothing was changed: it was put away before.",
}
Answer = Response | str | tuple[str, int]


@pages.get("")
def start() -> str:
    done = _DONE.get(request.args.get("done", ""), "")
    return render_template("staff/segments.html", segments=segments.listing(runtime()), done=done)


@pages.get("/new")
def form() -> Answer:
    return _counted_form(None)


@pages.post("/new")
def save_new() -> Answer:
    return _save(None)


@pages.get("/<uuid:id>")
def one(id: UUID) -> str:
    segment = _segment(id)
    typed = Typed.of_rules(segment.now.rules, Typed.of_form(request.args).channel)
    return render_template(
        "staff/segment.html",
        segment=segment,
        versions=segments.versions(runtime(), id),
        result=count(typed),
        people=colleagues(),
        done=_DONE.get(request.args.get("done", ""), ""),
        **WORDS,
    )


@pages.get("/<uuid:id>/change")
def change_form(id: UUID) -> Answer:
    segment = _segment(id)
    if segment.archived:
        return redirect(url_for("staff.segments.one", id=id), 303)
    return _counted_form(segment)


@pages.post("/<uuid:id>/change")
def save(id: UUID) -> Answer:
    return _save(_segment(id))


@pages.post("/<uuid:id>/archive")
def archive(id: UUID) -> Response:
    _segment(id)
    done = segments.archive(runtime(), actor(), id)
    return redirect(url_for("staff.segments.start", done="archived" if done else "unchanged"), 303)


@pages.get("/people")
def people() -> Answer:
    """Some of those who would get something, or would not for one reason. Each is noted in the audit trail."""
    typed = Typed.of_form(request.args)
    reason = next((one for one in EXCLUDED if one == request.args.get("reason")), None)
    try:
        after = UUID(request.args["after"]) if "after" in request.args else None
        rules = typed.rules()
    except ValueError:
        abort(404)
    except InvalidInput:
        return redirect(url_for("staff.segments.form", **typed.query), 303)
    if segments.problems(runtime(), rules):
        return redirect(url_for("staff.segments.form", **typed.query), 303)
    ids = segments.sample(runtime(), rules, typed.channel, SHOWN + 1, after, reason)
    return render_template(
        "staff/segment_people.html",
        typed=typed,
        reason=reason,
        shown=audience_people.show(runtime(), actor(), ids[:SHOWN]),
        after=ids[SHOWN - 1] if len(ids) > SHOWN else None,
        first=after is None,
        **WORDS,
    )


def _counted_form(segment: Segment | None) -> Answer:
    asked = "channel" in request.args
    saved = Typed.of_rules(segment.now.rules, "email", segment.name) if segment is not None else Typed()
    typed = Typed.of_form(request.args) if asked else saved
    result = count(typed) if asked or segment is not None else Result(typed, None, {})
    if "part" in request.args:
        return render_template("staff/parts/counted.html", result=result, **ALONE)
    return _form(segment, result)


def _save(segment: Segment | None) -> Answer:
    typed = Typed.of_form(request.form)
    seen = request.form.get("seen", "")
    try:
        id = segments.save(
            runtime(),
            actor(),
            typed.name,
            typed.rules(),
            segment.id if segment is not None else None,
            int(seen) if seen.isdigit() else None,
        )
    except InvalidInput as error:
        return _form(segment, Result(typed, None, error.errors)), 422
    except ChangedMeanwhile:
        if segment is None or segment.archived:
            abort(404)
        return _form(segment, Result(typed, None, {}), conflict=True), 409
    return redirect(url_for("staff.segments.one", id=id, channel=typed.channel, done="saved"), 303)


def _form(segment: Segment | None, result: Result, *, conflict: bool = False) -> str:
    rt = runtime()
    return render_template(
        "staff/segment_form.html",
        segment=segment,
        result=result,
        typed=result.typed,
        errors=result.errors,
        conflict=conflict,
        people=colleagues(),
        longest_name=LONGEST_NAME,
        **choices(rt),
        **WORDS,
    )


def _segment(id: UUID) -> Segment:
    found = segments.one(runtime(), id)
    return found if found is not None else abort(404)
