"""Asking for a consultation: the form, and the page after it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from engage.domain.consultations import MAX_MESSAGE, REACH, TIMES
from engage.domain.courses import MAIN_PAINS
from engage.domain.forms import InvalidInput
from engage.services import consultations
from engage.services.consultation_form import time_field
from engage.services.forms import TooMany, stamp
from engage.web.context import runtime
from engage.web.refusals import refused, too_many

pages = Blueprint("consultation", __name__)

# The order in which the form shows its fields, and so the order of the error summary.
_FIELDS = ("given_name", "email", "telephone", "reach", "message", "main_pain", "consent")
_TIMES = {time_field(key): words for key, words in TIMES.items()}


@pages.get("/consultation")
def form() -> str:
    return _page({}, {})


@pages.post("/consultation")
def ask() -> Response | tuple[str, int]:
    try:
        consultations.accept(runtime(), request.form, request.remote_addr or "")
    except InvalidInput as error:
        return _page(request.form, error.errors), 422
    except TooMany as error:
        return refused(_page(request.form, too_many(error)), error)
    return Response(status=303, headers={"Location": "/consultation/thanks"})


@pages.get("/consultation/thanks")
def thanks() -> str:
    courses = list(runtime().library.courses.values())
    return render_template("public/consultation_thanks.html", courses=courses)


def _page(typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    rt = runtime()
    ordered = {field: errors[field] for field in _FIELDS if field in errors}
    ordered |= {field: sentence for field, sentence in errors.items() if field not in ordered}
    return render_template(
        "public/consultation.html",
        form=typed,
        errors=ordered,
        fields=_FIELDS,
        pains=MAIN_PAINS,
        reach=REACH,
        times=_TIMES,
        most=MAX_MESSAGE,
        consent_wording=consultations.consent_wording(rt),
        stamp=stamp(rt),
    )
