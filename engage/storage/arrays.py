"""Arrays for the hot statements, encoded for PostgreSQL in one go.

psycopg turns a list into an array value by value, each through an adapter of its own, which was a tenth of what
a delivery cost. These lists know their type, so that encoding one is a join.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NULL = struct.pack("!i", -1)
_LENGTH = struct.Struct("!i").pack
_HEAD = struct.Struct("!iiIii").pack
_MICROSECONDS = struct.Struct("!iq").pack
_DOUBLE = struct.Struct("!id").pack
_SIXTEEN = _LENGTH(16)


class Uuids(list[UUID | None]):
    """A ``uuid[]``; None is NULL."""


class Texts(list[str | None]):
    """A ``text[]``; None is NULL."""


class Blobs(list[bytes | None]):
    """A ``bytea[]``; None is NULL."""


class Moments(list[datetime | None]):
    """A ``timestamptz[]`` of aware datetimes; None is NULL."""


class Floats(list[float]):
    """A ``float8[]``."""


class _Dumper(Dumper):
    format = Format.BINARY
    element: ClassVar[int]

    def encoded(self, values: Iterable[Any]) -> list[bytes]:
        raise NotImplementedError

    def dump(self, obj: Any) -> bytes:
        head = _HEAD(1 if obj else 0, 1, self.element, len(obj), 1)
        return head + b"".join(self.encoded(obj)) if obj else head[:12]


class _UuidsDumper(_Dumper):
    oid, element = 2951, 2950

    def encoded(self, values: Iterable[Any]) -> list[bytes]:
        return [_NULL if value is None else _SIXTEEN + value.bytes for value in values]


class _TextsDumper(_Dumper):
    oid, element = 1009, 25

    def encoded(self, values: Iterable[Any]) -> list[bytes]:
        return [_NULL if v is None else _LENGTH(len(raw := v.encode())) + raw for v in values]


class _BlobsDumper(_Dumper):
    oid, element = 1001, 17

    def encoded(self, values: Iterable[Any]) -> list[bytes]:
        return [_NULL if value is None else _LENGTH(len(value)) + value for value in values]


class _MomentsDumper(_Dumper):
    oid, element = 1185, 1184

    def encoded(self, values: Iterable[Any]) -> list[bytes]:
        return [_NULL if value is None else _MICROSECONDS(8, _since(value)) for value in values]


class _FloatsDumper(_Dumper):
    oid, element = 1022, 701

    def encoded(self, values: Iterable[Any]) -> list[bytes]:
        return [_DOUBLE(8, value) for value in values]


def _since(moment: datetime) -> int:
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def register() -> None:
    """Teaches psycopg these lists."""
    for kind, dumper in (
        (Uuids, _UuidsDumper),
        (Texts, _TextsDumper),
        (Blobs, _BlobsDumper),
        (Moments, _MomentsDumper),
        (Floats, _FloatsDumper),
    ):
        psycopg.adapters.register_dumper(kind, dumper)
