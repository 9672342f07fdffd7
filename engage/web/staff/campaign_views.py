"""A campaign looked at as real people would get it, and tried on oneself."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.content.campaign_flaws import CampaignTextError
from engage.domain.forms import InvalidInput
from engage.services import campaign_previews, campaign_shown, campaign_tests, campaigns
from engage.services import staff as members
from engage.services.campaign_letters import draft_of
from engage.web.context import runtime
from engage.web.staff.campaign_forms import refusals
from engage.web.staff.session import actor

pages = Blueprint("campaign_views", __name__, url_prefix="/campaigns")
refusals(pages)

Answer = Response | str | tuple[str, int]
DONE = {"tested": "The test is on its way, marked as one. It counts nowhere."}


@pages.get("/<uuid:id>/preview")
def preview(id: UUID) -> Answer:
    """``?person=`` is one of the audience, ``?theme=`` light or dark."""
    return _page(campaigns.one(runtime(), id), done=DONE.get(request.args.get("done", ""), ""))


@pages.post("/<uuid:id>/test")
def test(id: UUID) -> Answer:
    """``person`` and ``theme`` are those of the preview that it came from, and is shown again."""
    row = campaigns.one(runtime(), id)
    to = my_address() if row.channel == "email" else request.form.get("to", "")[:100]
    try:
        campaign_tests.send(runtime(), actor(), id, to)
    except InvalidInput as error:
        return _page(row, error.errors, to), 422
    person, theme = request.form.get("person"), request.form.get("theme")
    return redirect(
        url_for(".preview", id=id, person=person, theme=theme, done="tested", _anchor="done"), 303
    )


def my_address() -> str:
    """Where mail for whoever is signed in goes."""
    return next(one.email for one in members.listing(runtime()) if one.id == g.staff.id)


def _page(row: Any, errors: dict[str, str] | None = None, to: str = "", done: str = "") -> str:
    rt = runtime()
    at: UUID | None = None
    with suppress(ValueError):
        at = UUID(request.values.get("person", ""))
    flaws: tuple[Any, ...] = ()
    walk = None
    try:
        draft = draft_of(row)
        walk = campaign_previews.walk(rt, actor(), row.id, draft, campaign_shown.some(rt, row), at)
    except CampaignTextError as error:
        flaws = tuple(error.flaws)
    return render_template(
        "staff/campaign_preview.html",
        row=row,
        walk=walk,
        flaws=flaws,
        theme="dark" if request.values.get("theme") == "dark" else "light",
        my_address=my_address() if row.channel == "email" else "",
        to=to,
        errors=errors or {},
        done=done,
    )
