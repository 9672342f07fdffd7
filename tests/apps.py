"""Web apps for tests. Building one compiles four hundred routes and every template that is shown, and most tests need one
or more, each at a moment of its own: all of one clinic and the same settings share what is built."""

from __future__ import annotations

from collections import OrderedDict
from copy import copy

from flask import Flask

from engage.clinic import Clinic
from engage.runtime import Runtime
from engage.settings import Settings
from engage.web import context
from engage.web.app import create_app

# Some tests have settings of their own.
_MOST = 4
_built: OrderedDict[tuple[int, int], tuple[Flask, Settings, Clinic]] = OrderedDict()


def app_of(rt: Runtime) -> Flask:
    """As ``create_app``, for tests that add no routes to it."""
    # Both are kept with it, so that no other has their id.
    key = (id(rt.settings), id(rt.clinic))
    if key not in _built:
        _built[key] = (create_app(rt), rt.settings, rt.clinic)
        while len(_built) > _MOST:
            _built.popitem(last=False)
    _built.move_to_end(key)
    app = copy(_built[key][0])
    app.extensions = {context.KEY: rt}
    return app
