"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from engage.keys import development_keys, fresh, keys_of
from engage.settings import REQUIRED_IN_PRODUCTION, SettingsError, load
from tests.fakes.signing import EventKey


def test_development_needs_no_settings_at_all() -> None:
    settings = load({})
    assert settings.development
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.email, settings.care_email, settings.sms) == ("local", "local", "local")


def test_production_names_everything_that_is_missing_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"ENGAGE_ENV": "production", "PORT": "http"})
    assert all(name in str(caught.value) for name in (*REQUIRED_IN_PRODUCTION, "PORT"))


def test_a_setting_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://x/y\n")
    assert load({"DATABASE_URL_FILE": str(tmp_path / "url")}).database_url == "postgresql://x/y"


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"DATABASE_URL_FILE": "no/such/file"}, "DATABASE_URL_FILE"),
        ({"REDIS_URL": "redis://x", "REDIS_URL_FILE": "y"}, "keep one"),
        ({"ENGAGE_BASE_URL": "clinic.example"}, "https://"),
        ({"ENGAGE_ENV": "prod"}, "ENGAGE_ENV"),
        ({"PORT": "0"}, "PORT"),
        ({"ENGAGE_EMAIL": "pigeon"}, "ENGAGE_EMAIL"),
        ({"ENGAGE_BATCH_SIZE": "1001"}, "ENGAGE_BATCH_SIZE"),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load(environ)


def test_a_wrong_setting_is_not_repeated_since_it_may_be_a_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"PORT": "s3cret", "ENGAGE_BASE_URL": "s3cret"})
    assert "s3cret" not in str(caught.value)


def test_development_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = development_keys(tmp_path / "new")
    assert development_keys(tmp_path / "new") == first
    assert (tmp_path / "new" / "keys.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["keys.json"]


def test_fresh_keys_are_good_for_production() -> None:
    environ = {
        "DATABASE_URL": "postgresql://x/y",
        "REDIS_URL": "redis://x",
        "ENGAGE_BASE_URL": "https://c.example",
    }
    keys_of(load({"ENGAGE_ENV": "production", **environ, **fresh()}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENGAGE_DATA_KEYS", "k1"),
        ("ENGAGE_DATA_KEYS", "k1:###"),
        ("ENGAGE_DATA_KEYS", "k1:c2hvcnQ="),
        ("ENGAGE_INDEX_KEY", "c2hvcnQ="),
        ("ENGAGE_SECRET_KEY", "short"),
    ],
)
def test_a_bad_key_is_named_and_not_shown(name: str, value: str) -> None:
    from engage.links import Links

    with pytest.raises((SettingsError, ValueError), match=name) as caught:
        Links(keys_of(load({**fresh(), name: value})).secret_keys, "https://c.example")
    assert "c2hvcnQ" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        (
            {"SENDGRID_WEBHOOK_PUBLIC_KEY": "notakey"},
            "SENDGRID_WEBHOOK_PUBLIC_KEY: key 1 is no verification key",
        ),
        ({"SENDGRID_WEBHOOK_PUBLIC_KEY": "=,"}, "SENDGRID_WEBHOOK_PUBLIC_KEY: key 1 is no verification key"),
        ({"SENDGRID_WEBHOOK_PUBLIC_KEY": f"{EventKey.new().public},x"}, "key 2 is no verification key"),
        ({"SENDGRID_WEBHOOK_PUBLIC_KEY": ","}, "SENDGRID_WEBHOOK_PUBLIC_KEY is missing"),
        ({"TWILIO_AUTH_TOKEN": ","}, "TWILIO_AUTH_TOKEN is missing"),
    ],
)
def test_production_does_not_start_with_keys_by_which_every_callback_would_be_refused(
    environ: dict[str, str], named: str
) -> None:
    chosen = {
        "ENGAGE_ENV": "production",
        "ENGAGE_EMAIL": "sendgrid",
        "ENGAGE_SMS": "twilio",
        "SENDGRID_WEBHOOK_PUBLIC_KEY": EventKey.new().public,
        "TWILIO_AUTH_TOKEN": "token",
    }
    with pytest.raises(SettingsError) as caught:
        load({**chosen, **environ})
    assert named in str(caught.value)
    with pytest.raises(SettingsError) as caught:
        load(chosen)
    assert "WEBHOOK" not in str(caught.value) and "TWILIO_AUTH_TOKEN" not in str(caught.value)
