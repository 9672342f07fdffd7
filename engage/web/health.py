"""``/healthz``: this process answers. ``/readyz``: so does everything it needs."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from engage.services import health
from engage.web.context import runtime

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> Response:
    return Response("ok\n", mimetype="text/plain")


@pages.get("/readyz")
def ready() -> tuple[Response, int]:
    """``{"ready", "failing": [name], "checks": [{"name", "ok", "detail"}]}``; 503 when a check fails.

    With ``?for=web`` only what pages need, for whoever decides where visitors go.
    """
    web = request.args.get("for") == "web"
    checks = health.ready_for_web(runtime()) if web else health.ready(runtime())
    failing = [check.name for check in checks if not check.ok]
    shown = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
    return jsonify(ready=not failing, failing=failing, checks=shown), 503 if failing else 200
