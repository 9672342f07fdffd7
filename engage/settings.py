"""Settings, read once from the environment. Each ``NAME`` may also be given as ``NAME_FILE``, a path."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator


class SettingsError(Exception):
    """The environment can't be used; the message names every setting that is wrong and the cure."""


class Settings(BaseModel):
    """The public contract's settings. Field aliases are the environment's names."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, hide_input_in_errors=True)

    env: Literal["development", "production"] = Field("development", alias="ENGAGE_ENV")
    database_url: str = Field("", alias="DATABASE_URL", repr=False)
    redis_url: str = Field("", alias="REDIS_URL", repr=False)
    base_url: str = Field("", alias="ENGAGE_BASE_URL")
    port: int = Field(8000, alias="PORT", ge=1, le=65535)
    secret_key: str = Field("", alias="ENGAGE_SECRET_KEY", repr=False)
    data_keys: str = Field("", alias="ENGAGE_DATA_KEYS", repr=False)
    index_key: str = Field("", alias="ENGAGE_INDEX_KEY", repr=False)
    data_dir: Path = Field(Path(".engage"), alias="ENGAGE_DATA_DIR")
    trusted_proxies: int = Field(0, alias="ENGAGE_TRUSTED_PROXIES", ge=0, le=10)
    clinic_file: Path = Field(Path("clinic.toml"), alias="ENGAGE_CLINIC")
    templates_dir: Path = Field(Path("templates"), alias="ENGAGE_TEMPLATES")
    email: Literal["local", "sendgrid", "smtp"] = Field("local", alias="ENGAGE_EMAIL")
    care_email: Literal["local", "sendgrid", "smtp"] = Field("local", alias="ENGAGE_CARE_EMAIL")
    sms: Literal["local", "twilio"] = Field("local", alias="ENGAGE_SMS")
    sendgrid_api_key: str = Field("", alias="SENDGRID_API_KEY", repr=False)
    sendgrid_api_url: str = Field("https://api.sendgrid.com", alias="SENDGRID_API_URL")
    sendgrid_webhook_public_key: str = Field("", alias="SENDGRID_WEBHOOK_PUBLIC_KEY")
    twilio_account_sid: str = Field("", alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: str = Field("", alias="TWILIO_AUTH_TOKEN", repr=False)
    twilio_messaging_service_sid: str = Field("", alias="TWILIO_MESSAGING_SERVICE_SID")
    twilio_api_url: str = Field("https://api.twilio.com", alias="TWILIO_API_URL")
    smtp_url: str = Field("", alias="SMTP_URL", repr=False)
    ca_file: Path | None = Field(None, alias="ENGAGE_CA_FILE")
    metrics_token: str = Field("", alias="ENGAGE_METRICS_TOKEN", repr=False)
    lease_seconds: float = Field(20.0, alias="ENGAGE_LEASE_SECONDS", gt=0, le=600)
    send_seconds: float = Field(10.0, alias="ENGAGE_SEND_SECONDS", gt=0, le=20)
    sms_hold_seconds: float = Field(120.0, alias="ENGAGE_SMS_HOLD_SECONDS", gt=0, le=86_400)
    email_hold_seconds: float = Field(600.0, alias="ENGAGE_EMAIL_HOLD_SECONDS", gt=0, le=86_400)
    batch_size: int = Field(250, alias="ENGAGE_BATCH_SIZE", ge=1, le=1000)
    bulk_slots: int = Field(2, alias="ENGAGE_BULK_SLOTS", ge=1, le=64)
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="ENGAGE_LOG_LEVEL")

    @field_validator("base_url", "sendgrid_api_url", "twilio_api_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("must be an absolute address such as https://engage.example.org")
        return value.rstrip("/")

    @property
    def development(self) -> bool:
        """True where the clock may be moved and ``/dev/mailbox`` exists."""
        return self.env == "development"

    @property
    def senders(self) -> frozenset[str]:
        """The names of the senders that carry something here."""
        return frozenset({self.email, self.care_email, self.sms})

    @property
    def sendgrid_public_keys(self) -> tuple[str, ...]:
        """The keys that verify SendGrid's events: two while one takes over from the other."""
        return _listed(self.sendgrid_webhook_public_key)

    @property
    def twilio_auth_tokens(self) -> tuple[str, ...]:
        """Twilio's tokens: the first is used to send, all verify callbacks."""
        return _listed(self.twilio_auth_token)

    @property
    def public_url(self) -> str:
        """The address used in links, without a trailing slash."""
        return self.base_url or f"http://127.0.0.1:{self.port}"


REQUIRED_IN_PRODUCTION = (
    "DATABASE_URL",
    "REDIS_URL",
    "ENGAGE_BASE_URL",
    "ENGAGE_SECRET_KEY",
    "ENGAGE_DATA_KEYS",
    "ENGAGE_INDEX_KEY",
)
# What a sender needs, once it is chosen; in production also what proves that a callback is the vendor's.
REQUIRED_BY_SENDER = {
    "sendgrid": ("SENDGRID_API_KEY",),
    "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_MESSAGING_SERVICE_SID"),
    "smtp": ("SMTP_URL",),
}
REQUIRED_IN_PRODUCTION_BY_SENDER = {"sendgrid": ("SENDGRID_WEBHOOK_PUBLIC_KEY",)}
CHOICES = ("ENGAGE_EMAIL", "ENGAGE_CARE_EMAIL", "ENGAGE_SMS")


def load(environ: Mapping[str, str]) -> Settings:
    """Settings from ``environ``. Raises SettingsError naming every problem at once."""
    names = [str(field.alias) for field in Settings.model_fields.values()]
    values, problems = {}, []
    for name in names:
        try:
            value = _read(environ, name)
        except SettingsError as error:
            problems.append(str(error))
            continue
        # A list of nothing is nothing.
        if value.strip(", "):
            values[name] = value
    production = values.get("ENGAGE_ENV") == "production"
    if production:
        problems += [
            f"{name} is missing (or {name}_FILE)" for name in REQUIRED_IN_PRODUCTION if name not in values
        ]
    problems += _missing_for_senders(values, production)
    if production:
        problems += _no_keys(values.get("SENDGRID_WEBHOOK_PUBLIC_KEY", ""))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [f"{e['loc'][0]}: {e['msg']}" for e in error.errors()]
    if problems:
        raise SettingsError("Settings can't be used:\n  " + "\n  ".join(problems))
    return settings


def _read(environ: Mapping[str, str], name: str) -> str:
    path = environ.get(f"{name}_FILE", "")
    if not path:
        return environ.get(name, "").strip()
    if environ.get(name):
        raise SettingsError(f"{name} and {name}_FILE are both set: keep one")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE can't be read: {error.strerror}") from error


def _missing_for_senders(values: Mapping[str, str], production: bool) -> list[str]:
    problems = []
    for sender, names in REQUIRED_BY_SENDER.items():
        chosen = [choice for choice in CHOICES if values.get(choice) == sender]
        needed = names + (REQUIRED_IN_PRODUCTION_BY_SENDER.get(sender, ()) if production else ())
        problems += [
            f"{name} is missing (or {name}_FILE): {chosen[0]} is {sender}"
            for name in needed
            if chosen and name not in values
        ]
    return problems


def _no_keys(listed: str) -> list[str]:
    # Each callback would be refused, and nobody would learn of a bounce or a complaint.
    return [
        f"SENDGRID_WEBHOOK_PUBLIC_KEY: key {place} is no verification key as SendGrid shows it (base64, begins with MFkw)"
        for place, key in enumerate(_listed(listed), 1)
        if not _is_key(key)
    ]


def _is_key(text: str) -> bool:
    try:
        return isinstance(load_der_public_key(b64decode(text, validate=True)), EllipticCurvePublicKey)
    except (ValueError, UnsupportedAlgorithm):
        return False


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())
