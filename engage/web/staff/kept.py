"""What was typed into a form that could not be sent yet (the session had ended, or a fresh code is asked for): kept
sealed in the page that asks, offered again after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template, request

from engage.services import sealed_forms
from engage.web.context import runtime
from engage.web.staff import csrf, routes, session

FIELD = "kept"
# A working day: the same as a session's longest.
SECONDS = 12 * 3600
# A letter of 64 KiB fits, sealed too; more is in the browser's own history only.
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was not sent: where to, and its fields in order. ``act``: what it does, in words, where that needs a
    fresh code; else empty."""

    path: str
    fields: list[tuple[str, str]]
    act: str

    @property
    def about(self) -> str:
        """The page of the person or campaign that it is about, empty for anything else."""
        above = self.path.rpartition("/")[0]
        return above if above.startswith(("/staff/people/", "/staff/campaigns/")) else ""

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The fields that a person typed or chose, with names that can be read."""
        return [
            (name.replace("_", " ").replace("-", " ").capitalize(), value)
            for name, value in self.fields
            if value.strip()
        ]


def keep() -> str:
    """The form that this request brought, sealed for the member whose page it came from; empty for none."""
    whose = csrf.made_for()
    if whose is not None and request.endpoint == _STEP_UP:
        return request.form.get(FIELD, "")  # The code is typed anew; what waited for it waits on.
    if whose is None or request.method != "POST" or request.endpoint in _SECRET:
        return ""
    fields = [
        (name, value) for name, value in request.form.items(multi=True) if name not in (csrf.FIELD, FIELD)
    ]
    if sum(len(value) for _, value in fields) > LONGEST:
        return ""
    sealed = sealed_forms.seal(runtime(), "staff-kept", whose, _form(fields))
    return sealed if len(sealed) <= LONGEST else ""


def _form(fields: list[tuple[str, str]]) -> dict[str, Any]:
    asks = routes.asks(request.endpoint or "", changes=True)
    return {"path": request.path, "fields": fields, "act": asks.step_up if asks is not None else ""}


def take(text: str, staff_id: UUID) -> Kept | None:
    """What was kept for this member; None when there is nothing, or it is somebody else's."""
    opened = sealed_forms.unseal(runtime(), "staff-kept", text, SECONDS) if text else None
    if opened is None or opened[0] != staff_id:
        return None
    form = opened[1]
    return Kept(form["path"], [(name, value) for name, value in form["fields"]], form.get("act", ""))


def offer(kept: Kept, *, confirmed: bool = False) -> str:
    """The page that shows it and asks whether to send it now. ``confirmed``: a fresh code was given for it."""
    return render_template("staff/signed_in_again.html", kept=kept, me=session.current(), confirmed=confirmed)


_STEP_UP = "staff.step_up.confirm"
# Passwords and codes are typed anew.
_SECRET = frozenset({"staff.account.password", "staff.account.codes", "staff.session.sign_out"})
