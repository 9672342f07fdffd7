"""SPF, DKIM and DMARC records: read, and judged. Pure. Whoever publishes them may write anything."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

# RFC 7208, 4.6.4: more lookups, or more that find nothing, and receivers take the record for broken.
SPF_LOOKUPS = 10
SPF_VOIDS = 2
COSTS_A_LOOKUP = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_TERM = re.compile(r"([-+~?]?)([a-z][a-z0-9_.-]*)(?:([:=/])(.*))?", re.IGNORECASE)
# RFC 8301: verifiers need not take less than 1024 bits, signers must use at least that and should use 2048.
DKIM_LEAST_BITS, DKIM_GOOD_BITS = 1024, 2048
_ED25519_BYTES = 32


@dataclass(frozen=True, slots=True)
class Term:
    """One part of an SPF record. ``qualifier`` is + - ~ or ?; ``value`` the domain or address, maybe empty."""

    qualifier: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Spf:
    """An SPF record; ``unreadable`` are the parts that no receiver understands."""

    terms: tuple[Term, ...]
    unreadable: tuple[str, ...] = ()

    @property
    def all(self) -> str:
        """What happens to everybody who is not named: + - ~ ?, or nothing when the record does not say."""
        return next((term.qualifier for term in self.terms if term.name == "all"), "")

    def of(self, name: str) -> list[str]:
        """The values of the terms called ``name``."""
        return [term.value for term in self.terms if term.name == name]


def is_spf(text: str) -> bool:
    """Whether a TXT record is meant as SPF."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def read_spf(text: str) -> Spf:
    """The parts of a record for which ``is_spf`` holds."""
    terms, unreadable = [], []
    for word in text.split()[1:]:
        found = _TERM.fullmatch(word)
        name = found[2].lower() if found else ""
        if found and found[3] == "=" and not found[1]:
            # Other modifiers are to be ignored.
            if name in ("redirect", "exp"):
                terms.append(Term("+", name, found[4]))
        elif found and name in MECHANISMS and found[3] != "=" and _has_its_value(name, found[3], found[4]):
            value = found[4].partition("/")[0] if found[3] == ":" and name in ("a", "mx") else found[4] or ""
            terms.append(Term(found[1] or "+", name, "" if found[3] == "/" else value))
        else:
            unreadable.append(word)
    return Spf(tuple(terms), tuple(unreadable))


def _has_its_value(name: str, mark: str | None, value: str | None) -> bool:
    if name == "all":
        return not mark
    return name in ("a", "mx", "ptr") or bool(mark == ":" and value)


def tags(text: str) -> dict[str, str] | None:
    """The tags of a DKIM or DMARC record, None when it is no list of tags."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, mark, value = part.partition("=")
        if not mark and not part.strip():
            continue
        if not mark or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name.strip()):
            return None
        found.setdefault(name.strip().lower(), value.strip())
    return found


KeyProblem = Literal["unreadable", "revoked", "too_short"]


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A DKIM key as published. ``bits`` is 0 where a length says nothing."""

    problem: KeyProblem | None = None
    bits: int = 0
    testing: bool = False
    kind: str = "rsa"


def read_dkim(text: str) -> DkimKey:
    """What a key's record says."""
    found = tags(text)
    if found is None or found.get("v", "DKIM1") != "DKIM1" or "p" not in found:
        return DkimKey("unreadable")
    kind, testing = found.get("k", "rsa").lower(), "y" in found.get("t", "").lower().split(":")
    packed = "".join(found["p"].split())
    if not packed:
        return DkimKey("revoked", kind=kind)
    try:
        raw = b64decode(packed, validate=True)
        if kind == "ed25519":
            return DkimKey(None if len(raw) == _ED25519_BYTES else "unreadable", 0, testing, kind)
        key = load_der_public_key(raw)
    except (Base64Error, ValueError, UnsupportedAlgorithm):
        return DkimKey("unreadable", kind=kind)
    if kind != "rsa" or not isinstance(key, RSAPublicKey):
        return DkimKey("unreadable", kind=kind)
    return DkimKey("too_short" if key.key_size < DKIM_LEAST_BITS else None, key.key_size, testing, kind)


@dataclass(frozen=True, slots=True)
class Dmarc:
    """A DMARC record. ``policy`` is for the name itself, ``below`` for names below it; empty where unreadable."""

    policy: str
    below: str
    strict_dkim: bool
    strict_spf: bool
    percent: int
    reports: tuple[str, ...]
    wrong: tuple[str, ...] = field(default=())


def is_dmarc(text: str) -> bool:
    """Whether a TXT record is meant as DMARC."""
    return re.match(r"v\s*=\s*DMARC1\s*(;|$)", text) is not None


def read_dmarc(text: str) -> Dmarc:
    """What a record says for which ``is_dmarc`` holds. RFC 7489, 6.3."""
    found = tags(text)
    if found is None:
        return Dmarc("", "", False, False, 100, (), ("it is no list of tags",))
    wrong = [
        f"{name}={found[name]}"
        for name, values in (("p", _POLICIES), ("sp", _POLICIES), ("adkim", "rs"), ("aspf", "rs"))
        if name in found and found[name].lower() not in values
    ]
    policy = found.get("p", "").lower()
    if policy not in _POLICIES:
        # A receiver takes such a record for p=none if it wants reports, else for none at all.
        policy = "none" if "rua" in found else ""
        wrong += [] if "p" in found else ["p is missing"]
    below = found.get("sp", "").lower()
    percent = found.get("pct", "100")
    if not (percent.isascii() and percent.isdigit() and int(percent[:6]) <= 100):
        wrong.append(f"pct={percent}")
        percent = "100"
    reports = tuple(part.strip() for part in found.get("rua", "").split(",") if part.strip())
    return Dmarc(
        policy,
        below if below in _POLICIES else policy,
        found.get("adkim", "r").lower() == "s",
        found.get("aspf", "r").lower() == "s",
        int(percent),
        reports,
        tuple(wrong),
    )


_POLICIES = ("none", "quarantine", "reject")


def shown(text: str, most: int = 120) -> str:
    """A record as it may be printed: no control characters, not endless."""
    safe = "".join(char if char.isprintable() else "?" for char in text)
    return safe if len(safe) <= most else f"{safe[: most - 1]}…"
