"""A visit booked by the API, at a fixed rate, beside a bare route that inserts one row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

import orjson

from bench import forms, steady
from bench.forms import Site
from bench.peer.visits import TABLE
from bench.place import BenchError, Place
from bench.posting import Posted
from bench.run import Bench
from bench.table import ratios, spread
from engage.ids import new_ids
from engage.services import api_keys
from engage.services.audit import CLI
from engage.storage import consents, people
from engage.storage.database import run as execute

RATE = 40
WARM_UP_SECONDS = 3
PEOPLE = 400
# Nobody has more visits than one a day.
DAYS = 60


def run(bench: Bench) -> None:
    """Both servers take the same bodies, in turn."""
    rounds, seconds = (1, 3) if bench.options.quick else (3, 15)
    told: dict[str, list[Posted]] = defaultdict(list)
    with bench.place.fresh(ENGAGE_CLINIC=_clinic(bench.place)) as place:
        ids = _patients(place)
        key = api_keys.create(place.rt, CLI, "bench", ["appointments:write"]).key
        with place.rt.transaction() as tx:
            execute(tx, TABLE)
        location = place.rt.clinic.locations[0].name
        ours = forms.open_web(place, "/api/v1/appointments", lambda: _count(place, "appointments"))
        bare = forms.open_peer(
            place, "bench.peer.visits:app", "/visits", lambda: _count(place, "peer_visits")
        )
        bodies = {site.name: _bodies(ids, location) for site in (ours, bare)}
        for site in (ours, bare):
            _measure(place, site, key, bodies[site.name], WARM_UP_SECONDS)
        for _ in range(rounds):
            for site in (ours, bare):
                told[site.name].append(_measure(place, site, key, bodies[site.name], seconds))
    ratio = ratios([one.p99 for one in told[ours.name]], [one.p99 for one in told[bare.name]])
    bench.report.table(
        f"API: {RATE} visits a second booked for {seconds} s, rounds: {rounds}",
        ("median (least-most)", "p50 ms", "p99 ms", "most ms", "p99, ours/bare"),
        [
            (
                words,
                spread([one.p50 for one in told[name]], 1),
                spread([one.p99 for one in told[name]], 1),
                spread([one.most for one in told[name]], 1),
                spread(ratio, 1) if name == ours.name else "",
            )
            for name, words in ((ours.name, "ours"), (bare.name, "bare Flask: one row"))
        ],
    )
    bench.report.note(
        "Ours knows the key, keeps the answer under its Idempotency-Key, locks the person, looks for another visit at that\n"
        "time, writes the visit, its history and its audit row, and plans its reminders, in one transaction."
    )


def _measure(place: Place, site: Site, key: str, bodies: Iterator[bytes], seconds: float) -> Posted:
    before = site.rows()
    requests = [_request(site.path, key, body) for body in islice(bodies, int(RATE * seconds))]
    told = steady.measure(site.port, requests, RATE, place.directory / f"{site.name}-requests")
    if told.statuses != {"201": len(requests)} or site.rows() - before != len(requests):
        raise BenchError(f"{site.name}: {told.statuses}, {site.rows() - before} rows of {len(requests)}")
    return told


def _request(path: str, key: str, body: bytes) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: engage.example.org\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {uuid4()}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _bodies(ids: list[UUID], location: str) -> Iterator[bytes]:
    first = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for day in range(DAYS):
        for id in ids:
            starts_at = first + timedelta(days=day)
            told = {
                "person_id": str(id),
                "starts_at": starts_at.isoformat(),
                "minutes": 60,
                "location": location,
            }
            yield orjson.dumps(told)


def _patients(place: Place) -> list[UUID]:
    """People with an address and a number who agreed to messages of care."""
    rt, ids = place.rt, new_ids(PEOPLE)
    with rt.transaction() as tx:
        now = rt.now(tx)
        for n, id in enumerate(ids):
            people.add(tx, id, rt.sealer.seal("people", id, {"given_name": "Ada"}), rt.clinic.zone, now)
            for channel, address in (("email", f"ada.{n}@example.org"), ("sms", f"+1518555{n:04}")):
                contact, index = uuid4(), rt.sealer.index(channel, address)
                sealed = rt.sealer.seal("contacts", contact, {"address": address})
                people.add_contact(tx, contact, id, channel, index, sealed, now)
                consents.enter(tx, id, channel, "care", "granted", actor="staff", source="bench", now=now)
    return ids


def _clinic(place: Place) -> str:
    """The clinic's file, with room for any number of requests."""
    kept = Path(place.directory) / "clinic.toml"
    text = place.rt.settings.clinic_file.read_text(encoding="utf-8")
    kept.write_text(
        text.replace("requests_per_minute = 1200", "requests_per_minute = 1000000"), encoding="utf-8"
    )
    return str(kept)


def _count(place: Place, table: str) -> int:
    with place.rt.transaction() as tx:
        return int(execute(tx, f"SELECT count(*) FROM {table}").scalar_one())
