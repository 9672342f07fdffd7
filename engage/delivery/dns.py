"""The domain name system, asked through dnspython."""

from __future__ import annotations

from ipaddress import ip_address

import dns.exception
import dns.resolver
import dns.reversename

from engage.domain.dns import Answer, RecordKind

# One question, with everything that it takes; and one try at one server.
LIFETIME_SECONDS = 5.0
TRY_SECONDS = 2.0


class ResolverError(ValueError):
    """Nobody can be asked; the message says why and what to do."""


class DnsResolver:
    """Asks ``server`` ("192.0.2.1", "192.0.2.1:5353" or "[2001:db8::1]:53"), or the machine's own servers."""

    def __init__(self, server: str = "", lifetime: float = LIFETIME_SECONDS) -> None:
        try:
            self._resolver = dns.resolver.Resolver(configure=not server)
        except dns.exception.DNSException:
            raise ResolverError(
                "This machine names no DNS server (/etc/resolv.conf); name one with --server"
            ) from None
        if server:
            self._resolver.nameservers, self._resolver.port = _place(server)
        self._resolver.timeout, self._resolver.lifetime = min(TRY_SECONDS, lifetime), lifetime

    def ask(self, name: str, kind: RecordKind) -> Answer:
        """The records; see ``domain.dns.Resolver``."""
        try:
            where = dns.reversename.from_address(name) if kind == "PTR" else name.rstrip(".") + "."
            found = self._resolver.resolve(where, kind, search=False)
            return Answer(tuple(_text(kind, record) for record in found))
        except dns.resolver.NXDOMAIN:
            return Answer(problem="no_name")
        except dns.resolver.NoAnswer:
            return Answer(problem="no_record")
        except dns.exception.Timeout:
            return Answer(problem="timeout")
        except dns.resolver.NoNameservers:
            return Answer(problem="refused")
        except (dns.exception.DNSException, UnicodeError, ValueError, OSError):
            return Answer(problem="unreadable")


def _place(server: str) -> tuple[list[str], int]:
    host, port = server, "53"
    if server.startswith("["):
        host, _, rest = server[1:].partition("]")
        port = rest.removeprefix(":") or "53"
    elif server.count(":") == 1:
        host, _, port = server.partition(":")
    try:
        if not 0 < int(port) < 65536:
            raise ValueError
        return [str(ip_address(host))], int(port)
    except ValueError:
        raise ResolverError(
            f"{server!r} is no server; use an address such as 192.0.2.1 or 192.0.2.1:5353"
        ) from None


def _text(kind: RecordKind, record: object) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode("utf-8", "replace")  # type: ignore[attr-defined]
    return " ".join(part.rstrip(".") or "." for part in str(record).split(" "))
