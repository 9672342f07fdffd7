"""``engage doctor dns``: what the names of the sending domain tell receivers, in plain words, each with its cure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engage.domain.dns import PROBLEMS, Answer, Resolver, parents, reserved
from engage.domain.mail_records import DKIM_GOOD_BITS, SPF_VOIDS, DkimKey, Spf, read_dkim, read_spf, shown
from engage.services import doctor_dmarc, doctor_spf
from engage.services.doctor_dmarc import Found

SENDGRID_SELECTORS = ("s1", "s2")
SENDGRID = "sendgrid.net"
AUTHENTICATE = "in SendGrid under Settings, Sender Authentication, authenticate {domain} and publish the names that it shows"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a name. ``words`` say what is, ``cure`` what to do where it is not well."""

    name: str
    level: Literal["ok", "note", "bad"]
    domain: str
    words: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """How the clinic sends: ``domain`` of From, the sender's name, its DKIM selectors, the addresses that people
    write to, and the mail server's host where that is ours. ``public``: it is the world that is asked, and not a
    name server of one's own, which may have names that are nobody's."""

    domain: str
    sender: str
    selectors: tuple[str, ...] = ()
    mailto: str = ""
    reply_to: str = ""
    smtp_host: str = ""
    public: bool = False

    def made_up(self, domain: str) -> bool:
        """Whether there is nobody to ask about a domain."""
        return self.public and reserved(domain)


def examine(resolver: Resolver, sending: Sending) -> list[Finding]:
    """From, SPF, DKIM, DMARC with alignment, and the names that people write back to."""
    if sending.made_up(sending.domain):
        words = "not a real domain yet, so nothing was looked up"
        cure = "set [sender] email in clinic.toml to an address at a domain of yours, then ask again"
        return [Finding("from", "note", sending.domain, words, cure)]
    found = [*_from(resolver, sending), *_spf(resolver, sending)]
    keys = list(_dkim(resolver, sending))
    signing = next((domain for domain, finding in keys if finding.level != "bad" and domain), "")
    found += [finding for _, finding in keys]
    found += [
        _finding(sending.domain, *one) for one in doctor_dmarc.examine(resolver, sending.domain, signing)
    ]
    if sending.mailto:
        found.append(_reachable(resolver, sending, "mailto", sending.mailto, "mails to leave a list"))
    if sending.reply_to:
        found.append(_reachable(resolver, sending, "replies", sending.reply_to, "replies"))
    if sending.smtp_host:
        found.append(_reverse(resolver, sending.smtp_host))
    return found


def _finding(domain: str, name: str, one: Found) -> Finding:
    return Finding(name, one.level, domain, one.words, one.cure)


def _unknown(name: str, domain: str, answer: Answer) -> Finding:
    return Finding(
        name,
        "bad",
        shown(domain),
        f"nobody can tell: {PROBLEMS[answer.problem]}",
        "try again; if it stays so, ask whoever runs the domain's name servers",
    )


def _from(resolver: Resolver, sending: Sending) -> Iterator[Finding]:
    domain = sending.domain
    mx = resolver.ask(domain, "MX")
    if not mx.known:
        yield _unknown("from", domain, mx)
        return
    if mx.problem == "no_name":
        words = "the name in From does not exist, and receivers refuse mail from it"
        yield Finding(
            "from", "bad", domain, words, f"register {domain}, or set [sender] email in clinic.toml right"
        )
    elif mx.records or resolver.ask(domain, "A").records or resolver.ask(domain, "AAAA").records:
        yield Finding("from", "ok", domain, "the name in From exists and can be written to")
    else:
        words = "the name in From has neither MX nor address, so nobody can write to it; some receivers mind"
        yield Finding("from", "note", domain, words, f"publish an MX record at {domain}")


def _spf(resolver: Resolver, sending: Sending) -> Iterator[Finding]:
    domain = sending.domain
    texts, unknown = doctor_spf.records(resolver, domain)
    if unknown:
        yield _unknown("spf", domain, resolver.ask(domain, "TXT"))
    elif not texts and sending.sender == "sendgrid":
        words = "there is none here, and none is needed: SendGrid returns bounces to a name of its own below this one, whose SPF it keeps"
        yield Finding("spf", "note", domain, words)
    elif not texts:
        words = "there is none, so receivers can't tell which servers may send for this name"
        cure = f"publish a TXT record at {domain}: “v=spf1 include:<the name your mail host gives> -all”"
        yield Finding("spf", "bad", domain, words, cure)
    elif len(texts) > 1:
        words = f"there are {len(texts)} records, so receivers ignore all of them"
        yield Finding("spf", "bad", domain, words, "put them into one that begins with v=spf1")
    else:
        yield _spf_record(resolver, domain, read_spf(texts[0]), texts[0])


def _spf_record(resolver: Resolver, domain: str, spf: Spf, text: str) -> Finding:
    found = doctor_spf.walk(resolver, domain, spf)
    told = f"“{shown(text)}”"
    many = doctor_spf.too_many(found)
    if found.broken:
        return Finding(
            "spf",
            "bad",
            domain,
            f"{told} is broken: {'; '.join(found.broken[:5])}",
            "take that part out or mend it",
        )
    if many:
        cure = "take out what no longer sends for you, or let a service send from a name of its own below this one"
        return Finding("spf", "bad", domain, f"{told}: {many}", cure)
    if found.voids > SPF_VOIDS:
        words = f"{told}: {found.voids} of its lookups find nothing, and receivers stop after {SPF_VOIDS}"
        return Finding("spf", "bad", domain, words, "take out the names that no longer exist")
    if spf.all == "+":
        return Finding(
            "spf", "bad", domain, f"{told} lets everybody send for this name", "end it with -all or ~all"
        )
    if found.unknown:
        words = f"{told}: of {'; '.join(found.unknown[:3])}"
        return Finding("spf", "bad", domain, words, "try again; if it stays so, take that name out")
    words = f"{told} is in order, with {found.lookups} of at most 10 lookups"
    if spf.of("ptr"):
        return Finding("spf", "note", domain, f"{words}; ptr is slow and receivers ignore it", "take ptr out")
    if spf.all in ("-", "~") or spf.of("redirect"):
        return Finding("spf", "ok", domain, words)
    return Finding(
        "spf", "note", domain, f"{words}, but says nothing about everybody else", "end it with -all or ~all"
    )


def _dkim(resolver: Resolver, sending: Sending) -> Iterator[tuple[str, Finding]]:
    """Each selector's finding with the domain that it signs for; empty where there is no key."""
    domain = sending.domain
    selectors = sending.selectors or (SENDGRID_SELECTORS if sending.sender == "sendgrid" else ())
    if not selectors:
        words = "not looked at: nobody said under which names your mail server's keys stand"
        yield (
            "",
            Finding(
                "dkim",
                "note",
                domain,
                words,
                "name them: --selector NAME, or dkim_selectors under [sender] in clinic.toml",
            ),
        )
        return
    for selector in selectors:
        for place in parents(domain):
            answer = resolver.ask(f"{selector}._domainkey.{place}", "TXT")
            if answer.records or not answer.known:
                break
        else:
            place = domain
        alias = (
            resolver.ask(f"{selector}._domainkey.{place}", "CNAME")
            if sending.sender == "sendgrid"
            else Answer()
        )
        finding = _key(sending, selector, place, answer, alias)
        yield (place if answer.records else ""), finding


def _key(sending: Sending, selector: str, place: str, answer: Answer, alias: Answer) -> Finding:
    name = f"{selector}._domainkey.{place}"
    ours = sending.sender == "sendgrid"
    again = (
        AUTHENTICATE.format(domain=sending.domain)
        if ours
        else "publish the key that your mail server signs with"
    )
    if not answer.known:
        return _unknown("dkim", name, answer)
    if not answer.records:
        if alias.records:
            words = f"points to {shown(alias.records[0])}, where there is no key"
            return Finding("dkim", "bad", name, words, f"press Verify there, or {again}")
        return Finding(
            "dkim", "bad", name, "there is no key, so nobody can check that a mail is yours", again
        )
    if len(answer.records) > 1:
        return Finding(
            "dkim",
            "bad",
            name,
            f"there are {len(answer.records)} records, receivers may take any",
            "leave one",
        )
    key = read_dkim(answer.records[0])
    if (bad := _bad_key(key)) is not None:
        return Finding("dkim", "bad", name, bad, again)
    words = f"a key of {key.bits} bits" if key.bits else f"a key ({key.kind})"
    if ours and not any(target.lower().endswith(SENDGRID) for target in alias.records):
        words += ", published as it stands and not by SendGrid's alias, so SendGrid can't renew it"
        return Finding("dkim", "note", name, words, again)
    if key.testing:
        return Finding(
            "dkim", "note", name, f"{words}, marked as a test, which receivers may ignore", "take t=y out"
        )
    if key.bits and key.bits < DKIM_GOOD_BITS:
        return Finding("dkim", "note", name, f"{words}; {DKIM_GOOD_BITS} are better", "make a longer key")
    if key.kind == "ed25519":
        return Finding(
            "dkim", "note", name, f"{words}; many receivers check RSA only", "sign with an RSA key as well"
        )
    return Finding("dkim", "ok", name, words)


def _bad_key(key: DkimKey) -> str | None:
    return {
        None: None,
        "unreadable": "the key can't be read",
        "revoked": "the key was revoked: its p= is empty",
        "too_short": f"the key has {key.bits} bits; receivers ignore keys below 1024",
    }[key.problem]


def _reachable(resolver: Resolver, sending: Sending, name: str, address: str, what: str) -> Finding:
    domain = address.rpartition("@")[2].lower()
    if sending.made_up(domain):
        words, cure = f"not a real domain yet, and {what} go there", "set the address in clinic.toml right"
        return Finding(name, "note", domain, words, cure)
    mx = resolver.ask(domain, "MX")
    if not mx.known:
        return _unknown(name, domain, mx)
    hosts = [record.partition(" ")[2] or "." for record in mx.records]
    cure = f"publish an MX record at {domain} that names the server which takes {what}"
    if hosts and all(host == "." for host in hosts):
        return Finding(name, "bad", domain, f"it says that it takes no mail, and {what} go there", cure)
    for host in hosts or [domain]:
        if host != "." and (resolver.ask(host, "A").records or resolver.ask(host, "AAAA").records):
            return Finding(name, "ok", domain, f"{what} arrive at {shown(host)}")
    words = f"no server takes mail there, and {what} go there"
    if mx.problem == "no_name":
        words = f"the name does not exist, and {what} go there"
    return Finding(name, "bad", domain, words, cure)


def _reverse(resolver: Resolver, host: str) -> Finding:
    addresses = [*resolver.ask(host, "A").records, *resolver.ask(host, "AAAA").records]
    if not addresses:
        return Finding("server", "bad", host, "the mail server's name has no address", "set SMTP_URL right")
    for address in addresses:
        for name in resolver.ask(address, "PTR").records:
            back = (*resolver.ask(name, "A").records, *resolver.ask(name, "AAAA").records)
            if address in back:
                return Finding("server", "ok", host, f"{address} is {shown(name)}, forwards and back")
    words = (
        f"{addresses[0]} has no name that leads back to it; if mail leaves from there, receivers refuse it"
    )
    return Finding("server", "note", host, words, "ask the network's owner for a reverse record (PTR)")
