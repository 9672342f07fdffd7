"""The mailbox's buttons: what a mail server, a carrier or the person would make a vendor tell us."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from engage.services import mailbox_acts
from engage.web.context import runtime
from engage.web.mailbox import find
from engage.web.staff.csrf import from_elsewhere

pages = Blueprint("mailbox_acts", __name__, url_prefix="/dev/mailbox")


@pages.post("/<uuid:id>/acts/<act>")
def act(id: UUID, act: str) -> Response:
    """What a mail server, a carrier or the person would make the vendor tell us."""
    mail = find(id)
    if act not in mailbox_acts.ACTS[mail.channel]:
        abort(404)
    return _answered(id, "" if from_elsewhere() else mailbox_acts.tell(runtime(), mail, act))


@pages.post("/<uuid:id>/reply")
def reply(id: UUID) -> Response:
    """The person answers a text message."""
    mail, words = find(id), request.form.get("words", "")
    if mail.channel != "sms" or len(words) > mailbox_acts.LONGEST_REPLY:
        abort(422)
    return _answered(id, "" if from_elsewhere() else mailbox_acts.reply(runtime(), mail, words))


def _answered(id: UUID, answer: str) -> Response:
    return redirect(url_for("mailbox.one", id=id, answer=answer or "elsewhere", _anchor="tries"), 303)
