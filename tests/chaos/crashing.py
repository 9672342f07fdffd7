"""In the product's processes: dies or freezes at a crash point as soon as the harness arms it.

Armed by a file in ``CHAOS_DIR/armed``, so that the others live on; taken by renaming it, so that one process dies for
each arming. Each death is noted before it happens: the judge can prove that every point was really hit.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import signal
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.points import EVERY, POINTS, Role

KILLS = "kills.log"


def slug(point: str) -> str:
    """A point's name as a file's name."""
    return "".join(letter if letter.isalnum() else "-" for letter in point)


def wrap_points(role: Role) -> None:
    """Wraps every point of this role. Costs one look at the file system a call while nothing is armed."""
    home = Path(os.environ["CHAOS_DIR"])
    raw: dict[str, list[str]] = {}
    for name, point in EVERY.items():
        if point.role != role:
            continue
        if point.when in ("half", "taken"):
            raw.setdefault(point.module, []).append(name)
            continue
        owner, attribute = _owner(point.module, point.what)
        setattr(owner, attribute, _wrapped(getattr(owner, attribute), home, name, point.when == "after"))
    if raw:
        _wrap_requests(home, raw)


def _owner(module: str, what: str) -> tuple[Any, str]:
    owner: Any = importlib.import_module(module)
    *classes, attribute = what.split(".")
    for name in classes:
        owner = getattr(owner, name)
    return owner, attribute


def _wrapped(call: Callable[..., Any], home: Path, name: str, after: bool) -> Callable[..., Any]:
    armed = str(home / "armed" / slug(name))

    @functools.wraps(call)
    def wrapped(*args: Any, **words: Any) -> Any:
        if not after and os.path.exists(armed):
            come_to(home, name)
        result = call(*args, **words)
        if after and os.path.exists(armed) and _worth(name, result, args):
            come_to(home, name)
        return result

    return wrapped


def _worth(name: str, result: Any, args: Sequence[Any]) -> bool:
    """A claim that found nothing, or an update of no row, is not the one to die in."""
    if "lesson" in name:
        return any(row.kind == "course-lesson" for row, _ in args[2])
    if getattr(result, "seen", None) == 0 or any(isinstance(arg, list) and not arg for arg in args):
        return False
    return result is None or bool(result) or not isinstance(result, int | list | set | dict)


# How often this process has come to a point since it was armed, by the arming's token.
_come: dict[str, int] = {}


def come_to(home: Path, name: str) -> None:
    """Dies here if the arming says that it is this time, and nobody else was quicker."""
    order = take(home, name)
    if order is not None:
        die(home, name, str(order["how"]), str(order["token"]))


def take(home: Path, name: str) -> dict[str, Any] | None:
    """The order to die, for the one process that gets it."""
    path = home / "armed" / slug(name)
    try:
        order: dict[str, Any] = json.loads(path.read_bytes())
        token = str(order["token"])
        _come[token] = _come.get(token, 0) + 1
        if _come[token] <= int(order["skip"]):
            return None
        path.rename(home / "hit" / token)
    except (OSError, ValueError):
        return None
    return order


def die(home: Path, name: str, how: str, token: str = "") -> None:
    """``child``: this process; ``whole``: with all its relatives; ``freeze``: until somebody thaws it."""
    told = {"point": name, "pid": os.getpid(), "how": how, "token": token, "at": time.time()}
    with (home / KILLS).open("ab", buffering=0) as log:
        log.write(json.dumps(told).encode() + b"\n")
    if how == "whole":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGSTOP if how == "freeze" else signal.SIGKILL)


def _wrap_requests(home: Path, raw: dict[str, list[str]]) -> None:
    from engage.delivery import transport

    call = transport._one

    async def one(session: Any, build: Callable[[], Any], until: float) -> Any:
        request = build()
        module = "engage.delivery.twilio" if "/2010-04-01/" in request.url else "engage.delivery.sendgrid"
        for name in raw[module] if request.method == "POST" else ():
            if order := take(home, name):
                _write(request, half=POINTS[name].when == "half")
                die(home, name, str(order["how"]), str(order["token"]))
        return await call(session, lambda: request, until)

    transport._one = one


def _write(request: Any, half: bool) -> None:
    """Half of the request, or the whole of it until the first byte of its answer is there, on a connection that
    lasts as long as this process."""
    url = urlsplit(request.url)
    assert url.hostname is not None and url.port is not None
    sock: socket.socket = socket.create_connection((url.hostname, url.port), timeout=5)
    if url.scheme == "https":
        trusted = ssl.create_default_context(cafile=os.environ["ENGAGE_CA_FILE"])
        sock = trusted.wrap_socket(sock, server_hostname=url.hostname)
    body = request.body or b""
    lines = [f"{request.method} {url.path} HTTP/1.1", f"Host: {url.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    sock.sendall(head + (body[: len(body) // 2] if half else body))
    if not half:
        with suppress(OSError):  # The vendor may choose just now not to answer.
            sock.recv(1)
