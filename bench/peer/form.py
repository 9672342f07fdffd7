"""A bare Flask app with one route that inserts one row: no checks, no sealing, no headers."""

from __future__ import annotations

from collections import deque

import psycopg
from flask import Flask, request
from sqlalchemy import make_url

INSERT = """
INSERT INTO peer_signups (given_name, email, main_pain, zone, created_at) VALUES (%s, %s, %s, %s, now())
"""


def make_form(database_url: str) -> Flask:
    """The app. Its pool is a stack of autocommit connections, the cheapest there is."""
    app = Flask("peer")
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    pool: deque[psycopg.Connection] = deque()

    @app.post("/signup")
    def signup() -> tuple[str, int, dict[str, str]]:
        form = request.form
        values = (form["given_name"], form["email"], form["main_pain"], form["zone"])
        try:
            connection = pool.pop()
        except IndexError:
            connection = psycopg.connect(url, autocommit=True)
        connection.execute(INSERT, values)
        pool.append(connection)
        return "", 303, {"Location": "/thanks"}

    return app
