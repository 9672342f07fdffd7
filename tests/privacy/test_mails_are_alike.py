"""What a person chose is in no mail: all get the same bytes, but for their own name, address and links."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from engage.domain.courses import MAIN_PAINS
from tests.world import World

TOKEN = re.compile(r"(/confirm/|/not-me/|/lessons/|/unsubscribe/|/preferences/|unsubscribe%20)[\w-]{48}")
# Ids of our own rows, which say nothing about anybody; and the moment, which differs by milliseconds.
OWN = ("id", "attempt_id", "message_id", "sent_at")


def letters(world: World, address: str, name: str) -> list[dict[str, Any]]:
    """Everything that came to an address, with the person's own values taken out."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(part) for key, part in value.items()}
        return TOKEN.sub(r"\1TOKEN", str(value)).replace(name, "NAME").replace(address, "ADDRESS")

    return [
        {key: plain(value) for key, value in asdict(mail).items() if key not in OWN}
        for mail in world.mail(address)
    ]


def test_all_get_the_same_bytes_whatever_they_chose(world: World) -> None:
    pains = ["", *MAIN_PAINS]
    people = {pain: (f"reader{n:02d}@example.org", f"Reader{n:02d}") for n, pain in enumerate(pains)}
    for pain, (address, name) in people.items():
        world.enrol(email=address, given_name=name, main_pain=pain)
    world.pass_time(timedelta(days=60))

    expected = letters(world, *people[""])
    assert len(expected) == 1 + len(world.rt.library.courses["chronic-pain"].lessons)
    assert all("NAME" in lesson["text"] for lesson in expected if lesson["kind"] == "course-lesson")
    for pain in MAIN_PAINS:
        assert letters(world, *people[pain]) == expected, pain


@pytest.mark.parametrize("pain", MAIN_PAINS)
def test_subjects_headers_and_addresses_name_no_choice(world: World, pain: str) -> None:
    world.enrol(main_pain=pain)
    world.pass_time(timedelta(days=60))
    for mail in world.mail():
        outside = "\n".join(
            [mail.subject, mail.to, mail.from_, *mail.headers, *mail.headers.values()]
        ).lower()
        for private in (pain, MAIN_PAINS[pain]):
            assert not re.search(rf"\b{re.escape(private.lower())}\b", outside)
