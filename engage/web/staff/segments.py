"""Audiences: the list, the builder with its count, one with its versions, and the people in it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.messages import CHANNELS
from engage.domain.segments import EXCLUDED, EXCLUDED_WORDS, LONGEST_NAME, PROGRESS
from engage.domain.stages import MEANINGS, STAGES, WORDS
from engage.services import audience_people, segments, tags
from engage.services.segments import Counted, Segment
from engage.web.context import runtime
from engage.web.staff import words
from engage.web.staff.colleagues import colleagues
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


@dataclass(frozen=True, slots=True)
class Result:
    """What a count found, or why there is none: field to sentence."""

    typed: Typed
    counted: Counted | None
    errors: dict[str, str]


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
        result=_count(typed),
        people=colleagues(),
        done=_DONE.get(request.args.get("done", ""), ""),
        **_words(),
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
        **_words(),
    )


def _counted_form(segment: Segment | None) -> Answer:
    asked = "channel" in request.args
    saved = Typed.of_rules(segment.now.rules, "email", segment.name) if segment is not None else Typed()
    typed = Typed.of_form(request.args) if asked else saved
    result = _count(typed) if asked or segment is not None else Result(typed, None, {})
    if "part" in request.args:
        return render_template("staff/parts/counted.html", result=result, alone=True, **_words())
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


def _count(typed: Typed) -> Result:
    rt = runtime()
    try:
        rules = typed.rules()
    except InvalidInput as error:
        return Result(typed, None, error.errors)
    if errors := segments.problems(rt, rules):
        return Result(typed, None, errors)
    return Result(typed, segments.count(rt, rules, typed.channel), {})


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
        courses={slug: course.title for slug, course in rt.library.courses.items()},
        tags=tags.listing(rt),
        longest_name=LONGEST_NAME,
        **_words(),
    )


def _words() -> dict[str, object]:
    return {
        "stages": [(slug, WORDS[slug], MEANINGS[slug]) for slug in STAGES],
        "progress": PROGRESS,
        "excluded": EXCLUDED_WORDS,
        "channels": CHANNELS,
    }


def _segment(id: UUID) -> Segment:
    found = segments.one(runtime(), id)
    return found if found is not None else abort(404)
