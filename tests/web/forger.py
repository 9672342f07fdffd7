"""Callbacks as vendors post them, and somebody who has seen such but has no key."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.test import TestResponse

from engage.ids import new_id
from tests.fakes.signing import EVENT_SIGNATURE, EVENT_TIMESTAMP, EventKey, events_request, form_request
from tests.vendors import Vendors

EVENTS = "/hooks/sendgrid/events"
INBOUND = "/hooks/twilio/inbound"
FIELDS = {
    "MessageSid": "SM" + "1" * 32,
    "SmsSid": "SM" + "1" * 32,
    "AccountSid": "AC" + "2" * 32,
    "MessageStatus": "delivered",
    "From": "+15185550199",
    "To": "+15185550123",
    "Body": " Bonjour, ça va?  \r\n",
    "Empty": "",
}


Forged = Callable[[random.Random], TestResponse]


class Forger:
    """Somebody who has seen genuine callbacks, but has no key."""

    def __init__(self, vendors: Vendors, attempt: Any) -> None:
        self.vendors, self.client = vendors, vendors.client
        self.base = vendors.rt.settings.public_url
        self.status = f"/hooks/twilio/status/{attempt}"
        self.body, self.headers = events_request(
            vendors.key, [{"event": "delivered", "mid": "a", "n": n} for n in range(20)]
        )
        _, self.form, self.form_headers = form_request(vendors.token, self.base + self.status, FIELDS)
        self.other_key = EventKey.new()

    def ways(self) -> list[Forged]:
        return [getattr(self, name) for name in sorted(dir(self)) if name.startswith("by_")]

    def by_no_signature(self, dice: random.Random) -> TestResponse:
        path = dice.choice([EVENTS, INBOUND, self.status])
        return self.client.post(path, data=dice.choice([self.body, self.form, b""]))

    def by_a_signature_of_noise(self, dice: random.Random) -> TestResponse:
        noise = dice.choice(
            ["", "=", "ü", "A" * 5000, "AAAA", "!!!!", dice.randbytes(64).hex(), "\tx", "0" * 88]
        )
        headers = {
            EVENT_SIGNATURE: noise,
            EVENT_TIMESTAMP: self.headers[EVENT_TIMESTAMP],
            "X-Twilio-Signature": noise,
        }
        path = dice.choice([EVENTS, INBOUND, self.status])
        return self.client.post(path, data=self.form if path != EVENTS else self.body, headers=headers)

    def by_another_tenant_s_key(self, dice: random.Random) -> TestResponse:
        if dice.random() < 0.5:
            return self.client.post(EVENTS, data=self.body, headers=self.other_key.headers(self.body))
        path = dice.choice([INBOUND, self.status])
        _, body, headers = form_request(dice.randbytes(16).hex(), self.base + path, FIELDS)
        return self.client.post(path, data=body, headers=headers)

    def by_an_altered_byte(self, dice: random.Random) -> TestResponse:
        at, bit = dice.randrange(len(self.body)), 1 << dice.randrange(8)
        altered = bytearray(self.body)
        altered[at] ^= bit
        return self.client.post(EVENTS, data=bytes(altered), headers=self.headers)

    def by_an_altered_form(self, dice: random.Random) -> TestResponse:
        fields = dict(FIELDS)
        name = dice.choice([*fields, "New"])
        match dice.randrange(4):
            case 0:
                fields[name] = fields.get(name, "") + dice.choice([" ", "x", "\x00", "+"])
            case 1:
                fields.pop(name, None)
                fields["Extra"] = "1"
            case 2:
                fields[name + "2"] = fields.pop(name, "x") or "y"
            case 3:
                fields[name] = fields.get(name, "").strip() + "!"
        body = urlencode(fields).encode()
        return self.client.post(self.status, data=body, headers=self.form_headers)

    def by_an_altered_time(self, dice: random.Random) -> TestResponse:
        stamp = int(self.headers[EVENT_TIMESTAMP]) + dice.choice([-1, 1, 100, -100])
        told = dice.choice(
            [str(stamp), "", "now", f" {self.headers[EVENT_TIMESTAMP]}", "٣٤٥", "9" * 400, "1e9"]
        )
        return self.client.post(EVENTS, data=self.body, headers={**self.headers, EVENT_TIMESTAMP: told})

    def by_an_altered_signature(self, dice: random.Random) -> TestResponse:
        name, headers, path, body = dice.choice(
            [
                (EVENT_SIGNATURE, self.headers, EVENTS, self.body),
                ("X-Twilio-Signature", self.form_headers, self.status, self.form),
            ]
        )
        right = headers[name]
        at = dice.randrange(len(right) - 4)
        wrong = dice.choice(
            [
                right[:at] + chr(ord("A") + (ord(right[at]) - ord("A") + 1) % 26) + right[at + 1 :],
                right[:at],
                right[:at] + "-" + right[at:],
                right[::-1],
                right + right,
            ]
        )
        return self.client.post(path, data=body, headers={**headers, name: wrong})

    def by_a_replay_after_a_day(self, dice: random.Random) -> TestResponse:
        stamp = str(int(time.time()) - 25 * 3600 - dice.randrange(1, 10**6))
        return self.client.post(EVENTS, data=self.body, headers=self.vendors.key.headers(self.body, stamp))

    def by_a_replay_elsewhere(self, dice: random.Random) -> TestResponse:
        other = dice.choice(
            [
                f"/hooks/twilio/status/{new_id()}",
                INBOUND,
                self.status + "?x=1",
                self.status + "?" + quote(self.status),
                self.status.upper().replace("/HOOKS/TWILIO/STATUS", "/hooks/twilio/status"),
                self.status + "/",
            ]
        )
        return self.client.post(other, data=self.form, headers=self.form_headers)

    def by_a_replay_of_events_elsewhere(self, dice: random.Random) -> TestResponse:
        path = dice.choice([INBOUND, self.status, EVENTS + "?copy=1"])
        return self.client.post(path, data=self.body, headers=self.headers)

    def by_the_wrong_host(self, dice: random.Random) -> TestResponse:
        host = dice.choice(
            [
                "https://evil.example",
                "http://127.0.0.1:9999",
                "https://127.0.0.1:8000",
                "http://localhost:8000",
            ]
        )
        _, body, headers = form_request(self.vendors.token, host + self.status, FIELDS)
        named = {"Host": host.partition("//")[2], "X-Forwarded-Host": host.partition("//")[2]}
        return self.client.post(self.status, data=body, headers={**headers, **named})

    def by_the_wrong_method(self, dice: random.Random) -> TestResponse:
        path, headers = dice.choice([(EVENTS, self.headers), (self.status, self.form_headers), (INBOUND, {})])
        ask = dice.choice([self.client.get, self.client.put, self.client.delete, self.client.patch])
        return ask(path, data=self.body, headers=headers)

    def by_ten_megabytes(self, dice: random.Random) -> TestResponse:
        body = b"[" + b" " * (10 * 1024 * 1024)
        path = dice.choice([EVENTS, INBOUND, self.status])
        return self.client.post(path, data=body, headers={**self.headers, **self.form_headers})

    def by_deep_json(self, dice: random.Random) -> TestResponse:
        depth = dice.choice([100, 10_000, 400_000])
        return self.client.post(EVENTS, data=b"[" * depth + b"]" * depth, headers=self.headers)

    def by_a_form_of_many_fields(self, dice: random.Random) -> TestResponse:
        body = b"&".join(b"a%d=" % n for n in range(dice.choice([501, 8000])))
        return self.client.post(self.status, data=body, headers=self.form_headers)

    def by_what_is_no_text(self, dice: random.Random) -> TestResponse:
        path = dice.choice([EVENTS, INBOUND, self.status])
        noise = dice.randbytes(200) + b"\xff\xfe%ff%fe=%c3%28"
        return self.client.post(path, data=noise, headers={**self.headers, **self.form_headers})
