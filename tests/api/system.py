"""Another system that talks to the API: real app, real database, a key of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.domain.api_keys import SCOPES, Scope
from engage.runtime import Runtime
from engage.services import api_keys
from engage.services.api_keys import MadeKey
from engage.services.audit import CLI
from tests.apps import app_of
from tests.world import World


@dataclass
class System:
    """``world`` is the clinic, ``made`` the key that is sent along."""

    world: World
    scopes: tuple[Scope, ...] = SCOPES
    made: MadeKey = field(init=False)

    def __post_init__(self) -> None:
        self.made = api_keys.create(self.world.rt, CLI, "Practice software", self.scopes)
        self._clients: dict[int, FlaskClient] = {}

    @property
    def rt(self) -> Runtime:
        return self.world.rt

    @property
    def client(self) -> FlaskClient:
        """An app at the world's moment."""
        if id(self.rt) not in self._clients:
            self._clients[id(self.rt)] = app_of(self.rt).test_client()
        return self._clients[id(self.rt)]

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self._headers(headers))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """``headers`` with underscores for dashes; a body that is no text is sent as JSON."""
        more = self._headers(headers)
        if isinstance(body, str | bytes) or body is None:
            return self.client.open(f"/api/v1{path}", method=method, data=body, headers=more)
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=more)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.send("POST", path, body, **headers)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        given = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.made.key}"} | given


def rows(rt: Runtime, sql: str) -> list[Any]:
    """What the database holds."""
    with rt.transaction() as tx:
        return list(tx.exec_driver_sql(sql))


# A new minute's count begins whenever the clock says so.
COUNTS = "form_counts"


def kept(rt: Runtime, but: str = "") -> dict[str, tuple[int, int]]:
    """What every table holds, but one: its rows, and a sum over them and over who wrote each."""
    names = [row[0] for row in rows(rt, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    names = [name for name in names if name != but]
    sums = "count(*), coalesce(sum(hashtext(t.xmin::text || t::text)), 0)"
    return {name: tuple(rows(rt, f"SELECT {sums} FROM {name} t")[0]) for name in names}
