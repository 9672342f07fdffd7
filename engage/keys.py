"""Keys: from the settings, or made once in development and kept beside the data."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from engage.settings import Settings, SettingsError
from engage.storage.sealed import Sealer, parse_data_keys, parse_key


@dataclass(frozen=True, slots=True)
class Keys:
    """Everything that signs or seals."""

    secret_keys: list[bytes]
    sealer: Sealer


def keys_of(settings: Settings) -> Keys:
    """The keys that ``settings`` give, or development's own. Raises SettingsError."""
    given = {
        "ENGAGE_SECRET_KEY": settings.secret_key,
        "ENGAGE_DATA_KEYS": settings.data_keys,
        "ENGAGE_INDEX_KEY": settings.index_key,
    }
    if settings.development and not all(given.values()):
        made = development_keys(settings.data_dir)
        given = {name: value or made[name] for name, value in given.items()}
    try:
        return Keys(
            [key.strip().encode() for key in given["ENGAGE_SECRET_KEY"].split(",") if key.strip()],
            Sealer(
                parse_data_keys(given["ENGAGE_DATA_KEYS"]),
                parse_key(given["ENGAGE_INDEX_KEY"], "ENGAGE_INDEX_KEY"),
            ),
        )
    except ValueError as error:
        raise SettingsError(f"{error}; `engage init` prints new keys") from error


def fresh() -> dict[str, str]:
    """New random keys by the names of their settings."""
    return {
        "ENGAGE_SECRET_KEY": secrets.token_urlsafe(32),
        "ENGAGE_DATA_KEYS": f"k1:{b64encode(os.urandom(32)).decode()}",
        "ENGAGE_INDEX_KEY": b64encode(os.urandom(32)).decode(),
    }


@dataclass(frozen=True, slots=True)
class MadeKeys:
    """Development's keys for callbacks from ``/dev/mailbox``."""

    sendgrid: ec.EllipticCurvePrivateKey
    twilio: str


@dataclass(frozen=True, slots=True)
class CallbackKeys:
    """What proves that a callback is the vendor's. ``made`` are development's own, to sign callbacks with."""

    sendgrid_public_keys: tuple[str, ...]
    twilio_auth_tokens: tuple[str, ...]
    made: MadeKeys | None = None


def callback_keys(settings: Settings) -> CallbackKeys:
    """The configured keys; in development its own beside them, where they can be kept."""
    public, tokens = settings.sendgrid_public_keys, settings.twilio_auth_tokens
    if not settings.development:
        return CallbackKeys(public, tokens)
    try:
        kept = development_keys(settings.data_dir)
        key = serialization.load_pem_private_key(kept[SENDGRID_KEY].encode(), None)
    except (SettingsError, ValueError):
        return CallbackKeys(public, tokens)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    made = MadeKeys(key, kept[TWILIO_KEY])
    return CallbackKeys((*public, _shown(key)), (*tokens, made.twilio), made)


def _shown(key: ec.EllipticCurvePrivateKey) -> str:
    """A public key as SendGrid shows it: base64 in one line."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return b64encode(key.public_key().public_bytes(serialization.Encoding.DER, form)).decode()


SENDGRID_KEY, TWILIO_KEY = "development_sendgrid_key", "development_twilio_token"


def _fresh_for_callbacks() -> dict[str, str]:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {SENDGRID_KEY: pem.decode(), TWILIO_KEY: secrets.token_hex(16)}


def development_keys(data_dir: Path) -> dict[str, str]:
    """Development's keys: made once, 0600, in ``data_dir``. Two makers at once agree on one set.

    A file from before some of them existed gets those added; what is in it never changes.
    """
    path = data_dir / "keys.json"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = _kept(path)
        if not keys.keys() >= WANTED:
            folder = os.open(data_dir, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                keys = {**fresh(), **_fresh_for_callbacks(), **_kept(path)}
                _write(path, keys)
            finally:
                os.close(folder)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path}: development's keys can't be read or made ({type(error).__name__})"
        ) from error
    return keys


WANTED = frozenset({"ENGAGE_SECRET_KEY", "ENGAGE_DATA_KEYS", "ENGAGE_INDEX_KEY", SENDGRID_KEY, TWILIO_KEY})


def _kept(path: Path) -> dict[str, str]:
    try:
        keys: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return keys


def _write(path: Path, keys: dict[str, str]) -> None:
    """Whole or not at all: a reader sees the old file or the new one."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(keys, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
