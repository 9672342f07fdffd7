"""Colleagues: who may sign in, and as what. Links to set up an account are shown once, by the answer to the act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.domain.roles import PERMISSION_WORDS, ROLE_WORDS, ROLES, Role, may
from engage.services import staff
from engage.services.staff import LINK_DAYS, AlreadyActive, LastAdministrator, Member, NoSuchMember
from engage.web.context import runtime
from engage.web.staff import words
from engage.web.staff.session import actor

pages = Blueprint("members", __name__, url_prefix="/members")
pages.record(words.prepare)

Answer = Response | str | tuple[str, int]
STATES = {"active": "Can sign in", "invited": "Has a link, not used yet", "disabled": "Can’t sign in"}
LAST = "Nothing was changed: that is the last administrator. Make somebody else one first."
_DONE = {
    "role": "The role is changed. They sign in anew.",
    "same": "Nothing was changed: they had that role already.",
    "disabled": "They can’t sign in any more, and every session of theirs has ended.",
}


@pages.get("")
def show() -> str:
    return _page(done=_DONE.get(request.args.get("done", ""), ""))


@pages.post("")
def invite() -> Answer:
    email, name = request.form.get("email", ""), request.form.get("name", "")
    try:
        role = _role()
        made = staff.invite(runtime(), actor(), email, name, role)
    except InvalidInput as error:
        return _page(errors=error.errors), 422
    except AlreadyActive:
        return _page(errors={"email": "They can sign in already; a new start is below."}), 422
    return _page(link=made.url)


@pages.post("/<uuid:id>/role")
def change_role(id: UUID) -> Answer:
    return _act(id, lambda email: staff.change_role(runtime(), actor(), email, _role()), "role")


@pages.post("/<uuid:id>/disable")
def disable(id: UUID) -> Answer:
    def end(email: str) -> bool:
        staff.disable(runtime(), actor(), email)
        return True

    return _act(id, end, "disabled")


@pages.post("/<uuid:id>/reset")
def reset(id: UUID) -> Answer:
    return _page(link=staff.reset(runtime(), actor(), _member(id).email).url)


def _act(id: UUID, run: Callable[[str], bool], done: str) -> Answer:
    try:
        changed = run(_member(id).email)
    except LastAdministrator:
        return _page(refused=LAST), 409
    except NoSuchMember:
        abort(404)
    except InvalidInput as error:
        return _page(refused=" ".join(error.errors.values())), 422
    return redirect(url_for("staff.members.show", done=done if changed else "same", _anchor="done"), 303)


def _role() -> Role:
    found = next((role for role in ROLES if role == request.form.get("role")), None)
    if found is None:
        raise InvalidInput({"role": "Please choose a role from the list."})
    return found


def _member(id: UUID) -> Member:
    return next((one for one in staff.listing(runtime()) if one.id == id), None) or abort(404)


def _page(
    *, done: str = "", refused: str = "", link: str = "", errors: Mapping[str, str] | None = None
) -> str:
    roles = {
        role: _sentence(named.removeprefix("a ").removeprefix("an ")) for role, named in ROLE_WORDS.items()
    }
    return render_template(
        "staff/members.html",
        members=staff.listing(runtime()),
        me=g.staff.id,
        states=STATES,
        roles=roles,
        may_do={role: _may_do(role) for role in ROLES},
        days=LINK_DAYS,
        done=done,
        refused=refused,
        link=link,
        errors=errors or {},
        typed=request.form if errors else {},
    )


def _may_do(role: Role) -> str:
    acts = (told for one, told in PERMISSION_WORDS.items() if one != "own" and may(role, one))
    return _sentence("; ".join(acts))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
