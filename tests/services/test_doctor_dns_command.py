"""``engage doctor dns`` as a command: what it prints, what it takes, and which domains are nobody's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from engage.delivery.dns import DnsResolver
from engage.services.doctor_dns import examine
from tests.conftest import PROJECT
from tests.fakes.dns import NameServer
from tests.services.dns_zones import ORG, SENDING, good


@pytest.fixture
def server() -> Iterator[NameServer]:
    with NameServer(good()) as running:
        yield running


def run(*words: str, **environ: str) -> Result:
    given = {
        "ENGAGE_CLINIC": str(PROJECT / "clinic.toml"),
        "ENGAGE_EMAIL": "sendgrid",
        "SENDGRID_API_KEY": "SG.x",
        **environ,
    }
    return CliRunner(env=given).invoke(main, ["doctor", "dns", *words])


def test_the_command_says_what_is_well_and_what_is_not(server: NameServer) -> None:
    result = run("--server", server.place)
    assert result.exit_code == 0, result.output
    assert "ok   dkim      s1._domainkey.mail.harmonia.example: a key of 2048 bits" in result.output
    server.zone.pop((f"_dmarc.{ORG}", "TXT"))
    result = run("--server", server.place)
    assert result.exit_code == 1
    assert "-> publish a TXT record at _dmarc.harmonia.example" in result.output
    assert "Not well: dmarc" in result.output


def test_the_command_gives_json_and_takes_another_domain(server: NameServer) -> None:
    result = run("--server", server.place, "--domain", "nowhere.example", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert {one["level"] for one in found if one["name"] == "from"} == {"bad"}
    assert not {one["name"] for one in found} & {"mailto", "replies"}


@pytest.mark.parametrize(
    "domain", ["mail.harmonia.example", "clinic.test", "mail.invalid", "some.localhost", "EXAMPLE.EXAMPLE."]
)
def test_a_domain_that_is_nobodys_is_a_note_and_asks_nobody(domain: str) -> None:
    result = run("--domain", domain, "--json")
    assert result.exit_code == 0
    (found,) = json.loads(result.stdout)
    assert (found["level"], found["name"]) == ("note", "from")
    assert "not a real domain yet" in found["words"] and "[sender] email" in found["cure"]


def test_the_clinics_file_as_it_comes_is_no_failure() -> None:
    result = run()
    assert result.exit_code == 0 and "BAD" not in result.output
    assert "note from      mail.harmonia.example: not a real domain yet" in result.output


def test_an_address_that_people_write_to_may_be_nobodys_too(server: NameServer) -> None:
    sending = replace(SENDING, domain="clinic.org", reply_to="hello@harmonia.example", public=True)
    found = {one.name: one for one in examine(DnsResolver(server.place), sending)}
    assert found["from"].level == "bad"
    assert (found["replies"].level, found["mailto"].level) == ("note", "note")


@pytest.mark.parametrize(
    "words",
    [("--domain", "not a domain"), ("--domain", "localhost"), ("--server", "example.org"), ("--server", "1.2.3.4:x")],
)  # fmt: skip
def test_wrong_use_is_told_in_a_sentence(words: tuple[str, str]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "use a" in result.output or "use an" in result.output


def test_it_needs_no_database(tmp_path: Path, server: NameServer) -> None:
    assert run("--server", server.place, DATABASE_URL="", ENGAGE_DATA_DIR=str(tmp_path)).exit_code == 0
