"""Asks the web server whether it is there and whether all it needs is."""

from __future__ import annotations

import http.client

from engage.dev.ports import LOOPBACK

PATHS = ("/healthz", "/readyz")


def why_not(port: int, *, seconds: float = 2.0) -> str | None:
    """None when both paths answer 200; else one phrase that says which doesn't, and what it said."""
    for path in PATHS:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=seconds)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            body = answer.read(400).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            return f"{path} doesn't answer ({error or type(error).__name__})"
        finally:
            connection.close()
        if answer.status != 200:
            return f"{path} answers {answer.status}: {' '.join(body.split())}"
    return None
