"""``/dev/mailbox``: every email and text that the local senders took. In development only."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, jsonify, render_template, request
from werkzeug.wrappers import Response

from engage.services import mailbox
from engage.services.mailbox import Mail
from engage.web.context import runtime

pages = Blueprint("mailbox", __name__, url_prefix="/dev/mailbox")

SHOWN = 200
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
    mail = _find(id)
    return render_template("dev/mail.html", mail=mail, links=_links(mail))


@pages.get("/<uuid:id>/html")
def html(id: UUID) -> Response:
    """The HTML as sent, for the sandboxed frame."""
    mail = _find(id)
    return for_frame(mail.html) if mail.html else abort(404)


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


def _find(id: UUID) -> Mail:
    mail = mailbox.one(runtime(), id)
    return mail if mail is not None else abort(404)


def _links(mail: Mail) -> list[str]:
    found = _LINK.findall(mail.text) + _LINK.findall(mail.headers.get("List-Unsubscribe", ""))
    return list(dict.fromkeys(link.rstrip(".,;") for link in found))


def _as_json(mail: Mail) -> dict[str, Any]:
    return {
        "id": str(mail.id),
        "channel": mail.channel,
        "to": mail.to,
        "from": mail.from_,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": dict(mail.headers),
        "kind": mail.kind,
        "sent_at": mail.sent_at.isoformat(),
    }
