"""Both vendors behind one door (TLS or not), a control port beside it, and a mail server: one event loop."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.fakes import certificates
from tests.fakes.callbacks import Plan, Poster
from tests.fakes.failing import Failing, split, takes
from tests.fakes.http import Connection, Request, response
from tests.fakes.log import Log, records
from tests.fakes.sendgrid import SendGrid
from tests.fakes.signing import EventKey
from tests.fakes.smtp import MailServer
from tests.fakes.twilio import Twilio

SENDGRID_KEY = "SG.fakes-know-only-this-one"
TWILIO_ACCOUNT = "AC" + "0f" * 16
TWILIO_TOKEN = "fakes-twilio-token-0123456789abcdef"
TWILIO_SERVICE = "MG" + "5e" * 16
MAIL_USER, MAIL_PASSWORD = "engage", "fakes-mail-password"
ROUTES = ("sendgrid", "sendgrid.erase", "twilio", "twilio.list", "twilio.delete")


@dataclass(frozen=True)
class Ports:
    """Where it listens. 0: any free port."""

    door: int = 0
    control: int = 0
    mail: int = 0


class Server:
    """Start it inside a running loop. The ledger's file is ``directory/requests.log``."""

    def __init__(self, directory: Path, tls: bool = False, ports: Ports | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory, self.tls = directory, tls
        self.ports = ports or Ports()
        self.log = Log(directory)
        self.poster = Poster()
        self.key = EventKey.kept(directory / "event-key.pem")
        self.sendgrid = SendGrid(self.log, self.poster, self.key, SENDGRID_KEY)
        self.twilio = Twilio(self.log, self.poster, TWILIO_ACCOUNT, TWILIO_TOKEN, TWILIO_SERVICE)
        self.twilio.recall(records(self.log.path))
        starttls = certificates.server_context(directory) if tls else None
        self.mail = MailServer(self.log, MAIL_USER, MAIL_PASSWORD, starttls)
        self.failing = {route: Failing() for route in ROUTES}
        self.requests = dict.fromkeys((*ROUTES, "other", "cut"), 0)
        self.connections: set[Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.keepalive = 60.0
        self.door: asyncio.Server | None = None
        self.control: asyncio.Server | None = None

    async def start(self) -> dict[str, Any]:
        """Listens; returns what a client has to know."""
        loop = asyncio.get_running_loop()
        await self._open(self.ports.door)
        self.control = await loop.create_server(
            lambda: Connection(lambda _: True, self._control, set(), lambda: None),
            "127.0.0.1",
            self.ports.control,
        )
        mail = await self.mail.start(self.ports.mail)
        assert self.door is not None
        self.ports = Ports(_port(self.door), _port(self.control), mail)
        for running in (self.sendgrid.callbacks.run(), self.twilio.callbacks.run(), self._sweep()):
            self._later(running)
        return {
            "door": self.ports.door,
            "control": self.ports.control,
            "mail": mail,
            "tls": self.tls,
            "public_key": self.key.public,
        }

    async def stop(self) -> None:
        await self._shut()
        if self.control is not None:
            self.control.close()
        await self.mail.stop()
        callbacks = (self.sendgrid.callbacks, self.twilio.callbacks)
        tasks = [*self.tasks, *(task for each in callbacks for task in each.tasks)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.poster.close()
        self.log.close()

    async def _open(self, port: int, context: ssl.SSLContext | None = None) -> None:
        if self.tls and context is None:
            context = certificates.server_context(self.directory)
        self.door = await asyncio.get_running_loop().create_server(
            lambda: Connection(self._begin, self._handle, self.connections, self._cut),
            "127.0.0.1",
            port,
            ssl=context,
            backlog=512,
        )

    async def _shut(self) -> None:
        if self.door is not None:
            self.door.close()
            self.door = None
        for connection in list(self.connections):
            connection.drop()

    async def _sweep(self) -> None:
        """Closes what was idle too long, as servers do."""
        while True:
            await asyncio.sleep(min(self.keepalive / 2, 1.0))
            old = asyncio.get_running_loop().time() - self.keepalive
            for connection in list(self.connections):
                if connection.idle and connection.last < old:
                    connection.transport.close()

    def _cut(self) -> None:
        self.requests["cut"] += 1

    def _vendor(self, request: Request) -> SendGrid | Twilio:
        return self.twilio if request.path.startswith("/2010-04-01/") else self.sendgrid

    def _begin(self, request: Request) -> bool:
        route = self._vendor(request).route(request)
        self.requests[route or "other"] += 1
        if route is not None:
            request.mode = self.failing[route].next()
        return request.mode != "reset_early"

    def _handle(self, request: Request, connection: Connection) -> bytes | None:
        vendor = self._vendor(request)
        if request.mode is None:
            return vendor.answer(request)
        word, figure = split(request.mode)
        if word.endswith("_lost"):
            word = word.removesuffix("_lost")
        proper = vendor.answer(request) if takes(request.mode) else b""
        if takes(request.mode) and int(proper[9:12]) >= 300:
            return proper  # what is refused anyway is not taken, however the connection would have ended
        if word in ("reset_before", "reset_after"):
            connection.drop()
        elif word in ("hang", "hang_after"):
            self._later(_silence(connection, figure or 60.0))
        elif word == "accept_slow":
            self._later(_answer_after(connection, proper, 5.0 if figure is None else figure))
        elif word == "drip":
            self._later(_drip(connection, proper, figure or 1.0))
        elif word == "half":
            connection.reply(proper[: len(proper) // 2], last=True)
        else:
            answer = vendor.failure(word.removesuffix("_after"), figure)
            if not takes(request.mode):
                self.log.write(vendor.name, False, int(answer[9:12]), mode=request.mode)
            return answer
        return None

    def _control(self, request: Request, connection: Connection) -> bytes | None:
        if request.method == "GET" and request.path == "/_control/counts":
            return response(200, orjson.dumps(self.counts()))
        if request.method == "GET" and request.path == "/_control/ledger":
            self.log.file.flush()
            lines = [
                orjson.dumps({**r._asdict(), "body": r.body.decode("utf-8", "replace")})
                for r in records(self.log.path)
            ]
            return response(200, b"\n".join(lines), "application/x-ndjson")
        if request.method == "POST" and request.path == "/_control":
            self._later(self._obey(orjson.loads(request.body), connection))
            return None
        return response(404)

    def counts(self) -> dict[str, Any]:
        callbacks = {"sendgrid": self.sendgrid.callbacks, "twilio": self.twilio.callbacks}
        return {
            "requests": self.requests,
            "accepted": self.log.accepted,
            "refused": self.log.refused,
            "connections": len(self.connections),
            "pending": {name: each.pending for name, each in callbacks.items()},
            "callbacks": {name: each.counts for name, each in callbacks.items()},
        }

    async def _obey(self, order: Mapping[str, Any], connection: Connection) -> None:
        try:
            said = [await self._do(what, given) for what, given in order.items()]
            connection.reply(response(200, orjson.dumps(said[-1] if said else None)))
        except (ValueError, TypeError, KeyError) as error:
            connection.reply(response(400, orjson.dumps({"error": str(error)})))

    async def _do(self, what: str, given: Any) -> Any:
        vendors: dict[str, SendGrid | Twilio] = {"sendgrid": self.sendgrid, "twilio": self.twilio}
        match what:
            case "modes":
                for route, plan in given.items():
                    if route not in self.failing:
                        raise ValueError(f"there is no route {route!r}")
                    self.failing[route] = Failing(**plan)
            case "callbacks":
                for name, plan in given.items():
                    vendors[name].callbacks.follow(Plan(**plan))
            case "settings":
                for name, settings in given.items():
                    (self.mail if name == "smtp" else vendors[name]).settings(**settings)
            case "keepalive":
                self.keepalive = float(given)
            case "door":
                await self._move_door(given)
            case "flush":
                for vendor in vendors.values():
                    vendor.callbacks.flush()
            case "forget":
                self.log.forget()
                self.twilio.forget()
                self.requests.update(dict.fromkeys(self.requests, 0))
            case "events":
                self.sendgrid.tell(given)
            case "inbound":
                return await self.twilio.inbound(**given)
            case _:
                raise ValueError(f"there is no order {what!r}")
        return None

    async def _move_door(self, how: str) -> None:
        """``open``, ``shut`` (connections refused) or ``wrong_tls`` (a certificate that nobody trusts)."""
        if how not in ("open", "shut", "wrong_tls"):
            raise ValueError(f"a door is not {how!r}")
        await self._shut()
        if how != "shut":
            wrong = certificates.server_context(self.directory, "stranger") if how == "wrong_tls" else None
            await self._open(self.ports.door, wrong)

    def _later(self, doing: Any) -> None:
        task = asyncio.create_task(doing)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def _silence(connection: Connection, seconds: float) -> None:
    await asyncio.sleep(seconds)
    connection.drop()


async def _answer_after(connection: Connection, answer: bytes, seconds: float) -> None:
    await asyncio.sleep(seconds)
    connection.reply(answer)


async def _drip(connection: Connection, answer: bytes, seconds: float) -> None:
    for place in range(len(answer)):
        if connection.transport.is_closing():
            return
        connection.transport.write(answer[place : place + 1])
        await asyncio.sleep(seconds)
    connection.reply(b"")


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def serve(directory: Path, tls: bool, ports: Ports, until: Awaitable[Any]) -> None:
    """Runs until ``until`` is done; ``directory/ready.json`` says where, once it does."""
    server = Server(directory, tls, ports)
    about = await server.start()
    written = directory / "ready.json.new"
    written.write_bytes(orjson.dumps(about))
    os.replace(written, directory / "ready.json")
    try:
        await until
    finally:
        await server.stop()
