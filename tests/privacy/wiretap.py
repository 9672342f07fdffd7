"""Everything that goes through the broker, as it goes through."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

# Stands among the commands where the wire was cut before its time.
BROKEN = "the wiretap lost its connection"


class Wiretap:
    """Listens from ``start`` to ``stop``. ``heard`` are the commands, ``tasks`` Celery's messages."""

    def __init__(self, url: str) -> None:
        self.heard: list[str] = []
        self.tasks: list[tuple[str, Any]] = []
        self._client: Redis = Redis.from_url(url)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._listening = threading.Event()
        self._ended = False

    def start(self) -> None:
        self._thread.start()
        assert self._listening.wait(10)

    def stop(self) -> None:
        self._ended = True
        self._client.ping()  # one more command, so that the listener wakes up and sees the end
        self._thread.join(10)
        self._client.close()

    def _listen(self) -> None:
        try:
            with self._client.monitor() as monitor:  # type: ignore[no-untyped-call]
                self._listening.set()
                while not self._ended:
                    self._hear(monitor.next_command()["command"])
        except RedisError:
            if not self._ended:
                self.heard.append(BROKEN)

    def _hear(self, command: str) -> None:
        self.heard.append(command)
        words = command.split(" ", 2)
        if words[0].upper() == "LPUSH" and len(words) == 3 and words[2].startswith("{"):
            message = json.loads(words[2])
            body = b64decode(message["body"]).decode()
            self.heard.append(body)
            self.tasks.append((message["headers"]["task"], json.loads(body)))
            self.heard.append(str(message["headers"]))
