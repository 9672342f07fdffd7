"""Friendly pages for everything that goes wrong. None shows a trace, an input or a value."""

from __future__ import annotations

import sys

from flask import Flask, render_template, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from engage import log
from engage.links import BadLink
from engage.web.access import route
from engage.web.api import problems

# status -> title, and what to do about it
PAGES: dict[int, tuple[str, str]] = {
    400: (
        "That request was not clear",
        "Something in it was missing or broken. Please go back and try again.",
    ),
    403: (
        "That was not done",
        "It can only be asked for from our own page, by someone who may. Please go back, load the page again and retry.",
    ),
    404: (
        "We can’t find that page",
        "The address may be cut off. If it came from an email, please follow its link once more.",
    ),
    405: (
        "That address works another way",
        "It can’t be opened like this. Please go back to the page or the email you came from.",
    ),
    410: (
        "This link has run out",
        "For your safety, such links work for a limited time. You can sign up again and get a fresh one.",
    ),
    413: (
        "That was too much at once",
        "What was sent is larger than this page takes. Please shorten it and try again.",
    ),
    415: (
        "We can’t read that",
        "It was sent in a form that this page doesn’t take. Please use the form on the page.",
    ),
    422: (
        "Please check what you typed",
        "Something in it can’t be used. Please go back, change it and try again.",
    ),
    429: (
        "One moment, please",
        "There were many tries in a short time. Please wait a few minutes and try again.",
    ),
    500: (
        "Something went wrong on our side",
        "Nothing you did caused this, and we have made a note of it. Please try again in a minute.",
    ),
    503: (
        "We’ll be right back",
        "The service can’t be reached just now, and nothing was kept. Please try again in a few minutes.",
    ),
}
# Programs ask here: they get the same as a problem (RFC 9457).
FOR_PROGRAMS = "/api/"
_RETRY_SECONDS = {429: "300", 503: "30"}


def handle(app: Flask) -> None:
    """Registers the pages on ``app``."""
    app.register_error_handler(BadLink, _bad_link)
    for unreachable in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(unreachable, _unreachable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def page(status: int) -> Response:
    """The page for ``status``, which must be one of PAGES; for programs the problem."""
    if request.path.startswith(FOR_PROGRAMS):
        response = problems.of_status(status)
    else:
        title, cure = PAGES[status]
        text = render_template("errors/error.html", status=status, title=title, cure=cure)
        response = Response(text, status, mimetype="text/html")
    if status in _RETRY_SECONDS:
        response.headers["Retry-After"] = _RETRY_SECONDS[status]
    return response


def _bad_link(error: BadLink) -> Response:
    return page(410 if error.reason == "expired" else 404)


def _http(error: HTTPException) -> Response:
    if isinstance(error, RequestRedirect):
        return error.get_response(request.environ)
    status = error.code or 500
    response = page(status if status in PAGES else 400 if status < 500 else 500)
    # An answer to a method that is not allowed has to name those that are (RFC 9110, 15.5.6).
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _unreachable(error: Exception) -> Response:
    _note(error)
    return page(503)


def _unexpected(error: Exception) -> Response:
    _note(error)
    return page(500)


def _note(error: Exception) -> None:
    """Logs the type, the route's pattern and the place. The text of an error may quote a row."""
    trace = sys.exc_info()[2]
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    log.get("web").error("request failed", error=type(error).__name__, route=route(), where=where)
