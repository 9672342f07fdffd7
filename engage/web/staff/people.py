"""People: finding one as you type, and the page about one."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import orjson
from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.domain.messages import CHANNELS
from engage.services import (
    authorizations,
    check_in_consent,
    desk_contacts,
    erasure,
    export,
    find,
    merges,
    news_consent,
    outcomes,
    person_acts,
    person_page,
    preferences,
    tags,
    wishes,
)
from engage.services.courses import NoSuchPerson
from engage.services.lessons import PAUSES
from engage.services.merges import NotMerged
from engage.services.person_acts import Act
from engage.web.context import runtime
from engage.web.staff import words
from engage.web.staff.session import actor

pages = Blueprint("people", __name__, url_prefix="/people")
pages.record(words.prepare)

LONGEST = 200
# What somebody says may also be about news alone.
NEWS, NO_NEWS = "agree-news", "stop-news"
_ACTS: dict[str, Act] = {"stop": "stop", "pause": "pause", "resume": "resume"}
# What the page says after an act; what has become untrue meanwhile is not said.
_DONE = {
    "stop": ("The course is stopped. No further lesson will go.", {"stopped"}),
    "pause": ("The course is paused.", {"paused"}),
    "resume": ("The course goes on.", {"active"}),
    "stop-sms": ("Noted. No text goes to the person’s numbers any more, whoever else has them.", None),
    "stop-email": ("Noted. No more email goes to the person, but for answers to what they ask.", None),
    "start-sms": ("Noted. Texts that the person agreed to before come again.", None),
    "start-email": ("Noted. Email that the person agreed to before comes again.", None),
    NEWS: (
        "Noted. News may go to the person by email; a letter tells them so, with the link to change it.",
        None,
    ),
    NO_NEWS: ("Noted. No news goes to the person any more. All else goes on.", None),
    "no-wish": ("Noted. Nothing had been stopped that could start again.", None),
    "address": (
        "Noted. Reminders of visits go there from now on, and nowhere else. Courses do not follow.",
        None,
    ),
    "address-closed": ("Noted, but nothing goes there yet: see below what speaks against it.", None),
    "asked": ("Noted. The person is asked how they are, by that way.", None),
    "not-asked": ("Noted. The person is not asked any more.", None),
    "erased": ("What this person told us is erased. SendGrid and Twilio are told within minutes.", None),
    "tagged": ("Done: the tag is on.", None),
    "untagged": ("Done: the tag is off.", None),
    "authorized": ("Noted. Campaigns that are chosen by treatment or visit may reach this person now.", None),
    "unauthorized": ("Noted. No campaign that is chosen by treatment or visit reaches this person.", None),
    "so-already": ("Nothing was changed: it was so already.", None),
    "unsure": ("Nothing was erased: please tick the box first.", None),
    "merged": ("Done: the two records are one person now. It can be undone below.", None),
    "parted": ("Done: the two are separate again. What came since stays here.", None),
    "not-sure": ("Nothing was changed: please tick the box first.", None),
    "busy": ("Nothing was erased: something new came in just then. Please try again.", None),
    "unchanged": (
        "Nothing was changed: somebody was faster, or the course had ended. This is how it is now.",
        None,
    ),
}


@pages.get("")
def start() -> str:
    newest = find.newcomers(runtime(), actor())
    return render_template("staff/people.html", typed="", results=None, newest=newest)


@pages.post("")
def search() -> str:
    """A search comes by POST, so that the words are in no address and no log."""
    typed = request.form.get("words", "")[:LONGEST]
    results = find.search(runtime(), actor(), typed) if typed.strip() else None
    newest = find.newcomers(runtime(), actor()) if results is None else []
    part = "part" in request.form
    template = "staff/parts/people.html" if part else "staff/people.html"
    return render_template(template, typed=typed, results=results, newest=newest)


@pages.get("/<uuid:id>")
def one(id: UUID) -> str:
    return page(id)


def page(id: UUID, refused: str = "", errors: Mapping[str, str] | None = None) -> str:
    """The page about one person, with what was wrong with a form."""
    found = person_page.see(runtime(), actor(), id)
    if found is None:
        abort(404)
    said, states = _DONE.get(request.args.get("done", ""), ("", None))
    true = states is None or any(course.state in states for course in found.courses)
    return render_template(
        "staff/person.html",
        page=found,
        pauses=PAUSES,
        sources=wishes.SOURCES,
        news=news_consent.wording(runtime()),
        news_mark=preferences.mark_of(news_consent.wording(runtime())),
        authorized_how=authorizations.SOURCES,
        known_tags=tags.listing(runtime()),
        done=said if true else "",
        refused=refused,
        errors=errors or {},
        typed=request.form,
    )


@pages.post("/<uuid:id>/courses/<uuid:enrolment>")
def act(id: UUID, enrolment: UUID) -> Response:
    what = _ACTS.get(request.form.get("act", ""))
    days = request.form.get("days", "14")
    if what is None or days not in {str(choice) for choice in PAUSES}:
        abort(422)
    changed = person_acts.act(runtime(), actor(), id, enrolment, what, int(days))
    if changed is None:
        abort(404)
    done = what if changed else "unchanged"
    return back(id, done)


@pages.post("/<uuid:id>/wishes")
def wish(id: UUID) -> Response | tuple[str, int]:
    """What the person said about messages, with how they said it."""
    said, _, channel = request.form.get("wish", "").partition("-")
    source = request.form.get("source", "")
    if request.form.get("wish") in (NEWS, NO_NEWS) and source in wishes.SOURCES:
        return _news(id, request.form["wish"], source)
    known = next((one for one in CHANNELS if one == channel), None)
    asked = next((one for one in wishes.WISHES if one == said), None)
    if known is None or asked is None or source not in wishes.SOURCES:
        abort(422)
    recorded = wishes.record(runtime(), actor(), id, known, asked, source)
    if recorded is None:
        abort(404)
    nothing = asked == "start" and not recorded.changed
    done = "no-wish" if nothing else f"{asked}-{known}"
    return back(id, done)


def _news(id: UUID, wish: str, source: str) -> Response | tuple[str, int]:
    try:
        if wish == NEWS:
            recorded = news_consent.agree(runtime(), actor(), id, source, request.form.get("mark", ""))
        else:
            recorded = news_consent.stop(runtime(), actor(), id, source)
    except InvalidInput as error:
        return page(id, errors=error.errors), 422
    if recorded is None:
        abort(404)
    return back(id, wish if recorded else "so-already")


@pages.post("/<uuid:id>/address")
def address(id: UUID) -> Response | tuple[str, int]:
    """An address or number as the person told it."""
    source = request.form.get("source", "")
    channel = next((one for one in CHANNELS if one == request.form.get("channel")), None)
    if channel is None or source not in wishes.SOURCES:
        abort(422)
    try:
        corrected = desk_contacts.correct(
            runtime(),
            actor(),
            id,
            channel,
            request.form.get("address", "")[:LONGEST],
            source,
            agreed=request.form.get("agreed") == "yes",
        )
    except InvalidInput as error:
        return page(id, errors=error.errors), 422
    if corrected is None:
        abort(404)
    return back(id, "address-closed" if corrected.closed else "address")


@pages.post("/<uuid:id>/check-ins")
def check_in_wish(id: UUID) -> Response:
    """Whether the person agrees to be asked how they are, with how they said it."""
    way, source = request.form.get("way", ""), request.form.get("source", "")
    known = next((one for one in CHANNELS if one == way), None)
    if (known is None and way != "none") or source not in wishes.SOURCES:
        abort(422)
    if check_in_consent.record(runtime(), actor(), id, known, source) is None:
        abort(404)
    return back(id, "asked" if known is not None else "not-asked")


@pages.post("/<uuid:id>/outcomes.csv")
def outcomes_sheet(id: UUID) -> Response:
    """A file with all answers; it comes by POST, since it leaves a row each time."""
    try:
        body = outcomes.sheet(runtime(), actor(), id)
    except NoSuchPerson:
        abort(404)
    response = Response(body, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="outcomes-{id}.csv"'
    return response


@pages.post("/<uuid:id>/copy")
def copy(id: UUID) -> Response:
    """A file with everything that is kept about the person; it comes by POST, since it leaves a row each time."""
    as_page = request.form.get("as") != "json"
    try:
        told = export.of_person(runtime(), id, actor())
    except NoSuchPerson:
        abort(404)
    body: str | bytes = (
        export.page(runtime(), told) if as_page else orjson.dumps(told, option=orjson.OPT_INDENT_2)
    )
    kind, name = ("text/html", "html") if as_page else ("application/json", "json")
    response = Response(body, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="person-{id}.{name}"'
    return response


@pages.post("/<uuid:id>/merge")
def merge(id: UUID) -> Response | tuple[str, int]:
    """Another record becomes a part of this one, or what was merged parts again."""
    what, _, other = request.form.get("what", "").partition("/")
    try:
        named = UUID(other)
    except ValueError:
        abort(422)
    if what not in ("merge", "undo"):
        abort(422)
    if what == "merge" and request.form.get("sure") != "yes":
        return back(id, "not-sure")
    try:
        if what == "merge":
            merges.merge(runtime(), actor(), id, named)
        else:
            merges.unmerge(runtime(), actor(), named, id)
    except NotMerged as refusal:
        return page(id, str(refusal)), 409
    return back(id, "merged" if what == "merge" else "parted")


def back(id: UUID, done: str) -> Response:
    """To the page again, which says what was done."""
    return redirect(url_for("staff.people.one", id=id, done=done, _anchor="done"), 303)


@pages.post("/<uuid:id>/erase")
def erase(id: UUID) -> Response:
    done = "unsure"
    try:
        if request.form.get("sure") == "yes":
            erasure.erase(runtime(), id, actor())
            done = "erased"
    except NoSuchPerson:
        abort(404)
    except erasure.NotErased:
        done = "busy"
    return back(id, done)
