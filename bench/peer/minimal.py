"""The least that delivers: claim a batch, post prebuilt requests, mark it. Bare psycopg, no rules, nothing sealed.

``python -m bench.peer.minimal WAY BATCH`` answers ``ready``; each line it reads makes it deliver what is due in
``minimal_messages`` and answer with how many. WAY ``batched`` posts one request for each batch, over one TLS
connection that it writes and reads by itself. WAY ``single`` posts one for each message through the same transport
class as the product, as many at once as the product's sender. The prebuilt request is one that the product sent:
its path, headers' names and size are the same.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection
from urllib.parse import urlsplit

import psycopg
from psycopg import Connection

from engage.delivery.transport import Reply, Request, Transport, trusted

TABLE = """
CREATE TABLE minimal_messages (
    id bigint PRIMARY KEY, person_id bigint NOT NULL, channel smallint NOT NULL, status smallint NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL, dedup_key text NOT NULL UNIQUE, payload jsonb NOT NULL,
    attempts smallint NOT NULL DEFAULT 0, created_at timestamptz NOT NULL DEFAULT now(), claimed_at timestamptz,
    sent_at timestamptz, provider_id text
) WITH (autovacuum_vacuum_scale_factor = 0.01)
"""
INDEX = "CREATE INDEX minimal_due ON minimal_messages (due_at, id) WHERE status = 0"
FILL = """
INSERT INTO minimal_messages (id, person_id, channel, due_at, dedup_key, payload)
SELECT n, n, 0, now(), 'lesson/' || n, jsonb_build_object('to', 'person.' || n || '@example.org', 'given_name', 'Ada',
    'lesson_url', 'https://engage.example.org/lessons/' || md5(n::text),
    'unsubscribe_url', 'https://engage.example.org/unsubscribe/' || md5(n::text))
FROM generate_series(%s::bigint, %s::bigint) n
"""
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM minimal_messages WHERE status = 0 AND due_at <= now() ORDER BY due_at, id LIMIT %s
    FOR UPDATE SKIP LOCKED
)
UPDATE minimal_messages m SET status = 1, claimed_at = now(), attempts = attempts + 1
FROM due WHERE m.id = due.id RETURNING m.*
"""
MARK = """
UPDATE minimal_messages m SET status = 2, sent_at = now(), provider_id = v.p
FROM unnest(%s::bigint[], %s::text[]) v(id, p) WHERE m.id = v.id AND m.status = 1
"""
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Prebuilt:
    """One request as the product made it. ``at_once`` is how many the product has under way."""

    url: str
    headers: dict[str, str]
    body: bytes
    at_once: int

    @classmethod
    def read(cls, path: Path) -> Prebuilt:
        told = json.loads(path.read_text(encoding="utf-8"))
        return cls(told["url"], told["headers"], told["body"].encode(), told["at_once"])

    def keep(self, path: Path) -> None:
        told = {"url": self.url, "headers": self.headers, "body": self.body.decode(), "at_once": self.at_once}
        path.write_text(json.dumps(told), encoding="utf-8")


class Wire:
    """One kept TLS connection, written and read as plainly as can be."""

    def __init__(self, request: Prebuilt, ca_file: Path) -> None:
        url = urlsplit(request.url)
        assert url.hostname is not None
        plain = create_connection((url.hostname, url.port or 443), timeout=SECONDS)
        plain.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self._socket = trusted(ca_file).wrap_socket(plain, server_hostname=url.hostname)
        headers = {"Host": url.netloc, **request.headers, "Content-Length": str(len(request.body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._bytes = f"POST {url.path} HTTP/1.1\r\n{head}\r\n".encode() + request.body

    def post(self) -> str:
        """The message id of the answer. RuntimeError unless it was taken."""
        self._socket.sendall(self._bytes)
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = self._socket.recv(65536)
            if not more:
                raise RuntimeError("the vendor closed a kept connection")
            answer += more
        head = answer.partition(b"\r\n\r\n")[0].decode("latin-1")
        if head[9:12] != "202":
            raise RuntimeError(f"answered {head[9:12]}")
        return head.lower().partition("x-message-id: ")[2].partition("\r\n")[0]


def batched(request: Prebuilt, ca_file: Path) -> Callable[[list[int]], list[str]]:
    """One request for all."""
    wire = Wire(request, ca_file)
    return lambda ids: [wire.post()] * len(ids)


def single(request: Prebuilt, ca_file: Path) -> Callable[[list[int]], list[str]]:
    """A request for each."""
    transport = Transport(ca_file)
    made = Request("POST", request.url, request.headers, request.body)

    def post(ids: list[int]) -> list[str]:
        answers = transport.exchange([lambda: made] * len(ids), time.monotonic() + SECONDS, request.at_once)
        taken = [
            a.headers.get("x-message-id", "-") for a in answers if isinstance(a, Reply) and a.status < 300
        ]
        if len(taken) != len(ids):
            raise RuntimeError(f"{len(ids) - len(taken)} were not taken")
        return taken

    return post


def deliver(own: Connection, batch: int, post: Callable[[list[int]], list[str]]) -> int:
    """Until nothing is due. Each claim and each mark commits by itself."""
    sent = 0
    while ids := [row[0] for row in own.execute(CLAIM, [batch])]:
        own.execute(MARK, [ids, post(ids)])
        sent += len(ids)
    return sent


def main() -> None:
    """Reads and answers until standard input ends."""
    way, batch = sys.argv[1], int(sys.argv[2])
    request = Prebuilt.read(Path(os.environ["PEER_REQUEST"]))
    post = (batched if way == "batched" else single)(request, Path(os.environ["ENGAGE_CA_FILE"]))
    with psycopg.connect(os.environ["PEER_DATABASE_URL"], autocommit=True) as own:
        print("ready", flush=True)
        for _ in sys.stdin:
            print(deliver(own, batch, post), flush=True)
    os._exit(0)  # the transport's thread says its goodbyes to nobody


if __name__ == "__main__":
    main()
