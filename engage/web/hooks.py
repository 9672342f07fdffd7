"""Vendors' callbacks: the signature is checked on the raw bytes before anything is read, then they are kept.

What they mean is found out later, by a worker, so the answer takes a few milliseconds whatever they say. Nothing of a
body is logged. There is no session and no cookie: the signature is the whole authority.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from engage import log
from engage.delivery import sendgrid_events, twilio_callbacks
from engage.services import receipts
from engage.web.access import route
from engage.web.context import runtime

pages = Blueprint("hooks", __name__, url_prefix="/hooks")
logger = log.get(__name__)

# Longest body of each, where it is not the app's.
LIMITS = {"hooks.sendgrid_events_hook": 1024 * 1024}
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?>\n<Response/>\n'


@pages.post("/sendgrid/events")
def sendgrid_events_hook() -> Response:
    rt, body = runtime(), request.get_data()
    signature = request.headers.get(sendgrid_events.SIGNATURE, "")
    stamp = request.headers.get(sendgrid_events.TIMESTAMP, "")
    keys = rt.callback_keys.sendgrid_public_keys
    if request.query_string or not sendgrid_events.genuine(body, signature, stamp, keys, _real_now()):
        return _refused("sendgrid")
    mark = receipts.digest("sendgrid", "events", stamp, body)
    receipts.keep(rt, "sendgrid", "events", mark, {"body": body.decode()})
    return Response(status=204)


@pages.post("/twilio/status/<uuid:attempt>")
def twilio_status(attempt: UUID) -> Response:
    pairs = _from_twilio()
    if pairs is None:
        return _refused("twilio")
    mark = receipts.digest("twilio", "status", attempt.bytes, *twilio_callbacks.status_mark(pairs))
    receipts.keep(runtime(), "twilio", "status", mark, {"form": pairs}, attempt)
    return Response(status=204)


@pages.post("/twilio/inbound")
def twilio_inbound() -> Response:
    pairs = _from_twilio()
    if pairs is None:
        return _refused("twilio")
    id = twilio_callbacks.inbound_mark(pairs)
    mark = receipts.digest("twilio", "inbound", id or request.get_data())
    receipts.keep(runtime(), "twilio", "inbound", mark, {"form": pairs})
    return Response(NOTHING_TO_SAY, mimetype="text/xml")


def _from_twilio() -> list[tuple[str, str]] | None:
    """The form's fields, None when Twilio did not sign it for this address.

    The address is the one that we gave to Twilio. What a proxy or the request's own headers say does not count.
    """
    rt, body = runtime(), request.get_data()
    query = request.query_string.decode("latin-1")
    url = rt.settings.public_url + request.path + (f"?{query}" if query else "")
    signature = request.headers.get(twilio_callbacks.SIGNATURE, "")
    if not twilio_callbacks.genuine(url, body, signature, rt.callback_keys.twilio_auth_tokens):
        return None
    return twilio_callbacks.fields(body)


def _refused(vendor: str) -> Response:
    logger.warning("callback refused", vendor=vendor, route=route())
    return Response("Not signed by the sender.\n", 403, mimetype="text/plain")


def _real_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
