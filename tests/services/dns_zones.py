"""The zone of a domain that sends as SendGrid's instructions leave it."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engage.services.doctor_dns import Sending

Zone = dict[tuple[str, str], list[str]]
FROM = "mail.harmonia.example"
ORG = "harmonia.example"
SENDING = Sending(
    FROM, "sendgrid", mailto="unsubscribe@mail.harmonia.example", reply_to="hello@harmonia.example"
)


@lru_cache
def key(bits: int) -> str:
    """A public key as DKIM publishes it."""
    public = (
        rsa.generate_private_key(65537, bits).public_key()
        if bits >= 1024
        else rsa.RSAPublicNumbers(65537, (1 << bits - 1) | 1).public_key()
    )
    return b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def young() -> str:
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return b64encode(raw).decode()


def good() -> Zone:
    """As SendGrid's instructions leave a domain."""
    zone: Zone = {
        (FROM, "MX"): ["10 mx.harmonia.example"],
        (ORG, "MX"): ["10 mx.harmonia.example"],
        ("mx.harmonia.example", "A"): ["192.0.2.25"],
        (f"_dmarc.{ORG}", "TXT"): ["v=DMARC1; p=reject; rua=mailto:dmarc@harmonia.example"],
        (FROM, "TXT"): ["some-site-verification=1", "v=spf1 include:sendgrid.net -all"],
        ("sendgrid.net", "TXT"): ["v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ~all"],
    }
    for selector in ("s1", "s2"):
        target = f"{selector}.domainkey.u123.wl.sendgrid.net"
        zone[f"{selector}._domainkey.{FROM}", "CNAME"] = [target]
        zone[target, "TXT"] = [f"k=rsa; t=s; p={key(2048)}"]
    return zone
