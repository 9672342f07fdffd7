"""Whom a campaign is for: a saved audience, or rules of its own; with the count, some of the people, and who is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.services import campaign_shown, campaign_story, campaigns, segments
from engage.services.campaigns import NotNow
from engage.web.context import runtime
from engage.web.staff.campaign_forms import refusals, version_seen, written
from engage.web.staff.colleagues import colleagues
from engage.web.staff.session import actor

pages = Blueprint("campaign_audience", __name__, url_prefix="/campaigns")
refusals(pages)

Answer = Response | str | tuple[str, int]
# Two choices beside the saved audiences.
EVERYBODY, OWN = "everybody", "own"
DONE = {
    "saved": "Saved.",
    "cloned": "This is the copy. Nothing of it goes out before it is submitted and started.",
    "sent_back": "It is a draft again.",
}


@pages.get("/<uuid:id>/audience")
def show(id: UUID) -> Answer:
    row = campaigns.one(runtime(), id)
    if row.state != "draft":
        return redirect(url_for("staff.campaigns.one", id=id), 303)
    return _page(row, done=DONE.get(request.args.get("done", ""), ""))


@pages.post("/<uuid:id>/audience")
def save(id: UUID) -> Answer:
    chosen, seen = request.form.get("audience", ""), version_seen()
    row = campaigns.one(runtime(), id)
    try:
        campaigns.edit(runtime(), actor(), id, seen, written(row, **_rules(row, chosen)))
    except InvalidInput as error:
        return _page(campaigns.one(runtime(), id), chosen, error.errors), 422
    except ChangedMeanwhile:
        return _page(campaigns.one(runtime(), id), chosen, changed=True), 409
    if request.form.get("then") == "content":
        return redirect(url_for("staff.campaign_drafts.content", id=id), 303)
    return redirect(url_for(".show", id=id, done="saved", _anchor="done"), 303)


def _rules(row: Any, chosen: str) -> dict[str, Any]:
    """What the choice means for the campaign. Raises InvalidInput."""
    if chosen == EVERYBODY:
        return {"rules": {}, "segment_id": None, "segment_version": None}
    if chosen == OWN:
        return {"rules": row.rules, "segment_id": row.segment_id, "segment_version": row.segment_version}
    for one in segments.listing(runtime()):
        if str(one.id) == chosen:
            return {
                "rules": one.now.rules.kept(),
                "segment_id": one.id,
                "segment_version": one.now.version,
            }
    raise InvalidInput({"audience": "Please choose whom it is for."})


def _page(
    row: Any,
    chosen: str = "",
    errors: Mapping[str, str] | None = None,
    changed: bool = False,
    done: str = "",
) -> str:
    rt = runtime()
    if row.state != "draft":
        raise NotNow("edit", row.state)
    saved = segments.listing(rt)
    told = campaign_shown.audience_words(rt, row)
    return render_template(
        "staff/campaign_audience.html",
        row=row,
        saved=saved,
        audience=told,
        chosen=chosen or _chosen(row, told),
        whom=campaign_shown.whom(rt, row),
        sample=campaign_shown.sample(rt, actor(), row),
        errors=errors or {},
        changed=changed,
        last=campaign_story.last_edit(rt, row.id) if changed else None,
        colleagues=colleagues(),
        done=done,
    )


def _chosen(row: Any, told: campaign_shown.Audience) -> str:
    if not row.rules:
        return EVERYBODY
    return str(row.segment_id) if told.newest else OWN
