"""A campaign while it is written: Audience, Content, Check. Each step is a plain page with a form.

Every form carries the version of the draft that it was made for. Whoever comes second is shown both texts, and nothing
of theirs is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.content import campaign_check
from engage.content.campaign_check import Checked
from engage.content.campaign_text import Draft
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.messages import Channel
from engage.services import campaign_content, campaign_shown, campaign_story, campaigns
from engage.services.campaigns import LONGEST_NAME, NotNow
from engage.web.context import runtime
from engage.web.staff.campaign_forms import (
    LONGEST_BODY,
    refusals,
    timing,
    typed_text,
    typed_timing,
    version_seen,
    written,
)
from engage.web.staff.colleagues import colleagues
from engage.web.staff.session import actor

pages = Blueprint("campaign_drafts", __name__, url_prefix="/campaigns")
refusals(pages)

LIMITS = {f"staff.campaign_drafts.{name}": LONGEST_BODY for name in ("save_content", "waive", "count")}
Answer = Response | str | tuple[str, int]
DONE = {
    "saved": "Saved.",
    "waived": "It may pass, in this text as it stands. It is written down that you said so.",
    "cloned": "This is the copy. Nothing of it goes out before it is submitted and started.",
    "timed": "Saved: see below when it begins.",
    "sent_back": "It is a draft again.",
}


def draft_or_home(id: UUID) -> Any:
    """The draft's row, None where it is none any more: whoever wants to change it is led to its page."""
    row = campaigns.one(runtime(), id)
    return row if row.state == "draft" else None


@pages.get("/<uuid:id>/content")
def content(id: UUID) -> Answer:
    row = draft_or_home(id)
    if row is None:
        return redirect(url_for("staff.campaigns.one", id=id), 303)
    typed = typed_text({name: getattr(row, name) for name in ("name", "subject", "preheader", "body")})
    checked = campaign_content.check(runtime(), row) if _begun(row) else None
    return _content(row, typed, checked, done=DONE.get(request.args.get("done", ""), ""))


@pages.post("/<uuid:id>/content")
def save_content(id: UUID) -> Answer:
    """Keeps what was typed, also where it has to be mended first; then it says so instead of going on."""
    typed, seen = typed_text(request.form), version_seen()
    if (refused := _save(id, seen, typed)) is not None:
        return refused
    row = campaigns.one(runtime(), id)
    checked = campaign_content.check(runtime(), row)
    if checked.problems:
        return _content(row, typed, checked, saved=True), 422
    if request.form.get("then") == "check":
        return redirect(url_for(".check", id=id), 303)
    if request.form.get("then") == "preview":
        return redirect(url_for("staff.campaign_views.preview", id=id), 303)
    return redirect(url_for(".content", id=id, done="saved", _anchor="done"), 303)


@pages.post("/<uuid:id>/content/waive")
def waive(id: UUID) -> Answer:
    """Lets one private word pass, by name; what was typed beside it is kept first."""
    typed, seen = typed_text(request.form), version_seen()
    row = campaigns.one(runtime(), id)
    if any(typed[name] != getattr(row, name) for name in typed):
        if (refused := _save(id, seen, typed)) is not None:
            return refused
        seen = campaigns.one(runtime(), id).version
    try:
        campaigns.waive(runtime(), actor(), id, seen, request.form.get("word", ""))
    except ChangedMeanwhile:
        return _changed(id, typed), 409
    except InvalidInput as error:
        row = campaigns.one(runtime(), id)
        return _content(row, typed, campaign_content.check(runtime(), row), error.errors), 422
    return redirect(url_for(".content", id=id, done="waived", _anchor="done"), 303)


@pages.post("/<uuid:id>/content/count")
def count(id: UUID) -> str:
    """What a text would cost as it is typed: the part of the page below the field. Nothing is kept."""
    row = campaigns.one(runtime(), id)
    typed = typed_text(request.form)
    told = request.form.get("people", "")
    people = int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0
    checked = _check(row, typed)
    return render_template("staff/parts/campaign_counter.html", **_counter(checked, people))


@pages.get("/<uuid:id>/check")
def check(id: UUID) -> Answer:
    row = campaigns.one(runtime(), id)
    if row.state not in ("draft", "freezing", "checking"):
        return redirect(url_for("staff.campaigns.one", id=id), 303)
    return _check_page(row, done=DONE.get(request.args.get("done", ""), ""))


@pages.post("/<uuid:id>/timing")
def save_timing(id: UUID) -> Answer:
    names = ("begin", "day", "time", "rate_per_minute")
    typed, seen = {name: request.form.get(name, "")[:100] for name in names}, version_seen()
    row = campaigns.one(runtime(), id)
    try:
        campaigns.edit(runtime(), actor(), id, seen, written(row, **timing(typed)))
        return redirect(url_for(".check", id=id, done="timed", _anchor="when"), 303)
    except InvalidInput as error:
        named = {{"begin_wish": "day"}.get(name, name): words for name, words in error.errors.items()}
        return _check_page(campaigns.one(runtime(), id), named, typed), 422
    except ChangedMeanwhile:
        return _check_page(campaigns.one(runtime(), id), typed=typed, changed=True), 409


@pages.post("/<uuid:id>/submit")
def submit(id: UUID) -> Answer:
    seen = version_seen()
    try:
        campaigns.submit(runtime(), actor(), id, seen)
    except InvalidInput as error:
        return _check_page(campaigns.one(runtime(), id), error.errors), 422
    except (ChangedMeanwhile, NotNow) as error:
        last = campaign_story.last_edit(runtime(), id)
        if last is not None and (last.what, last.staff_id) == ("submitted", actor().staff_id):
            return redirect(url_for(".check", id=id), 303)
        if isinstance(error, NotNow):
            raise
        return _check_page(campaigns.one(runtime(), id), changed=True), 409
    return redirect(url_for(".check", id=id), 303)


def _begun(row: Any) -> bool:
    """Whether anything was written: an empty page has no faults yet."""
    return bool(row.subject or row.preheader or row.body)


def _save(id: UUID, seen: int, typed: Mapping[str, str]) -> Answer | None:
    """Keeps it; an answer where it could not."""
    row = campaigns.one(runtime(), id)
    try:
        campaigns.edit(runtime(), actor(), id, seen, written(row, **typed))
    except InvalidInput as error:
        return _content(row, typed, None, error.errors), 422
    except ChangedMeanwhile:
        return _changed(id, typed), 409
    return None


def _check(row: Any, typed: Mapping[str, str]) -> Checked:
    """What can be said of what was typed."""
    rt = runtime()
    draft = Draft(cast(Channel, row.channel), typed["subject"], typed["preheader"], typed["body"])
    return campaign_check.check(draft, rt.library.renderer, rt.clinic.campaigns.link_hosts, row.waived)


def _counter(checked: Checked | None, people: int) -> dict[str, Any]:
    counted = checked.segments if checked is not None else None
    return {
        "counted": counted,
        "people": people,
        "cost": campaign_shown.cost(runtime(), counted, people) if counted is not None else None,
    }


def _changed(id: UUID, typed: Mapping[str, str]) -> str:
    """Somebody was faster: theirs and what was typed, side by side."""
    row = campaigns.one(runtime(), id)
    if row.state != "draft":
        sentence = str(NotNow("edit", row.state))
        return render_template("staff/campaign_not_now.html", id=id, sentence=sentence, kept=typed)
    theirs = {name: getattr(row, name) for name in typed if getattr(row, name) != typed[name]}
    return _content(row, typed, _check(row, typed), theirs=theirs)


def _content(
    row: Any,
    typed: Mapping[str, str],
    checked: Checked | None,
    errors: Mapping[str, str] | None = None,
    theirs: Mapping[str, str] | None = None,
    saved: bool = False,
    done: str = "",
) -> str:
    # Counting a large audience takes a moment, and only texts are paid for by the piece.
    people = campaign_shown.whom(runtime(), row).people if row.channel == "sms" else 0
    return render_template(
        "staff/campaign_content.html",
        row=row,
        typed=typed,
        checked=checked,
        errors=errors or {},
        theirs=theirs,
        saved=saved,
        done=done,
        longest=LONGEST_NAME,
        last=campaign_story.last_edit(runtime(), row.id) if theirs is not None else None,
        colleagues=colleagues(),
        hosts=runtime().clinic.campaigns.link_hosts,
        **_counter(checked, people),
    )


def _check_page(
    row: Any,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    changed: bool = False,
    done: str = "",
) -> str:
    rt = runtime()
    if row.state not in ("draft", "freezing", "checking"):
        raise NotNow("edit", row.state)
    checked = campaign_content.check(rt, row)
    whom = campaign_shown.whom(rt, row)
    return render_template(
        "staff/campaign_check.html",
        row=row,
        checked=checked,
        whom=whom,
        audience=campaign_shown.audience_words(rt, row),
        texts=campaign_shown.texts(rt, row),
        policy=rt.clinic.campaigns,
        second=whom.people > rt.clinic.campaigns.approve_above,
        typed=typed or typed_timing(row),
        errors=errors or {},
        changed=changed,
        last=campaign_story.last_edit(rt, row.id) if changed else None,
        done=done,
        colleagues=colleagues(),
        me=actor().staff_id,
        now=rt.now(),
        **_counter(checked, whom.people),
    )
