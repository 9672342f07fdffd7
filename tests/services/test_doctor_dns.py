"""``engage doctor dns`` against a name server on loopback: good zones, bad ones, silence and nonsense."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from engage.delivery.dns import DnsResolver
from engage.services.doctor_dns import Finding, Sending, examine
from tests.fakes.dns import NameServer
from tests.services.dns_zones import FROM, ORG, SENDING, Zone, good, key, young


@pytest.fixture
def server() -> Iterator[NameServer]:
    with NameServer(good()) as running:
        yield running


def looked_at(zone: Zone, sending: Sending = SENDING, lifetime: float = 2.0) -> dict[str, list[Finding]]:
    with NameServer(zone) as server:
        return told(DnsResolver(server.place, lifetime), sending)


def told(resolver: DnsResolver, sending: Sending = SENDING) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for one in examine(resolver, sending):
        found.setdefault(one.name, []).append(one)
        assert one.level == "ok" or one.cure or one.name == "spf", one
    return found


def test_a_zone_as_it_should_be_is_well_in_every_point() -> None:
    found = looked_at(good())
    assert set(found) == {"from", "spf", "dkim", "dmarc", "reports", "alignment", "mailto", "replies"}
    assert {one.level for each in found.values() for one in each} == {"ok"}
    assert len(found["dkim"]) == 2


def change(name: str, kind: str, *texts: str) -> Callable[[Zone], None]:
    def apply(zone: Zone) -> None:
        zone.pop((name, "CNAME"), None)
        if texts:
            zone[name, kind] = list(texts)
        else:
            zone.pop((name, kind), None)

    return apply


def includes(count: int) -> Callable[[Zone], None]:
    """A record with so many lookups."""

    def apply(zone: Zone) -> None:
        zone[FROM, "TXT"] = ["v=spf1 " + " ".join(f"include:n{n}.example" for n in range(count)) + " -all"]
        for n in range(count):
            zone[f"n{n}.example", "TXT"] = ["v=spf1 ip4:192.0.2.1 -all"]

    return apply


def voids(zone: Zone) -> None:
    zone[FROM, "TXT"] = ["v=spf1 a:n1.example a:n2.example exists:n3.example -all"]


def around(zone: Zone) -> None:
    zone[FROM, "TXT"] = ["v=spf1 include:a.example -all"]
    zone["a.example", "TXT"] = ["v=spf1 include:b.example -all"]
    zone["b.example", "TXT"] = ["v=spf1 include:a.example -all"]


def spf(*texts: str) -> Callable[[Zone], None]:
    return change(FROM, "TXT", *texts)


def dmarc(*texts: str) -> Callable[[Zone], None]:
    return change(f"_dmarc.{ORG}", "TXT", *texts)


def dkim(*texts: str) -> Callable[[Zone], None]:
    return change(f"s1._domainkey.{FROM}", "TXT", *texts)


def nothing_at(name: str) -> Callable[[Zone], None]:
    def apply(zone: Zone) -> None:
        for place in [at for at in zone if at[0] == name or at[0].endswith(f".{name}")]:
            del zone[place]

    return apply


def both(*steps: Callable[[Zone], None]) -> Callable[[Zone], None]:
    def apply(zone: Zone) -> None:
        for step in steps:
            step(zone)

    return apply


LONG = "x" * 3000
BAD: list[tuple[str, Callable[[Zone], None], str, str, str]] = [
    ("From does not exist", nothing_at(FROM), "from", "bad", "does not exist"),
    ("From without MX", change(FROM, "MX"), "from", "note", "neither MX nor address"),
    ("no SPF", spf(), "spf", "note", "none is needed"),
    ("two SPF", spf("v=spf1 -all", "v=spf1 ~all"), "spf", "bad", "2 records"),
    ("SPF lets everybody in", spf("v=spf1 +all"), "spf", "bad", "lets everybody"),
    ("SPF says nothing of others", spf("v=spf1 ip4:192.0.2.1"), "spf", "note", "everybody else"),
    ("SPF is neutral", spf("v=spf1 ip4:192.0.2.1 ?all"), "spf", "note", "everybody else"),
    ("SPF with a typo", spf("v=spf1 inlcude:sendgrid.net -all"), "spf", "bad", "no SPF term"),
    ("SPF with an address as include", spf("v=spf1 include: -all"), "spf", "bad", "no SPF term"),
    ("SPF includes what is not there", spf("v=spf1 include:gone.example -all"), "spf", "bad", "has no SPF"),
    ("SPF includes what has no SPF", spf(f"v=spf1 include:{ORG} -all"), "spf", "bad", "has no SPF"),
    ("SPF in a circle", around, "spf", "bad", "includes itself"),
    ("ten lookups are enough", includes(10), "spf", "ok", "10 of at most 10"),
    ("eleven lookups are too many", includes(11), "spf", "bad", "needs 11 lookups"),
    ("fifty lookups", includes(50), "spf", "bad", "at least 40 lookups"),
    ("three lookups in vain", voids, "spf", "bad", "find nothing"),
    ("SPF with ptr", spf("v=spf1 ptr -all"), "spf", "note", "ptr"),
    ("SPF with a name that is none", spf(f"v=spf1 include:{'a' * 70}.example -all"), "spf", "bad", "can't be read"),
    ("SPF of 3000 letters", spf(f"v=spf1 {LONG} -all"), "spf", "bad", "no SPF term"),
    ("DKIM is missing", nothing_at(f"_domainkey.{FROM}"), "dkim", "bad", "there is no key"),
    ("DKIM points nowhere", nothing_at("u123.wl.sendgrid.net"), "dkim", "bad", "where there is no key"),
    ("DKIM is copied", dkim(f"v=DKIM1; k=rsa; p={key(2048)}"), "dkim", "note", "can't renew"),
    ("DKIM was revoked", dkim("v=DKIM1; p="), "dkim", "bad", "revoked"),
    ("DKIM is nonsense", dkim("v=DKIM1; p=!!!"), "dkim", "bad", "can't be read"),
    ("DKIM is base64 nonsense", dkim("v=DKIM1; p=aGVsbG8="), "dkim", "bad", "can't be read"),
    ("DKIM is a letter", dkim("hello"), "dkim", "bad", "can't be read"),
    ("DKIM twice", dkim(f"p={key(2048)}", f"p={key(1024)}"), "dkim", "bad", "2 records"),
    ("no DMARC", dmarc(), "dmarc", "bad", "there is none"),
    ("two DMARC", dmarc("v=DMARC1; p=none", "v=DMARC1; p=reject"), "dmarc", "bad", "2 records"),
    ("DMARC without policy", dmarc("v=DMARC1"), "dmarc", "bad", "no policy"),
    ("DMARC with a typo", dmarc("v=DMARC1; p=rejected"), "dmarc", "bad", "no policy"),
    ("DMARC with half a typo", dmarc("v=DMARC1; p=reject; sp=non"), "dmarc", "bad", "sp=non"),
    ("DMARC that is no list", dmarc("v=DMARC1; reject please"), "dmarc", "bad", "no policy"),
    ("DMARC only reports", dmarc("v=DMARC1; p=none; rua=mailto:a@harmonia.example"), "dmarc", "note", "only asks"),
    ("DMARC for half", dmarc("v=DMARC1; p=reject; pct=50"), "dmarc", "note", "50 %"),
    ("DMARC weaker below", dmarc("v=DMARC1; p=reject; sp=none"), "dmarc", "note", "only asks"),
    ("nobody gets reports", dmarc("v=DMARC1; p=reject"), "reports", "note", "nobody gets"),
    ("reports to nowhere", dmarc("v=DMARC1; p=reject; rua=https://x.example"), "reports", "bad", "no address"),
    (
        "reports to a stranger",
        dmarc("v=DMARC1; p=reject; rua=mailto:a@reports.example"),
        "reports",
        "note",
        "does not say that it takes them",
    ),
    (
        "reports to a service that takes them",
        both(
            dmarc("v=DMARC1; p=reject; rua=mailto:a@reports.example!10m"),
            change(f"{ORG}._report._dmarc.reports.example", "TXT", "v=DMARC1;"),
        ),
        "reports",
        "ok",
        "reports go to",
    ),
    ("nothing signs", nothing_at(f"_domainkey.{FROM}"), "alignment", "bad", "SPF alone"),
    (
        "the organisation signs, relaxed",
        both(
            nothing_at(f"_domainkey.{FROM}"),
            change(f"s1._domainkey.{ORG}", "TXT", f"p={key(2048)}"),
            change(f"s2._domainkey.{ORG}", "TXT", f"p={key(2048)}"),
        ),
        "alignment",
        "ok",
        "aligned with From",
    ),
    (
        "the organisation signs, strict",
        both(
            nothing_at(f"_domainkey.{FROM}"),
            change(f"s1._domainkey.{ORG}", "TXT", f"p={key(2048)}"),
            dmarc("v=DMARC1; p=reject; adkim=s"),
        ),
        "alignment",
        "bad",
        "very same name",
    ),
    ("strict for SPF", dmarc("v=DMARC1; p=reject; aspf=s"), "alignment", "note", "aspf=s"),
    ("nobody takes mails to leave", change("mx.harmonia.example", "A"), "mailto", "bad", "no server takes"),
    ("no mail is taken at all", change(FROM, "MX", "0 ."), "mailto", "bad", "takes no mail"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "apply", "name", "level", "words"), BAD, ids=[case[0] for case in BAD])
def test_what_is_wrong_is_named_with_its_cure(
    case: str, apply: Callable[[Zone], None], name: str, level: str, words: str
) -> None:
    zone = good()
    apply(zone)
    found = looked_at(zone)[name]
    assert any(one.level == level and words in one.words for one in found), found
    assert level == "ok" or {one.level for one in found} != {"ok"}


OWN = Sending(FROM, "smtp", ("k1",), smtp_host="out.harmonia.example")


@pytest.mark.parametrize(
    ("record", "level", "words"),
    [
        (f"v=DKIM1; p={key(1024)}", "note", "1024 bits; 2048"),
        (f"v=DKIM1; p={key(768)}", "bad", "receivers ignore keys below 1024"),
        (f"v=DKIM1; t=y:s; p={key(2048)}", "note", "marked as a test"),
        (f"v=DKIM1; k=ed25519; p={young()}", "note", "RSA only"),
        (f"v=DKIM1; k=ed25519; p={key(2048)}", "bad", "can't be read"),
        (f"v=DKIM2; p={key(2048)}", "bad", "can't be read"),
        (f"p={key(2048)}", "ok", "2048 bits"),
    ],
    # The keys are made anew each time; what a test is called must not be.
    ids=["1024", "768", "testing", "ed25519", "not ed25519", "another version", "2048"],
)
def test_keys_of_a_mail_server_of_ones_own(record: str, level: str, words: str) -> None:
    found = looked_at({**good(), (f"k1._domainkey.{FROM}", "TXT"): [record]}, OWN)
    assert [(one.level, words in one.words) for one in found["dkim"]] == [(level, True)]


def test_without_a_selector_nothing_is_claimed_about_keys() -> None:
    (one,) = looked_at(good(), Sending(FROM, "smtp"))["dkim"]
    assert one.level == "note" and "--selector" in one.cure


def test_a_mail_server_of_ones_own_needs_spf() -> None:
    zone = good()
    spf()(zone)
    (one,) = looked_at(zone, Sending(FROM, "smtp"))["spf"]
    assert one.level == "bad" and "include:" in one.cure


@pytest.mark.parametrize(
    ("names", "level"),
    [
        ({("25.2.0.192.in-addr.arpa", "PTR"): ["mx.harmonia.example"]}, "ok"),
        ({("25.2.0.192.in-addr.arpa", "PTR"): ["other.example"]}, "note"),
        ({}, "note"),
    ],
)
def test_the_mail_servers_address_leads_back_to_it(names: Zone, level: str) -> None:
    zone = {**good(), ("out.harmonia.example", "A"): ["192.0.2.25"], **names}
    (one,) = looked_at(zone, OWN)["server"]
    assert one.level == level


@pytest.mark.parametrize("how", ["silent", "refusing", "garbled"])
@pytest.mark.parametrize(
    ("at", "name"),
    [
        (FROM, "spf"),
        (f"s1._domainkey.{FROM}", "dkim"),
        (f"_dmarc.{FROM}", "dmarc"),
        ("sendgrid.net", "spf"),
        (ORG, "replies"),
    ],
)
def test_where_nobody_answers_nothing_is_claimed(server: NameServer, how: str, at: str, name: str) -> None:
    getattr(server, how).add(at)
    began = time.monotonic()
    found = told(DnsResolver(server.place, lifetime=0.15))
    assert time.monotonic() - began < 10
    assert any(one.level == "bad" and "try again" in one.cure for one in found[name]), found[name]


def test_what_strangers_publish_cannot_move_the_terminal() -> None:
    zone = good()
    spf("v=spf1 \x1b[31mred\x07 -all")(zone)
    (one,) = looked_at(zone)["spf"]
    assert one.level == "bad" and "\x1b" not in one.words and "\x07" not in one.words
