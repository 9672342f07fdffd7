"""The pages that anybody may open, and the sign-up: course, confirm, not-me."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.courses import MAIN_PAINS, Course
from engage.domain.forms import InvalidInput
from engage.services import numbers, signups
from engage.services.forms import TooMany, stamp
from engage.web import zones
from engage.web.context import runtime
from engage.web.refusals import refused, too_many

pages = Blueprint("public", __name__)

# The order in which the form shows its fields, and so the order of the error summary.
_FIELDS = ("given_name", "email", "main_pain", "zone", "consent")


@pages.get("/")
def landing() -> str:
    return render_template("public/landing.html", courses=list(runtime().library.courses.values()))


@pages.get("/courses/<course>")
def course(course: str) -> str:
    return _course_page(_find(course), {}, {})


@pages.post("/courses/<course>")
def sign_up(course: str) -> Response | tuple[str, int]:
    rt = runtime()
    if course not in rt.library.courses:
        abort(404)
    try:
        token = signups.accept(rt, course, request.form, request.remote_addr or "")
    except InvalidInput as error:
        return _course_page(_find(course), request.form, error.errors), 422
    except TooMany as error:
        return refused(_course_page(_find(course), request.form, too_many(error)), error)
    # Made by hand: building the address and the body that nobody reads is half of a redirect's cost.
    return Response(status=303, headers={"Location": f"/check-inbox?sent={token}"})


@pages.get("/confirm/<token>")
def confirm(token: str) -> str:
    return render_template("public/confirm.html", signup=signups.confirmation(runtime(), token))


@pages.post("/confirm/<token>")
def do_confirm(token: str) -> str | tuple[str, int]:
    """Shows the result at once: no redirect could carry the first lesson's time. Twice does no harm."""
    rt = runtime()
    signup = signups.confirmation(rt, token)
    if signup.state == "refused":
        return render_template("public/confirm.html", signup=signup), 410
    confirmed = signups.confirm(rt, token)
    return render_template(
        "public/confirmed.html",
        confirmed=confirmed,
        token=confirmed.texts_token,
        form={},
        errors={},
        consent_wording=numbers.consent_wording(rt),
        stamp=stamp(rt),
    )


@pages.get("/not-me/<token>")
def not_me(token: str) -> str:
    return render_template("public/not_me.html", state=signups.refusal(runtime(), token).state)


@pages.post("/not-me/<token>")
def do_not_me(token: str) -> Response:
    signups.refuse(runtime(), token)
    return redirect(url_for("public.not_me", token=token), 303)


@pages.get("/privacy")
def privacy() -> str:
    return render_template("public/privacy.html")


@pages.get("/terms")
def terms() -> str:
    return render_template("public/terms.html")


@pages.get("/robots.txt")
def robots() -> Response:
    return Response(
        "User-agent: *\nAllow: /$\nAllow: /courses/\nAllow: /consultation$\nAllow: /static/\nDisallow: /\n",
        mimetype="text/plain",
    )


def _find(course: str) -> Course:
    found = runtime().library.courses.get(course)
    return found if found is not None else abort(404)


def _course_page(course: Course, form: Mapping[str, str], errors: Mapping[str, str]) -> str:
    rt = runtime()
    ordered = {field: errors[field] for field in _FIELDS if field in errors}
    ordered |= {field: sentence for field, sentence in errors.items() if field not in ordered}
    return render_template(
        "public/course.html",
        course=course,
        form=form,
        errors=ordered,
        pains=MAIN_PAINS,
        zones=zones.options(rt.clinic.course.common_zones, form.get("zone") or rt.clinic.zone),
        consent_wording=signups.consent_wording(rt, course.slug),
        stamp=stamp(rt),
    )
