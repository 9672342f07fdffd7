"""Texts and mails that came in, as follow-ups name them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template

from engage.services import texts_in
from engage.web.context import runtime
from engage.web.staff.session import actor

pages = Blueprint("texts", __name__, url_prefix="/texts")


@pages.get("/<uuid:id>")
def one(id: UUID) -> str:
    told = texts_in.conversation(runtime(), actor(), id)
    return render_template("staff/texts.html", told=told) if told is not None else abort(404)


@pages.get("/mails/<uuid:id>")
def mail(id: UUID) -> str:
    told = texts_in.mail(runtime(), actor(), id)
    return render_template("staff/mail_in.html", told=told) if told is not None else abort(404)
