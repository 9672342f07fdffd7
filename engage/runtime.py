"""The outside world as one object, built once by ``web.py``, ``worker.py``, the CLI or a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from engage import clinic as clinic_file
from engage.clinic import Clinic
from engage.content.clinic_text import ClinicText
from engage.content.library import Library
from engage.content.problems import ContentErrors, Problem
from engage.content.render import Content
from engage.delivery import sendgrid_events, twilio_callbacks
from engage.delivery.dns import DnsResolver
from engage.delivery.local import LocalSender
from engage.delivery.provider import Batch, Sender
from engage.delivery.sendgrid import SendGridSender
from engage.delivery.smtp import Server, ServerError, SmtpSender
from engage.delivery.transport import Transport
from engage.delivery.twilio import TwilioSender
from engage.domain.dns import Resolver
from engage.domain.messages import KINDS, WITHOUT_FILE, Channel, Kind, Purpose
from engage.domain.pace import Pace
from engage.domain.receipts import Reader
from engage.ids import new_ids
from engage.keys import CallbackKeys, Keys, callback_keys, keys_of
from engage.links import Links
from engage.settings import Settings, SettingsError
from engage.storage import attempts, clock, mailbox
from engage.storage.database import make_engine
from engage.storage.sealed import Sealer

T = TypeVar("T")
# How what vendors told is read, by what it was.
READERS: dict[str, Reader] = {
    "events": sendgrid_events.read,
    "status": twilio_callbacks.read,
    "poll": twilio_callbacks.read_fetched,
    "inbound": twilio_callbacks.read_inbound,
}


@dataclass(frozen=True)
class Runtime:
    """Settings, transactions, keys, texts, senders and the clock. Holds no connection by itself."""

    settings: Settings
    clinic: Clinic
    library: Library
    engine: Engine
    single: Engine
    sealer: Sealer
    links: Links
    senders: dict[str, Sender] = field(default_factory=dict)
    transport: Transport = field(default_factory=Transport)
    fixed_now: datetime | None = None
    content_ids: dict[bytes, UUID] = field(default_factory=dict)
    # Texts that staff wrote, read from the database once.
    kept_contents: dict[UUID, Content] = field(default_factory=dict)
    # Since when messages go to everybody: once seen, it is so for good.
    gone_live: list[datetime] = field(default_factory=list)
    # How quickly each sender answered this process lately.
    paces: dict[str, Pace] = field(default_factory=dict)
    # Given while several services act as one: see ``joined``.
    together: Connection | None = None

    @cached_property
    def callback_keys(self) -> CallbackKeys:
        """What verifies callbacks."""
        return callback_keys(self.settings)

    @property
    def readers(self) -> dict[str, Reader]:
        """How what vendors told is read."""
        return READERS

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back on any exception."""
        if self.together is not None:
            yield self.together
            return
        with self.engine.begin() as tx:
            yield tx

    def joined(self, tx: Connection) -> Runtime:
        """The same world whose transactions are all ``tx``, so that what several services do stands or falls as one.

        An exception that leaves a service must end ``tx`` too: nothing of it is taken back alone.
        """
        return replace(self, together=tx)

    def once(self, act: Callable[[Connection], T]) -> T:
        """One statement that commits by itself, on the shortest way.

        A pooled connection may have died since it was used last; then ``act`` runs again on a new one,
        so it must do no harm twice.
        """
        try:
            with self.single.connect() as tx:
                return act(tx)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        with self.single.connect() as tx:
            return act(tx)

    def now(self, tx: Connection | None = None) -> datetime:
        """The movable clock, aware UTC. Production never asks the database."""
        if self.fixed_now is not None:
            return self.fixed_now
        return datetime.now(UTC) + self.ahead(tx)

    def ahead(self, tx: Connection | None = None) -> timedelta:
        """How far the movable clock runs ahead of the real one."""
        if not self.settings.development:
            return timedelta(0)
        if tx is not None:
            return clock.ahead(tx)
        with self.transaction() as own:
            return clock.ahead(own)

    def at(self, moment: datetime) -> Runtime:
        """The same world with its movable clock standing at ``moment``, for simulation and the demo."""
        world = replace(self, fixed_now=moment, senders={})
        world.senders.update(_senders(world))
        return world

    def sender_for(self, kind: Kind) -> Sender:
        """Who carries messages of this kind."""
        return self.route(kind.purpose, kind.channel)

    def route(self, purpose: Purpose, channel: Channel) -> Sender:
        """Who carries a purpose on a channel."""
        if channel == "sms":
            return self.senders[f"sms:{self.settings.sms}"]
        route = self.settings.care_email if purpose == "care" else self.settings.email
        return self.senders[f"email:{route}"]

    def sender_named(self, channel: str, name: str) -> Sender | None:
        """The sender that an attempt was made with, None when it is not configured any more."""
        return self.senders.get(f"{channel}:{name}")


def build(settings: Settings, *, pool_size: int = 4) -> Runtime:
    """The world that ``settings`` describe. Raises SettingsError, ClinicError or ContentErrors."""
    clinic, library = texts(settings)
    keys: Keys = keys_of(settings)
    runtime = Runtime(
        settings=settings,
        clinic=clinic,
        library=library,
        engine=make_engine(settings.database_url, pool_size=pool_size),
        single=make_engine(settings.database_url, pool_size=pool_size, single=True),
        sealer=keys.sealer,
        links=Links(keys.secret_keys, settings.public_url),
        transport=Transport(settings.ca_file),
    )
    runtime.senders.update(_senders(runtime))
    return runtime


def texts(settings: Settings) -> tuple[Clinic, Library]:
    """The clinic's file and all templates. Raises ClinicError; ContentErrors, also for a kind without a letter."""
    if not settings.templates_dir.is_dir():
        raise SettingsError(f"ENGAGE_TEMPLATES: {settings.templates_dir} is no folder")
    clinic = clinic_file.load(settings.clinic_file)
    library = Library.load(settings.templates_dir, clinic_text(clinic))
    if missing := without_letter(library.kinds, library.texts):
        raise ContentErrors(missing)
    return clinic, library


def without_letter(letters: Iterable[str], text_messages: Iterable[str]) -> list[Problem]:
    """A problem for each kind that has no folder below ``email/``, or no file below ``sms/``."""
    there = {f"email/{name}" for name in letters} | {f"sms/{name}.txt" for name in text_messages}
    wanted = {
        f"email/{kind.text}" if kind.channel == "email" else f"sms/{kind.text}.txt"
        for kind in KINDS.values()
        if kind not in WITHOUT_FILE
    }
    return [
        Problem(path, 0, "missing-letter", "is missing: messages of this kind need their texts")
        for path in sorted(wanted - there)
    ]


def resolver(server: str = "") -> Resolver:
    """Who answers questions about names: ``server`` (address or address:port), or the machine's own servers. Raises
    ValueError with a sentence when nobody can be asked."""
    return DnsResolver(server)


def clinic_text(clinic: Clinic) -> ClinicText:
    """What templates may say about the clinic."""
    return ClinicText(
        name=clinic.name,
        short_name=clinic.short_name,
        telephone=clinic.telephone,
        postal_address=clinic.postal_address,
        website=clinic.website,
        email=clinic.email,
        confirm_link_days=clinic.signup.confirm_link_days,
        unconfirmed_kept_days=clinic.signup.unconfirmed_kept_days,
    )


def _senders(runtime: Runtime) -> dict[str, Sender]:
    channels: tuple[Channel, ...] = ("email", "sms")
    return {f"{channel}:local": _local(runtime, channel) for channel in channels} | _vendors(runtime)


def _vendors(runtime: Runtime) -> dict[str, Sender]:
    """Every vendor that has its settings, chosen or not: attempts made with it may still be in doubt."""
    settings, transport = runtime.settings, runtime.transport
    found: dict[str, Sender] = {}
    try:
        if settings.sendgrid_api_key:
            found["email:sendgrid"] = SendGridSender(
                transport, settings.sendgrid_api_key, settings.sendgrid_api_url
            )
        if settings.smtp_url:
            helo = urlsplit(settings.public_url).hostname or "localhost"
            found["email:smtp"] = SmtpSender(Server.of(settings.smtp_url), transport.context, helo)
        if settings.twilio_account_sid and settings.twilio_auth_tokens:
            found["sms:twilio"] = _twilio(runtime)
        if found and settings.ca_file is not None:
            transport.context  # noqa: B018 - says now what would be wrong with it later
    except ServerError as error:
        raise SettingsError(f"SMTP_URL {error}") from None
    except OSError:
        raise SettingsError("ENGAGE_CA_FILE can't be read as certificates") from None
    return found


def _twilio(runtime: Runtime) -> Sender:
    def known(sids: Sequence[str]) -> set[str]:
        with runtime.transaction() as tx:
            return attempts.held_ids(tx, sids)

    settings = runtime.settings
    return TwilioSender(
        runtime.transport,
        settings.twilio_account_sid,
        settings.twilio_auth_tokens[0],
        settings.twilio_messaging_service_sid,
        settings.twilio_api_url,
        settings.public_url,
        runtime.now,
        known,
    )


def _local(runtime: Runtime, channel: Channel) -> Sender:
    def store(batch: Batch, to: Channel) -> bool:
        shared = batch.shared
        sender = {"from": shared.sender_address, "from_name": shared.sender_name, "reply_to": shared.reply_to}
        ids = new_ids(len(batch.entries))
        rows = [
            (
                id,
                entry.message_id,
                runtime.sealer.seal(
                    "mailbox",
                    id,
                    {
                        **sender,
                        "to": entry.to,
                        "values": dict(entry.values),
                        "headers": {**shared.headers, **entry.headers},
                        **({"calendar": entry.calendar.content.decode()} if entry.calendar else {}),
                    },
                ),
            )
            for id, entry in zip(ids, batch.entries, strict=True)
        ]
        with runtime.transaction() as tx:
            return mailbox.store(
                tx, batch.attempt_id, to, batch.kind, shared.content_id, rows, runtime.now(tx)
            )

    def ask(attempt_id: UUID) -> bool:
        with runtime.transaction() as tx:
            return mailbox.has(tx, attempt_id)

    return LocalSender(channel, store, ask)
