"""``/metrics`` for Prometheus. Guarded by a token; without one it is there in development only."""

from __future__ import annotations

import hmac

from flask import Blueprint, abort, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.wrappers import Response

from engage.services.metrics import Metrics
from engage.web.context import runtime

pages = Blueprint("metrics", __name__)
_KEY = "engage.metrics"


@pages.get("/metrics")
def metrics() -> Response:
    settings = runtime().settings
    if not settings.metrics_token and not settings.development:
        abort(404)
    if settings.metrics_token and not _allowed(settings.metrics_token):
        return Response("Say `Authorization: Bearer` and ENGAGE_METRICS_TOKEN.\n", 401, _ASK, "text/plain")
    return Response(generate_latest(_registry()), headers=_FRESH, content_type=CONTENT_TYPE_LATEST)


_ASK = {"WWW-Authenticate": "Bearer"}
_FRESH = {"Cache-Control": "no-store"}


def _allowed(token: str) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def _registry() -> CollectorRegistry:
    """One for each app: it keeps what it read for a moment."""
    found = current_app.extensions.get(_KEY)
    if found is None:
        found = CollectorRegistry(auto_describe=False)
        found.register(Metrics(runtime()))
        found = current_app.extensions.setdefault(_KEY, found)
    assert isinstance(found, CollectorRegistry)
    return found
