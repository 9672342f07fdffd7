"""Campaigns: the list, a new one, how far one is, what came of it, and what is done with one that was submitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast, get_args
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response

from engage.domain.campaigns import State, may
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.messages import Channel
from engage.services import campaign_report, campaign_shown, campaign_story, campaigns
from engage.services.campaigns import LONGEST_NAME, NotNow
from engage.web.context import runtime
from engage.web.staff import campaign_words
from engage.web.staff.campaign_forms import refusals, version_seen
from engage.web.staff.colleagues import colleagues
from engage.web.staff.session import actor

pages = Blueprint("campaigns", __name__, url_prefix="/campaigns")
refusals(pages)
pages.record(campaign_words.prepare)

LISTED = 200
Answer = Response | str | tuple[str, int]
# In the order of the list: what may go wrong just now comes first.
GROUPS: tuple[tuple[str, tuple[State, ...]], ...] = (
    ("Under way", ("paused", "running", "starting")),
    ("Waiting", ("checking", "approved", "freezing")),
    ("Drafts", ("draft",)),
    ("Over", ("done", "cancelled")),
)
# States in which its text and audience are still looked at, and those in which they are decided on.
WRITING: frozenset[State] = frozenset({"draft"})
DECIDING: frozenset[State] = frozenset({"freezing", "checking", "approved"})
DONE = {
    "approved": "Approved. It can be started now.",
    "sent_back": "It is a draft again. Who is to get it is fixed anew when it is submitted.",
    "started": "",
    "undone": "Taken back: nothing has left.",
    "paused": "Paused: nothing more is begun. What was in the sender’s hands a moment ago still arrives.",
    "resumed": "It goes on.",
    "cancelled": "Cancelled. Whoever has not got it by now never will.",
}


@pages.get("")
def start_page() -> str:
    rows = campaigns.listing(runtime(), LISTED)
    groups = [
        (title, sorted((row for row in rows if row.state in states), key=lambda r: states.index(r.state)))
        for title, states in GROUPS
    ]
    return render_template(
        "staff/campaigns.html",
        groups=[(title, found) for title, found in groups if found],
        progress=campaign_report.progress,
        colleagues=colleagues(),
        more=len(rows) == LISTED,
    )


@pages.get("/new")
def new() -> str:
    return render_template("staff/campaign_new.html", typed={}, errors={}, longest=LONGEST_NAME)


@pages.post("/new")
def create() -> Answer:
    typed = {"name": request.form.get("name", ""), "channel": request.form.get("channel", "")}
    errors = {}
    if typed["channel"] not in get_args(Channel):
        errors["channel"] = "Please choose how it is sent."
    try:
        if not errors:
            id = campaigns.create(runtime(), actor(), typed["name"], cast(Channel, typed["channel"]))
            return redirect(url_for("staff.campaign_audience.show", id=id), 303)
        if not typed["name"].strip():
            errors = {"name": "Please give it a name."} | errors
    except InvalidInput as error:
        errors |= error.errors
    page = render_template("staff/campaign_new.html", typed=typed, errors=errors, longest=LONGEST_NAME)
    return page, 422


@pages.get("/<uuid:id>")
def one(id: UUID) -> Answer:
    """Where a campaign is now: its draft, what waits for a decision, or how far it is."""
    row = campaigns.one(runtime(), id)
    done = request.args.get("done", "")
    if row.state in WRITING:
        return redirect(url_for("staff.campaign_audience.show", id=id, done=done or None), 303)
    if row.state in DECIDING:
        name = "send" if row.state == "approved" else "check"
        page = "staff.campaigns.send" if name == "send" else "staff.campaign_drafts.check"
        return redirect(url_for(page, id=id, done=done or None), 303)
    return _page(row, DONE.get(done, ""))


@pages.get("/<uuid:id>/progress")
def progress(id: UUID) -> str:
    """The part of the page that changes by itself. It is asked for every few seconds."""
    row = campaigns.one(runtime(), id)
    return render_template("staff/parts/campaign_live.html", **_live(row))


@pages.post("/<uuid:id>/approve")
def approve(id: UUID) -> Answer:
    return _act(id, "approved", lambda: campaigns.approve(runtime(), actor(), id, version_seen()))


@pages.post("/<uuid:id>/send-back")
def send_back(id: UUID) -> Answer:
    return _act(id, "sent_back", lambda: campaigns.send_back(runtime(), actor(), id, version_seen()))


@pages.get("/<uuid:id>/send")
def send(id: UUID) -> Answer:
    """The last page before it leaves."""
    row = campaigns.one(runtime(), id)
    if row.state != "approved":
        return redirect(url_for("staff.campaigns.one", id=id), 303)
    return _send(row, done=DONE.get(request.args.get("done", ""), ""))


@pages.post("/<uuid:id>/start")
def start(id: UUID) -> Answer:
    typed, fine = request.form.get("typed", ""), request.form.get("grown") == "fine"
    seen = version_seen()
    try:
        campaigns.start(runtime(), actor(), id, seen, typed, grown_is_fine=fine)
        return _to(id, "started")
    except InvalidInput as error:
        return _send(campaigns.one(runtime(), id), typed, error.errors), 422
    except (ChangedMeanwhile, NotNow) as error:
        if _is_repeated(id, "started"):
            return _to(id, "started")
        if isinstance(error, NotNow):
            raise
        return _again(campaigns.one(runtime(), id)), 409


@pages.post("/<uuid:id>/undo")
def undo(id: UUID) -> Answer:
    # Whatever the page showed: taking it back must not fail since somebody looked at it a second time.
    return _act(
        id,
        "undone",
        lambda: campaigns.undo(runtime(), actor(), id, campaigns.one(runtime(), id).version),
    )


@pages.post("/<uuid:id>/pause")
def pause(id: UUID) -> Answer:
    return _act(id, "paused", lambda: campaigns.pause(runtime(), actor(), id))


@pages.post("/<uuid:id>/resume")
def resume(id: UUID) -> Answer:
    return _act(id, "resumed", lambda: campaigns.resume(runtime(), actor(), id))


@pages.get("/<uuid:id>/cancel")
def ask_cancel(id: UUID) -> Answer:
    """What cancelling it would mean, before it is done."""
    row = campaigns.one(runtime(), id)
    if not may("cancel", cast(State, row.state)):
        return redirect(url_for("staff.campaigns.one", id=id), 303)
    return render_template("staff/campaign_cancel.html", row=row, far=campaign_report.progress(row))


@pages.post("/<uuid:id>/cancel")
def cancel(id: UUID) -> Answer:
    return _act(id, "cancelled", lambda: campaigns.cancel(runtime(), actor(), id))


@pages.post("/<uuid:id>/clone")
def clone(id: UUID) -> Response:
    new = campaigns.clone(runtime(), actor(), id)
    return redirect(url_for("staff.campaign_audience.show", id=new, done="cloned", _anchor="done"), 303)


@pages.post("/<uuid:id>/export.csv")
def export(id: UUID) -> Response:
    """Everybody it was about, by ids. It is downloaded by POST, so that no link takes it out by itself."""
    lines = campaign_report.export(runtime(), actor(), id)
    headers = {"Content-Disposition": f'attachment; filename="campaign-{id}.csv"'}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)


def _act(id: UUID, done: str, run: Callable[[], Any]) -> Answer:
    """Does it and goes back to the page; or shows how it is now, when somebody was faster."""
    try:
        run()
        return _to(id, done)
    except InvalidInput as error:
        return _again(campaigns.one(runtime(), id), error.errors), 422
    except (ChangedMeanwhile, NotNow) as error:
        if _is_repeated(id, done):
            return _to(id, done)
        if isinstance(error, NotNow):
            raise
        return _again(campaigns.one(runtime(), id)), 409


def _is_repeated(id: UUID, done: str) -> bool:
    """Whether the last thing that was done with it is this very form, pressed before."""
    last = campaign_story.last_edit(runtime(), id)
    return last is not None and (last.what, last.staff_id) == (done, actor().staff_id)


def _to(id: UUID, done: str) -> Response:
    return redirect(url_for("staff.campaigns.one", id=id, done=done, _anchor="done"), 303)


def _again(row: Any, errors: dict[str, str] | None = None) -> str:
    """How it is now, with what was in the way; without errors somebody was faster."""
    return render_template(
        "staff/campaign_changed.html",
        row=row,
        errors=errors or {},
        last=campaign_story.last_edit(runtime(), row.id),
        colleagues=colleagues(),
    )


def _send(row: Any, typed: str = "", errors: dict[str, str] | None = None, done: str = "") -> str:
    rt = runtime()
    if row.state != "approved":
        return _again(row, errors)
    return render_template(
        "staff/campaign_send.html",
        row=row,
        asked=campaigns.asked_before_start(rt, row.id),
        policy=rt.clinic.campaigns,
        whom=campaign_shown.whom(rt, row),
        now=rt.now(),
        colleagues=colleagues(),
        typed=typed,
        errors=errors or {},
        done=done,
    )


def _live(row: Any) -> dict[str, Any]:
    """What the part that changes by itself shows."""
    rt = runtime()
    return {
        "row": row,
        "far": campaign_report.progress(row),
        "now": rt.now(),
        "policy": rt.clinic.campaigns,
        "why": campaign_story.why_paused(rt, row.id) if row.state == "paused" else "",
        "later": (row.tally or {}).get("later", 0),
    }


def _page(row: Any, done: str) -> str:
    rt = runtime()
    return render_template(
        "staff/campaign.html",
        **_live(row),
        report=campaign_report.report(rt, row.id),
        texts=campaign_shown.texts(rt, row),
        events=campaign_story.events(rt, row.id),
        colleagues=colleagues(),
        done=done,
        me=g.staff.id,
    )
