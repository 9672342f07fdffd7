"""Links in messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from engage.links import BadLink, Links

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OLD, NEW = b"an old key of some length", b"a new key of some length"
LINKS = Links([NEW, OLD], "https://clinic.example")
ID = uuid4()


def test_a_link_leads_to_its_thing() -> None:
    token = LINKS.token("confirm", ID, NOW + timedelta(days=7))
    assert LINKS.read("confirm", token, NOW) == ID
    assert LINKS.url("lesson", ID).startswith("https://clinic.example/lessons/")


def test_a_link_of_another_purpose_opens_nothing() -> None:
    with pytest.raises(BadLink) as caught:
        LINKS.read("unsubscribe", LINKS.token("confirm", ID), NOW)
    assert caught.value.reason == "invalid"


@pytest.mark.parametrize("after_days", [7, 30])
def test_a_link_expires_at_its_minute(after_days: int) -> None:
    token = LINKS.token("confirm", ID, NOW + timedelta(days=7))
    assert LINKS.read("confirm", token, NOW + timedelta(days=7) - timedelta(seconds=1)) == ID
    with pytest.raises(BadLink) as caught:
        LINKS.read("confirm", token, NOW + timedelta(days=after_days))
    assert caught.value.reason == "expired"


def test_a_link_opens_only_for_whom_it_is_about() -> None:
    token = LINKS.token("appointment", ID, NOW + timedelta(days=7), b"one")
    assert len(token) == len(LINKS.token("appointment", ID)) and LINKS.unverified(token) == ID
    assert LINKS.place("appointment", token) == f"https://clinic.example/appointments/{token}"
    assert LINKS.read("appointment", token, NOW, [b"other", b"one"]) == ID
    for abouts in ([b"other"], [b""], []):
        with pytest.raises(BadLink) as caught:
            LINKS.read("appointment", token, NOW, abouts)
        assert caught.value.reason == "invalid"


def test_what_a_link_is_about_holds_over_a_rotation_of_keys() -> None:
    token = Links([OLD], "https://clinic.example").token("appointment", ID, about=b"one")
    assert LINKS.read("appointment", token, NOW, [b"other", b"one"]) == ID


def test_every_key_and_every_contact_is_tried_whichever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bool] = []

    def compare(one: bytes, other: bytes) -> bool:
        tried.append(one == other)
        return one == other

    monkeypatch.setattr("engage.links.hmac.compare_digest", compare)
    token = LINKS.token("appointment", ID, about=b"one")
    assert LINKS.read("appointment", token, NOW, [b"one", b"two", b"three"]) == ID
    assert tried == [True] + 5 * [False]


def test_a_link_without_an_end_works_for_ever() -> None:
    assert LINKS.read("unsubscribe", LINKS.token("unsubscribe", ID), NOW + timedelta(days=40_000)) == ID


def test_any_altered_character_is_refused() -> None:
    token = LINKS.token("confirm", ID)
    for place in range(len(token)):
        for other in ("A", "b", "-"):
            altered = token[:place] + other + token[place + 1 :]
            if altered != token:
                with pytest.raises(BadLink):
                    LINKS.read("confirm", altered, NOW)


@pytest.mark.parametrize(
    "token", ["", "a", "é" * 48, "a" * 47, "a" * 49, "=" * 48, "../../etc/passwd", "\n" * 48]
)
def test_rubbish_is_no_link(token: str) -> None:
    with pytest.raises(BadLink):
        LINKS.read("confirm", token, NOW)


def test_links_of_the_old_key_work_after_a_rotation_and_not_after_its_end() -> None:
    token = Links([OLD], "https://clinic.example").token("lesson", ID)
    assert LINKS.read("lesson", token, NOW) == ID
    with pytest.raises(BadLink):
        Links([NEW], "https://clinic.example").read("lesson", token, NOW)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="ENGAGE_SECRET_KEY"):
        Links([b"short"], "https://clinic.example")
