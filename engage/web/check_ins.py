"""The page where somebody answers how they are. A link's token is the whole authority; GET, which scanners use as they
like, changes nothing, whatever stands in its address."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain import outcomes
from engage.domain.forms import InvalidInput
from engage.services import check_ins
from engage.services.preferences import Forgotten
from engage.web.context import runtime

pages = Blueprint("check_ins", __name__, url_prefix="/check-ins/<token>")


@pages.get("")
def show(token: str) -> str:
    """With the choice that was tapped in the letter, or the answer that was given."""
    return _page(token, request.args)


@pages.post("")
def answer(token: str) -> Response:
    check_ins.answer(runtime(), token, request.form)
    return redirect(url_for("check_ins.show", token=token, done="", _anchor="done"), 303)


@pages.errorhandler(InvalidInput)
def _refused(error: InvalidInput) -> tuple[str, int]:
    return _page(str((request.view_args or {})["token"]), request.form, error.errors), 422


@pages.errorhandler(Forgotten)
def _forgotten(_: Forgotten) -> tuple[str, int]:
    return render_template("public/preferences_forgotten.html"), 410


def _page(token: str, tapped: Mapping[str, str], errors: Mapping[str, str] | None = None) -> str:
    page = check_ins.page(runtime(), token)
    given = page.answer
    score, feeling = (
        outcomes.score_in(tapped.get("score", "")),
        outcomes.feeling_in(tapped.get("feeling", "")),
    )
    return render_template(
        "public/check_in.html",
        page=page,
        score=score if score is not None else given.score if given is not None else None,
        feeling=feeling or (given.feeling if given is not None else None),
        words=tapped.get("words", given.words if given is not None else ""),
        scores=range(outcomes.HIGHEST + 1),
        feelings=outcomes.FEELINGS,
        longest=outcomes.LONGEST_WORDS,
        errors=errors or {},
        done=given is not None and "done" in tapped,
    )
