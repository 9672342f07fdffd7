"""Keys: from the settings, or made once in development and kept beside the data."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

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


def development_keys(data_dir: Path) -> dict[str, str]:
    """Development's keys: made once, 0600, in ``data_dir``. Two makers at once agree on one set."""
    path = data_dir / "keys.json"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            draft = data_dir / f"keys.{os.getpid()}.tmp"
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(fresh(), file)
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        keys: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path}: development's keys can't be read or made ({type(error).__name__})"
        ) from error
    return keys
