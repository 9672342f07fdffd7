"""Whom a campaign is for: a saved audience, or rules of its own; counted as one chooses, with some of the people and
whoever is left out.

The form asks by GET, so that counting changes nothing; the buttons that save post it, and carry its token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.messages import Channel
from engage.domain.segments import Rules, read
from engage.services import campaign_shown, campaign_story, campaigns, segments
from engage.services.campaigns import NotNow
from engage.services.segments import Segment
from engage.web.context import runtime
from engage.web.staff.campaign_forms import refusals, version_seen, written
from engage.web.staff.colleagues import colleagues
from engage.web.staff.segment_counts import ALONE, WORDS, Result, choices, count
from engage.web.staff.segment_forms import Typed
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
    if "audience" not in request.args:
        return _page(row, done=DONE.get(request.args.get("done", ""), ""))
    if "part" in request.args:
        result = _result(row, segments.listing(runtime()), request.args)
        return render_template("staff/parts/counted.html", result=result, **ALONE)
    return _page(row, request.args)


@pages.post("/<uuid:id>/audience")
def save(id: UUID) -> Answer:
    seen = version_seen()
    row = campaigns.one(runtime(), id)
    try:
        changes = _rules(row, segments.listing(runtime()), request.form)
        campaigns.edit(runtime(), actor(), id, seen, written(row, **changes))
    except InvalidInput as error:
        return _page(campaigns.one(runtime(), id), request.form, error.errors), 422
    except ChangedMeanwhile:
        return _page(campaigns.one(runtime(), id), request.form, changed=True), 409
    if request.args.get("then") == "content":
        return redirect(url_for("staff.campaign_drafts.content", id=id), 303)
    return redirect(url_for(".show", id=id, done="saved", _anchor="done"), 303)


def _rules(row: Any, saved: list[Segment], given: MultiDict[str, str]) -> dict[str, Any]:
    """What the choice means for the campaign. Raises InvalidInput, with a sentence for each field."""
    typed = _typed(row, saved, given)
    rules = typed.rules()
    if errors := segments.problems(runtime(), rules):
        raise InvalidInput(errors)
    found = next((one for one in saved if str(one.id) == given.get("audience")), None)
    if found is not None:
        return {"rules": rules.kept(), "segment_id": found.id, "segment_version": found.now.version}
    if given.get("audience") == OWN and rules.kept() == row.rules:
        return {}  # They are as they were, and so is where they came from.
    return {"rules": rules.kept(), "segment_id": None, "segment_version": None}


def _typed(row: Any, saved: list[Segment], given: MultiDict[str, str]) -> Typed:
    """The rules behind a choice, as the builder has them. Raises InvalidInput for a choice that there is not."""
    channel, chosen = cast(Channel, row.channel), given.get("audience", "")
    if chosen == OWN:
        return replace(Typed.of_form(given), channel=channel)
    if chosen == EVERYBODY:
        return Typed.of_rules(Rules(), channel)
    for one in saved:
        if str(one.id) == chosen:
            return Typed.of_rules(one.now.rules, channel)
    raise InvalidInput({"audience": "Please choose whom it is for."})


def _result(row: Any, saved: list[Segment], given: MultiDict[str, str]) -> Result:
    """What a choice that was not saved yet would mean."""
    try:
        return count(_typed(row, saved, given))
    except InvalidInput as error:
        return Result(Typed(channel=row.channel), None, error.errors)


def _page(
    row: Any,
    given: MultiDict[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    changed: bool = False,
    done: str = "",
) -> str:
    rt = runtime()
    if row.state != "draft":
        raise NotNow("edit", row.state)
    saved = segments.listing(rt)
    told = campaign_shown.audience_words(rt, row)
    rules = read(row.rules)
    chosen = given.get("audience", "") if given is not None else _chosen(row, told)
    kept = Typed.of_rules(rules, cast(Channel, row.channel))
    result = _result(row, saved, given) if given is not None else count(kept)
    return render_template(
        "staff/campaign_audience.html",
        row=row,
        saved=saved,
        audience=told,
        chosen=chosen,
        typed=Typed.of_form(given) if given is not None and chosen == OWN else kept,
        result=result,
        sample=campaign_shown.sample(rt, actor(), row) if given is None else [],
        errors=errors if errors is not None else result.errors,
        changed=changed,
        last=campaign_story.last_edit(rt, row.id) if changed else None,
        colleagues=colleagues(),
        done=done,
        **choices(rt),
        **WORDS,
    )


def _chosen(row: Any, told: campaign_shown.Audience) -> str:
    if not row.rules:
        return EVERYBODY
    return str(row.segment_id) if told.newest else OWN
