"""The list before going live: what counts as done, and what is said about the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engage import clinic
from engage.domain.dns import reserved
from engage.domain.go_live import EXAMPLE_ADDRESS, Found, Item, Tick, items
from tests.conftest import PROJECT

AT = datetime(2026, 11, 24, 17, tzinfo=UTC)
HOURS = "emails about visits Every day, 8 AM to 8 PM"


def tick(about: str) -> Tick:
    return Tick("staff", "id", AT, about)


READY = Found(
    email="sendgrid",
    care_email="smtp",
    sms="twilio",
    delivered=frozenset({("email", "sendgrid"), ("email", "smtp"), ("sms", "twilio")}),
    keys=frozenset({"sendgrid", "twilio"}),
    heard=frozenset({"sendgrid", "twilio"}),
    hours=HOURS,
    ticks={"care-email": tick("smtp"), "hours": tick(HOURS), "backup": tick("backup")},
)


def item(found: Found, slug: str) -> Item:
    return next(one for one in items(found) if one.slug == slug)


def test_all_can_be_done_and_then_says_nothing_to_do() -> None:
    assert [one.slug for one in items(READY) if not one.done] == []
    assert all(one.words for one in items(READY))


@pytest.mark.parametrize(
    ("case", "found", "slug", "said"),
    [
        ("the example's address", replace(READY, made_up=["x"]), "address", "CAN-SPAM"),
        ("mail stays here", replace(READY, email="local"), "sender", "ENGAGE_EMAIL"),
        ("care mail stays here", replace(READY, care_email="local"), "sender", "ENGAGE_CARE_EMAIL"),
        ("no test yet", replace(READY, delivered=frozenset()), "sender", "--lane service"),
        ("none by the way of care", replace(READY, delivered=frozenset({("email", "sendgrid")})), "sender",
         "--lane care"),
        ("a text is no mail", replace(READY, delivered=frozenset({("sms", "smtp"), ("sms", "sendgrid")})), "sender",
         "--lane"),
        ("no keys", replace(READY, keys=frozenset({"twilio"})), "webhooks", "keys"),
        ("nothing heard", replace(READY, heard=frozenset({"twilio"})), "webhooks", "address"),
        ("no test text", replace(READY, delivered=READY.delivered - {("sms", "twilio")}), "texts", "--channel sms"),
        ("texts stay here", replace(READY, sms="local"), "texts", "no texts"),
        ("no way of care decided", replace(READY, ticks={}), "care-email", "agreement"),
        ("another way since", replace(READY, care_email="sendgrid"), "care-email", "counsel"),
        ("other hours since", replace(READY, hours="others"), "hours", "decent_hours"),
        ("no backup", replace(READY, ticks={}), "backup", "Only a person"),
    ],
)  # fmt: skip
def test_each_item_can_be_what_is_left(case: str, found: Found, slug: str, said: str) -> None:
    one = item(found, slug)
    assert not one.done, case
    assert said in one.cure


def test_sendgrid_for_care_mail_is_told_plainly_and_only_a_person_decides_it() -> None:
    found = replace(READY, care_email="sendgrid")
    assert "signs no HIPAA business-associate agreement" in item(found, "care-email").words
    decided = replace(found, ticks={**found.ticks, "care-email": tick("sendgrid")})
    assert item(decided, "care-email").done


def test_a_clinic_that_sends_no_texts_says_so() -> None:
    found = replace(READY, sms="local")
    assert item(replace(found, ticks={"texts": tick("local")}), "texts").done


def test_a_mail_server_alone_calls_nobody_back() -> None:
    alone = replace(READY, email="smtp", sms="local", keys=frozenset(), heard=frozenset())
    assert item(alone, "webhooks").done


def test_what_the_system_sees_nobody_is_asked() -> None:
    asked = {one.slug for one in items(READY) if one.about is not None}
    assert asked == {"care-email", "hours", "backup"}


def test_the_example_is_the_one_that_comes_with_engage() -> None:
    shipped = clinic.load(PROJECT / "clinic.toml")
    assert shipped.postal_address == EXAMPLE_ADDRESS
    assert reserved(shipped.sender.email.partition("@")[2])
