"""A log line for each request that failed or was slow (for all at level debug): its route, never its path."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

from flask import Flask, Response, abort, g, request

from engage import log

SLOW_MS = 1000.0
# Asked many times a second while servers start; their answer says it all.
PROBES = ("/healthz", "/readyz")


def watch(app: Flask, limits: Mapping[str, int]) -> None:
    """Times each request, refuses a body that is too long before any view runs, and logs.

    ``limits`` are for endpoints that take more, or less, than the others.
    """
    logger = log.get("web")
    longest = int(app.config["MAX_CONTENT_LENGTH"])

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()
        most = limits.get(request.endpoint or "", longest)
        request.max_content_length = request.max_form_memory_size = most
        # Flask itself checks only when a view reads the form, and some views never do.
        if (request.content_length or 0) > most:
            abort(413)

    @app.after_request
    def end(response: Response) -> Response:
        ms = (perf_counter() - g.began) * 1000 if "began" in g else 0.0
        status = response.status_code
        if status >= 500 and route() not in PROBES:
            note = logger.error
        elif ms >= SLOW_MS:
            note = logger.warning
        else:
            note = logger.debug
        note("request", method=request.method, route=route(), status=status, ms=round(ms, 1))
        return response


def route() -> str:
    """The pattern that the request matched, such as ``/lessons/<token>``; a path may hold a token."""
    return request.url_rule.rule if request.url_rule else "(no route)"
