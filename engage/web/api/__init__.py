"""The JSON API for other systems: ``/api/v1``, its OpenAPI document, and a page that shows it.

A bearer key is the whole authority: no cookie is read or set, so there is no form token either.
"""

from __future__ import annotations

from flask import Blueprint

from engage.web.api import appointments, messages, people, reference
from engage.web.api.dispatch import view_of
from engage.web.api.problems import Refusal, answer
from engage.web.api.routes import Route

PREFIX = "/api"
VERSION = "/v1"
# In the order of the reference.
ROUTES: tuple[Route, ...] = (*people.routes.all, *appointments.routes.all, *messages.routes.all)


def blueprint() -> Blueprint:
    """The blueprint ``api``: the reference, and every route that is declared."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    reference.add(api, ROUTES, PREFIX + VERSION)
    for route in ROUTES:
        api.add_url_rule(
            VERSION + route.path,
            route.name,
            view_of(route),
            methods=[route.method],
            provide_automatic_options=False,
        )
    api.app_errorhandler(Refusal)(answer)
    return api
