"""A bare Flask app that takes a visit as JSON and inserts one row: ``granian --interface wsgi bench.peer.visits:app``.

No key, no checks, no sealing, no reminders, no history, no audit.
"""

from __future__ import annotations

import os
from collections import deque
from typing import Any

import psycopg
from flask import Flask, jsonify, request
from sqlalchemy import make_url

TABLE = """
CREATE TABLE IF NOT EXISTS peer_visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person_id uuid NOT NULL,
    starts_at timestamptz NOT NULL, minutes integer NOT NULL, location text NOT NULL)
"""
INSERT = """
INSERT INTO peer_visits (person_id, starts_at, minutes, location) VALUES (%s, %s, %s, %s) RETURNING id
"""


def make_visits(database_url: str) -> Flask:
    """The app. Its pool is a stack of autocommit connections, the cheapest there is."""
    app = Flask("peer")
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    pool: deque[psycopg.Connection] = deque()

    @app.post("/visits")
    def visits() -> Any:
        told = request.get_json()
        values = (told["person_id"], told["starts_at"], told["minutes"], told["location"])
        try:
            connection = pool.pop()
        except IndexError:
            connection = psycopg.connect(url, autocommit=True)
        row = connection.execute(INSERT, values).fetchone()
        pool.append(connection)
        return jsonify(id=row[0] if row else None, **told), 201

    return app


if "DATABASE_URL" in os.environ:
    app = make_visits(os.environ["DATABASE_URL"])
