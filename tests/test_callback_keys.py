"""Development's keys for callbacks: made once, added to what is there, never used in production."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engage.keys import callback_keys, development_keys, fresh
from engage.settings import load


def test_a_file_from_before_gets_them_added_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    before = fresh()
    path.write_text(json.dumps(before))
    after = development_keys(tmp_path)
    assert before.items() < after.items()
    assert json.loads(path.read_text()) == after == development_keys(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_many_who_add_them_at_once_agree(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(fresh()))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: development_keys(tmp_path), range(16)))
    assert all(keys == made[0] for keys in made)


def test_they_come_beside_the_configured_ones_in_development_only(tmp_path: Path) -> None:
    given = {
        "ENGAGE_DATA_DIR": str(tmp_path),
        "SENDGRID_WEBHOOK_PUBLIC_KEY": "one,two",
        "TWILIO_AUTH_TOKEN": "three",
    }
    keys = callback_keys(load(given))
    assert keys.made is not None
    assert keys.sendgrid_public_keys[:2] == ("one", "two") and len(keys.sendgrid_public_keys) == 3
    assert keys.twilio_auth_tokens == ("three", keys.made.twilio)
    production = callback_keys(load(given).model_copy(update={"env": "production"}))
    assert (production.sendgrid_public_keys, production.twilio_auth_tokens) == (("one", "two"), ("three",))
    assert production.made is None


def test_where_they_cannot_be_kept_only_the_configured_ones_count(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keys = callback_keys(load({"ENGAGE_DATA_DIR": str(tmp_path / "file"), "TWILIO_AUTH_TOKEN": "one"}))
    assert (keys.sendgrid_public_keys, keys.twilio_auth_tokens, keys.made) == ((), ("one",), None)
