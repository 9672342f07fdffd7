"""Sealed rows and the blind index."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest

from engage.storage.sealed import Sealer, SealError, parse_data_keys

KEY, OTHER, INDEX = os.urandom(32), os.urandom(32), os.urandom(32)
SEALER = Sealer({"k1": KEY}, INDEX)
ID = uuid4()


def test_what_was_sealed_is_opened_and_never_looks_the_same_twice() -> None:
    value = {"given_name": "Zoë 👩‍⚕️", "email": "zoe@example.org"}
    one, two = (SEALER.seal("people", ID, value) for _ in range(2))
    assert SEALER.open("people", ID, one) == SEALER.open("people", ID, two) == value
    assert one != two
    assert b"zoe" not in one


def test_a_value_moved_to_another_row_or_table_is_refused() -> None:
    sealed = SEALER.seal("people", ID, {"given_name": "Ada"})
    for table, id in (("people", uuid4()), ("contacts", ID)):
        with pytest.raises(SealError):
            SEALER.open(table, id, sealed)


def test_every_altered_byte_is_refused_without_telling_anything() -> None:
    sealed = SEALER.seal("people", ID, {"given_name": "Ada"})
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(SealError) as caught:
            SEALER.open("people", ID, bytes(altered))
        assert "Ada" not in str(caught.value)


@pytest.mark.parametrize("rubbish", [b"", b"\x02", b"\x02k1", b"\x02k1" + b"0" * 12])
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(SealError):
        SEALER.open("people", ID, rubbish)


def test_after_a_rotation_the_new_key_seals_and_both_open() -> None:
    old = SEALER.seal("people", ID, {"n": 1})
    rotated = Sealer({"k2": OTHER, "k1": KEY}, INDEX)
    new = rotated.seal("people", ID, {"n": 2})
    assert rotated.open("people", ID, old) == {"n": 1}
    assert rotated.open("people", ID, new) == {"n": 2}
    with pytest.raises(SealError, match="ENGAGE_DATA_KEYS"):
        SEALER.open("people", ID, new)


def test_the_index_finds_equals_and_depends_on_kind_and_key() -> None:
    assert SEALER.index("email", "a@example.org") == SEALER.index("email", "a@example.org")
    assert SEALER.index("email", "a@example.org") != SEALER.index("sms", "a@example.org")
    assert SEALER.index("email", "a") != Sealer({"k1": KEY}, os.urandom(32)).index("email", "a")


@pytest.mark.parametrize("text", ["", "k1", ":AAAA", "k1:AAAA,k1:AAAA", "k1:not base64"])
def test_a_bad_list_of_keys_is_refused_by_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"entry [12]"):
        parse_data_keys(text)
