"""The preference page and the page that confirms a new address. A link's token is the whole authority: there is no
cookie that another site could borrow, so the forms need no mark against forgery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.domain.messages import Channel, Purpose
from engage.domain.preferences import (
    DAY_NAMES,
    LONGEST_PAUSE_DAYS,
    TOPICS,
    WAYS,
    clock,
    fewer_of,
    spoken_time,
)
from engage.domain.weeks import DAYS, MIDNIGHT, week
from engage.links import BadLink
from engage.services import changed_address, own_data, preference_acts, preferences
from engage.services.preferences import Forgotten
from engage.web import errors, zones
from engage.web.context import runtime

pages = Blueprint("preferences", __name__, url_prefix="/preferences/<token>")
addresses = Blueprint("addresses", __name__)

# What the page says after an act; the address carries the key only.
_DONE = {
    "stopped": "Done. None of that comes any more.",
    "all": "Done. Nothing comes any more but answers to what you ask us.",
    "agreed": "Thank you. It comes from now on.",
    "paused": "Done. Lessons and news wait until then.",
    "resumed": "Welcome back. Lessons and news come again.",
    "course": "Welcome back. The course goes on.",
    "fewer": "Done. You get fewer from now on.",
    "usual": "Done. You get the usual number again.",
    "zone": "Saved. We go by your clock there.",
    "hours": "Saved. We keep to these hours.",
    "any-hour": "Saved. We write at any decent hour again.",
    "asked": "Thank you. We ask you how you are, by that way.",
    "not-asked": "Done. We don’t ask any more.",
    "address": "We have written to that address, if it may get a letter now. It counts once you follow the link in it.",
    "my-data": "If we have an address of yours that you confirmed, and that did not change in the last week, a link is on its way there.",
}
_PURPOSES: dict[str, Purpose] = {topic.purpose: topic.purpose for topic in TOPICS}
_CHANNELS: dict[str, Channel] = {channel: channel for channel in WAYS}
_HOURS = [(clock(at), spoken_time(at)) for at in range(0, MIDNIGHT + 60, 60)]


@pages.get("")
def show(token: str) -> str:
    return _page(token)


@pages.post("/stop")
def stop(token: str) -> Response:
    purpose, channel = _choice()
    preference_acts.stop(runtime(), token, purpose, channel)
    return _done(token, "stopped")


@pages.post("/stop-all")
def stop_all(token: str) -> Response:
    preference_acts.stop_all(runtime(), token)
    return _done(token, "all")


@pages.post("/agree")
def agree(token: str) -> Response:
    purpose, channel = _choice()
    mark = request.form.get("mark", "")
    preference_acts.agree(runtime(), token, purpose, channel, mark, request.remote_addr or "")
    return _done(token, "agreed")


@pages.post("/check-ins")
def check_ins(token: str) -> Response:
    way = request.form.get("way", "")
    if way != "none" and way not in _CHANNELS:
        abort(422)
    preference_acts.ask_me(runtime(), token, _CHANNELS.get(way))
    return _done(token, "asked" if way != "none" else "not-asked")


@pages.post("/pause")
def pause(token: str) -> Response:
    preference_acts.pause(runtime(), token, request.form.get("until", ""))
    return _done(token, "paused")


@pages.post("/go-on")
def go_on(token: str) -> Response:
    preference_acts.go_on(runtime(), token)
    return _done(token, "resumed")


@pages.post("/go-on-course")
def go_on_course(token: str) -> Response:
    preference_acts.go_on_with(runtime(), token, request.form.get("course", ""))
    return _done(token, "course")


@pages.post("/fewer")
def fewer(token: str) -> Response:
    wanted = request.form.get("fewer", "")
    if wanted not in ("yes", "no"):
        abort(422)
    preference_acts.set_fewer(runtime(), token, wanted == "yes")
    return _done(token, "fewer" if wanted == "yes" else "usual")


@pages.post("/zone")
def zone(token: str) -> Response:
    preference_acts.set_zone(runtime(), token, request.form.get("zone", ""))
    return _done(token, "zone")


@pages.post("/hours")
def hours(token: str) -> Response:
    form = request.form
    preference_acts.set_hours(
        runtime(), token, form.getlist("days"), form.get("from", ""), form.get("to", "")
    )
    return _done(token, "hours")


@pages.post("/any-hour")
def any_hour(token: str) -> Response:
    preference_acts.any_hour(runtime(), token)
    return _done(token, "any-hour")


@pages.post("/address")
def address(token: str) -> Response:
    changed_address.ask(runtime(), token, request.form.get("email", ""))
    return _done(token, "address")


@pages.post("/my-data")
def my_data(token: str) -> Response:
    """The same answer whether or not there is an address to send the link to."""
    own_data.send_link(runtime(), token)
    return _done(token, "my-data")


@pages.post("/new-link")
def new_link(token: str) -> Response:
    """The same answer whether or not there still is an address to send it to."""
    preferences.send_new_link(runtime(), token)
    return redirect(url_for("preferences.show", token=token, sent=""), 303)


@addresses.get("/confirm-address/<token>")
def new_address(token: str) -> str:
    return render_template("public/new_address.html", address=changed_address.page(runtime(), token))


@addresses.post("/confirm-address/<token>")
def use_address(token: str) -> Response:
    changed_address.confirm(runtime(), token)
    return redirect(url_for("addresses.new_address", token=token), 303)


@addresses.get("/not-my-address/<token>")
def not_my_address(token: str) -> str:
    state = changed_address.refusal(runtime(), token)
    return render_template("public/not_my_address.html", state=state)


@addresses.post("/not-my-address/<token>")
def do_not_my_address(token: str) -> Response:
    changed_address.refuse(runtime(), token)
    return redirect(url_for("addresses.not_my_address", token=token), 303)


@pages.errorhandler(InvalidInput)
def _refused(error: InvalidInput) -> tuple[str, int]:
    return _page(str((request.view_args or {})["token"]), error.errors), 422


@pages.errorhandler(Forgotten)
def _forgotten(_: Forgotten) -> tuple[str, int]:
    return render_template("public/preferences_forgotten.html"), 410


@pages.errorhandler(BadLink)
def _bad_link(error: BadLink) -> Response | tuple[str, int]:
    """One that has run out offers a new one; one that we never made does not."""
    if error.reason == "invalid":
        return errors.page(404)
    token = str((request.view_args or {})["token"])
    sent = request.args.get("sent") is not None
    return render_template("public/preferences_expired.html", token=token, sent=sent), 410


def _choice() -> tuple[Purpose, Channel]:
    purpose = _PURPOSES.get(request.form.get("purpose", ""))
    channel = _CHANNELS.get(request.form.get("channel", ""))
    if purpose is None or channel is None:
        abort(422)
    return purpose, channel


def _done(token: str, done: str) -> Response:
    return redirect(url_for("preferences.show", token=token, done=done, _anchor="done"), 303)


def _page(token: str, wrong: Mapping[str, str] | None = None) -> str:
    rt = runtime()
    page = preferences.page(rt, token)
    form = request.form
    caps = rt.clinic.caps
    return render_template(
        "public/preferences.html",
        page=page,
        token=token,
        form=form,
        errors=wrong or {},
        done=_DONE.get(request.args.get("done", "")) if not wrong else None,
        days=dict(zip(DAYS, DAY_NAMES, strict=True)),
        chosen=_chosen(page.lines)
        if "from" not in form
        else (form.getlist("days"), form.get("from"), form.get("to")),
        hours=_HOURS,
        first_day=page.now.date() + timedelta(days=1),
        last_day=page.now.date() + timedelta(days=LONGEST_PAUSE_DAYS),
        zones=zones.options(rt.clinic.course.common_zones, form.get("zone") or page.zone),
        most=(
            fewer_of(caps.bulk_per_week, caps.fewer_percent),
            fewer_of(caps.marketing_per_week, caps.fewer_percent),
        ),
    )


def _chosen(lines: list[str]) -> tuple[list[str], str, str]:
    """Days and hours as the form shows them: what was wished for, or a working day."""
    if not lines:
        return list(DAYS), "09:00", "18:00"
    by_day = dict(zip(DAYS, week(lines), strict=True))
    chosen = [day for day, spans in by_day.items() if spans]
    start, end = by_day[chosen[0]][0]
    return chosen, clock(start), clock(end)
