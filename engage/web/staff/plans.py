"""Plans of treatment: the wishes, the list of sessions that they make, then all are booked; and a plan that was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.treatment_plans import WHY_NOT_WORDS, Part
from engage.domain.visit_words import clock
from engage.services import person_brief, plans_off, treatment_plans
from engage.services.person_brief import Brief
from engage.services.plans_off import NoSuchPlan
from engage.services.treatment_plans import PlanWish
from engage.web.context import runtime
from engage.web.staff.booking import LONGEST_NAME
from engage.web.staff.session import actor
from engage.web.staff.visit_forms import LENGTHS, a_day, a_length, a_time, fields, read

pages = Blueprint("plans", __name__, url_prefix="/plans")

Answer = Response | str | tuple[str, int]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# How often afterwards: sessions in so many weeks.
FEWER: dict[str, tuple[str, int, int]] = {
    "1-1": ("Once a week", 1, 1),
    "1-2": ("Every two weeks", 1, 2),
    "1-3": ("Every three weeks", 1, 3),
    "1-4": ("Every four weeks", 1, 4),
}
MOST_WEEKS = 26
MOST_A_WEEK = 5
_NAMES = (
    "first",
    "minutes",
    "location",
    "per_week",
    "weeks",
    "fewer",
    "fewer_times",
    "practitioner",
    *(f"hour-{n}" for n in range(7)),
)
_DONE = {
    "booked": "All are booked.",
    "cancelled": "All that was to come is cancelled.",
    "undone": "Taken back. Nobody has heard of it.",
}
_USUAL = {"minutes": "60", "per_week": "2", "weeks": "6", "fewer": "1-1", "fewer_times": "4"}


@pages.get("/new")
def form() -> Answer:
    """The form for a person; without one, the search for them."""
    whose = request.args.get("person", "")
    if not whose:
        return render_template("staff/visit_for_whom.html", typed="", results=None, to="plans")
    return _form(_brief(whose), {name: _USUAL.get(name, "") for name in _NAMES}, {})


@pages.post("/new")
def book() -> Answer:
    rt, typed = runtime(), {name: request.form.get(name, "")[:100] for name in _NAMES}
    person = _brief(request.form.get("person", ""))
    changed = False
    try:
        wish = _wish(person.id, typed)
        if "sure" in request.form:
            try:
                id = treatment_plans.book(rt, actor(), wish, request.form.get("mark", ""))
                return redirect(url_for("staff.plans.one", id=id, done="booked", _anchor="done"), 303)
            except ChangedMeanwhile:
                changed = True
        shown = treatment_plans.show(rt, wish)
    except InvalidInput as error:
        return _form(person, typed, fields(error) | _own(error)), 422
    page = render_template(
        "staff/plan_preview.html",
        person=person,
        typed=typed,
        wish=wish,
        shown=shown,
        why_not=WHY_NOT_WORDS,
        changed=changed,
    )
    return page, 409 if changed else 200


@pages.get("/<uuid:id>")
def one(id: UUID) -> str:
    return _page(id, done=_DONE.get(request.args.get("done", ""), ""))


@pages.post("/<uuid:id>/cancel")
def cancel(id: UUID) -> Answer:
    """Shows what calling it off would do; with ``sure``, does it."""
    rt = runtime()
    if "sure" in request.form:
        return _act(id, lambda: plans_off.cancel(rt, actor(), id, request.form.get("seen", "")), "cancelled")
    try:
        effects = plans_off.effects(rt, actor(), id)
    except NoSuchPlan:
        abort(404)
    except InvalidInput as error:
        return _page(id, error.errors), 422
    return render_template("staff/plan_off.html", effects=effects)


@pages.post("/<uuid:id>/undo")
def undo(id: UUID) -> Answer:
    seen = request.form.get("seen", "")
    return _act(id, lambda: plans_off.undo(runtime(), actor(), id, seen), "undone")


def _act(id: UUID, run: Callable[[], int], done: str) -> Answer:
    try:
        run()
    except NoSuchPlan:
        abort(404)
    except InvalidInput as error:
        return _page(id, error.errors), 422
    except ChangedMeanwhile:
        return _page(id, changed=True), 409
    return redirect(url_for("staff.plans.one", id=id, done=done, _anchor="done"), 303)


def _page(id: UUID, errors: Mapping[str, str] | None = None, changed: bool = False, done: str = "") -> str:
    plan = treatment_plans.see(runtime(), actor(), id)
    if plan is None:
        abort(404)
    return render_template("staff/plan.html", plan=plan, errors=errors or {}, changed=changed, done=done)


def _brief(text: str) -> Brief:
    try:
        found = person_brief.see(runtime(), actor(), UUID(text))
    except ValueError:
        abort(404)
    return found if found is not None and found.active else abort(404)


def _wish(person: UUID, typed: Mapping[str, str]) -> PlanWish:
    """What was typed. Raises InvalidInput, with a sentence for each field."""
    errors: dict[str, str] = {}
    first = read(errors, "first", lambda: a_day(typed["first"]), "Please choose a day, such as 2026-11-24.")
    minutes = read(
        errors, "minutes", lambda: a_length(typed["minutes"]), "Please give the length in minutes."
    )
    hours: dict[int, time] = {}
    for n, name in enumerate(DAYS):
        text = typed[f"hour-{n}"]
        sentence = f"Please give the hour for {name}s, such as 14:00, or leave it empty."
        wall = read(errors, f"hour-{n}", lambda text=text: a_time(text), sentence) if text.strip() else None  # type: ignore[misc]
        if wall is not None:
            hours[n] = wall
    parts = _parts(typed, errors)
    if not hours and not any(name.startswith("hour-") for name in errors):
        errors["hour-0"] = "Please give an hour for at least one weekday."
    if runtime().clinic.location(typed["location"]) is None:
        errors["location"] = "Please choose one of the places."
    if errors or first is None or minutes is None:
        raise InvalidInput(errors)
    practitioner = typed["practitioner"].strip()[:LONGEST_NAME]
    return PlanWish(person, typed["location"], first, hours, minutes, parts, practitioner)


def _parts(typed: Mapping[str, str], errors: dict[str, str]) -> tuple[Part, ...]:
    per_week = _count(typed["per_week"], 1, MOST_A_WEEK)
    weeks = _count(typed["weeks"], 1, MOST_WEEKS)
    times = _count(typed["fewer_times"] or "0", 0, MOST_WEEKS)
    if per_week is None:
        errors["per_week"] = f"Please choose 1 to {MOST_A_WEEK} sessions a week."
    if weeks is None:
        errors["weeks"] = f"Please give 1 to {MOST_WEEKS} weeks."
    if times is None or typed["fewer"] not in FEWER:
        errors["fewer_times"] = f"Please give 0 to {MOST_WEEKS} sessions; 0 for none."
    if per_week is None or weeks is None or times is None or typed["fewer"] not in FEWER:
        return ()
    _, sessions, every = FEWER[typed["fewer"]]
    fewer = (Part(sessions, every, times),) if times else ()
    return (Part(per_week, 1, weeks), *fewer)


def _count(text: str, least: int, most: int) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and least <= int(text) <= most else None


def _own(error: InvalidInput) -> dict[str, str]:
    """The plan's first day is the one field of time that it has."""
    return {"first": error.errors["starts_at"]} if "starts_at" in error.errors else {}


def _form(person: Brief, typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "staff/plan_new.html",
        person=person,
        typed=typed,
        days=DAYS,
        fewer=FEWER,
        lengths=LENGTHS,
        most_a_week=MOST_A_WEEK,
        longest_name=LONGEST_NAME,
        hours=_open_hours(),
        errors=errors,
    )


def _open_hours() -> list[str]:
    """When the clinic is open on each weekday, "" where it is not."""
    return [", ".join(f"{clock(a)} to {clock(b)}" for a, b in day) for day in runtime().clinic.hours.week]
