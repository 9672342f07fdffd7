"""Which vendors a runtime has: those whose settings are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engage.domain.messages import KINDS, TESTS, WITHOUT_FILE
from engage.runtime import Runtime, build, without_letter
from engage.settings import Settings, SettingsError
from tests.delivery.batches import library

VENDORS = {
    "sendgrid_api_key": "k",
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "t1, t2",
    "twilio_messaging_service_sid": "MG1",
    "smtp_url": "smtp://u:p@mail.example.org:587?starttls=1",
}


def _with(settings: Settings, **given: object) -> Settings:
    return settings.model_copy(update=given)


def test_without_settings_nothing_can_leave(rt: Runtime) -> None:
    assert set(rt.senders) == {"email:local", "sms:local"}


def test_a_vendor_with_its_settings_is_there_although_nobody_chose_it(settings: Settings) -> None:
    runtime = build(_with(settings, **VENDORS))
    assert set(runtime.senders) == {
        "email:local",
        "sms:local",
        "email:sendgrid",
        "email:smtp",
        "sms:twilio",
    }
    assert runtime.sender_for(TESTS["sms", "care"]).name == "local"


def test_care_goes_its_own_way(settings: Settings) -> None:
    chosen = {"email": "sendgrid", "care_email": "smtp", "sms": "twilio"}
    runtime = build(_with(settings, **VENDORS, **chosen))
    names = {(kind.channel, kind.purpose): runtime.sender_for(kind).name for kind in TESTS.values()}
    assert names == {
        (channel, purpose): "twilio" if channel == "sms" else "smtp" if purpose == "care" else "sendgrid"
        for channel, purpose in TESTS
    }


def test_worlds_at_other_moments_share_the_connections(settings: Settings) -> None:
    runtime = build(_with(settings, **VENDORS))
    assert runtime.at(runtime.now()).transport is runtime.transport
    assert replace(runtime, content_ids={}).transport is runtime.transport


def test_a_wrong_mail_server_is_named_without_its_password(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="SMTP_URL would send the password in the clear") as refused:
        build(_with(settings, smtp_url="smtp://u:secret@m"))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_wrong_authority_is_named_at_the_start(
    settings: Settings, tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if text:
        path.write_text(text)
    with pytest.raises(SettingsError, match="ENGAGE_CA_FILE"):
        build(_with(settings, **VENDORS, ca_file=path))


def test_every_kind_has_its_words_and_a_missing_one_is_named() -> None:
    there = library()
    assert without_letter(there.kinds, there.texts) == []
    missing = [problem.path for problem in without_letter((), ())]
    assert "sms/test-message.txt" in missing and "email/test-message" in missing
    wanted = [kind for kind in KINDS.values() if kind not in WITHOUT_FILE]
    assert len(missing) == len({(kind.channel, kind.text) for kind in wanted})
