"""The doctor's look at DMARC: the policy, who gets reports, and whether what signs is aligned with From."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from engage.domain.dns import PROBLEMS, Answer, Resolver, parents
from engage.domain.mail_records import Dmarc, is_dmarc, read_dmarc, shown

FIRST = "publish a TXT record at _dmarc.{domain}: “v=DMARC1; p=none; rua=mailto:dmarc@{domain}”"


@dataclass(frozen=True, slots=True)
class Found:
    """One finding's level, words and cure."""

    level: Literal["ok", "note", "bad"]
    words: str
    cure: str = ""


def examine(resolver: Resolver, domain: str, signing: str) -> Iterator[tuple[str, Found]]:
    """(name, finding) about DMARC and alignment. ``signing`` is the domain of the DKIM key, empty without one."""
    place, texts, problem = _record(resolver, domain)
    if problem:
        yield "dmarc", Found("bad", f"nobody can tell: {problem}", "try again")
        return
    if not texts:
        words = "there is none; Gmail and Yahoo refuse bulk mail without"
        yield "dmarc", Found("bad", words, FIRST.format(domain=parents(domain)[-1]))
        yield "alignment", _alignment(domain, signing, parents(domain)[-1], None)
        return
    if len(texts) > 1:
        yield (
            "dmarc",
            Found("bad", f"_dmarc.{place} has {len(texts)} records, so receivers ignore all", "leave one"),
        )
        return
    record = read_dmarc(texts[0])
    yield "dmarc", _policy(domain, place, record, texts[0])
    yield "reports", _reports(resolver, place, record)
    yield "alignment", _alignment(domain, signing, place, record)


def _record(resolver: Resolver, domain: str) -> tuple[str, list[str], str]:
    """Where the record stands that counts: at the name, or at the nearest above it (RFC 7489, 6.6.3)."""
    for place in parents(domain):
        answer: Answer = resolver.ask(f"_dmarc.{place}", "TXT")
        if not answer.known:
            return place, [], PROBLEMS[answer.problem]
        texts = [text for text in answer.records if is_dmarc(text)]
        if texts:
            return place, texts, ""
    return domain, [], ""


def _policy(domain: str, place: str, record: Dmarc, text: str) -> Found:
    told = f"“{shown(text)}”" + (f" at _dmarc.{place}" if place != domain else "")
    if not record.policy:
        return Found(
            "bad", f"{told} says no policy, so receivers ignore it", "add p=none, p=quarantine or p=reject"
        )
    if record.wrong:
        wrong = ", ".join(shown(part, 40) for part in record.wrong)
        return Found("bad", f"{told}: receivers can't read {wrong}", "mend it or take it out")
    policy = record.policy if place == domain else record.below
    if policy == "none":
        words = f"{told} only asks for reports: whoever forges your name is not stopped"
        return Found(
            "note",
            words,
            "once the reports show that all your mail is aligned, set p=quarantine, then p=reject",
        )
    if record.percent < 100:
        return Found("note", f"{told} counts for {record.percent} % of mail", "take pct out")
    return Found(
        "ok",
        f"{told}: mail that only pretends to be yours is {'refused' if policy == 'reject' else 'put aside'}",
    )


def _reports(resolver: Resolver, place: str, record: Dmarc) -> Found:
    if not record.reports:
        return Found(
            "note", "nobody gets reports, so you would not see mail fail", f"add rua=mailto:dmarc@{place}"
        )
    for uri in record.reports:
        scheme, _, rest = uri.partition(":")
        address = unquote(rest.partition("!")[0])
        outside = address.rpartition("@")[2].lower()
        if scheme.lower() != "mailto" or not address.rpartition("@")[0] or not outside:
            return Found(
                "bad", f"{shown(uri, 60)} is no address for reports", "write rua=mailto:somebody@your.domain"
            )
        if parents(outside)[-1] == parents(place)[-1]:
            continue
        answer = resolver.ask(f"{place}._report._dmarc.{outside}", "TXT")
        if not answer.known:
            words = f"whether {shown(outside)} takes reports nobody can tell: {PROBLEMS[answer.problem]}"
            return Found("note", words, "try again")
        if not any(is_dmarc(text) for text in answer.records):
            words = f"reports go to {shown(outside)}, which does not say that it takes them, so none are sent"
            return Found(
                "note", words, f"publish there, at {place}._report._dmarc.{shown(outside)}: “v=DMARC1”"
            )
    return Found("ok", f"reports go to {', '.join(shown(uri, 60) for uri in record.reports[:3])}")


def _alignment(domain: str, signing: str, organisation: str, record: Dmarc | None) -> Found:
    """Relaxed: the same name, or both at or below the organisation's; strict: the same name."""
    if not signing:
        words = "no DKIM key was found that signs for From's name, so DMARC would hang on SPF alone, which forwarding breaks"
        return Found("bad", words, "mend dkim first")
    if record is not None and record.strict_dkim and signing != domain:
        words = f"DKIM signs for {signing}, From is {domain}, and adkim=s asks for the very same name: DMARC fails"
        return Found("bad", words, f"take adkim=s out of the record, or sign for {domain}")
    same = (
        signing == organisation
        or signing.endswith(f".{organisation}")
        or organisation.endswith(f".{signing}")
    )
    if not same:
        return Found("bad", f"DKIM signs for {signing}, which is not From's domain", f"sign for {domain}")
    if record is not None and record.strict_spf:
        words = f"DKIM signs for {signing} and is aligned; aspf=s leaves SPF out where bounces return to a name below"
        return Found("note", words, "take aspf=s out")
    return Found("ok", f"DKIM signs for {signing}, aligned with From ({domain})")
