"""Whether Redis or Valkey answers, and the one thing that it may remember: how far the database was."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError


def problem(url: str, seconds: float = 2.0) -> str | None:
    """None when it answers within ``seconds``, else a sentence. The address is not repeated."""
    if not url:
        return "REDIS_URL is not set"
    try:
        client: Redis = Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds)
        with client:
            client.ping()
    except (RedisError, ValueError, OSError) as error:
        return f"can't be reached ({type(error).__name__}): check REDIS_URL"
    return None


def pulse(url: str, instance: UUID) -> int:
    """How far the database's pulse was when it was last noted here; 0 when nobody can tell."""
    try:
        return int(str(_client(url).get(_key(instance)) or 0))
    except (RedisError, ValueError, OSError):
        return 0


def keep_pulse(url: str, instance: UUID, value: int) -> None:
    """Notes the pulse. It may be lost at any moment."""
    try:
        _client(url).set(_key(instance), value)
    except (RedisError, ValueError, OSError):
        return


@cache
def _client(url: str) -> Redis:
    """One for the process: it keeps a connection, and makes another where that one is gone or a fork's."""
    client: Redis = Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=2.0, decode_responses=True)
    return client


def _key(instance: UUID) -> str:
    return f"engage:pulse:{instance}"
