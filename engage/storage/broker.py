"""Whether Redis or Valkey answers. Nothing is ever kept there."""

from __future__ import annotations

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
