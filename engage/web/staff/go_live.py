"""Going live: what is left of the list, its ticks, test messages to oneself, and the button."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.domain.messages import Channel, Purpose
from engage.services import go_live, staff, staff_account, trial
from engage.web.context import runtime
from engage.web.staff import words
from engage.web.staff.session import actor

pages = Blueprint("go_live", __name__, url_prefix="/go-live")
pages.record(words.prepare)

_DONE = {
    "ticked": "Noted, with your name and the time.",
    "unticked": "Taken back.",
    "unchanged": "Nothing was changed: it was so already.",
    "sent": "On its way. Load this page again in a minute: the list sees for itself whether it arrived.",
    "live": "Live. From now on messages go to everybody; what waited leaves at its next decent hour.",
}
# What a button of the list sends: by which way, in which lane.
_TESTS: dict[str, tuple[Channel, Purpose]] = {
    "email": ("email", "service"),
    "care-email": ("email", "care"),
    "text": ("sms", "care"),
}
LONGEST = 40


@pages.get("")
def show() -> str:
    return _page(_DONE.get(request.args.get("done", ""), ""))


@pages.post("/list/<item>")
def tick(item: str) -> Response | tuple[str, int]:
    done = request.form.get("done") == "yes"
    try:
        changed = go_live.tick(runtime(), actor(), item, done=done)
    except go_live.NobodyIsAsked:
        return _page(refused="The system sees that for itself: nobody is asked."), 422
    return _back("unchanged" if not changed else "ticked" if done else "unticked")


@pages.post("/test")
def test() -> Response | tuple[str, int]:
    """A test message to whoever asks: mail to the address that they sign in with, a text to a number they type."""
    which = _TESTS.get(request.form.get("what", ""))
    if which is None:
        return _page(refused="Please use the buttons of this page."), 422
    channel, purpose = which
    own = staff_account.account(runtime(), g.staff.id).email
    to = own if channel == "email" else request.form.get("number", "")[:LONGEST]
    try:
        trial.plan_test(runtime(), to, channel, purpose)
    except InvalidInput as error:
        return _page(refused=f"Nothing was sent: {error.errors['to']}"), 422
    return _back("sent")


@pages.post("")
def start() -> Response | tuple[str, int]:
    if request.form.get("sure") != "yes":
        return _page(refused="Nothing was changed: please tick the box first."), 422
    try:
        go_live.start(runtime(), actor())
    except go_live.NotReady as error:
        left = ", ".join(item.title for item in error.items)
        return _page(refused=f"Not yet. What is left: {left}."), 409
    return _back("live")


def _back(done: str) -> Response:
    return redirect(url_for("staff.go_live.show", done=done, _anchor="done"), 303)


def _page(done: str = "", refused: str = "") -> str:
    rt = runtime()
    standing = go_live.see(rt)
    with rt.transaction() as tx:
        names = {str(id): name for id, name in staff.names(rt, tx).items()}
    return render_template(
        "staff/go_live.html",
        live=standing,
        names=names,
        done=done,
        refused=refused,
        two_ways=rt.settings.email != rt.settings.care_email,
    )
