"""``/dev/mailbox``: every email and text that the local senders took. In development only."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, jsonify, render_template, request
from werkzeug.wrappers import Response

from engage.services import mailbox, mailbox_acts
from engage.services.mailbox import Mail
from engage.web.context import runtime

pages = Blueprint("mailbox", __name__, url_prefix="/dev/mailbox")

SHOWN = 200
# What our own address said to the callback.
ANSWERS = {
    "kept": ("", "Our callback address took it. A worker applies it in a second or two."),
    "refused": (
        "bad",
        "Our callback address refused it: the signature does not fit. Is ENGAGE_BASE_URL right?",
    ),
    "error": ("warm", "Our callback address could not keep it just now. A vendor would try again later."),
    "silent": (
        "warm",
        "Nothing answered at our own address. Is ENGAGE_BASE_URL reachable from this machine?",
    ),
    "keyless": ("warm", "There is no key to sign with: ENGAGE_DATA_DIR can’t be written to."),
    "elsewhere": ("warm", "That came from another site’s page, so nothing was done."),
}
_LINK = re.compile(r"https?://[^\s<>\"')\]]+")
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


@pages.get("")
def inbox() -> Response | str:
    if request.args.get("format") == "json":
        return jsonify([_as_json(mail) for mail in mailbox.everything(runtime())])
    return _list("")


@pages.post("")
def search() -> str:
    """A search comes by POST, so that the words are in no address and no log."""
    return _list(request.form.get("words", "").strip())


@pages.get("/<uuid:id>")
def one(id: UUID) -> str:
    mail = find(id)
    return render_template(
        "dev/mail.html",
        mail=mail,
        links=_links(mail),
        acts=mailbox_acts.ACTS[mail.channel],
        longest=mailbox_acts.LONGEST_REPLY,
        answer=ANSWERS.get(request.args.get("answer", "")),
    )


@pages.get("/<uuid:id>/html")
def html(id: UUID) -> Response:
    """The HTML as sent, for the sandboxed frame."""
    mail = find(id)
    return for_frame(mail.html) if mail.html else abort(404)


@pages.get("/<uuid:id>.ics")
def calendar(id: UUID) -> Response:
    """The calendar file that came with it, as a mail program would save it."""
    mail = find(id)
    if not mail.calendar:
        abort(404)
    headers = {"Content-Disposition": "attachment; filename=invite.ics"}
    return Response(mail.calendar, mimetype="text/calendar", headers=headers)


def for_frame(html: str) -> Response:
    """A mail's HTML for a sandboxed frame.

    Its links would open inside the frame, where our pages refuse to be shown: a ``<base>``
    sends them to a new tab. Nothing else is changed.
    """
    base = '<base target="_blank">'
    text, found = _HEAD.subn(lambda head: head.group(0) + base, html, count=1)
    return Response(text if found else base + text, mimetype="text/html")


def _list(words: str) -> str:
    rt = runtime()
    mails = mailbox.search(rt, words, SHOWN)
    return render_template("dev/mailbox.html", mails=mails, words=words, now=rt.now(), limit=SHOWN)


def find(id: UUID) -> Mail:
    """The mail, or 404."""
    mail = mailbox.one(runtime(), id)
    return mail if mail is not None else abort(404)


def _links(mail: Mail) -> list[str]:
    found = _LINK.findall(mail.text) + _LINK.findall(mail.headers.get("List-Unsubscribe", ""))
    return list(dict.fromkeys(link.rstrip(".,;") for link in found))


def _as_json(mail: Mail) -> dict[str, Any]:
    return {
        "id": str(mail.id),
        "message_id": str(mail.message_id),
        "channel": mail.channel,
        "to": mail.to,
        "from": mail.from_,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": dict(mail.headers),
        "kind": mail.kind,
        "sent_at": mail.sent_at.isoformat(),
        "calendar": mail.calendar,
    }
