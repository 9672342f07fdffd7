"""Settings, read once from the environment. Each ``NAME`` may also be given as ``NAME_FILE``, a path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

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
    email: Literal["local"] = Field("local", alias="ENGAGE_EMAIL")
    care_email: Literal["local"] = Field("local", alias="ENGAGE_CARE_EMAIL")
    sms: Literal["local"] = Field("local", alias="ENGAGE_SMS")
    lease_seconds: float = Field(20.0, alias="ENGAGE_LEASE_SECONDS", gt=0, le=600)
    batch_size: int = Field(250, alias="ENGAGE_BATCH_SIZE", ge=1, le=1000)
    bulk_slots: int = Field(2, alias="ENGAGE_BULK_SLOTS", ge=1, le=64)
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="ENGAGE_LOG_LEVEL")

    @field_validator("base_url")
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
        if value:
            values[name] = value
    if values.get("ENGAGE_ENV") == "production":
        problems += [
            f"{name} is missing (or {name}_FILE)" for name in REQUIRED_IN_PRODUCTION if name not in values
        ]
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
