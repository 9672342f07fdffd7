"""Sealed rows and the blind index.

A table with personal data has ONE ``sealed`` column: all its personal fields as one JSON value,
AES-256-GCM, with table and row id as associated data, so that a value moved to another row is
refused. Layout: one byte of key-id length, the key id, 12 bytes of nonce, ciphertext and tag.
Equality look-ups go through an HMAC under a key of its own.
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class SealError(Exception):
    """A sealed value that can't be opened: wrong row, wrong key, or altered. Names table and id only."""


class Sealer:
    """Seals with the first key, opens with all. Safe to share between threads."""

    def __init__(self, keys: Mapping[str, bytes], index_key: bytes) -> None:
        if not keys or any(len(key) != 32 for key in keys.values()):
            raise ValueError("ENGAGE_DATA_KEYS: each key must be 32 bytes in base64, as id:base64,id:base64")
        if any(not 0 < len(name.encode()) < 256 for name in keys):
            raise ValueError("ENGAGE_DATA_KEYS: each key needs a short id before the colon")
        if len(index_key) < 32:
            raise ValueError("ENGAGE_INDEX_KEY: must be at least 32 bytes in base64")
        self._ciphers = {name.encode(): AESGCM(key) for name, key in keys.items()}
        first = next(iter(self._ciphers))
        self._prefix = bytes([len(first)]) + first
        self._cipher = self._ciphers[first]
        self._index_key = index_key

    def seal(self, table: str, id: UUID, value: Mapping[str, Any]) -> bytes:
        """``value`` for row ``id`` of ``table``. Values must be JSON."""
        nonce = os.urandom(12)
        return self._prefix + nonce + self._cipher.encrypt(nonce, orjson.dumps(value), _place(table, id))

    def seal_many(self, table: str, rows: Iterable[tuple[UUID, Mapping[str, Any]]]) -> list[bytes]:
        """As ``seal``, for a batch."""
        return [self.seal(table, id, value) for id, value in rows]

    def open(self, table: str, id: UUID, sealed: bytes) -> dict[str, Any]:
        """The value that was sealed for this very row. Raises SealError."""
        end = 1 + sealed[0] if sealed else 0
        cipher = self._ciphers.get(sealed[1:end])
        if cipher is None:
            raise SealError(f"{table} {id}: sealed with a key that is not in ENGAGE_DATA_KEYS")
        try:
            plain = cipher.decrypt(sealed[end : end + 12], sealed[end + 12 :], _place(table, id))
        except (InvalidTag, ValueError):
            raise SealError(f"{table} {id}: the sealed value is not this row's") from None
        value: dict[str, Any] = orjson.loads(plain)
        return value

    def index(self, kind: str, normal: str) -> bytes:
        """The blind index of a normalised value of ``kind`` ("email", "sms", "ip"): 32 bytes."""
        return hmac.digest(self._index_key, f"{kind}\0{normal}".encode(), "sha256")


def _place(table: str, id: UUID) -> bytes:
    return table.encode() + b"\0" + id.bytes


def parse_data_keys(text: str) -> dict[str, bytes]:
    """``id:base64,...`` as a mapping in the same order. Raises ValueError naming the entry by its place."""
    keys: dict[str, bytes] = {}
    for place, entry in enumerate(text.split(","), 1):
        name, colon, encoded = entry.strip().partition(":")
        if not colon or not name or name in keys:
            raise ValueError(f"ENGAGE_DATA_KEYS: entry {place} must be id:base64 with an id of its own")
        keys[name] = parse_key(encoded, f"ENGAGE_DATA_KEYS: entry {place}")
    return keys


def parse_key(encoded: str, where: str) -> bytes:
    """A key from base64. Raises ValueError that starts with ``where``."""
    try:
        return b64decode(encoded, validate=True)
    except (Base64Error, ValueError):
        raise ValueError(f"{where} is not base64") from None
