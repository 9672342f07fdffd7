"""F5 to F8: vendors that fail in every way, take and drop, tell late, twice, never; and strangers that forge."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from engage.ids import new_id
from engage.storage.database import run
from tests.chaos.points import Column
from tests.chaos.rounds import Result, Round
from tests.chaos.stand import Stand
from tests.fakes import server
from tests.fakes.signing import EventKey, events_request, form_request

ROUTES = ("sendgrid", "twilio")
# One after the other, each for a few seconds: what the vendor does to how many requests.
BAD_DAYS: tuple[tuple[str, Mapping[str, float]], ...] = (
    ("30 % are 500 or 503", {"500": 0.15, "503": 0.15}),
    ("500 after taking", {"500_after": 0.3}),
    ("bursts of 429", {"429": 0.6}),
    ("silence for a minute", {"hang": 0.2}),
    ("taken, then silence", {"hang_after": 0.2}),
    ("reset before", {"reset_before": 0.3}),
    ("reset after", {"reset_after": 0.3}),
    ("reset at the head", {"reset_early": 0.3}),
    ("200 and nonsense", {"garbage": 0.3}),
    ("nonsense, nothing taken", {"garbage_lost": 0.3}),
    ("half an answer", {"half": 0.3}),
    ("one byte a second", {"drip": 0.3}),
    ("nginx's 413", {"html413": 0.4}),
)
DOORS = ("shut", "wrong_tls")
DROPPED = {"reset_after": 0.1, "half": 0.05, "hang_after": 0.05}


def bad_days(stand: Stand, column: Column, seed: int, each: float = 2.5, pace: int = 12) -> Result:
    """F5. After each bad time the vendor is well again for a moment, or its breaker would only rest."""
    round = Round(stand, "F5", column, seed)
    days: list[tuple[str, Mapping[str, float]]] = list(BAD_DAYS)
    round.dice.shuffle(days)
    for name, chances in days:
        for route in ROUTES:
            fit = {
                "garbage:200" if mode == "garbage" and route == "sendgrid" else mode: n
                for mode, n in chances.items()
            }
            stand.fake.set_modes(route, chances=fit, seed=round.dice.randrange(1000))
        _meanwhile(round, each, pace)
        for route in ROUTES:
            stand.fake.set_modes(route)
        round.faults[name] += 1
        _meanwhile(round, 1.0, pace)
    for how in DOORS:
        stand.fake.door(how)
        _meanwhile(round, each, pace)
        stand.fake.door("open")
        round.faults[f"door {how}"] += 1
    round.settle()
    if round.release():
        round.settle()
    return round.result()


def _meanwhile(round: Round, seconds: float, pace: int) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        round.feed(pace, within=0.5)
        round.during(0.5)


def accept_then_drop(stand: Stand, column: Column, seed: int, size: int) -> Result:
    """F6. Of each hundred requests twenty are taken and never answered."""
    round = Round(stand, "F6", column, seed)
    for route in ROUTES:
        stand.fake.set_modes(route, chances=DROPPED, seed=seed)
    for _ in range(0, size, 100):
        round.feed(min(100, size - len(round.load.made)), within=1.0)
        round.during(0.7)
    for route in ROUTES:
        stand.fake.set_modes(route)
    round.settle()
    round.faults["requests dropped"] = sum(1 for one in stand.fake.ledger() if one.mode in DROPPED)
    return round.result()


def shuffled(stand: Stand, seed: int, size: int) -> Result:
    """F7. Every word comes seven times, in any order, one by one; some accepted mail bounces, some texts fail."""
    round = Round(stand, "F7", "ok", seed)
    how: dict[str, Any] = {"copies": 7, "shuffled": 3.0, "pause": 1.0}
    stand.fake.set_callbacks(
        "sendgrid", url=f"{stand.base_url}/hooks/sendgrid/events", split=True, seed=seed, **how
    )
    stand.fake.set_callbacks("twilio", seed=seed, **how)
    stand.fake.settings("sendgrid", shares={"late_bounce": 0.1, "deferred": 0.2, "future": 0.1}, seed=seed)
    for route in ROUTES:
        stand.fake.set_modes(route, chances={"reset_after": 0.1}, seed=seed)
    round.feed(size, within=2.0)
    round.settle(180)
    for route in ROUTES:
        stand.fake.set_modes(route)
    stand.fake.settings("sendgrid", shares={})
    round.settle()
    round.faults["callbacks"] = sum(one["answered"] for one in stand.fake.counts()["callbacks"].values())
    return round.result()


def forged(stand: Stand, seed: int, count: int) -> Result:
    """F8. Forged, altered and replayed callbacks while mail goes out. None is taken, and none is written down."""
    round = Round(stand, "F8", "ok", seed)
    made = round.feed(20)
    round.settle()
    marks = [one.mark for one in stand.fake.ledger() if one.to in {m.to for m in made}]
    stranger, key = EventKey.new(), stand.fake.event_key
    # One that is genuine, to be played again and again.
    genuine = (
        "/hooks/sendgrid/events",
        *events_request(key, [{"event": "processed", "sg_event_id": f"real-{seed}"}]),
    )
    assert _post(stand, *genuine) == 204
    before = _rows(stand)
    statuses: dict[int, int] = {}
    for n in range(count):
        request = (
            genuine if n % 8 == 7 else _forgery(n, round.dice.choice(marks), stranger, key, stand.base_url)
        )
        answered = _post(stand, *request)
        statuses[answered] = statuses.get(answered, 0) + 1
        stand.keep()
    round.faults["forged callbacks"] = count
    round.notes["answers"] = statuses
    if statuses != {403: count - count // 8, 204: count // 8}:
        round.wrong.append(f"forged callbacks were answered {statuses}")
    if (after := _rows(stand)) != before:
        round.wrong.append(f"{after - before} rows were written")
    # Had one been believed, these people would get nothing more.
    round.feed(20)
    round.settle()
    return round.result()


def _post(stand: Stand, path: str, body: bytes, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(urlsplit(stand.base_url).netloc, timeout=15)
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _rows(stand: Stand) -> int:
    with stand.rt.transaction() as tx:
        sql = "SELECT (SELECT count(*) FROM receipts) + (SELECT count(*) FROM inbound) + (SELECT count(*) FROM suppressions)"
        return int(run(tx, sql).scalar_one())


def _forgery(
    n: int, mark: str, stranger: EventKey, key: EventKey, base: str
) -> tuple[str, bytes, dict[str, str]]:
    """The n-th kind of forgery: by another key, altered, of another time, for another host, without a signature."""
    events, status = "/hooks/sendgrid/events", f"/hooks/twilio/status/{new_id()}"
    told = [
        {
            "event": "bounce",
            "type": "bounce",
            "mid": mark,
            "email": "a@example.org",
            "sg_event_id": f"forged-{n}",
        }
    ]
    fields = {"MessageSid": f"SM{n:032x}", "MessageStatus": "undelivered", "ErrorCode": "21610"}
    kind = n % 7
    if kind in (0, 1, 2, 3):
        body, headers = events_request(stranger if kind == 0 else key, told)
        if kind == 1:
            body = body.replace(b"bounce", b"bounca")
        elif kind == 2:
            headers = {name: value for name, value in headers.items() if "Signature" not in name}
        elif kind == 3:
            stamp = next(name for name in headers if "Timestamp" in name)
            headers = {**headers, stamp: str(int(headers[stamp]) + 1)}
        return events, body, headers
    token = "not-the-token" if kind == 4 else server.TWILIO_TOKEN
    url = "https://elsewhere.example" if kind == 5 else base
    _, form, headers = form_request(token, url + status, fields)
    return status, form + b"&Extra=1" * (kind == 6), headers
