"""Text messages through Twilio's Messages API: one request for each."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from engage.content.sms import merged
from engage.delivery.provider import (
    Absent,
    Batch,
    CannotSay,
    Doubt,
    Entry,
    Found,
    Lookup,
    Outcome,
    Several,
    health_of,
)
from engage.delivery.transport import (
    NOT_BEGUN,
    Answer,
    Builder,
    NoAnswer,
    NotSent,
    Reply,
    Request,
    Transport,
)
from engage.delivery.twilio_codes import CODES, STATUSES, meaning_of
from engage.domain.breaker import FAILURES
from engage.domain.failures import Failure, Meaning
from engage.domain.messages import Channel

LONGEST: Final = 1600
# By default Twilio tries a callback once more, and only when it could not connect; so it tries five times,
# whatever went wrong. The fragment is for Twilio alone and not part of the address that it signs.
RETRIES: Final = "#rc=5&rp=all"
LONGEST_VALID: Final = 36_000
LOOKUP_SECONDS: Final = 10.0
MOST_PAGES: Final = 50
# Twilio's clock and ours may differ.
SKEW: Final = timedelta(seconds=60)
MOMENT: Final = timedelta(seconds=120)
_SID: Final = re.compile(r"[SM]M[0-9a-fA-F]{32}")

Known = Callable[[Sequence[str]], set[str]]
"""Those of the given provider ids that an attempt of ours holds already."""


class TwilioSender:
    """Sends as ``Sender`` says. Addresses have no trailing slash; ``now`` is the movable clock, by which
    messages stop being of use."""

    name = "twilio"
    channel: Channel = "sms"
    max_batch = 1
    # No more than may fail before the breaker opens.
    parallel = 20
    wave = 250

    def __init__(
        self,
        transport: Transport,
        account_sid: str,
        auth_token: str,
        service_sid: str,
        api_url: str,
        public_url: str,
        now: Callable[[], datetime],
        known: Known,
    ) -> None:
        self._transport = transport
        self._api_url = api_url
        self._messages = f"/2010-04-01/Accounts/{quote(account_sid, safe='')}/Messages"
        self._public_url = public_url
        self._now = now
        self._known = known
        key = b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {key}", "Accept": "application/json"}
        self._form_headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        # What is the same in every form. SmartEncoded: folded already; and what the list shows must be what was sent.
        self._form = urlencode({"MessagingServiceSid": service_sid, "SmartEncoded": "false"})

    def send(self, batches: Sequence[Batch], until: float) -> list[list[Outcome]]:
        """One request for each batch, which holds one entry."""
        now = self._now()
        bodies = [merged(batch.shared.text, batch.entries[0].values) for batch in batches]
        sent = [place for place, body in enumerate(bodies) if len(body) <= LONGEST]
        builders: list[Builder] = [
            partial(self._request, batches[place], bodies[place], now) for place in sent
        ]

        def well(number: int, answer: Answer) -> bool:
            return health_of([_outcome(batches[sent[number]].entries[0], answer)]) == "worked"

        told = self._transport.exchange(builders, until, self.parallel, FAILURES, well)
        answers = dict(zip(sent, told, strict=True))
        return [
            [_outcome(batch.entries[0], answers[place])]
            if place in answers
            else [_failed(batch.entries[0], "invalid", "too_long")]
            for place, batch in enumerate(batches)
        ]

    def lookup(self, doubt: Doubt) -> Lookup:
        """Searches the list of what Twilio has for the number. Proves absence only from complete lists."""
        entry = doubt.batch.entries[0]
        body = merged(doubt.batch.shared.text, entry.values)
        until = time.monotonic() + LOOKUP_SECONDS
        day = (doubt.started_at.astimezone(UTC) - timedelta(days=1)).date().isoformat()
        # What still waits in Twilio's queue has no day of sending yet, so absence needs both lists.
        for since in ({"DateSent>": day}, {}):
            listed = self._list({"To": entry.to, **since, "PageSize": "1000"}, until)
            if listed is None:
                return CannotSay()
            verdict = self._among(listed, body, doubt.started_at, entry)
            if not isinstance(verdict, Absent):
                return verdict
        return Absent()

    def fetch(self, provider_id: str) -> dict[str, Any] | None:
        """One message as Twilio has it now (status, error_code, ...); None when it can't be had."""
        path = f"{self._messages}/{quote(provider_id, safe='')}.json"
        return self._get(path, time.monotonic() + LOOKUP_SECONDS)

    def forget(self, provider_ids: Sequence[str], until: float) -> set[str]:
        """Deletes messages at Twilio, numbers and words, and returns those that are gone there. ``until`` is
        ``time.monotonic()`` seconds. Redacting would leave the number. Twilio refuses what is still under way."""

        def deletion(provider_id: str) -> Request:
            path = f"{self._messages}/{quote(provider_id, safe='')}.json"
            return Request("DELETE", self._api_url + path, self._headers)

        builders: list[Builder] = [partial(deletion, one) for one in provider_ids]
        answers = self._transport.exchange(builders, until, self.parallel, patience=FAILURES)
        gone = (204, 404)
        return {
            one
            for one, answer in zip(provider_ids, answers, strict=True)
            if isinstance(answer, Reply) and answer.status in gone
        }

    def _request(self, batch: Batch, body: str, now: datetime) -> Request:
        entry = batch.entries[0]
        own = {
            "To": entry.to,
            "Body": body,
            "StatusCallback": f"{self._public_url}/hooks/twilio/status/{batch.attempt_id}{RETRIES}",
            "ValidityPeriod": _valid_for(entry, now),
        }
        url = f"{self._api_url}{self._messages}.json"
        return Request("POST", url, self._form_headers, f"{urlencode(own)}&{self._form}".encode())

    def _list(self, query: dict[str, str], until: float) -> list[dict[str, Any]] | None:
        """Every page of the list, or None when not all could be had."""
        path: Any = f"{self._messages}.json?{urlencode(query)}"
        found: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES):
            # Never to another host, whatever the page says.
            page = self._get(path, until) if isinstance(path, str) and path.startswith("/") else None
            if page is None or not isinstance(page.get("messages"), list):
                return None
            found += [message for message in page["messages"] if isinstance(message, dict)]
            path = page.get("next_page_uri")
            if not path:
                return found
        return None

    def _get(self, path: str, until: float) -> dict[str, Any] | None:
        request = Request("GET", self._api_url + path, self._headers)
        (answer,) = self._transport.exchange([lambda: request], until, 1)
        return _json(answer.body) if isinstance(answer, Reply) and answer.status == 200 else None

    def _among(self, listed: list[dict[str, Any]], body: str, started_at: datetime, entry: Entry) -> Lookup:
        try:
            recent = {sid: told for sid, told in _outgoing(listed) if _made(told) >= started_at - SKEW}
        except (KeyError, TypeError, ValueError):
            return CannotSay()
        new = set(recent) - self._known(list(recent)) if recent else set()
        # What is around it is not ours: a trial account puts words in front.
        same = [sid for sid in new if body.strip() in str(recent[sid].get("body") or "")]
        if len(same) == 1:
            return Found({entry.message_id: same[0]})
        if same:
            return Several()
        if any(_may_be_ours(recent[sid], started_at) for sid in new):
            return CannotSay()
        return Absent()


def _may_be_ours(told: dict[str, Any], started_at: datetime) -> bool:
    """Redacted, or made at that very moment with words that are not ours: Twilio may have altered them."""
    redacted = not str(told.get("body") or "").strip("* ")
    return redacted or _made(told) <= started_at + MOMENT


def _outgoing(listed: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for told in listed:
        if told["direction"] == "outbound-api":
            yield str(told["sid"]), told


def _made(told: dict[str, Any]) -> datetime:
    return parsedate_to_datetime(told["date_created"])


def _valid_for(entry: Entry, now: datetime) -> int:
    if entry.not_after is None:
        return LONGEST_VALID
    return max(1, min(LONGEST_VALID, int((entry.not_after - now).total_seconds())))


def _outcome(entry: Entry, answer: Answer) -> Outcome:
    match answer:
        case NotSent(why):
            return _failed(entry, "not_begun" if why == NOT_BEGUN else "not_processed", why)
        case NoAnswer(why):
            return Outcome(entry.message_id, "unknown", code=why)
        case Reply(status, _, body) if 200 <= status < 300:
            sid = (_json(body) or {}).get("sid")
            if isinstance(sid, str) and _SID.fullmatch(sid):
                return Outcome(entry.message_id, "accepted", sid)
            return Outcome(entry.message_id, "unknown", code=str(status))
        case Reply(status) if 300 <= status < 400:
            return _failed(entry, "channel_down", str(status))
        case Reply(status, _, body) if 400 <= status < 500:
            return _refused(entry, status, _json(body) or {})
    return Outcome(entry.message_id, "unknown", code=str(answer.status))


def _refused(entry: Entry, status: int, told: dict[str, Any]) -> Outcome:
    given = told.get("code")
    code = given if isinstance(given, int) else None
    if status == 429:
        meaning: Meaning = "not_processed"
    elif status in STATUSES:
        # A number may be refused with 403 as well; without a code that we know it is the account.
        meaning = CODES.get(code or 0, STATUSES[status])
    else:
        meaning = meaning_of(code)
    if meaning == "ambiguous":
        return Outcome(entry.message_id, "unknown", code=str(code or status))
    return _failed(entry, meaning, str(code or status))


def _failed(entry: Entry, failure: Failure, code: str) -> Outcome:
    return Outcome(entry.message_id, "failed", code=code, failure=failure)


def _json(body: bytes | None) -> dict[str, Any] | None:
    try:
        told = orjson.loads(body or b"")
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
